"""Which sub-metrics the summary must show, and what k6's own thresholds can express of the criteria. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tartware_loadtest.config.models import Settings
from tartware_loadtest.config.slo import Criterion, Kind
from tartware_loadtest.planning.plan import Plan
from tartware_loadtest.scenario.catalogue import REJECTION_CLASSES, STAGES, UNEXPLAINED_CLASSES

__all__ = ["declared_submetrics", "k6_thresholds", "slow_metric", "slow_rates"]


def slow_metric(criterion: Criterion) -> str:
    """Return the Rate that counts answers at or above this criterion's limit.

    The limit is part of the name, so that a summary is never held against another limit than its own.
    """
    kind = criterion.metric.partition("_")[0]
    return f"{kind}_slow_{_plain(criterion.limit)}ms".replace(".", "_")


def _plain(number: float) -> str:
    """Return a number without an exponent, which neither a metric's name nor k6's thresholds take."""
    return f"{number:.12f}".rstrip("0").rstrip(".")


def slow_rates(criteria: Sequence[Criterion]) -> dict[str, list[dict[str, object]]]:
    """Return the Rates to render, by kind: metric name and limit in milliseconds, each once."""
    rates: dict[str, dict[str, float]] = {"command": {}, "read": {}}
    for criterion in criteria:
        if criterion.kind is Kind.LATENCY:
            kind = criterion.metric.partition("_")[0]
            rates[kind][slow_metric(criterion)] = criterion.limit
    return {
        kind: [{"metric": name, "limit_ms": limit} for name, limit in sorted(names.items())]
        for kind, names in rates.items()
    }


def declared_submetrics(settings: Settings, plan: Plan) -> list[str]:
    """Return the sub-metrics to declare; a summary shows no other."""
    rates = slow_rates(settings.slos)
    names = []
    for scenario, command in plan.series():
        key = f"command:{command},scenario:{scenario}"
        names += [f"command_accepted{{{key},stage:{stage}}}" for stage in STAGES]
        names += [f"{rate['metric']}{{{key},stage:steady}}" for rate in rates["command"]]
    commands = sorted({command for _, command in plan.series()})
    names += [f"command_duration_ms{{command:{command},stage:steady}}" for command in commands]
    names += [f"rejected{{class:{name},command:{c}}}" for c in commands for name in REJECTION_CLASSES]
    names += [
        f"rejected{{class:{name},kind:{kind}}}" for kind in ("read", "health") for name in REJECTION_CLASSES
    ]
    names += [f"read_ok{{read:{read.subject}}}" for read in plan.of_kind("read")]
    names += [f"{rate['metric']}{{kind:read}}" for rate in rates["read"]]
    names += ["http_req_failed{kind:health}", "http_req_failed{stage:steady}"]
    names += ["command_duration_ms{stage:steady}"]
    for planned in plan.scenarios:
        names += [f"iterations{{scenario:{planned.name}}}", f"dropped_iterations{{scenario:{planned.name}}}"]
    return names


def k6_thresholds(settings: Settings, plan: Plan) -> dict[str, list[str]]:
    """Return what plain ``k6 run`` judges by itself: the blocking criteria that its thresholds can express.

    They see no dropped iteration and pass on no data; the verdict does not rest on them.
    """
    thresholds: dict[str, list[str]] = {}
    for criterion in settings.slos:
        if criterion.blocking:
            for metric, expression in _expressions(criterion, plan):
                thresholds.setdefault(metric, []).append(expression)
    return thresholds


def _expressions(criterion: Criterion, plan: Plan) -> list[tuple[str, str]]:
    limit, comparison = criterion.limit, criterion.comparison
    good = f"rate{'>' if comparison == '<' else '>='}{_plain(1 - limit)}"
    commands = sorted({command for _, command in plan.series()})
    if criterion.kind is Kind.LATENCY:
        share = 1 - (criterion.percentile or 0) / 100
        stage = "{stage:steady}" if criterion.metric.startswith("command") else ""
        return [(slow_metric(criterion) + stage, f"rate<{_plain(share)}")]
    table = {
        "http_req_failed": [("http_req_failed{stage:steady}", f"rate{comparison}{_plain(limit)}")],
        "command_failed": [("command_accepted{stage:steady}", good)],
        "read_failed": [("read_ok", good)],
        "each_command_failed": [(f"command_accepted{{command:{c},stage:steady}}", good) for c in commands],
        "unexplained_answers": [
            (f"rejected{{class:{c}}}", f"count{comparison}{_plain(limit)}") for c in UNEXPLAINED_CLASSES
        ],
        "other_than_202": [("command_accepted", "rate>=1")],
    }
    return table.get(criterion.metric, [])
