"""Models and pairs that are known to be good, looked up by name or hub id, and one chosen for a machine."""
