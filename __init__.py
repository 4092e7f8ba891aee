"""paceline: local code completion by speculative decoding."""

__version__ = "0.1.0"
