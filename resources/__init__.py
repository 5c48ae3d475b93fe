"""Where things are: the doors."""
