"""Real editors, driven from outside: what a user sees with the language server and the bundled pair."""
