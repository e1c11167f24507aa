"""The two notations that people write by hand."""

from __future__ import annotations

import math
import re

import pytest

from tartware_loadtest.config.models import parse_duration
from tartware_loadtest.config.slo import Kind, parse_criterion


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1m30s", 90),
        ("4h", 14400),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("1.5m", 90),
        ("20", 20),
        ("0s", 0),
        (" 5s ", 5),
        (7, 7),
        (2.5, 2.5),
    ],
)
def test_a_duration_is_read_as_k6_reads_it(text: object, seconds: float) -> None:
    assert math.isclose(parse_duration(text), seconds)


@pytest.mark.parametrize(
    "text", ["", "soon", "5 s", "5d", "-5s", "s5", "5s!", "1h 30m", "5sm", "1.5.2s", True, None, [5], "٣ s"]
)
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is no duration; write it like 90s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "subject", "limit", "kind", "again"),
    [
        pytest.param(
            "command_duration_ms p95 < 500ms",
            "command_duration_ms p95",
            500,
            Kind.LATENCY,
            "command_duration_ms p95 < 500ms",
            id="milliseconds",
        ),
        pytest.param(
            "command_duration_ms p99.9<1.5s",
            "command_duration_ms p99.9",
            1500,
            Kind.LATENCY,
            "command_duration_ms p99.9 < 1500ms",
            id="seconds-become-milliseconds",
        ),
        pytest.param(
            "read_duration_ms p50 <= 20ms",
            "read_duration_ms p50",
            20,
            Kind.LATENCY,
            "read_duration_ms p50 < 20ms",
            id="at-the-limit-counts-as-slow",
        ),
        pytest.param(
            "http_req_failed < 5%", "http_req_failed", 0.05, Kind.SHARE, "http_req_failed < 5%", id="share"
        ),
        pytest.param(
            "achieved_rate >= 99.5%",
            "achieved_rate",
            0.995,
            Kind.SHARE,
            "achieved_rate >= 99.5%",
            id="fraction",
        ),
        pytest.param(
            "other_than_202 == 0", "other_than_202", 0, Kind.COUNT, "other_than_202 == 0", id="count"
        ),
    ],
)
def test_a_criterion_is_read_and_written(
    text: str, subject: str, limit: float, kind: Kind, again: str
) -> None:
    criterion = parse_criterion(text)
    assert (criterion.subject, criterion.kind, criterion.blocking) == (subject, kind, True)
    assert math.isclose(criterion.limit, limit)
    assert criterion.text == again
    assert parse_criterion(criterion.text) == criterion


def test_an_advisory_criterion_does_not_block() -> None:
    criterion = parse_criterion("advisory: command_duration_ms p99 < 1s")
    assert not criterion.blocking
    assert criterion.subject == "command_duration_ms p99"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no criterion"),
        ("fast please", "is no criterion"),
        ("http_req_failed", "is no criterion"),
        ("http_req_failed != 5%", "is no criterion"),
        ("http_req_failed < -5%", "is no criterion"),
        ("http_req_failed < 5% extra", "is no criterion"),
        ("latency p95 < 5ms", "unknown metric 'latency'"),
        ("command_duration_ms < 500ms", "needs a percentile"),
        ("command_duration_ms p0 < 500ms", "between 0 and 100"),
        ("command_duration_ms p100 < 500ms", "is no criterion"),
        ("command_duration_ms p95 < 500", "needs a unit"),
        ("command_duration_ms p95 < 5%", "needs a unit"),
        ("command_duration_ms p95 > 500ms", "bounded from above"),
        ("command_duration_ms p95 < 0ms", "must be above 0"),
        ("http_req_failed p95 < 5%", "has no percentile"),
        ("http_req_failed < 5", "in percent"),
        ("http_req_failed < 5ms", "in percent"),
        ("http_req_failed < 101%", "0% to 100%"),
        ("other_than_202 == 0%", "a count without a unit"),
        ("advisory:", "is no criterion"),
    ],
)
def test_a_wrong_criterion_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_criterion(text)
