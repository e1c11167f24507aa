"""PASS, FAIL or INVALID. Pure.

A missing part (dropped, interrupted, lost with a process) is the target's fault only if the generator was
healthy and every process came back. Otherwise the run is judged twice, the missing part all good and all bad:
an answer counts only if both agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tartware_loadtest.config.slo import Criterion, Kind
from tartware_loadtest.errors import ExitCode
from tartware_loadtest.verdict.causes import Advice, advise
from tartware_loadtest.verdict.criteria import Outcome, State, evaluate
from tartware_loadtest.verdict.facts import Circumstances, Facts, without_transport_failures
from tartware_loadtest.verdict.validity import GeneratorHealth, generator_health, problems

__all__ = ["Verdict", "VerdictState", "judge"]


class VerdictState(StrEnum):
    """The three answers."""

    PASS = "PASS"  # noqa: S105 - a verdict, no password
    FAIL = "FAIL"
    INVALID = "INVALID"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer has in CI."""
        return {
            VerdictState.PASS: ExitCode.PASS,
            VerdictState.FAIL: ExitCode.FAIL,
            VerdictState.INVALID: ExitCode.INVALID,
        }[self]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, with all that led to it.

    Attributes:
        state: PASS, FAIL or INVALID.
        outcomes: One for each criterion, in their order.
        problems: Why the run cannot answer, if it cannot.
        generator: How k6 itself was.
        advice: The most likely cause and the first thing to try; None for a PASS.
        notes: What a reader should know beside the answer.
        modified: In what the run differs from its named profile; not empty means: no gate evidence.
    """

    state: VerdictState
    outcomes: tuple[Outcome, ...]
    problems: tuple[str, ...]
    generator: GeneratorHealth
    advice: Advice | None
    modified: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def marginal(self) -> bool:
        """Whether a blocking criterion was decided within its own uncertainty."""
        if self.state is VerdictState.INVALID:
            return False
        blocking = [outcome for outcome in self.outcomes if outcome.criterion.blocking]
        missed = [outcome for outcome in blocking if outcome.state is State.MISSED]
        # A FAIL is as sure as its surest miss, a PASS as its least sure criterion.
        return all(o.marginal for o in missed) if missed else any(o.marginal for o in blocking)


def judge(facts: Facts, criteria: Sequence[Criterion], circumstances: Circumstances) -> Verdict:
    """Judge one run.

    Args:
        facts: What was counted.
        criteria: What must hold.
        circumstances: What the counts cannot tell.
    """
    health = generator_health(facts, circumstances)
    outcomes = tuple(_decide(c, facts, circumstances, health) for c in criteria)
    found = problems(facts, criteria, circumstances, health, outcomes)
    blocking = [outcome for outcome in outcomes if outcome.criterion.blocking]
    if found:
        state = VerdictState.INVALID
    elif circumstances.crossed or any(outcome.state is State.MISSED for outcome in blocking):
        state = VerdictState.FAIL
    elif all(outcome.state is State.MET for outcome in blocking) and blocking:
        state = VerdictState.PASS
    else:
        state = VerdictState.INVALID
        found = tuple(
            f"{outcome.criterion.text} is {outcome.state}: {outcome.reason}"
            for outcome in blocking
            if outcome.state is not State.MET
        ) or ("there is no blocking criterion",)
    notes = _notes(facts, criteria)
    advice = None if state is VerdictState.PASS else advise(facts, outcomes, found, health)
    return Verdict(
        state, outcomes, (*found, *circumstances.crossed), health, advice, circumstances.modified, notes
    )


def _notes(facts: Facts, criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """Name the time that no request's duration holds, where it matters beside a limit."""
    limits = [c.limit for c in criteria if c.kind is Kind.LATENCY]
    if not limits or facts.connecting_ms < 0.1 * min(limits):
        return ()
    note = f"connecting and TLS took {facts.connecting_ms:.3g} ms (p95) on top, which no latency above holds"
    return (f"{note}: does the gateway, or what stands before it, close connections?",)


def _decide(
    criterion: Criterion, facts: Facts, circumstances: Circumstances, health: GeneratorHealth
) -> Outcome:
    worst = evaluate(criterion, facts, circumstances, missing_bad=True)
    kindest = facts if health.healthy else without_transport_failures(facts)
    best = evaluate(criterion, kindest, circumstances, missing_bad=False)
    if best.state is not worst.state and (circumstances.lost or not health.healthy):
        whose = "a lost process" if circumstances.lost else "a limited generator"
        return replace(worst, state=State.OPEN, reason=f"{worst.reason}; {whose} may be the cause of that")
    if best.state is State.MISSED and criterion.kind is Kind.LATENCY:
        return _within_error_bar(worst, facts, health)
    return worst


def _within_error_bar(outcome: Outcome, facts: Facts, health: GeneratorHealth) -> Outcome:
    """A missed latency stays missed only if what the generator adds by itself cannot explain it."""
    criterion = outcome.criterion
    bounds = facts.percentiles.get(criterion.subject)
    if health.trusted_without_probe:
        return outcome
    added = health.added_ms
    if added is None or bounds is None:
        return replace(
            outcome, state=State.OPEN, reason=f"{outcome.reason}; the generator's own share is unknown"
        )
    if bounds[0] - added >= criterion.limit or _slow_without_the_generator(criterion, facts, health):
        return outcome
    reason = f"{outcome.reason}; the generator alone added up to {added:.3g} ms, which could explain it"
    return replace(outcome, state=State.OPEN, reason=reason)


def _slow_without_the_generator(criterion: Criterion, facts: Facts, health: GeneratorHealth) -> bool:
    """Whether enough answers are slow by more than the generator adds to all but a few.

    If a share 1 - a of the answers took limit + e or longer, and the generator adds more than e to a share
    1 - r at most, then the target alone was slow for r - a at least.
    """
    allowed = 100.0 - (criterion.percentile or 0.0)
    return any(
        at_probe - at_answer >= allowed and answer - added >= criterion.limit
        for at_answer, answer in facts.observed.get(criterion.metric, {}).items()
        for at_probe, added in health.percentiles.items()
    )
