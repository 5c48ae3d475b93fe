"""The signed certificate of a month, and what reads it on any machine."""
