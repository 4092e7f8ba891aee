"""The policy laboratory: any policy of drafter and length, replayed on recorded or simulated rounds."""
