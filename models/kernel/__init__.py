"""The compiled step: a decoder for a few tokens at once, in C++, built on the user's own processor."""
