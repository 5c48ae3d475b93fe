"""What the reviewing bodies demand of a month, line by line beside the receipts that came and what was decided."""
