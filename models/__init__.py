"""Models: decoder, checkpoints, tokenizers, FIM formats, pairs, training."""
