"""Decides when an engine counts as hung; knows no clock and no process."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits", "Watch"]

_IDLE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Limits:
    """The waits of a runner, in seconds.

    Attributes:
        silence: How long k6 may say nothing while the load should run; it speaks once a second.
        hung_grace: How long a hung k6 gets for its summary after SIGINT, before SIGKILL.
        tick: How often the runner looks.
        sample: How often it reads the kernel's counters.
    """

    silence: float = 30.0
    hung_grace: float = 10.0
    tick: float = 0.1
    sample: float = 1.0


class Watch:
    """Follows the signs of life of one engine.

    Args:
        started: When the process was started, on any monotonic clock; all other times are on the same one.
        planned: Planned seconds of load.
        grace: How much longer everything else may take.
        silence: How long it may say nothing while the load should run.
    """

    def __init__(self, *, started: float, planned: float, grace: float, silence: float) -> None:
        self._base = started
        self._planned = planned
        self._grace = grace
        self._silence = silence
        self._load_began = False
        self._lines = -1
        self._heard = started
        self._cpu_when_heard: float | None = None

    def observe(self, now: float, *, lines: int, load_began: bool, cpu: float | None) -> None:
        """Take note of how many lines it has printed and how much CPU it has used."""
        if lines != self._lines:
            self._lines, self._heard, self._cpu_when_heard = lines, now, cpu
        if load_began and not self._load_began:
            self._load_began, self._base = True, now

    def complaint(self, now: float, cpu: float | None) -> str:
        """Return why it counts as hung, or an empty text."""
        late = now - self._base - self._planned - self._grace
        if late > 0:
            return f"not ended {self._grace:.0f} s after its planned end"
        silent = now - self._heard
        if not self._load_began or now - self._base >= self._planned or silent < self._silence:
            return ""
        # An engine that ends early by a threshold sorts its samples in silence, but not at rest.
        before = self._cpu_when_heard
        if cpu is not None and before is not None and cpu - before > _IDLE_SHARE * silent:
            return ""
        return f"no sign of life for {silent:.0f} s"
