"""From what k6 left behind to a verdict; the same for a run that just ended and for one read again."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tartware_loadtest.config.models import Settings
from tartware_loadtest.errors import EngineError, InputError
from tartware_loadtest.history.directory import RunDirectory
from tartware_loadtest.planning.plan import Machine, Plan, make_plan
from tartware_loadtest.results.k6_summary import parse_summary
from tartware_loadtest.results.measurements import Measurements, merge_all
from tartware_loadtest.runners.interface import Ending, EngineOutcome
from tartware_loadtest.verdict.extract import facts_of
from tartware_loadtest.verdict.facts import Circumstances, Facts
from tartware_loadtest.verdict.judge import Verdict, judge

__all__ = ["engine_problems", "judge_again", "judge_run", "read_summaries", "refuse_broken_engine"]

_BROKEN = {
    104: "its configuration was refused",
    106: "its REST API could not listen",
    107: "the script threw before the load",
    109: "it panicked",
    255: "it ended with an unnamed error",
}
_UNFINISHED = {
    100: "setup() took too long",
    101: "teardown() took too long",
    102: "a time-out ended it",
    103: "it was stopped over its REST API",
    105: "it was stopped by a signal from elsewhere",
    108: "the script aborted the test",
    110: "the script marked the test as failed",
}
_NOBODY = Machine(1.0, 0)


def refuse_broken_engine(outcome: EngineOutcome, summary: Path) -> None:
    """Raise if the engine left nothing to judge.

    Raises:
        EngineError: k6 broke, was killed or hung without a summary, or its summary is no JSON.
    """
    said = " ".join(outcome.log_tail[-3:])
    seconds = outcome.ended_at - outcome.started_at
    done = (
        f"{outcome.last.completed:,} iterations were completed" if outcome.last else "no iteration was seen"
    )
    if outcome.exit_code in _BROKEN:
        raise EngineError(
            f"k6 ended with exit code {outcome.exit_code}: {_BROKEN[outcome.exit_code]}. {said}".rstrip(),
            hint="Read k6.log in the run directory.",
        )
    if summary.is_file() and summary.stat().st_size:
        return
    how = {
        Ending.KILLED: f"was killed by signal {outcome.signal_number}",
        Ending.HUNG: "hung and had to be killed",
        Ending.STOPPED: "was stopped",
        Ending.FINISHED: f"ended with exit code {outcome.exit_code}",
    }[outcome.ending]
    raise EngineError(
        f"k6 {how} after {seconds:.0f} s and left no summary ({done}). {said}".rstrip(),
        hint="Look for the out-of-memory killer (dmesg) and at k6.log; what was sent may have been applied.",
    )


def engine_problems(outcome: EngineOutcome) -> tuple[str, ...]:
    """Return why the way k6 ended makes the run unable to answer; empty for a normal end."""
    seconds = outcome.ended_at - outcome.started_at
    if outcome.ending is Ending.STOPPED:
        return (f"interrupted after {seconds:.0f} s",)
    if outcome.ending is Ending.HUNG:
        return (f"k6 hung after {seconds:.0f} s and had to be stopped",)
    if outcome.ending is Ending.KILLED:
        name = signal.Signals(outcome.signal_number).name if outcome.signal_number else "a signal"
        return (f"k6 was killed by {name} after {seconds:.0f} s",)
    if outcome.exit_code in _UNFINISHED:
        return (f"k6 ended early: {_UNFINISHED[outcome.exit_code]} (exit code {outcome.exit_code})",)
    return ()


def read_summaries(files: Sequence[Path], *, version: str = "") -> Measurements:
    """Read and merge the summaries of one run.

    Raises:
        InputError: One cannot be read, or there is none.
    """
    if not files:
        raise InputError("There is no summary to judge.", hint="Name a k6 summary or a run directory.")
    parts = []
    seen: dict[str, Path] = {}
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"Cannot read {file}: {error}.", hint="Name a k6 summary.") from error
        if text in seen:
            raise InputError(
                f"{file} holds the same as {seen[text]}: one process cannot count twice.",
                hint="Name each k6 process's own summary once.",
            )
        seen[text] = file
        parts.append(parse_summary(text, file.name, version=version))
    return merge_all(parts)


def judge_run(
    measurements: Measurements,
    settings: Settings,
    plan: Plan,
    circumstances: Circumstances,
    *,
    interrupted: int,
) -> tuple[Verdict, Facts]:
    """Judge a run of our scenario; what was never asked for has no criterion."""
    asked_for_reads = bool(plan.of_kind("read"))
    criteria = [c for c in settings.slos if asked_for_reads or not c.metric.startswith("read_")]
    facts = facts_of(measurements, plan, criteria, interrupted=interrupted)
    return judge(facts, criteria, circumstances), facts


def judge_again(directory: RunDirectory) -> tuple[Verdict, Facts, dict[str, Any]]:
    """Judge a run directory from what it holds, offline.

    Raises:
        InputError: It holds no finished run.
    """
    record = directory.read_record()
    if "circumstances" not in record:
        error = record.get("error") or "it did not get as far as a measurement"
        raise InputError(f"{directory.path} has nothing to judge: {error}.", hint="Name a finished run.")
    try:
        settings = Settings.model_validate(record["settings"])
        plan = make_plan(settings, int(record["cancellable"]), _NOBODY)
        circumstances = circumstances_from(record["circumstances"])
        version, interrupted = str(record["engine"]["version"]), int(record["engine"]["interrupted"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"run.json in {directory.path} is damaged: {type(error).__name__} at {error}.",
            hint="Judge its summary alone: tartware-lt verdict RUN/summary/local.json --profile NAME",
        ) from error
    measurements = read_summaries(directory.summaries(), version=version)
    verdict, facts = judge_run(measurements, settings, plan, circumstances, interrupted=interrupted)
    return verdict, facts, record


def circumstances_from(document: Mapping[str, Any]) -> Circumstances:
    """Read circumstances back from a record."""
    return Circumstances(
        strict=document["strict"],
        canaries_passed=document["canaries_passed"],
        probe_limit_ms=document["probe_limit_ms"],
        generator_trusted=document["generator_trusted"],
        problems=tuple(document["problems"]),
        lost=tuple(document["lost"]),
        crossed=tuple(document["crossed"]),
        modified=tuple(document["modified"]),
    )
