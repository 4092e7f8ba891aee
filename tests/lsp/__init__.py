"""Tests of the language server: its parts, and the real process with a daemon of a scripted engine."""
