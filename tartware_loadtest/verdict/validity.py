"""Whether a run can answer the question at all. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tartware_loadtest.config.slo import Criterion, Kind
from tartware_loadtest.verdict.criteria import Outcome, State
from tartware_loadtest.verdict.facts import Circumstances, Facts
from tartware_loadtest.verdict.statistics import samples_needed

__all__ = ["GeneratorHealth", "generator_health", "problems"]

_FEWEST_PROBES = 20
_PAUSED_SHARE = 0.05
"""A probe that could not be sent counts as slow, as a command does: 5 % of them move the p95."""


@dataclass(frozen=True, slots=True)
class GeneratorHealth:
    """How k6 itself was, from asking its own API beside the load.

    Attributes:
        known: Whether the probe ran often enough to tell.
        healthy: Whether its p95 stayed under the limit; a generator that the user vouches for counts as such.
        trusted_without_probe: The user vouches for it.
        percentiles: Percentile to milliseconds that the generator adds by itself: the error bar.
        text: In words.
    """

    known: bool
    healthy: bool
    trusted_without_probe: bool
    percentiles: Mapping[float, float]
    text: str

    @property
    def added_ms(self) -> float | None:
        """The error bar: the highest percentile of the probe; None without one.

        The lower ones are no bound: two delays that are each rare can together be common, so a percentile of
        the sum may exceed the sum of the percentiles.
        """
        return max(self.percentiles.values()) if self.known else None


def generator_health(facts: Facts, circumstances: Circumstances) -> GeneratorHealth:
    """Judge the generator from its self-probe."""
    p95 = facts.probe.get(95.0)
    # Where some probes came back and most could not be sent, the generator is known to be limited.
    if p95 is None or facts.probe_samples + facts.missing_probes < _FEWEST_PROBES:
        trusted = circumstances.generator_trusted
        text = "unknown, taken on trust" if trusted else "unknown: no self-probe"
        return GeneratorHealth(
            known=False, healthy=trusted, trusted_without_probe=trusted, percentiles={}, text=text
        )
    total = facts.probe_samples + facts.missing_probes
    paused = facts.missing_probes >= _PAUSED_SHARE * total
    healthy = p95 < circumstances.probe_limit_ms and not paused
    text = f"self-probe p95 {p95:.3g} ms, limit {circumstances.probe_limit_ms:g} ms"
    if paused:
        text += f", and {facts.missing_probes} of {total} probes never left"
    return GeneratorHealth(
        known=True,
        healthy=healthy,
        trusted_without_probe=False,
        percentiles=facts.probe,
        text=text if healthy else f"limited: {text}",
    )


def problems(
    facts: Facts,
    criteria: Sequence[Criterion],
    circumstances: Circumstances,
    health: GeneratorHealth,
    outcomes: Sequence[Outcome],
) -> tuple[str, ...]:
    """Return each reason for which the run cannot answer; empty if it can."""
    found = list(circumstances.problems)
    found += _counts(facts, circumstances)
    found += _requests_of_ours(facts, circumstances)
    if not circumstances.crossed:
        # A threshold that k6 itself found crossed is a failure with however few samples.
        found += _samples(facts, criteria)
    missed = any(o.state is State.MISSED for o in outcomes if o.criterion.blocking)
    if not health.known and not health.trusted_without_probe and not missed:
        found.append("generator health unknown: the self-probe did not run")
    return tuple(found)


def _counts(facts: Facts, circumstances: Circumstances) -> list[str]:
    found = []
    if not facts.whole_run.total:
        found.append("no command was sent at all")
    if facts.exceptions:
        found.append(f"{facts.exceptions:,} iterations ended without an answer counted: the script threw")
    if facts.unaccounted and not circumstances.lost and not circumstances.problems:
        how = (
            f"{facts.unaccounted:,} iterations of the plan are neither completed, dropped nor interrupted: "
            "k6 ended early"
            if facts.unaccounted > 0
            else f"{-facts.unaccounted:,} iterations more than the plan offers: a summary was given twice"
        )
        found.append(f"{how} or ran another plan")
    return found


def _requests_of_ours(facts: Facts, circumstances: Circumstances) -> list[str]:
    found = []
    if circumstances.canaries_passed and facts.rejected("unauthenticated"):
        count = facts.rejected("unauthenticated")
        found.append(f"the token died during the run: {count:,} answers 401 after a good canary")
    if not circumstances.strict and facts.rejected("payload"):
        subjects = ", ".join(sorted(s for s, n in facts.rejections["payload"].items() if n))
        found.append(f"{facts.rejected('payload'):,} requests of ours were refused as malformed ({subjects})")
    return found


def _samples(facts: Facts, criteria: Sequence[Criterion]) -> list[str]:
    found = []
    for criterion in criteria:
        if criterion.kind is not Kind.LATENCY or not criterion.blocking or criterion.percentile is None:
            continue
        slow = facts.slow.get(criterion.text)
        missing = facts.missing if criterion.metric.startswith("command") else facts.missing_reads
        counted = facts.all_commands.total if slow is None else slow.total
        needed, seen = samples_needed(criterion.percentile), counted + missing
        if 0 < seen < needed:
            found.append(f"{seen} samples are too few for {criterion.subject}: it needs {needed}")
    return found
