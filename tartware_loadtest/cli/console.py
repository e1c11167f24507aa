"""Consoles: human text goes to stderr, data to stdout."""

from __future__ import annotations

from functools import cache

from rich.console import Console

__all__ = ["stderr"]


@cache
def stderr() -> Console:
    """Return the console for human text; it honours NO_COLOR and knows whether it is a terminal."""
    return Console(stderr=True, highlight=False)
