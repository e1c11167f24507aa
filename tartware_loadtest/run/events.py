"""What a run tells while it goes on; silent by default."""

from __future__ import annotations

from pathlib import Path

from tartware_loadtest.planning.plan import Plan
from tartware_loadtest.preflight.check import Check
from tartware_loadtest.runners.interface import Progress

__all__ = ["Events"]


class Events:
    """Override what you want to hear; every method does nothing by itself."""

    def planned(self, plan: Plan) -> None:
        """The plan stands; raise to refuse it (the confirmation of a target does)."""

    def checked(self, check: Check) -> None:
        """A check came to its result."""

    def started(self, directory: Path, plan: Plan) -> None:
        """The load begins; this is the run directory."""

    def progress(self, progress: Progress) -> None:
        """What k6 says, once a second."""

    def stopped(self) -> None:
        """The load has ended."""
