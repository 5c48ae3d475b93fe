"""Eligibility: child × interval × outcome × reason, and what is read off it."""
