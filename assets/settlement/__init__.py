"""Settlement: what decisions that differ from what was paid mean in money, for whom and when."""
