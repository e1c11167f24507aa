"""What one run is asked to do, and with what."""

from __future__ import annotations

from dataclasses import dataclass

from tartware_loadtest.config.loader import Loaded
from tartware_loadtest.run.events import Events
from tartware_loadtest.runners.interface import Runner, StopRequest

__all__ = ["Job", "RunOptions"]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user chose beside the settings.

    Attributes:
        skip: Names of checks to leave out.
        ignore_capacity: Go on although this machine is too small.
        advisory: The verdict does not decide the exit code.
        arguments: k6's own, after ``--``.
        where: ``native`` or ``docker``.
    """

    skip: frozenset[str] = frozenset()
    ignore_capacity: bool = False
    advisory: bool = False
    arguments: tuple[str, ...] = ()
    where: str = "native"


@dataclass(frozen=True, slots=True)
class Job:
    """One run.

    Attributes:
        loaded: Settings and where they come from.
        runner: Where k6 runs.
        options: What the user chose beside the settings.
        events: Who listens.
        stop: Who may stop it; what was measured until then is judged as interrupted.
    """

    loaded: Loaded
    runner: Runner
    options: RunOptions
    events: Events
    stop: StopRequest

    @property
    def modified(self) -> tuple[str, ...]:
        """In what the run differs from the profile that it names; not empty means: no gate evidence."""
        changed = [*self.loaded.settings.modified]
        changed += [f"check {name} skipped" for name in sorted(self.options.skip)]
        if self.options.ignore_capacity:
            changed.append("capacity ignored")
        if self.options.arguments:
            changed.append("k6 arguments of the user's own")
        return tuple(changed)

    def environment(self, run: str) -> dict[str, str]:
        """Return the variables of a k6 process; the token is among them, and nowhere else."""
        settings = self.loaded.settings
        return {
            settings.target.token_variable: self.loaded.token,
            "GATEWAY_BASE_URL": settings.target.base_url,
            "TARTWARE_RUN": run,
            "GOGC": str(settings.generator.gogc),
        }
