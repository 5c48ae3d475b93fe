"""What is written: the nouns and the law."""
