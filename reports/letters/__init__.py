"""Letters the city mails: from a frame of addressed rows to PDF volumes and a manifest."""
