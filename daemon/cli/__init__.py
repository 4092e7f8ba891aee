"""Command line of paceline."""
