"""The pacer: which drafter and how many tokens, by measured time; plain decoding is always a choice."""
