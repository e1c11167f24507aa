"""Holds each criterion against the facts, once with the missing part good and once with it bad. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tartware_loadtest.config.slo import Criterion, Kind
from tartware_loadtest.results.measurements import Share
from tartware_loadtest.scenario.catalogue import UNEXPLAINED_CLASSES
from tartware_loadtest.verdict.facts import Circumstances, Facts
from tartware_loadtest.verdict.statistics import wilson

__all__ = ["Outcome", "State", "evaluate"]


class State(StrEnum):
    """What a criterion came to; only ``MET`` supports a PASS."""

    MET = "met"
    MISSED = "missed"
    OPEN = "open"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One criterion held against one run.

    Attributes:
        criterion: What must hold.
        state: What it came to.
        observed: The observed value as text, with its unit.
        value: The same as a number: a share 0 to 1, a count, or milliseconds; None without data.
        interval: 95 % interval of the deciding share, None where there is none.
        marginal: The interval contains the limit.
        reason: Why, in words.
    """

    criterion: Criterion
    state: State
    observed: str
    value: float | None
    interval: tuple[float, float] | None
    marginal: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _Bad:
    """What counts against a criterion: bad of seen, and how many are missing."""

    share: Share
    missing: int
    what: str

    def counted(self, *, missing_bad: bool) -> Share:
        hits = self.share.hits + (self.missing if missing_bad else 0)
        return Share(hits, self.share.total + self.missing)


def _failed_commands(facts: Facts) -> _Bad:
    return _Bad(facts.all_commands.inverse, facts.missing, "commands")


def _failed_reads(facts: Facts) -> _Bad:
    return _Bad(facts.reads.inverse, facts.missing_reads, "reads")


def _failed_requests(facts: Facts) -> _Bad:
    return _Bad(facts.failed_requests, facts.missing + facts.missing_reads, "requests")


def _failed_in_ramps(facts: Facts) -> _Bad:
    return _Bad(facts.ramps.inverse, facts.missing_in_ramps, "commands of the ramps")


def _worst_command(facts: Facts) -> _Bad:
    names = sorted({*facts.commands, *facts.missing_commands})
    each = [
        _Bad(facts.commands.get(n, Share(0, 0)).inverse, facts.missing_commands.get(n, 0), n) for n in names
    ]
    return max(each, key=lambda bad: bad.counted(missing_bad=True).value, default=_Bad(Share(0, 0), 0, ""))


_SHARES: Mapping[str, Callable[[Facts], _Bad]] = MappingProxyType(
    {
        "http_req_failed": _failed_requests,
        "command_failed": _failed_commands,
        "read_failed": _failed_reads,
        "each_command_failed": _worst_command,
        "ramp_failed": _failed_in_ramps,
    }
)


def evaluate(
    criterion: Criterion, facts: Facts, circumstances: Circumstances, *, missing_bad: bool
) -> Outcome:
    """Hold one criterion against the facts.

    Args:
        criterion: What must hold.
        facts: The run.
        circumstances: Decides which answers count as unexplained.
        missing_bad: Whether what was offered and never completed counts as slow and failed, or as good.
    """
    if criterion.kind is Kind.LATENCY:
        return _latency(criterion, facts, missing_bad=missing_bad)
    if criterion.metric == "achieved_rate":
        return _achieved(criterion, facts, missing_bad=missing_bad)
    if criterion.kind is Kind.COUNT:
        return _count(criterion, facts, circumstances)
    return _share(criterion, _SHARES[criterion.metric](facts), missing_bad=missing_bad)


def _no_data(criterion: Criterion) -> Outcome:
    return Outcome(
        criterion, State.NO_DATA, "no data", None, None, marginal=False, reason="nothing was measured for it"
    )


def _state(*, holds: bool) -> State:
    return State.MET if holds else State.MISSED


def _share(criterion: Criterion, bad: _Bad, *, missing_bad: bool) -> Outcome:
    counted = bad.counted(missing_bad=missing_bad)
    if not counted.total:
        return _no_data(criterion)
    interval = wilson(counted.hits, counted.total)
    reason = f"{counted.hits:,} of {counted.total:,} {bad.what}" + _missing_words(bad.missing, missing_bad)
    return Outcome(
        criterion,
        _state(holds=criterion.holds(counted.value)),
        criterion.format(counted.value),
        counted.value,
        interval,
        marginal=interval[0] < criterion.limit < interval[1],
        reason=reason,
    )


def _missing_words(missing: int, missing_bad: bool) -> str:  # noqa: FBT001 - passed on as it came
    if not missing:
        return ""
    return f", {missing:,} never sent or answered" + (" and counted as bad" if missing_bad else "")


def _latency(criterion: Criterion, facts: Facts, *, missing_bad: bool) -> Outcome:
    missing = facts.missing if criterion.metric.startswith("command") else facts.missing_reads
    slow = facts.slow.get(criterion.text)
    bounds = facts.percentiles.get(criterion.subject)
    if slow is None:
        return _latency_by_percentile(criterion, bounds, missing)
    bad = _Bad(slow, missing, f"at or above {criterion.format(criterion.limit)}")
    counted = bad.counted(missing_bad=missing_bad)
    if not counted.total:
        return _no_data(criterion)
    allowed = 1 - (criterion.percentile or 0) / 100
    interval = wilson(counted.hits, counted.total)
    observed = _bounds_text(bounds) or f"{counted.value * 100:.3g}% slow"
    reason = (
        f"{counted.value * 100:.3g}% at or above {criterion.format(criterion.limit)}, "
        f"allowed under {allowed * 100:.3g}%" + _missing_words(missing, missing_bad)
    )
    # "p95 < 500 ms" means: the share of slow answers is under 5 %; shares are exact over any number of pods.
    holds = counted.hits < allowed * counted.total - 1e-9
    return Outcome(
        criterion,
        _state(holds=holds),
        observed,
        bounds[1] if bounds else None,
        interval,
        marginal=interval[0] < allowed < interval[1],
        reason=reason,
    )


def _latency_by_percentile(criterion: Criterion, bounds: tuple[float, float] | None, missing: int) -> Outcome:
    if bounds is None:
        return _no_data(criterion)
    low, high = bounds
    if low >= criterion.limit:
        state, reason = State.MISSED, "from k6's own percentile"
    elif high < criterion.limit and not missing:
        state, reason = State.MET, "from k6's own percentile"
    else:
        state, reason = State.OPEN, "only bounds of the percentile are known" + _missing_words(missing, False)
    return Outcome(criterion, state, _bounds_text(bounds), high, None, marginal=False, reason=reason)


def _bounds_text(bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return ""
    low, high = bounds
    return f"{high:.4g}ms" if low == high else f"{low:.4g} to {high:.4g}ms"


def _achieved(criterion: Criterion, facts: Facts, *, missing_bad: bool) -> Outcome:
    if facts.offered_commands <= 0:
        return _no_data(criterion)
    completed = facts.all_commands.total
    # What nothing dropped or cut off is not missing: it fell to the other side of a stage's end. A limited
    # generator can shift any number there, so in the good case the whole rest was sent.
    shifted = max(0.0, min(facts.edge, facts.offered_commands - completed - facts.missing))
    value = min(1.0, (completed + shifted) / facts.offered_commands) if missing_bad else 1.0
    return Outcome(
        criterion,
        _state(holds=criterion.holds(value)),
        criterion.format(value),
        value,
        None,
        marginal=False,
        reason=f"{completed:,} of {facts.offered_commands:,.0f} commands offered",
    )


def _count(criterion: Criterion, facts: Facts, circumstances: Circumstances) -> Outcome:
    if not facts.whole_run.total:
        return _no_data(criterion)
    if criterion.metric == "other_than_202":
        count, reason = (
            facts.whole_run.inverse.hits,
            f"of {facts.whole_run.total:,} commands of the whole run",
        )
    else:
        classes = [c for c in UNEXPLAINED_CLASSES if not _judged_elsewhere(c, circumstances)]
        if not circumstances.canaries_passed:
            classes.append("tenant")
        count = facts.rejected(*classes)
        named = [f"{facts.rejected(c):,} x {c}" for c in classes if facts.rejected(c)]
        reason = ", ".join(named) or "each answer is a 202 or one that load explains"
    holds = criterion.holds(count)
    return Outcome(criterion, _state(holds=holds), f"{count:,}", count, None, marginal=False, reason=reason)


def _judged_elsewhere(rejection: str, circumstances: Circumstances) -> bool:
    """A token that died and a malformed request of ours make the run invalid instead."""
    if rejection == "unauthenticated":
        return bool(circumstances.canaries_passed)
    return rejection == "payload" and not circumstances.strict
