"""Evaluation of drafts: places in the user's code, candidates measured there, a verdict that is kept."""
