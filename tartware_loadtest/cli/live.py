"""The live view of a run: one line of figures on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import json
import sys
from enum import Enum
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tartware_loadtest.config.models import Settings
from tartware_loadtest.errors import InputError
from tartware_loadtest.planning.plan import Plan
from tartware_loadtest.preflight.check import Check, CheckState
from tartware_loadtest.reports.terminal import check_lines
from tartware_loadtest.run.events import Events
from tartware_loadtest.runners.interface import Progress
from tartware_loadtest.runners.live import LiveFigures, read_live
from tartware_loadtest.scenario.submetrics import slow_metric

__all__ = ["LiveView", "ProgressFormat", "progress_format"]

_ASK_EVERY = 2
_PLAIN_EVERY = 10


class ProgressFormat(Enum):
    """How progress is told."""

    AUTO = "auto"
    PLAIN = "plain"
    JSON = "json"
    NONE = "none"


def progress_format(name: str, *, quiet: bool) -> ProgressFormat:
    """Return the format that a flag names.

    Raises:
        InputError: There is no such format.
    """
    if quiet:
        return ProgressFormat.NONE
    try:
        return ProgressFormat(name)
    except ValueError as error:
        known = ", ".join(each.value for each in ProgressFormat)
        raise InputError(f"There is no progress format {name!r}.", hint=f"Choose from: {known}.") from error


class LiveView(Events):
    """Shows checks, then the load. Reading k6's API costs three small requests every two seconds."""

    def __init__(self, console: Console, settings: Settings, progress: ProgressFormat) -> None:
        self._console = console
        self._profile = settings.profile
        self._format = progress
        limits = [c for c in settings.slos if c.metric == "command_duration_ms"]
        self._slow_metric = slow_metric(min(limits, key=lambda c: c.limit)) if limits else ""
        self._live: Live | None = None
        self._last: Progress | None = None
        self._rate = 0.0
        self._figures = LiveFigures()
        self._ticks = 0

    def checked(self, check: Check) -> None:
        """Show a check; a failed one is told by the error that follows."""
        if self._format is not ProgressFormat.NONE and check.state is not CheckState.FAILED:
            self._console.print(check_lines(check))

    def started(self, directory: Path, plan: Plan) -> None:
        """Show where the run is kept."""
        if self._format is ProgressFormat.NONE:
            return
        total = plan.offered("command")
        self._console.print(f"run directory {directory}", soft_wrap=True)
        self._console.print(
            f"{total:,.0f} commands in {self._profile.total_seconds:,.0f} s; Ctrl-C stops k6 once"
        )
        if self._format is ProgressFormat.AUTO and self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()

    def progress(self, progress: Progress) -> None:
        """Show one second of the load."""
        if self._format is ProgressFormat.NONE:
            return
        self._ticks += 1
        if self._last is not None and progress.elapsed_seconds > self._last.elapsed_seconds:
            span = progress.elapsed_seconds - self._last.elapsed_seconds
            self._rate = (progress.completed - self._last.completed) / span
        self._last = progress
        if progress.api and self._ticks % _ASK_EVERY == 0:
            self._figures = read_live(progress.api, self._slow_metric)
        if self._format is ProgressFormat.JSON:
            print(json.dumps(self._document(progress)), file=sys.stderr, flush=True)  # noqa: T201 - data
        elif self._live is not None:
            self._live.update(self._view(progress), refresh=True)
        elif self._ticks % _PLAIN_EVERY == 1:
            self._console.print(self._line(progress), soft_wrap=True)

    def stopped(self) -> None:
        """Take the live view away; what stays is the verdict."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _stage(self, elapsed: float) -> str:
        if elapsed < self._profile.ramp_up:
            return "ramp up"
        if elapsed < self._profile.ramp_up + self._profile.steady:
            return "steady"
        return "ramp down"

    def _document(self, progress: Progress) -> dict[str, object]:
        return {
            "elapsed_seconds": progress.elapsed_seconds,
            "total_seconds": self._profile.total_seconds,
            "stage": self._stage(progress.elapsed_seconds),
            "requests_per_second": round(self._rate, 1),
            "completed": progress.completed,
            "vus": progress.vus,
            "accepted_share": self._figures.accepted_share,
            "slow_share": self._figures.slow_share,
            "dropped": self._figures.dropped,
        }

    def _line(self, progress: Progress) -> str:
        left = max(0.0, self._profile.total_seconds - progress.elapsed_seconds)
        figures = self._figures
        parts = [
            f"{self._stage(progress.elapsed_seconds)}, {left:.0f} s left",
            f"{self._rate:,.0f} requests/s",
        ]
        if figures.accepted_share is not None:
            parts.append(f"accepted {figures.accepted_share:.2%}")
        if figures.slow_share is not None:
            parts.append(f"slow {figures.slow_share:.2%}")
        if figures.dropped:
            parts.append(f"dropped {figures.dropped:,}")
        return ", ".join(parts)

    def _view(self, progress: Progress) -> Table:
        table = Table.grid(padding=(0, 1))
        total = self._profile.total_seconds
        bar = ProgressBar(total=total, completed=min(progress.elapsed_seconds, total), width=18)
        table.add_row(bar, Text(self._line(progress), overflow="ellipsis", no_wrap=True))
        return table
