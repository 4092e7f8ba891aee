"""The language server: documents as editors edit them, and inline completions from the daemon."""
