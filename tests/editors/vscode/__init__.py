"""VS Code itself, as npm's code-server in a headless Chromium, with the packaged extension."""
