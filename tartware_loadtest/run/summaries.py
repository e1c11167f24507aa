"""Judges k6 summaries that were made elsewhere: of our scenario, or of any other script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tartware_loadtest.config.models import Settings
from tartware_loadtest.planning.plan import Machine, make_plan
from tartware_loadtest.results.measurements import Measurements
from tartware_loadtest.run.conclusion import judge_run, read_summaries
from tartware_loadtest.verdict.extract import is_ours
from tartware_loadtest.verdict.facts import Circumstances, Facts
from tartware_loadtest.verdict.foreign import applicable, foreign_facts
from tartware_loadtest.verdict.judge import Verdict, judge

__all__ = ["judge_summaries"]

_NO_PROFILE = (
    "no expected rate: pass --profile (or --rate), as the summary itself does not tell what was asked"
)
_NO_RATE = "no expected rate: pass --profile or --expect-rate"


def judge_summaries(
    files: Sequence[Path],
    settings: Settings,
    *,
    profile_named: bool,
    expected_rate: float | None,
    trust_generator: bool,
) -> tuple[Verdict, Facts, float]:
    """Judge the summaries of one run.

    Args:
        files: One a k6 process.
        settings: Profile and criteria.
        profile_named: Whether the user named the profile; else nothing is known of what was offered.
        expected_rate: Requests per second, for a script that is not ours.
        trust_generator: The user vouches for a generator that was not probed.

    Returns:
        The verdict, its facts, and the length of the run in seconds (0 if unknown).

    Raises:
        InputError: A file cannot be read.
    """
    measurements = read_summaries(files)
    seconds = max((shard.seconds or 0.0 for shard in measurements.shards), default=0.0)
    skipped = ("check generator-health skipped",) if trust_generator else ()
    circumstances = Circumstances(
        strict=settings.profile.strict,
        probe_limit_ms=settings.generator.probe_limit_ms,
        generator_trusted=trust_generator,
        modified=(*settings.modified, *skipped),
    )
    if is_ours(measurements):
        if not profile_named:
            circumstances = replace(circumstances, problems=(_NO_PROFILE,))
        plan = make_plan(settings, _cancellable(measurements), Machine(1.0, 0), shards=len(files))
        verdict, facts = judge_run(measurements, settings, plan, circumstances, interrupted=0)
        return verdict, facts, seconds
    return *_judge_foreign(measurements, settings, circumstances, profile_named, expected_rate), seconds


def _cancellable(measurements: Measurements) -> int:
    """A summary tells which cancels became modifies; how many rows there were matters no more."""
    return int(measurements.counter("iterations", scenario="reservation_cancel"))


def _judge_foreign(
    measurements: Measurements,
    settings: Settings,
    circumstances: Circumstances,
    profile_named: bool,  # noqa: FBT001 - passed on as it came
    expected_rate: float | None,
) -> tuple[Verdict, Facts]:
    rate = expected_rate
    if rate is None and profile_named:
        rate = float(
            settings.profile.command_rate + settings.profile.read_rate + settings.profile.health_rate
        )
    criteria = applicable(settings.slos)
    crossed = tuple(f"k6 found its own threshold crossed: {text}" for text in sorted(measurements.crossed))
    facts = foreign_facts(measurements, rate or 0.0, criteria)
    problems = () if rate else (_NO_RATE,)
    verdict = judge(facts, criteria, replace(circumstances, problems=problems, crossed=crossed))
    return verdict, facts
