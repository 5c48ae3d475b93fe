"""What a feed's file looks like: one adapter (YAML) per incoming layout, and the code that reads and writes it."""
