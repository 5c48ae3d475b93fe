"""The month in numbers, the equations that must balance, and the report for the office."""
