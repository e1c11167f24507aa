"""What the judge looks at: a run reduced to counts of the steady stage, the ramps and the generator. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tartware_loadtest.results.measurements import Share

__all__ = ["NOTHING", "Circumstances", "Facts", "without_transport_failures"]

NOTHING = Share(0, 0)


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts of one run; all of them of the steady stage unless they say otherwise.

    Attributes:
        commands: Accepted of completed, by command.
        missing_commands: Offered and never completed (dropped or interrupted), by command of the scenario.
        offered_commands: What the plan offered.
        edge: Commands by which whole iterations and the ends of the stage may shift the counts.
        slow: Text of a latency criterion to answers at or above its limit, of all that count for it.
        percentiles: Subject of a latency criterion to the bounds of its observed value in milliseconds.
        reads: Answered with 200, of completed.
        missing_reads: Offered and never completed.
        failed_requests: Failed, of completed requests of all kinds.
        ramps: Accepted of completed commands in both ramps.
        missing_in_ramps: Offered and never completed there.
        whole_run: Accepted of completed commands over all stages.
        rejections: Class to subject (command or kind) to count, over the whole run.
        exceptions: Iterations of the whole run that ended without sending what they should.
        unaccounted: Iterations of the whole run that were offered and appear nowhere in k6's counts.
        dropped: Over the whole run, as k6 counted them.
        interrupted: Over the whole run, as k6's progress told.
        observed: Latency metric to its percentiles' lower bounds in milliseconds.
        connecting_ms: p95 of connecting and TLS handshake, which are in no request's duration.
        probe: Percentile to milliseconds of the self-probe; empty where there was none.
        probe_samples: How many times the probe asked.
        missing_probes: How many times it should have asked and could not: a generator that stands still
            asks nothing, so its pauses show here and in no percentile.
    """

    commands: Mapping[str, Share] = field(default_factory=dict)
    missing_commands: Mapping[str, int] = field(default_factory=dict)
    offered_commands: float = 0.0
    edge: int = 0
    slow: Mapping[str, Share] = field(default_factory=dict)
    percentiles: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    reads: Share = NOTHING
    missing_reads: int = 0
    failed_requests: Share = NOTHING
    ramps: Share = NOTHING
    missing_in_ramps: int = 0
    whole_run: Share = NOTHING
    rejections: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    exceptions: int = 0
    unaccounted: int = 0
    dropped: int = 0
    interrupted: int = 0
    observed: Mapping[str, Mapping[float, float]] = field(default_factory=dict)
    connecting_ms: float = 0.0
    probe: Mapping[float, float] = field(default_factory=dict)
    probe_samples: int = 0
    missing_probes: int = 0

    @property
    def all_commands(self) -> Share:
        """Accepted of completed, over all commands."""
        return sum(self.commands.values(), NOTHING)

    @property
    def missing(self) -> int:
        """Commands that were offered and never completed."""
        return sum(self.missing_commands.values())

    def rejected(self, *classes: str) -> int:
        """Return how many answers fell into these classes."""
        return sum(sum(self.rejections.get(name, {}).values()) for name in classes)


def without_transport_failures(facts: Facts) -> Facts:
    """Return the facts with time-outs and broken connections counted as good.

    A generator that stands still lets its own requests time out; a limited one gets the benefit of the doubt
    for them, and with it the target.
    """
    lost = facts.rejections.get("transport", {})

    def forgiven(share: Share, count: int) -> Share:
        return Share(min(share.total, share.hits + count), share.total)

    commands = {name: forgiven(share, lost.get(name, 0)) for name, share in facts.commands.items()}
    everything = sum(lost.values())
    return replace(
        facts,
        commands=commands,
        reads=forgiven(facts.reads, lost.get("read", 0)),
        failed_requests=forgiven(facts.failed_requests.inverse, everything).inverse,
        ramps=forgiven(facts.ramps, everything),
        slow={text: forgiven(share.inverse, everything).inverse for text, share in facts.slow.items()},
    )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the counts cannot tell.

    Attributes:
        strict: The profile tests the wiring: a malformed request of ours is a failure, not an invalid run.
        canaries_passed: Whether each command was accepted for each tenant before the load; None if not tried.
        probe_limit_ms: Self-probe p95 from which the generator counts as limited.
        generator_trusted: The user vouches for the generator where no probe ran; recorded as a skipped check.
        problems: Reasons that make any answer impossible, such as an interruption.
        lost: k6 processes that were lost or late after the load began, each with its cause.
        crossed: Thresholds of a foreign script that k6 found crossed, in words; each is a failure.
        modified: In what the run differs from the profile that it names; makes it no gate evidence.
    """

    strict: bool = False
    canaries_passed: bool | None = None
    probe_limit_ms: float = 20.0
    generator_trusted: bool = False
    problems: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    crossed: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
