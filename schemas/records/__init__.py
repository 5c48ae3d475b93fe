"""One module per group of tables, one line per item, in the order of its specification."""
