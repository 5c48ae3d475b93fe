"""Whose application and whose answer it is: five attributes, graded one by one, never a name alone."""
