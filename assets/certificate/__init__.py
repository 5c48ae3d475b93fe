"""The certificate of a month: every yen that came in, found again on the other side of an equation."""
