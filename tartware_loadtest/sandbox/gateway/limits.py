"""The rate limiter: fixed windows of a minute, a bucket for each API key or address."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from tartware_loadtest.sandbox.gateway.problems import Age, Problem

__all__ = ["Bucket", "Limiter"]

_WINDOW_S = 60
_DEFAULTS: dict[str, dict[str, int]] = {
    "H": {"global": 1_000, "execute": 5_000, "tenant": 500, "login": 20},
    "S": {"global": 200},
}
Bucket = str


@dataclass(slots=True)
class Limiter:
    """Counts requests.

    Attributes:
        age: The defaults and the words of the refusal differ between the ages.
        on: Whether it counts at all.
        per_minute: One limit for everything, in place of the age's own.
    """

    age: Age
    on: bool
    per_minute: int | None = None
    _windows: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def take(self, bucket: Bucket, client: str) -> tuple[tuple[str, str], ...]:
        """Count one request and return the headers that tell about it.

        Raises:
            Problem: The client is over its limit: a 403 without a code, as the deployment answers.
        """
        if not self.on:
            return ()
        limit = self._limit(bucket)
        now = time.monotonic()
        began, used = self._windows.get((bucket, client), (now, 0))
        if now - began >= _WINDOW_S:
            began, used = now, 0
        self._windows[bucket, client] = (began, used + 1)
        left = max(0, math.ceil(began + _WINDOW_S - now))
        headers = (
            ("x-ratelimit-limit", str(limit)),
            ("x-ratelimit-remaining", str(max(0, limit - used - 1))),
            ("x-ratelimit-reset", str(left)),
        )
        if used < limit:
            return headers
        wait = "1 minute" if left == _WINDOW_S else f"{left} seconds"
        raise Problem(
            403,
            detail=f"Rate limit exceeded, retry in {wait}",
            headers=(*headers, ("retry-after", str(left))),
        )

    def _limit(self, bucket: Bucket) -> int:
        if self.per_minute is not None:
            return self.per_minute
        limits = _DEFAULTS[self.age]
        return limits.get(bucket, limits["global"])

    def forget(self) -> None:
        """Start every window anew."""
        self._windows.clear()
