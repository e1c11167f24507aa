"""The notation of a criterion: ``command_duration_ms p95 < 500ms``. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

__all__ = ["COMPARISONS", "METRICS", "Criterion", "Kind", "parse_criterion"]

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq}
)


class Kind(StrEnum):
    """How a metric is judged, and in which unit its limit stands."""

    LATENCY = "latency"
    SHARE = "share"
    COUNT = "count"


METRICS: Mapping[str, tuple[Kind, str]] = MappingProxyType(
    {
        "command_duration_ms": (Kind.LATENCY, "time to the answer of a command, steady stage"),
        "read_duration_ms": (Kind.LATENCY, "time to the answer of a read, steady stage"),
        "http_req_failed": (Kind.SHARE, "failed requests of all kinds, steady stage"),
        "command_failed": (Kind.SHARE, "commands not answered with 202, steady stage"),
        "read_failed": (Kind.SHARE, "reads not answered with 200, steady stage"),
        "each_command_failed": (Kind.SHARE, "the same for the worst single command"),
        "achieved_rate": (Kind.SHARE, "commands sent in the steady stage, of those offered"),
        "ramp_failed": (Kind.SHARE, "commands not answered with 202 in both ramps"),
        "unexplained_answers": (Kind.COUNT, "answers that load does not explain, whole run"),
        "other_than_202": (Kind.COUNT, "commands answered with anything but 202, whole run"),
    }
)

_NOTATION = re.compile(
    r"\s*(?P<metric>[a-z0-9_]+)(?:\s+p(?P<percentile>\d{1,2}(?:\.\d+)?))?"
    r"\s*(?P<comparison><=|>=|==|<|>)\s*(?P<limit>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|%)?\s*"
)


class Criterion(BaseModel):
    """One thing that must hold.

    Attributes:
        metric: A name of ``METRICS``.
        percentile: For a latency, 0 to 100 exclusive; else None.
        comparison: ``<``, ``<=``, ``>``, ``>=`` or ``==``; what must hold between observed and limit.
        limit: Milliseconds for a latency, a share from 0 to 1, or a count.
        blocking: Whether missing it fails the run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    percentile: float | None = None
    comparison: str
    limit: float
    blocking: bool = True

    @property
    def kind(self) -> Kind:
        """How the metric is judged."""
        return METRICS[self.metric][0]

    @property
    def subject(self) -> str:
        """Metric and percentile: what two criteria share when one replaces the other."""
        return self.metric if self.percentile is None else f"{self.metric} p{self.percentile:g}"

    @property
    def text(self) -> str:
        """The criterion in the notation that ``parse_criterion`` reads."""
        return f"{self.subject} {self.comparison} {self.format(self.limit)}"

    def format(self, value: float) -> str:
        """Return a value of this criterion with its unit."""
        if self.kind is Kind.LATENCY:
            return f"{value:.4g}ms" if value < 1000 else f"{value:.0f}ms"
        if self.kind is Kind.SHARE:
            return f"{value * 100:.4g}%"
        return f"{value:g}"

    def holds(self, observed: float) -> bool:
        """Whether an observed value meets the limit."""
        return COMPARISONS[self.comparison](observed, self.limit)


def parse_criterion(text: str) -> Criterion:
    """Read ``metric [pNN] comparison limit[unit]``; ``advisory:`` in front makes it non-blocking.

    Raises:
        ValueError: The text does not follow the notation; the message says where.
    """
    body, blocking = text, True
    if text.strip().startswith("advisory:"):
        body, blocking = text.split(":", 1)[1], False
    match = _NOTATION.fullmatch(body)
    if match is None:
        raise ValueError(f"{text!r} is no criterion; write it like 'command_duration_ms p95 < 500ms'")
    metric, unit, number = match["metric"], match["unit"] or "", float(match["limit"])
    if metric not in METRICS:
        raise ValueError(f"unknown metric {metric!r} in {text!r}; known: {', '.join(METRICS)}")
    kind = METRICS[metric][0]
    if kind is Kind.LATENCY:
        return _latency(text, match, blocking=blocking)
    if match["percentile"]:
        raise ValueError(f"{metric} has no percentile; {text!r} names one")
    if kind is Kind.SHARE and (unit != "%" or number > 100):
        raise ValueError(f"the limit of {metric} is a share: write it in percent, 0% to 100%")
    if kind is Kind.COUNT and unit:
        raise ValueError(f"the limit of {metric} is a count without a unit")
    limit = number / 100 if kind is Kind.SHARE else number
    return Criterion(metric=metric, comparison=match["comparison"], limit=limit, blocking=blocking)


def _latency(text: str, match: re.Match[str], *, blocking: bool) -> Criterion:
    unit = match["unit"] or ""
    if match["percentile"] is None or not 0 < float(match["percentile"]) < 100:
        raise ValueError(
            f"a latency needs a percentile between 0 and 100, as in {match['metric']} p95 < 500ms"
        )
    if unit not in {"ms", "s"}:
        raise ValueError(f"the limit in {text!r} needs a unit, ms or s")
    if match["comparison"] not in {"<", "<="}:
        raise ValueError(f"a latency is bounded from above: use < in {text!r}")
    limit = float(match["limit"]) * (1000 if unit == "s" else 1)
    if limit <= 0:
        raise ValueError(f"the limit in {text!r} must be above 0")
    return Criterion(
        metric=match["metric"],
        percentile=float(match["percentile"]),
        comparison="<",
        limit=limit,
        blocking=blocking,
    )
