"""``python -m notyet``: the command ``notyet``."""

from notyet.cli.main import main

main()
