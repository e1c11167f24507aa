"""Everything before the load: sample, plan, checks, canaries."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import floor
from pathlib import Path

from tartware_loadtest.config.loader import Loaded
from tartware_loadtest.errors import RefusedError
from tartware_loadtest.planning.plan import Machine, Plan, make_plan
from tartware_loadtest.preflight.canary import Answer, check_canaries, read_answers
from tartware_loadtest.preflight.check import Check, CheckState
from tartware_loadtest.preflight.gateway import check_gateway, check_rate_limit
from tartware_loadtest.preflight.token import check_token
from tartware_loadtest.run.interruption import refuse_if_stopped
from tartware_loadtest.run.job import Job
from tartware_loadtest.runners.interface import EngineRequest, silent
from tartware_loadtest.sampling.sample import Sample
from tartware_loadtest.sampling.writers.data_file import write_data_file
from tartware_loadtest.scenario.bundle import CANARY, build_bundle
from tartware_loadtest.scenario.catalogue import CANCEL
from tartware_loadtest.scenario.pools import build_pools

__all__ = [
    "Preflight",
    "PreflightError",
    "cancellable_of",
    "new_run_id",
    "preflight",
    "prepare_plan",
    "spent_by",
]

_CANARY_GRACE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Preflight:
    """What the checks found.

    Attributes:
        checks: In the order in which they were made.
        answers: The canaries' answers.
        canary_run: The 8 hex digits of the canaries' identities, empty if none was sent.
    """

    checks: tuple[Check, ...]
    answers: tuple[Answer, ...] = ()
    canary_run: str = ""

    @property
    def spent(self) -> frozenset[str]:
        """The reservations that the canaries cancelled."""
        return frozenset(a.spent for a in self.answers if a.spent and not a.rejection)

    @property
    def canaries_passed(self) -> bool | None:
        """Whether each canary was accepted; None if none was sent."""
        state = next((check.state for check in self.checks if check.name == "canary"), CheckState.SKIPPED)
        return None if state is CheckState.SKIPPED else state is CheckState.OK

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that forbid the load."""
        return tuple(check for check in self.checks if check.state is CheckState.FAILED)


class PreflightError(RefusedError):
    """A check failed: what was found and what to do, for each; ``preflight`` holds all that was found."""

    def __init__(self, found: Preflight) -> None:
        super().__init__(
            "No load was sent: " + "\n".join(f"{check.name}: {check.detail}." for check in found.failed),
            hint="\n".join(check.fix for check in found.failed if check.fix),
        )
        self.preflight = found


def new_run_id() -> str:
    """Draw the 8 hex digits with which the identities of a run begin."""
    return secrets.token_hex(4)


def cancellable_of(sample: Sample) -> int:
    """Return how many reservations a cancel may take."""
    return sum(tenant.cancellable for tenant in sample.tenants)


def prepare_plan(loaded: Loaded, sample: Sample | None, machine: Machine) -> Plan:
    """Reckon the plan of the settings for a sample."""
    return make_plan(loaded.settings, None if sample is None else cancellable_of(sample), machine)


def spent_by(plan: Plan, sample: Sample) -> frozenset[str]:
    """Return the reservations that a run will cancel: each once, in the order of the pool."""
    wanted = sum(floor(s.total) + 1 for s in plan.of_kind("command") if s.subject == CANCEL)
    return frozenset(row[3] for row in build_pools(sample)["cancellable"][:wanted])


def preflight(job: Job, plan: Plan, sample: Sample) -> Preflight:
    """Make all checks: first those that send nothing, then the canaries.

    Raises:
        PreflightError: A check failed; the message names each that did.
    """
    checks: list[Check] = []

    def run_check(name: str, make: Callable[[], Check]) -> None:
        skipped = name in job.options.skip
        check = Check(name, CheckState.SKIPPED, "skipped on request") if skipped else make()
        checks.append(check)
        job.events.checked(check)

    def refuse() -> None:
        if any(check.state is CheckState.FAILED for check in checks):
            raise PreflightError(Preflight(tuple(checks), tuple(answers), canary_run))

    answers: list[Answer] = []
    canary_run = ""
    settings, token = job.loaded.settings, job.loaded.token
    target, seconds = settings.target, settings.profile.total_seconds
    run_check("capacity", lambda: _capacity(plan, ignore=job.options.ignore_capacity))
    run_check("token", lambda: check_token(token, target.token_variable, time.time(), seconds))
    run_check("gateway", lambda: check_gateway(target.base_url, verify_tls=target.verify_tls))
    refuse()
    if "canary" in job.options.skip:
        run_check("canary", lambda: Check("canary", CheckState.SKIPPED, ""))
        run_check("rate-limit", lambda: Check("rate-limit", CheckState.SKIPPED, "the canaries would tell"))
        return Preflight(tuple(checks))
    canary_run = new_run_id()
    answers += _send_canaries(job, plan, sample, canary_run)
    _keep_spent(job, sample, Preflight((), tuple(answers)).spent)
    refuse_if_stopped(job.stop)
    run_check("canary", lambda: check_canaries(answers, _canary_count(plan, sample)))
    headers = next((a.headers for a in answers if "x-ratelimit-limit" in a.headers), {})
    wanted = sum(s.rate.per_second for s in plan.scenarios if s.kind != "probe")
    run_check("rate-limit", lambda: check_rate_limit(headers, wanted))
    refuse()
    return Preflight(tuple(checks), tuple(answers), canary_run)


def _keep_spent(job: Job, sample: Sample, spent: frozenset[str]) -> None:
    """Note at once what the canaries cancelled: a run that is refused must not leave it to the next."""
    if spent:
        write_data_file(sample.spend(spent), Path(job.loaded.settings.data))


def _capacity(plan: Plan, *, ignore: bool) -> Check:
    too_much = [figure.too_much for figure in plan.figures if figure.too_much]
    if not too_much:
        return Check("capacity", CheckState.OK, "this machine can generate the load")
    if ignore:
        return Check("capacity", CheckState.WARNING, "; ".join(too_much) + " (ignored on request)")
    fix = "Go on all the same with --ignore-capacity; the evidence will say so."
    return Check("capacity", CheckState.FAILED, "; ".join(too_much), fix)


def _canary_count(plan: Plan, sample: Sample) -> int:
    return len(sample.tenants) * (len(plan.of_kind("command")) + len(plan.of_kind("read")))


def _send_canaries(job: Job, plan: Plan, sample: Sample, run: str) -> list[Answer]:
    settings = job.loaded.settings
    bundle = build_bundle(settings, plan, build_pools(sample))
    with tempfile.TemporaryDirectory(prefix="tartware-lt-canary-") as name:
        directory = Path(name)
        for file, text in bundle.files.items():
            (directory / file).write_text(text, encoding="utf-8")
        request = EngineRequest(
            bundle=directory,
            entry=CANARY,
            environment=job.environment(run),
            secret_names=frozenset({settings.target.token_variable}),
            summary=directory / "result" / "canary.json",
            log=directory / "result" / "canary.log",
            planned_seconds=_canary_count(plan, sample) * settings.generator.request_timeout,
            grace_seconds=_CANARY_GRACE_SECONDS,
        )
        outcome = job.runner.run(request, silent, job.stop)
        log = request.log.read_text(encoding="utf-8", errors="replace") if request.log.exists() else ""
    answers = read_answers(log, [job.loaded.token])
    if not answers and not job.stop.asked():
        said = " ".join(outcome.log_tail[-3:])
        raise RefusedError(
            f"k6 could not send the canaries (exit code {outcome.exit_code}): {said}",
            hint="Try: tartware-lt k6 version; then look at the message above.",
        )
    return answers
