"""``python -m paceline``: the command line."""

from .daemon.cli import main

raise SystemExit(main())
