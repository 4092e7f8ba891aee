"""The chosen context."""
