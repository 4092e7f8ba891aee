"""Tests of the typing replay."""
