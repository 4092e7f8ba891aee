"""What tests of the daemon share: a scripted engine, real daemon processes with it, and raw peers."""
