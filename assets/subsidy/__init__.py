"""The prefecture's share of every benefit, the city's own, and what both are reported as."""
