"""The letters of a month: what they say comes from decisions, where they go from the address rule."""
