"""Facts from a summary that is not of our scenario: whole run, no stages, no self-probe. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tartware_loadtest.config.slo import Criterion, Kind
from tartware_loadtest.errors import InputError
from tartware_loadtest.results.measurements import Measurements, Share
from tartware_loadtest.verdict.facts import NOTHING, Facts

__all__ = ["applicable", "foreign_facts"]

_JUDGED = frozenset({"command_duration_ms", "http_req_failed", "achieved_rate"})


def applicable(criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """Return the criteria that a foreign summary can answer."""
    return tuple(criterion for criterion in criteria if criterion.metric in _JUDGED)


def foreign_facts(measurements: Measurements, expected_rate: float, criteria: Sequence[Criterion]) -> Facts:
    """Reduce a summary of some k6 script.

    Args:
        measurements: Merged over all processes.
        expected_rate: Requests per second that were asked for.
        criteria: Which percentiles are wanted.

    Raises:
        InputError: The summary does not say how long the run was.
    """
    seconds = [shard.seconds for shard in measurements.shards if shard.seconds]
    if not seconds:
        raise InputError(
            "The summary does not say how long the run was.", hint="Pass k6's --summary-export file."
        )
    failed = measurements.share("http_req_failed") or NOTHING
    dropped = round(measurements.counter("dropped_iterations"))
    offered = expected_rate * max(seconds)
    requests = max(round(measurements.counter("http_reqs")), failed.total)
    missing = max(dropped, round(offered) - requests, 0) if offered > requests else dropped
    latency = measurements.distribution("command_duration_ms") or measurements.distribution(
        "http_req_duration"
    )
    percentiles = {}
    for criterion in criteria:
        if criterion.kind is not Kind.LATENCY or latency is None or criterion.percentile is None:
            continue
        if criterion.percentile in latency.percentiles:
            percentiles[criterion.subject] = latency.percentiles[criterion.percentile]
    return Facts(
        commands={"all requests": Share(failed.total - failed.hits, failed.total)} if failed.total else {},
        missing_commands={"all requests": missing} if missing else {},
        offered_commands=offered,
        percentiles=percentiles if requests else {},
        failed_requests=failed,
        whole_run=failed.inverse,
        dropped=dropped,
    )
