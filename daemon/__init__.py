"""Daemon: protocol, service, client, lifecycle, command line."""
