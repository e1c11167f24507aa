"""Two runs of one bundle against gateways that remember everything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tartware_loadtest.config.models import Settings
from tartware_loadtest.planning.plan import Plan
from tartware_loadtest.sampling.sample import Sample
from tests.support.gateway import Seen, serve
from tests.support.k6 import BOTH_FORMS, Result, start, write_bundle
from tests.support.samples import bundle_of, plan_of, sample_of, settings_of

__all__ = ["CALM", "Traffic", "run_twice"]

CALM = ("advisory: achieved_rate >= 99%", "advisory: command_duration_ms p95 < 5s")
"""What a busy machine may miss must not decide a test."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was asked for, what the gateways saw, and what k6 counted; one entry a run."""

    settings: Settings
    sample: Sample
    plan: Plan
    seen: tuple[tuple[Seen, ...], ...]
    results: tuple[Result, ...]

    @property
    def commands(self) -> tuple[Seen, ...]:
        """The commands of the first run."""
        return tuple(seen for seen in self.seen[0] if seen.method == "POST")


def run_twice(k6: Path, directory: Path) -> Traffic:
    """Run the same bundle in two processes at once; neither is told which run it is."""
    settings = settings_of(
        "demo",
        *CALM,
        profile__command_rate=40,
        profile__read_rate=12,
        profile__health_rate=2,
        profile__ramp_up="1s",
        profile__steady="4s",
        profile__ramp_down="1s",
    )
    sample = sample_of(tenants=3, rows=5, cancellable=2)
    write_bundle(bundle_of(settings, sample), directory)
    with serve() as one, serve() as other:
        processes = [
            start(k6, directory, gateway.url, entry=BOTH_FORMS, probe=True) for gateway in (one, other)
        ]
        results = tuple(process.wait() for process in processes)
        seen = (one.seen, other.seen)
    return Traffic(settings, sample, plan_of(settings, sample), seen, results)
