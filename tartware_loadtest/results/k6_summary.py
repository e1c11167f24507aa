"""Reads k6's end-of-test summary in the forms that exist (k6 0.26 to 2.x). Pure.

``--summary-export`` writes a flat form in which a threshold's ``true`` means *crossed*; ``handleSummary`` is
given a typed form in which ``ok: true`` means *held*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tartware_loadtest.errors import InputError
from tartware_loadtest.results.measurements import Distribution, Key, Measurements, Shard, Share

__all__ = ["parse_summary"]

_PERCENTILES = {"med": 50.0}
_PERCENTILE = re.compile(r"p\((\d{1,3}(?:\.\d{1,9})?)\)", re.ASCII)
_WHOLE = frozenset({"dropped_iterations", "http_reqs", "iterations", "rejected"})
_LARGEST = 1e300
_RERUN = "Run k6 again with --summary-export FILE; a summary that was cut off proves nothing."


def parse_summary(text: str, name: str, *, version: str = "", exit_code: int | None = None) -> Measurements:
    """Read one summary.

    Args:
        text: The file's content.
        name: What to call it in messages and as a shard.
        version: k6's version where the caller knows it.
        exit_code: k6's exit code where the caller knows it.

    Raises:
        InputError: It is empty, cut off, no k6 summary, or holds values that no k6 writes.
    """
    document = _document(text, name)
    metrics = document["metrics"]
    counters: dict[Key, float] = {}
    shares: dict[Key, Share] = {}
    distributions: dict[Key, Distribution] = {}
    crossed: set[str] = set()
    for metric_name, metric in metrics.items():
        if not isinstance(metric, dict):
            raise _broken(name, f"{metric_name} is no object")
        values = metric.get("values", metric)
        key = Key.parse(metric_name)
        if not isinstance(values, dict):
            raise _broken(name, f"the values of {metric_name} are no object")
        match _type(metric, values):
            case "counter":
                counters[key] = _counted(key, values, metric_name, name)
            case "rate":
                shares[key] = _share(values, metric_name, name)
            case "trend":
                distributions[key] = _distribution(values, metric_name, name)
        crossed |= {f"{metric_name}: {source}" for source in _crossed(metric, metric_name, name)}
    shard = Shard(name, version, exit_code, _seconds(document, counters, name))
    return Measurements(counters, shares, distributions, (shard,), frozenset(crossed))


def _document(text: str, name: str) -> dict[str, Any]:
    if not text.strip():
        raise InputError(f"{name} is empty.", hint=_RERUN)
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is no complete JSON: {error}.", hint=_RERUN) from error
    if isinstance(document, dict) and "version" in document and isinstance(document.get("results"), dict):
        raise InputError(
            f"{name} is k6's new machine-readable summary, which leaves out thresholds and sub-metrics.",
            hint="Run k6 with K6_NEW_MACHINE_READABLE_SUMMARY=false.",
        )
    if not isinstance(document, dict) or not isinstance(document.get("metrics"), dict):
        raise InputError(
            f"{name} is no k6 summary: it has no metrics.", hint="Pass the file of --summary-export."
        )
    if not document["metrics"]:
        raise InputError(f"{name} holds no metric at all.", hint=_RERUN)
    return document


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no number that k6 writes")


def _broken(name: str, what: str) -> InputError:
    return InputError(f"{name} is a broken k6 summary: {what}.", hint=_RERUN)


def _type(metric: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    if isinstance(metric.get("type"), str) and "values" in metric:
        return str(metric["type"])
    if "passes" in values:
        return "rate"
    if "count" in values and "rate" in values and "avg" not in values:
        return "counter"
    if "value" in values and "min" in values:
        return "gauge"
    return "trend"


def _number(values: Mapping[str, Any], field: str, metric: str, name: str) -> float:
    value = values.get(field)
    # Compared, not asked for being finite: that fails on a whole number too large for a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST < value < _LARGEST:
        raise _broken(name, f"{metric} has no number {field}")
    return float(value)


def _counted(key: Key, values: Mapping[str, Any], metric: str, name: str) -> float:
    """Return a counter; a script's own may fall, those that the verdict rests on only rise."""
    if key.name in _WHOLE:
        return float(_whole(values, "count", metric, name))
    return _number(values, "count", metric, name)


def _whole(values: Mapping[str, Any], field: str, metric: str, name: str) -> int:
    value = _number(values, field, metric, name)
    if value < 0 or value != int(value):
        raise _broken(name, f"{field} of {metric} is {value:g}, which counts nothing")
    return int(value)


def _share(values: Mapping[str, Any], metric: str, name: str) -> Share:
    hits, misses = _whole(values, "passes", metric, name), _whole(values, "fails", metric, name)
    return Share(hits, hits + misses)


def _distribution(values: Mapping[str, Any], metric: str, name: str) -> Distribution:
    count = _whole(values, "count", metric, name) if "count" in values else None
    mean = _number(values, "avg", metric, name)
    percentiles = {}
    for field in values:
        percentile = _PERCENTILES.get(field)
        if match := _PERCENTILE.fullmatch(field):
            percentile = float(match[1])
        if percentile is not None:
            value = _number(values, field, metric, name)
            percentiles[percentile] = (value, value)
    return Distribution(
        count,
        None if count is None else mean * count,
        _number(values, "min", metric, name) if "min" in values else 0.0,
        _number(values, "max", metric, name) if "max" in values else max([mean, *_highs(percentiles)]),
        percentiles,
    )


def _highs(percentiles: Mapping[float, tuple[float, float]]) -> list[float]:
    return [high for _, high in percentiles.values()]


def _crossed(metric: Mapping[str, Any], metric_name: str, name: str) -> list[str]:
    thresholds = metric.get("thresholds", {})
    if not isinstance(thresholds, dict):
        raise _broken(name, f"the thresholds of {metric_name} are no object")
    found = []
    for source, outcome in thresholds.items():
        if isinstance(outcome, bool):
            failed = outcome
        elif isinstance(outcome, dict) and isinstance(outcome.get("ok"), bool):
            failed = not outcome["ok"]
        else:
            raise _broken(name, f"threshold {source} of {metric_name} says neither held nor crossed")
        if failed:
            found.append(source)
    return found


def _seconds(document: Mapping[str, Any], counters: Mapping[Key, float], name: str) -> float | None:
    """Return how long the run was; the flat form only says it through its counters' rates."""
    state = document.get("state")
    if isinstance(state, dict) and "testRunDurationMs" in state:
        return _positive(_number(state, "testRunDurationMs", "state", name) / 1000)
    for counter in ("http_reqs", "iterations", "data_sent"):
        if Key(counter) in counters:
            metric = document["metrics"][counter]
            values = metric.get("values", metric)
            if values.get("rate"):
                return _positive(counters[Key(counter)] / _number(values, "rate", counter, name))
    return None


def _positive(seconds: float) -> float | None:
    return seconds if 0 < seconds < _LARGEST else None
