"""The command line: parse, build, call, print; nothing is decided here."""
