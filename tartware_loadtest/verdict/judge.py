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
from tartware_loadtest.verdict.facts import Circumstances, Facts
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
        modified: In what the run differs from its named profile; not empty means: no gate evidence.
    """

    state: VerdictState
    outcomes: tuple[Outcome, ...]
    problems: tuple[str, ...]
    generator: GeneratorHealth
    advice: Advice | None
    modified: tuple[str, ...]

    @property
    def marginal(self) -> bool:
        """Whether a blocking criterion was decided within its own uncertainty."""
        decided = self.state is not VerdictState.INVALID
        return decided and any(outcome.marginal for outcome in self.outcomes if outcome.criterion.blocking)


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
    advice = None if state is VerdictState.PASS else advise(facts, outcomes, found, health)
    return Verdict(state, outcomes, (*found, *circumstances.crossed), health, advice, circumstances.modified)


def _decide(
    criterion: Criterion, facts: Facts, circumstances: Circumstances, health: GeneratorHealth
) -> Outcome:
    worst = evaluate(criterion, facts, circumstances, missing_bad=True)
    best = evaluate(criterion, facts, circumstances, missing_bad=False)
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
    if bounds[0] - added < criterion.limit:
        reason = f"{outcome.reason}; the generator alone added up to {added:.3g} ms, which could explain it"
        return replace(outcome, state=State.OPEN, reason=reason)
    return outcome
