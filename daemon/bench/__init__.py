"""The bench: this machine's figures for plain and speculative decoding, and for peers on the same weights."""
