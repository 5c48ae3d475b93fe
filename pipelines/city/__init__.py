"""A synthetic city with a known truth: test data anybody may adopt."""
