"""Reads the progress that k6 prints once a second when its output is not a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum

from tartware_loadtest.runners.interface import Progress

__all__ = ["ProgressReader", "Stage", "parse_duration", "parse_running"]

_DURATION = r"(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?s"
_PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])")
_RUNNING = re.compile(
    rf"^running \(({_DURATION})\), (\d+)/(\d+) VUs, (\d+) complete and (\d+) interrupted iterations"
)
_STAGE = re.compile(r"^(Init|Run)\s+\S?\s*\[.*\]\s+(.*)$")
_SCENARIO_CLOCK = re.compile(rf"\]\s+\S+ VUs\s+({_DURATION})/{_DURATION}\s")
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


class Stage(Enum):
    """How far k6 has come."""

    STARTING = "starting"
    SETUP = "setup"
    RUNNING = "running"
    TEARDOWN = "teardown"


def parse_duration(text: str) -> float:
    """Return the seconds of a Go duration such as ``1h02m03.5s``."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def parse_running(line: str) -> Progress | None:
    """Read one ``running (…)`` line; its clock is k6's own, which counts ``setup()`` too."""
    found = _RUNNING.match(line)
    if found is None:
        return None
    elapsed, vus, max_vus, completed, interrupted = found.groups()
    return Progress(
        elapsed_seconds=parse_duration(elapsed),
        vus=int(vus),
        max_vus=int(max_vus),
        completed=int(completed),
        interrupted=int(interrupted),
    )


class ProgressReader:
    """Follows the lines of one run.

    k6's clock starts before ``setup()``, which may wait minutes for a common start. The clock of the first
    scenario shows when the load began, so the difference is taken off.

    Attributes:
        stage: How far k6 has come.
        last: The newest progress, with ``elapsed_seconds`` counted from the start of the load.
    """

    def __init__(self, api: str = "") -> None:
        self.stage = Stage.STARTING
        self.last: Progress | None = None
        self._api = api
        self._clock = 0.0
        self._before_load: float | None = None

    def feed(self, line: str) -> None:
        """Take one line of standard output."""
        if line.startswith("running ("):
            self._running(line)
        elif self.stage is Stage.RUNNING:
            self._scenario(line)
        elif stage := _STAGE.match(line):
            self.stage = Stage.SETUP if stage[2].startswith("setup()") else Stage.STARTING

    def _running(self, line: str) -> None:
        progress = parse_running(line)
        if progress is None:
            return
        self.stage = Stage.RUNNING
        self._clock = progress.elapsed_seconds
        self.last = replace(progress, elapsed_seconds=self._since_load(), api=self._api)

    def _scenario(self, line: str) -> None:
        if line.startswith("Run ") and line.rstrip().endswith("teardown()"):
            self.stage = Stage.TEARDOWN
            return
        clock = _SCENARIO_CLOCK.search(line)
        if clock is None or self.last is None:
            return
        before = self._clock - parse_duration(clock[1])
        if self._before_load is None or before < self._before_load:
            self._before_load = max(before, 0.0)
            self.last = replace(self.last, elapsed_seconds=self._since_load())

    def _since_load(self) -> float:
        return round(max(self._clock - (self._before_load or 0.0), 0.0), 1)
