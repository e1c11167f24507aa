"""Text from elsewhere (a server, a file, a name) as it may be shown: it gives a terminal no orders. Pure."""

from __future__ import annotations

import re

__all__ = ["printable"]

# Controls but tab and newline, both halves of surrogate pairs, and what turns the direction of writing.
_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return the text with a question mark for each character that is no text."""
    return _ORDERS.sub("?", text)
