"""What of a completion is shown."""
