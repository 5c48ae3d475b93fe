"""What we make: thin Dagster skins over rules."""
