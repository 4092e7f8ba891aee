"""When to ask, and how much."""
