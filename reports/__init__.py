"""How it is said: frame → bytes. Pure."""
