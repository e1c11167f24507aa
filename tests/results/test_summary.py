"""Both forms of k6's summary say the same; what is broken is refused in words, never with a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tartware_loadtest.errors import InputError
from tartware_loadtest.results.k6_summary import parse_summary
from tartware_loadtest.results.measurements import Key, Measurements, Share
from tests.support.traffic import Traffic

SAMPLES = Path(__file__).parents[1] / "golden" / "k6-2.2"
EXPORTED = (SAMPLES / "exported.json").read_text(encoding="utf-8")
HANDLED = (SAMPLES / "handled.json").read_text(encoding="utf-8")


def parse(text: str) -> Measurements:
    return parse_summary(text, "summary.json")


def assert_same(one: Measurements, other: Measurements) -> None:
    assert one.counters == other.counters
    assert one.shares == other.shares
    assert one.distributions == other.distributions
    assert one.crossed == other.crossed


def test_the_stored_forms_of_one_run_are_equal() -> None:
    assert_same(parse(EXPORTED), parse(HANDLED))


@pytest.mark.k6
def test_the_forms_of_a_real_run_are_equal(traffic: Traffic) -> None:
    for result in traffic.results:
        exported, handled = parse(result.exported), parse(result.handled)
        assert_same(exported, handled)
        assert exported.shards[0].seconds == pytest.approx(handled.shards[0].seconds or 0, rel=0.01)
        assert len(exported.shares) > 30


def test_the_values_of_a_summary_are_read() -> None:
    found = parse(EXPORTED)
    assert found.counter("http_reqs") == 40
    assert found.counter("seen", kind="odd") == 20
    assert found.share("http_req_failed") == Share(2, 40)
    assert found.share("good") == Share(38, 40)
    assert found.counter("dropped_iterations") == 0
    took = found.distribution("command_duration_ms")
    assert took is not None
    assert took.count == 40
    assert set(took.percentiles) == {50.0, 90.0, 95.0, 99.0, 99.9}
    low, high = took.percentiles[95.0]
    assert took.minimum <= low == high <= took.maximum
    assert took.mean is not None
    assert took.minimum <= took.mean <= took.maximum


def test_the_length_of_the_run_is_known_from_either_form() -> None:
    exported, handled = (parse(text).shards[0].seconds for text in (EXPORTED, HANDLED))
    assert exported is not None
    assert handled == pytest.approx(exported, rel=0.01)


def test_true_means_crossed_in_one_form_and_held_in_the_other() -> None:
    expected = {"http_req_failed: rate<0.05", "good: rate>0.99", "seen{kind:odd}: count<5"}
    assert json.loads(EXPORTED)["metrics"]["good"]["thresholds"] == {"rate>0.99": True}
    assert json.loads(HANDLED)["metrics"]["good"]["thresholds"] == {"rate>0.99": {"ok": False}}
    assert parse(EXPORTED).crossed == parse(HANDLED).crossed == expected


def test_the_machine_readable_form_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match="leaves out thresholds and sub-metrics") as caught:
        parse((SAMPLES / "machine.json").read_text(encoding="utf-8"))
    assert "K6_NEW_MACHINE_READABLE_SUMMARY=false" in caught.value.hint


def test_a_trend_without_a_sample_is_no_measurement() -> None:
    empty = {"avg": 0, "min": 0, "med": 0, "max": 0, "p(95)": 0, "count": 0}
    found = parse(
        json.dumps({"metrics": {"command_duration_ms": empty, "read_ok": {"passes": 0, "fails": 0}}})
    )
    assert found.distribution("command_duration_ms") is None
    assert found.share("read_ok") == Share(0, 0)


@pytest.mark.parametrize("text", [EXPORTED, HANDLED], ids=["exported", "handled"])
def test_a_summary_that_was_cut_off_anywhere_is_refused(text: str) -> None:
    for length in range(0, len(text.rstrip()), 10):
        with pytest.raises(InputError) as caught:
            parse(text[:length])
        assert caught.value.hint


def change(path: str, value: object) -> str:
    """Return the exported sample with one value replaced."""
    document = json.loads(EXPORTED)
    node: Any = document
    *parents, leaf = path.split("/")
    for parent in parents:
        node = node[parent]
    node[leaf] = value
    return json.dumps(document)


BROKEN: dict[str, tuple[str, str]] = {
    "empty": ("", "is empty"),
    "blank": (" \n\t ", "is empty"),
    "no-json": ("status: ok", "is no complete JSON"),
    "html": ("<html></html>", "is no complete JSON"),
    "two-documents": (EXPORTED + EXPORTED, "is no complete JSON"),
    "a-list": ("[]", "it has no metrics"),
    "a-number": ("7", "it has no metrics"),
    "null": ("null", "it has no metrics"),
    "no-metrics": ("{}", "it has no metrics"),
    "metrics-as-list": ('{"metrics": []}', "it has no metrics"),
    "no-metric-at-all": ('{"metrics": {}}', "holds no metric at all"),
    "thousands-of-brackets": ("[" * 100_000, "is no complete JSON"),
    "thousands-of-digits": ('{"metrics": {"x": {"count": ' + "9" * 5000 + "}}}", "is no complete JSON"),
    "nan": (EXPORTED.replace('"fails": 38', '"fails": NaN'), "NaN is no number that k6 writes"),
    "infinite": (
        change("metrics/good/passes", 1).replace('"passes": 1', '"passes": 1e999'),
        "no number passes",
    ),
    "too-large-for-a-float": (change("metrics/good/passes", 10**400), "no number passes"),
    "negative-passes": (change("metrics/good/passes", -1), "passes of good is -1"),
    "half-a-pass": (change("metrics/good/fails", 1.5), "fails of good is 1.5"),
    "negative-requests": (change("metrics/http_reqs/count", -3), "count of http_reqs is -3"),
    "count-as-text": (change("metrics/http_reqs/count", "40"), "http_reqs has no number count"),
    "count-as-truth": (change("metrics/http_reqs/count", True), "http_reqs has no number count"),
    "count-missing": (change("metrics/good", {"passes": 3}), "good has no number fails"),
    "rate-as-text": (change("metrics/http_reqs/rate", "x"), "http_reqs has no number rate"),
    "metric-as-list": (change("metrics/good", [1]), "good is no object"),
    "values-as-list": (
        change("metrics/good", {"type": "rate", "values": [1]}),
        "values of good are no object",
    ),
    "percentile-as-null": (change("metrics/command_duration_ms/p(95)", None), "no number p(95)"),
    "average-missing": (change("metrics/command_duration_ms", {"p(95)": 1}), "no number avg"),
    "negative-count-of-a-trend": (
        change("metrics/command_duration_ms/count", -1),
        "count of command_duration_ms",
    ),
    "threshold-as-text": (change("metrics/good/thresholds", {"rate>0.99": "ok"}), "neither held nor crossed"),
    "thresholds-as-list": (
        change("metrics/good/thresholds", ["rate>0.99"]),
        "thresholds of good are no object",
    ),
    "duration-as-text": (
        HANDLED.replace('"testRunDurationMs": ', '"testRunDurationMs": "x", "y": '),
        "state",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_summary_is_refused_and_says_where(case: str) -> None:
    text, words = BROKEN[case]
    with pytest.raises(InputError, match=r"^summary\.json ") as caught:
        parse(text)
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        change("metrics/command_duration_ms/p(nonsense)", 5),
        change("metrics/seen", {"count": -4.5, "rate": 1}),
        change("metrics/unknown", {"type": "histogram", "values": {}}),
        change("root_group", None),
    ],
    ids=["strange-statistic", "own-counter-that-fell", "unknown-type", "no-groups"],
)
def test_what_the_verdict_does_not_rest_on_may_be_strange(text: str) -> None:
    assert parse(text).counter("http_reqs") == 40


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("http_reqs", Key("http_reqs")),
        ("rejected{class:5xx,command:a.b}", Key.of("rejected", command="a.b", **{"class": "5xx"})),
        ("rejected{ class: 5xx , command:a.b }", Key.of("rejected", command="a.b", **{"class": "5xx"})),
        ("x{name:http://h:80/p}", Key.of("x", name="http://h:80/p")),
        ("x{a:}", Key.of("x", a="")),
    ],
)
def test_a_sub_metric_is_known_by_its_tags_in_any_order(text: str, key: Key) -> None:
    assert Key.parse(text) == key
