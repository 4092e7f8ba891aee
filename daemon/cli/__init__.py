"""Command line of paceline."""

from .app import main

__all__ = ["main"]
