"""The dates of the stays that a run books, relative to the day of the run (UTC). Pure.

The sampler asks for rates that cover them, the scenario books them.
"""

from __future__ import annotations

__all__ = ["FIRST_DAY", "NIGHTS", "SPREAD_DAYS"]

FIRST_DAY = 2
"""Days from the run to the earliest check-in."""

SPREAD_DAYS = 28
"""Check-ins are spread over this many days, so that no single date becomes a hot spot."""

NIGHTS = 3
"""Length of each stay."""
