"""What is wrong here and how to mend it: checks of installation and machine, and the engine's self-check."""
