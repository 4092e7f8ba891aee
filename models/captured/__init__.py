"""The captured step: a decoder for a few tokens at once, recorded as CUDA graphs and played back."""
