"""How much a walk may read. Pure."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Budget", "Limits"]

_SMALLEST_WINDOW = 32
_SURPLUS = 1.3
"""Most rows of a healthy tenant can be used; on a cold disk each row too many costs a read or three."""

_GROWTH = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the work for one pool of one tenant.

    Attributes:
        window_rows: Rows that one window reads at most.
        windows: Windows' worth of rows that are read at most.
        tenants_tried: Tenants that are looked at before giving up.
    """

    window_rows: int = 2000
    windows: int = 8
    tenants_tried: int = 100


class Budget:
    """Hands out window sizes: small first, growing to the limit, until the rows are used up.

    Args:
        limits: The bounds.
        need: How many usable rows are wanted.
    """

    def __init__(self, limits: Limits, need: int) -> None:
        # A pool that was asked to be larger than a window may read in proportion.
        self.left = max(limits.windows * limits.window_rows, 2 * limits.windows * need)
        self._limit = limits.window_rows
        self._sizes = [max(_SMALLEST_WINDOW, round(_SURPLUS * need))] * 2

    def take(self) -> int:
        """Return the size of the next window; 0 where nothing is left. The caller lowers ``left``."""
        size = min(self._sizes[0], self._limit, self.left)
        self._sizes = [self._sizes[1], self._sizes[1] * _GROWTH]
        return size
