"""The recipe of the bundled pair: corpus, tokenizer, target, draft, export, evaluation."""
