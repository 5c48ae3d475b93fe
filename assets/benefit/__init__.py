"""Benefit: one decision per receipt and per claim, its steps, and the checker that re-adds them."""
