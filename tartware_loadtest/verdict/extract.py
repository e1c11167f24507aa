"""Reduces measurements to the facts that the judge looks at. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import floor

from tartware_loadtest.config.slo import Criterion, Kind
from tartware_loadtest.planning.plan import PROBE_METRIC, Plan, ScenarioPlan
from tartware_loadtest.results.measurements import Distribution, Measurements, Share
from tartware_loadtest.scenario.catalogue import MODIFY, STEADY
from tartware_loadtest.scenario.submetrics import slow_metric
from tartware_loadtest.verdict.facts import NOTHING, Facts

__all__ = ["facts_of", "is_ours"]

_ROUNDING = 2
"""Iterations by which a scenario may differ from the plan: one at each end of a stage, for each process."""


def is_ours(measurements: Measurements) -> bool:
    """Whether the summary comes from our scenario."""
    return any(True for _ in measurements.shares_by("command_accepted", "scenario", "command", "stage"))


def facts_of(
    measurements: Measurements, plan: Plan, criteria: Sequence[Criterion], *, interrupted: int = 0
) -> Facts:
    """Reduce a run of our scenario.

    Args:
        measurements: Merged over all processes.
        plan: What was offered.
        criteria: The latency criteria say which Rates count slow answers.
        interrupted: Iterations that k6's progress named as interrupted.
    """
    commands = {s.name: s for s in plan.of_kind("command")}
    by_stage = _accepted_by_stage(measurements)
    missing: dict[str, int] = {}
    for scenario in commands.values():
        command = _command_that_lacks(measurements, scenario)
        lacking = _missing(measurements, scenario, by_stage, interrupted, STEADY)
        missing[command] = missing.get(command, 0) + lacking
    in_ramps = sum(
        _missing(measurements, s, by_stage, interrupted, stage)
        for s in commands.values()
        for stage in ("ramp_up", "ramp_down")
    )
    dropped = round(sum(count for _, count in measurements.counters_by("dropped_iterations", "scenario")))
    probe = measurements.distribution(PROBE_METRIC)
    probes = (probe.count or 0) if probe else 0
    missing_reads = sum(_missing_steady_read(measurements, s, interrupted) for s in plan.of_kind("read"))
    return Facts(
        commands=_accepted_by_command(measurements),
        missing_commands={name: count for name, count in missing.items() if count},
        offered_commands=plan.offered("command", STEADY),
        edge=_ROUNDING * len(commands) * max(1, len(measurements.shards)),
        slow=_slow(measurements, criteria),
        percentiles=_percentiles(measurements, criteria),
        reads=_sum(share for _, share in measurements.shares_by("read_ok", "read")),
        missing_reads=missing_reads,
        failed_requests=_failed_requests(measurements),
        ramps=_sum(share for (_, stage), share in by_stage.items() if stage != STEADY),
        missing_in_ramps=max(0, min(in_ramps, dropped + interrupted - sum(missing.values()))),
        whole_run=_sum(by_stage.values()),
        rejections=_rejections(measurements),
        exceptions=_exceptions(measurements, plan, by_stage),
        unaccounted=_unaccounted(measurements, plan, dropped, interrupted),
        dropped=dropped,
        interrupted=interrupted,
        probe=_upper(probe),
        probe_samples=probes,
        missing_probes=max(0, floor(plan.offered("probe", STEADY)) - probes),
        observed=_observed(measurements),
        connecting_ms=_connecting(measurements),
    )


def _sum(shares: Iterable[Share]) -> Share:
    return sum(shares, NOTHING)


def _accepted_by_stage(measurements: Measurements) -> dict[tuple[str, str], Share]:
    found: dict[tuple[str, str], Share] = {}
    for tags, share in measurements.shares_by("command_accepted", "scenario", "command", "stage"):
        key = tags["scenario"], tags["stage"]
        found[key] = found.get(key, NOTHING) + share
    return found


def _accepted_by_command(measurements: Measurements) -> dict[str, Share]:
    found: dict[str, Share] = {}
    for tags, share in measurements.shares_by("command_accepted", "scenario", "command", "stage"):
        if tags["stage"] == STEADY and share.total:
            found[tags["command"]] = found.get(tags["command"], NOTHING) + share
    return dict(sorted(found.items()))


def _missing(
    measurements: Measurements,
    scenario: ScenarioPlan,
    by_stage: Mapping[tuple[str, str], Share],
    interrupted: int,
    stage: str,
) -> int:
    completed = by_stage.get((scenario.name, stage), NOTHING).total
    # What k6 neither dropped nor interrupted was sent; a difference without either is rounding at the edges.
    bound = measurements.counter("dropped_iterations", scenario=scenario.name) + interrupted
    return max(0, min(floor(scenario.offered[stage]) - completed, round(bound)))


def _command_that_lacks(measurements: Measurements, scenario: ScenarioPlan) -> str:
    """Where a cancel scenario already sends modifies, it has cancelled all it could: it lacks modifies."""
    spent = any(
        share.total and tags["scenario"] == scenario.name and tags["command"] != scenario.subject
        for tags, share in measurements.shares_by("command_accepted", "scenario", "command", "stage")
    )
    return MODIFY if spent else scenario.subject


def _missing_steady_read(measurements: Measurements, scenario: ScenarioPlan, interrupted: int) -> int:
    share = measurements.share("read_ok", read=scenario.subject) or NOTHING
    bound = measurements.counter("dropped_iterations", scenario=scenario.name) + interrupted
    return max(0, min(floor(scenario.offered[STEADY]) - share.total, round(bound)))


def _slow(measurements: Measurements, criteria: Sequence[Criterion]) -> dict[str, Share]:
    found = {}
    for criterion in criteria:
        if criterion.kind is Kind.LATENCY:
            metric = slow_metric(criterion)
            if criterion.metric.startswith("command"):
                shares = [s for _, s in measurements.shares_by(metric, "scenario", "command", "stage")]
            else:
                shares = [s for _, s in measurements.shares_by(metric, "kind")]
            if shares:
                found[criterion.text] = _sum(shares)
    return found


def _percentiles(measurements: Measurements, criteria: Sequence[Criterion]) -> dict[str, tuple[float, float]]:
    found = {}
    for criterion in criteria:
        if criterion.kind is Kind.LATENCY and criterion.percentile is not None:
            commands = criterion.metric.startswith("command")
            distribution = (
                measurements.distribution(criterion.metric, stage=STEADY)
                if commands
                else measurements.distribution(criterion.metric)
            )
            if distribution and criterion.percentile in distribution.percentiles:
                found[criterion.subject] = distribution.percentiles[criterion.percentile]
    return found


def _observed(measurements: Measurements) -> dict[str, dict[float, float]]:
    """Lower bounds of all percentiles that the summary holds, by metric."""
    found = {
        "command_duration_ms": measurements.distribution("command_duration_ms", stage=STEADY),
        "read_duration_ms": measurements.distribution("read_duration_ms"),
    }
    return {
        metric: {percentile: low for percentile, (low, _) in distribution.percentiles.items()}
        for metric, distribution in found.items()
        if distribution
    }


def _connecting(measurements: Measurements) -> float:
    """The p95 of what connecting and the TLS handshake took; k6 counts neither into a request's duration."""
    parts = [measurements.distribution(name) for name in ("http_req_connecting", "http_req_tls_handshaking")]
    return sum(part.percentiles[95.0][1] for part in parts if part and 95.0 in part.percentiles)


def _failed_requests(measurements: Measurements) -> Share:
    return measurements.share("http_req_failed", stage=STEADY) or NOTHING


def _rejections(measurements: Measurements) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for tag in ("command", "kind"):
        for tags, count in measurements.counters_by("rejected", "class", tag):
            if count:
                subjects = found.setdefault(tags["class"], {})
                subjects[tags[tag]] = subjects.get(tags[tag], 0) + round(count)
    return found


def _exceptions(measurements: Measurements, plan: Plan, by_stage: Mapping[tuple[str, str], Share]) -> int:
    total = 0
    for scenario in plan.of_kind("command"):
        sent = _sum(share for (name, _), share in by_stage.items() if name == scenario.name).total
        total += max(0, round(measurements.counter("iterations", scenario=scenario.name)) - sent)
    for scenario in plan.of_kind("read"):
        sent = (measurements.share("read_ok", read=scenario.subject) or NOTHING).total
        total += max(0, round(measurements.counter("iterations", scenario=scenario.name)) - sent)
    return total


def _unaccounted(measurements: Measurements, plan: Plan, dropped: int, interrupted: int) -> int:
    shards = max(1, len(measurements.shards))
    completed = offered = tolerance = 0.0
    for scenario in (*plan.of_kind("command"), *plan.of_kind("read")):
        completed += measurements.counter("iterations", scenario=scenario.name)
        offered += scenario.total
        tolerance += _ROUNDING * shards
    lacking = offered - completed - dropped - interrupted
    # More than was offered is as wrong as less: then another plan ran, or a summary was given twice.
    return round(lacking) if abs(lacking) > max(tolerance, 0.002 * offered) else 0


def _upper(distribution: Distribution | None) -> dict[float, float]:
    return {p: high for p, (_, high) in distribution.percentiles.items()} if distribution else {}
