"""The run as a list of steps; each writes what it knows into the run directory before the next begins."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tartware_loadtest import __version__
from tartware_loadtest.errors import EngineError, ExitCode, RefusedError, TartwareError
from tartware_loadtest.history.directory import RunDirectory, digest
from tartware_loadtest.planning.plan import Plan
from tartware_loadtest.preflight.exclusive import exclusive
from tartware_loadtest.reports.document import facts_document, verdict_document
from tartware_loadtest.reports.junit import junit
from tartware_loadtest.reports.markdown import evidence
from tartware_loadtest.run.conclusion import (
    engine_problems,
    judge_run,
    read_summaries,
    refuse_broken_engine,
)
from tartware_loadtest.run.interruption import interrupted_code, refuse_if_stopped
from tartware_loadtest.run.job import Job
from tartware_loadtest.run.preparation import (
    Preflight,
    PreflightError,
    cancellable_of,
    new_run_id,
    preflight,
    prepare_plan,
    spent_by,
)
from tartware_loadtest.runners.interface import EngineOutcome, EngineRequest
from tartware_loadtest.runners.machine import this_machine
from tartware_loadtest.sampling.sample import Sample
from tartware_loadtest.sampling.writers.data_file import read_data_file, write_data_file
from tartware_loadtest.scenario.bundle import ENTRY, build_bundle
from tartware_loadtest.scenario.pools import build_pools
from tartware_loadtest.verdict.facts import Circumstances, Facts
from tartware_loadtest.verdict.judge import Verdict

__all__ = ["RunResult", "interrupted_code", "run_load_test"]


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run."""

    directory: Path
    verdict: Verdict
    facts: Facts
    exit_code: ExitCode


@dataclass(slots=True)
class _Record:
    """``run.json`` as it grows."""

    directory: RunDirectory
    content: dict[str, Any] = field(default_factory=dict)

    def add(self, **more: object) -> None:
        self.content |= more
        self.directory.write_record(self.content)


def run_load_test(job: Job) -> RunResult:
    """Prepare, check, run, judge and report.

    Raises:
        InputError: Wrong or missing input.
        RefusedError: A check failed; no load was sent.
        EngineError: Load was sent and nothing was measured.
    """
    settings = job.loaded.settings
    data_file = Path(settings.data)
    sample = read_data_file(data_file)
    plan = prepare_plan(job.loaded, sample, this_machine())
    build_bundle(settings, plan, build_pools(sample))
    job.events.planned(plan)
    alone = nullcontext() if "other-run" in job.options.skip else exclusive(settings.target.base_url)
    with alone:
        record = _open(job, plan)
        try:
            checked = preflight(job, plan, sample)
            record.add(**_checked(checked))
            left = sample.spend(checked.spent)
            plan = prepare_plan(job.loaded, left, this_machine())
            _write_bundle(job, plan, left, record)
            outcome = _run(job, plan, record)
            if not record.directory.summary().is_file():
                refuse_if_stopped(job.stop, "k6 was stopped before it had measured anything.")
            refuse_broken_engine(outcome, record.directory.summary())
            verdict, facts = _judge(job, plan, checked, outcome, record)
        except TartwareError as error:
            if isinstance(error, PreflightError):
                record.add(**_checked(error.preflight))
            record.add(status="failed", error=error.message, ended_at=_now())
            raise
        _report(record, verdict, facts, outcome)
    return RunResult(record.directory.path, verdict, facts, _exit_code(job, verdict, outcome))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _open(job: Job, plan: Plan) -> _Record:
    settings, run_id, utc = job.loaded.settings, new_run_id(), datetime.now(UTC)
    directory = RunDirectory.create(
        Path(settings.runs), utc.strftime("%Y%m%dT%H%M%SZ"), settings.profile_name, run_id
    )
    record = _Record(directory)
    record.add(
        status="preparing",
        run_id=run_id,
        tool_version=__version__,
        started_at=utc.isoformat(timespec="seconds"),
        profile=settings.profile_name,
        target=settings.target.base_url,
        where=job.options.where,
        advisory=job.options.advisory,
        skipped_checks=sorted(job.options.skip),
        modified=list(job.modified),
        settings=settings.model_dump(mode="json"),
        origins=dict(job.loaded.origins),
        conflicts=list(job.loaded.conflicts),
        plan=[asdict(figure) for figure in plan.figures],
    )
    return record


def _checked(checked: Preflight) -> dict[str, Any]:
    return {
        "preflight": [{**asdict(check), "state": check.state.value} for check in checked.checks],
        "canary_run": checked.canary_run,
        "canaries": [{**asdict(answer), "headers": dict(answer.headers)} for answer in checked.answers],
    }


def _write_bundle(job: Job, plan: Plan, sample: Sample, record: _Record) -> None:
    bundle = build_bundle(job.loaded.settings, plan, build_pools(sample))
    try:
        record.directory.write_bundle(bundle.files)
        # A reservation can be cancelled once: what this run takes, the next must not.
        write_data_file(sample.spend(spent_by(plan, sample)), Path(job.loaded.settings.data))
    except EngineError as error:
        raise RefusedError(f"No load was sent: {error.message}", hint=error.hint) from error
    digests = {name: digest(text) for name, text in sorted(bundle.files.items())}
    record.add(
        bundle=digests,
        bundle_digest=digest("".join(f"{name} {value}\n" for name, value in digests.items())),
        cancellable=cancellable_of(sample),
    )


def _run(job: Job, plan: Plan, record: _Record) -> EngineOutcome:
    settings, directory = job.loaded.settings, record.directory
    request = EngineRequest(
        bundle=directory.bundle,
        entry=ENTRY,
        environment=job.environment(record.content["run_id"]),
        secret_names=frozenset({settings.target.token_variable}),
        summary=directory.summary(),
        log=directory.log,
        planned_seconds=settings.profile.total_seconds,
        arguments=job.options.arguments,
    )
    record.add(status="running", load_started_at=_now())
    job.events.started(directory.path, plan)
    try:
        outcome = job.runner.run(request, job.events.progress, job.stop)
    finally:
        job.events.stopped()
    record.add(status="judging", engine=_engine(outcome))
    return outcome


def _engine(outcome: EngineOutcome) -> Mapping[str, Any]:
    return {
        "version": outcome.version,
        "ending": outcome.ending.value,
        "exit_code": outcome.exit_code,
        "signal": outcome.signal_number,
        "seconds": round(outcome.ended_at - outcome.started_at, 3),
        "completed": outcome.last.completed if outcome.last else None,
        "interrupted": outcome.last.interrupted if outcome.last else 0,
        "cpu_seconds": outcome.cpu_seconds,
        "wait_seconds": outcome.wait_seconds,
        "peak_bytes": outcome.peak_bytes,
        "log_tail": list(outcome.log_tail),
    }


def _judge(
    job: Job, plan: Plan, checked: Preflight, outcome: EngineOutcome, record: _Record
) -> tuple[Verdict, Facts]:
    settings = job.loaded.settings
    circumstances = Circumstances(
        strict=settings.profile.strict,
        canaries_passed=checked.canaries_passed,
        probe_limit_ms=settings.generator.probe_limit_ms,
        generator_trusted="generator-health" in job.options.skip,
        problems=engine_problems(outcome),
        modified=job.modified,
    )
    record.add(circumstances=asdict(circumstances))
    measurements = read_summaries([record.directory.summary()], version=outcome.version)
    interrupted = outcome.last.interrupted if outcome.last else 0
    return judge_run(measurements, settings, plan, circumstances, interrupted=interrupted)


def _report(record: _Record, verdict: Verdict, facts: Facts, outcome: EngineOutcome) -> None:
    record.add(
        status="finished",
        ended_at=_now(),
        verdict=verdict_document(verdict),
        facts=facts_document(facts),
    )
    seconds = outcome.ended_at - outcome.started_at
    name = f"tartware-lt {record.content['profile']}"
    record.directory.write("junit.xml", junit(verdict, name=name, seconds=seconds))
    record.directory.write("evidence.md", evidence(record.content))


def _exit_code(job: Job, verdict: Verdict, outcome: EngineOutcome) -> ExitCode:
    if job.stop.asked() and engine_problems(outcome):
        return interrupted_code(job.stop)
    return ExitCode.PASS if job.options.advisory else verdict.state.exit_code
