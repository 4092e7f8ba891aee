"""Tuning a draft on a user's code: a copy of it learns what the target writes at places there."""
