from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tartware_loadtest.errors import InputError
from tartware_loadtest.sandbox.fault_flags import faults_from_flags, read_faults
from tartware_loadtest.sandbox.faults import Kind, Scheduler, parse_faults


def strikes(plan: dict[str, Any], number: int, kind: Kind = "command", command: str = "a") -> list[str]:
    scheduler = Scheduler(parse_faults(plan))
    rules = (scheduler.pick(kind, command) for _ in range(number))
    return [rule.fault if rule else "" for rule in rules]


@given(percent=st.integers(0, 100), hundreds=st.integers(1, 5))
def test_a_share_is_exact_in_each_hundred(percent: int, hundreds: int) -> None:
    struck = strikes({"slow": percent / 100}, 100 * hundreds)

    assert [struck[at : at + 100].count("slow") for at in range(0, len(struck), 100)] == [percent] * hundreds


def test_two_faults_never_strike_the_same_request() -> None:
    struck = strikes({"timeouts": 0.04, "slow": {"share": 0.03, "ms": 600}}, 1000)

    assert (struck.count("timeouts"), struck.count("slow")) == (40, 30)
    assert all(
        struck[at : at + 100].count("timeouts") == 4 and struck[at : at + 100].count("slow") == 3
        for at in range(0, 1000, 100)
    )


def test_strikes_are_spread_evenly() -> None:
    places = [place for place, fault in enumerate(strikes({"slow": 0.05}, 200)) if fault]

    assert {second - first for first, second in itertools.pairwise(places)} == {20}


def test_a_fault_of_one_command_leaves_the_others_alone() -> None:
    scheduler = Scheduler(parse_faults({"errors": {"share": 1, "status": 500, "command": "a"}}))

    assert [bool(scheduler.pick("command", name)) for name in "abab"] == [True, False, True, False]
    assert scheduler.counts()["rules"][0]["eligible"] == 2


def test_reads_are_struck_only_where_they_are_named() -> None:
    assert set(strikes({"slow": 1}, 10, kind="read")) == {""}
    assert set(strikes({"slow": {"share": 1, "kind": "read"}}, 10, kind="read")) == {"slow"}


def test_the_counts_tell_what_was_seen_and_injected() -> None:
    scheduler = Scheduler(parse_faults({"slow": 0.5}))
    for _ in range(10):
        scheduler.pick("command", "a")
    scheduler.pick("read", None)

    counts = scheduler.counts()

    assert counts["seen"] == {"command": 10, "read": 1}
    assert counts["injected"]["slow"] == 5


@pytest.mark.parametrize(
    ("plan", "word"),
    [
        ([], "JSON object"),
        ({"slwo": 0.1}, "slwo"),
        ({"slow": {"share": 0.1, "seconds": 1}}, "seconds"),
        ({"slow": 1.5}, "between 0 and 1"),
        ({"slow": -1}, "0 or more"),
        ({"slow": True}, "slow.share"),
        ({"errors": {"share": 0.1, "status": 99}}, "status"),
        ({"errors": {"share": 0.1, "kind": "writes"}}, "writes"),
        ({"timeouts": 0.6, "slow": 0.6}, "more than 1"),
        ({"capacity": {"slots": 0, "service_ms": 1}}, "slots"),
        ({"latency": 5}, "latency"),
        ({"token": {"after": 1}}, "after"),
        ({"consumer": {"rate": "fast"}}, "consumer|rate"),
    ],
)
def test_a_plan_that_is_none_is_refused_by_the_name_of_what_is_wrong(plan: object, word: str) -> None:
    with pytest.raises(InputError, match=word):
        parse_faults(plan)


def test_flags_spell_the_same_plan_as_json() -> None:
    flags = {
        "slow": "0.06:800",
        "errors": "0.05:503:guest.register",
        "latency": "20:10",
        "capacity": "4:50",
        "token": "10",
        "rate_limit": "600",
        "timeouts": None,
    }

    assert faults_from_flags('{"answer_200": 0.1}', flags) == {
        "answer_200": 0.1,
        "slow": {"share": 0.06, "ms": 800.0},
        "errors": {"share": 0.05, "status": 503, "command": "guest.register"},
        "latency": {"base_ms": 20.0, "jitter_ms": 10.0},
        "capacity": {"slots": 4, "service_ms": 50.0},
        "token": {"reject_after_s": 10.0},
        "rate_limit": 600,
    }


@pytest.mark.parametrize(("name", "value"), [("slow", "often"), ("capacity", "4"), ("errors", "0.1:bad")])
def test_a_flag_of_the_wrong_shape_is_told_the_right_one(name: str, value: str) -> None:
    with pytest.raises(InputError, match="has not the form"):
        faults_from_flags(None, {name: value})


@pytest.mark.parametrize("text", ["{", "[]", "3", "@/no/such/file"])
def test_text_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_faults(text)
