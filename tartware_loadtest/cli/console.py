"""Human text goes to stderr, data to stdout. A reader that goes away never changes the exit code."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TextIO

from rich.console import Console

__all__ = ["stderr", "write_data"]


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Go on in silence; Rich would end the process with 1, which means FAIL."""
        self.quiet = True
        _silence(sys.stderr)


@cache
def stderr() -> Console:
    """Return the console for human text; it honours NO_COLOR and knows whether it is a terminal."""
    return _Console(stderr=True, highlight=False)


def write_data(text: str) -> None:
    """Write data to stdout."""
    stream: TextIO | None = getattr(sys, "stdout", None)
    if stream is None:
        # Closed by whoever started us: nobody wants it.
        return
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Lead what is still to come nowhere: the flush at the end of the process too."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
