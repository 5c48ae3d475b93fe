"""The feeds, each accepted or refused row by row, nothing lost."""
