"""``python -m tartware_loadtest`` is ``tartware-lt``."""

from tartware_loadtest.cli.app import main

main()
