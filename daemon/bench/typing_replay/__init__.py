"""Typing replay: real files written again key by key, through the real language server and daemon."""
