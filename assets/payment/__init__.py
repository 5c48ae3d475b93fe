"""From decisions to one bank file: every order once, every file the same however often it is made."""
