"""Each rule of the verdict, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tartware_loadtest.config.file import builtin
from tartware_loadtest.config.slo import METRICS, Criterion, Kind, parse_criterion
from tartware_loadtest.errors import ExitCode
from tartware_loadtest.results.measurements import Share
from tartware_loadtest.verdict.criteria import State, evaluate
from tartware_loadtest.verdict.facts import Circumstances, Facts
from tartware_loadtest.verdict.judge import Verdict, VerdictState, judge

LATENCY = "command_duration_ms p95 < 500ms"
GOOD = Facts(
    commands={"reservation.create": Share(6_000, 6_000), "guest.register": Share(4_000, 4_000)},
    offered_commands=10_000.0,
    slow={LATENCY: Share(100, 10_000)},
    percentiles={"command_duration_ms p95": (120.0, 120.0)},
    reads=Share(3_000, 3_000),
    failed_requests=Share(0, 13_000),
    ramps=Share(500, 500),
    whole_run=Share(10_500, 10_500),
    probe={95.0: 2.0, 99.0: 4.0, 99.9: 8.0},
    probe_samples=200,
)
CANARY = Circumstances(canaries_passed=True)


def judged(circumstances: Circumstances = CANARY, extra: tuple[str, ...] = (), **changes: Any) -> Verdict:
    criteria = (*builtin().slos, *(parse_criterion(text) for text in extra))
    return judge(replace(GOOD, **changes), criteria, circumstances)


def state_of(verdict: Verdict, subject: str) -> State:
    return next(o.state for o in verdict.outcomes if o.criterion.text.startswith(subject))


def test_healthy_run_passes_with_exit_code_0() -> None:
    verdict = judged()

    assert verdict.state is VerdictState.PASS
    assert verdict.state.exit_code is ExitCode.PASS
    assert verdict.advice is None
    assert not verdict.marginal


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        pytest.param(
            {
                "slow": {LATENCY: Share(500, 10_000)},
                "percentiles": {"command_duration_ms p95": (700.0, 700.0)},
            },
            "command_duration_ms",
            id="exactly 5 % slow is not under 5 %",
        ),
        pytest.param({"failed_requests": Share(650, 13_000)}, "http_req_failed", id="exactly 5 % failed"),
        pytest.param({"reads": Share(2_800, 3_000)}, "read_failed", id="reads fail"),
        pytest.param(
            {"commands": {"reservation.create": Share(9_600, 9_600), "guest.register": Share(0, 400)}},
            "each_command_failed",
            id="one small command always fails",
        ),
        pytest.param(
            {"rejections": {"role": {"guest.register": 1}}}, "unexplained_answers", id="one 403 by role"
        ),
        pytest.param(
            {"rejections": {"other": {"guest.register": 3}}}, "unexplained_answers", id="200 for 202"
        ),
        pytest.param(
            {"missing_commands": {"reservation.create": 600}, "dropped": 600},
            "command_failed",
            id="6 % dropped",
        ),
        pytest.param(
            {
                "commands": {"reservation.create": Share(9_800, 9_800)},
                "missing_commands": {"reservation.create": 200},
                "dropped": 200,
            },
            "achieved_rate",
            id="2 % dropped",
        ),
    ],
)
def test_missed_criterion_of_a_healthy_generator_fails(changes: dict[str, Any], missed: str) -> None:
    verdict = judged(**changes)

    assert verdict.state is VerdictState.FAIL
    assert verdict.state.exit_code is ExitCode.FAIL
    assert state_of(verdict, missed) is State.MISSED
    assert verdict.advice is not None


@pytest.mark.parametrize(
    ("circumstances", "changes", "because"),
    [
        pytest.param(CANARY, {"probe": {}, "probe_samples": 0}, "generator health unknown", id="no probe"),
        pytest.param(CANARY, {"exceptions": 1}, "script threw", id="exceptions"),
        pytest.param(CANARY, {"unaccounted": 900}, "neither completed", id="contradictory counts"),
        pytest.param(
            CANARY, {"rejections": {"unauthenticated": {"guest.register": 9}}}, "token died", id="token died"
        ),
        pytest.param(
            CANARY,
            {"rejections": {"payload": {"guest.register": 9}}},
            "malformed (guest.register)",
            id="400s of ours",
        ),
        pytest.param(
            replace(CANARY, problems=("interrupted after 9 s",)), {}, "interrupted", id="interrupted"
        ),
        pytest.param(
            CANARY,
            {
                "slow": {LATENCY: Share(0, 58)},
                "commands": {"guest.register": Share(58, 58)},
                "offered_commands": 58.0,
            },
            "58 samples are too few",
            id="too few samples",
        ),
        pytest.param(
            CANARY,
            {
                "commands": {},
                "slow": {},
                "whole_run": Share(0, 0),
                "offered_commands": 10_000.0,
                "percentiles": {},
            },
            "no command was sent",
            id="nothing sent",
        ),
    ],
)
def test_run_that_cannot_answer_is_invalid_and_says_why(
    circumstances: Circumstances, changes: dict[str, Any], because: str
) -> None:
    verdict = judged(circumstances, **changes)

    assert verdict.state is VerdictState.INVALID
    assert verdict.state.exit_code is ExitCode.INVALID
    assert any(because in problem for problem in verdict.problems)
    assert verdict.advice is not None


def test_samples_are_enough_from_59_on_for_p95() -> None:
    facts: dict[str, Any] = {
        "slow": {LATENCY: Share(0, 59)},
        "commands": {"guest.register": Share(59, 59)},
        "offered_commands": 59.0,
    }

    assert judged(**facts).state is VerdictState.PASS


def test_rounding_at_the_ends_of_a_small_run_is_no_missing_command() -> None:
    small: dict[str, Any] = {
        "commands": {"guest.register": Share(148, 148)},
        "slow": {LATENCY: Share(0, 148)},
        "offered_commands": 150.0,
        "edge": 14,
    }

    assert judged(**small).state is VerdictState.PASS
    assert judged(**small, missing_commands={"guest.register": 2}, dropped=2).state is VerdictState.FAIL


def test_criterion_without_data_is_never_met() -> None:
    verdict = judged(reads=Share(0, 0))

    assert state_of(verdict, "read_failed") is State.NO_DATA
    assert verdict.state is VerdictState.INVALID


LIMITED: dict[str, Any] = {"probe": {95.0: 90.0, 99.9: 200.0}}
DROPPED: dict[str, Any] = {"missing_commands": {"reservation.create": 900}, "dropped": 900}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        pytest.param({**LIMITED}, VerdictState.PASS, id="limited, nothing missing: the error only adds"),
        pytest.param({**LIMITED, **DROPPED}, VerdictState.INVALID, id="limited, the missing part decides"),
        pytest.param(
            {
                **LIMITED,
                "commands": {"guest.register": Share(9_300, 10_000)},
                "rejections": {"transport": {"guest.register": 700}},
            },
            VerdictState.INVALID,
            id="limited, and the failures are time-outs that may be its own",
        ),
        pytest.param(
            {
                "probe": {95.0: 2.0, 99.9: 90.0},
                "slow": {LATENCY: Share(10_000, 10_000)},
                "percentiles": {"command_duration_ms p95": (560.0, 560.0)},
                "observed": {"command_duration_ms": {50.0: 558.0, 95.0: 560.0}},
            },
            VerdictState.FAIL,
            id="all answers slow: one slow probe explains nothing",
        ),
        pytest.param(
            {"missing_probes": 40, **DROPPED}, VerdictState.INVALID, id="the probe itself could not be sent"
        ),
        pytest.param(
            {
                **LIMITED,
                **DROPPED,
                "commands": {"reservation.create": Share(5_000, 9_100)},
                "failed_requests": Share(4_100, 12_100),
            },
            VerdictState.FAIL,
            id="limited, but half of what was seen failed",
        ),
        pytest.param(
            {
                **LIMITED,
                "slow": {LATENCY: Share(700, 10_000)},
                "percentiles": {"command_duration_ms p95": (560.0, 560.0)},
            },
            VerdictState.INVALID,
            id="slow by less than the generator adds",
        ),
        pytest.param(
            {
                **LIMITED,
                "slow": {LATENCY: Share(700, 10_000)},
                "percentiles": {"command_duration_ms p95": (900.0, 900.0)},
            },
            VerdictState.FAIL,
            id="slow by more than the generator adds",
        ),
    ],
)
def test_limited_generator_is_judged_twice(changes: dict[str, Any], state: VerdictState) -> None:
    assert judged(**changes).state is state


def test_lost_shard_leaves_the_verdict_open_where_its_part_decides() -> None:
    lost = replace(CANARY, lost=("pod 2: OOMKilled",))

    assert judged(lost, missing_commands={"reservation.create": 900}).state is VerdictState.INVALID
    assert judged(lost, missing_commands={"reservation.create": 20}).state is VerdictState.PASS


def test_fail_is_marginal_only_if_each_miss_is() -> None:
    sure: dict[str, Any] = {
        "slow": {LATENCY: Share(9_000, 10_000)},
        "percentiles": {"command_duration_ms p95": (900.0, 900.0)},
        "reads": Share(24, 25),
    }

    assert judged(**sure).state is VerdictState.FAIL
    assert not judged(**sure).marginal


def test_time_to_connect_is_noted_where_it_matters() -> None:
    assert judged(connecting_ms=2.0).notes == ()
    assert "connecting and TLS took 305 ms" in judged(connecting_ms=305.0).notes[0]


def test_decision_within_its_own_uncertainty_is_marginal() -> None:
    verdict = judged(slow={LATENCY: Share(480, 10_000)})

    assert verdict.state is VerdictState.PASS
    assert verdict.marginal


def test_malformed_request_of_ours_fails_where_the_wiring_is_tested() -> None:
    strict = replace(CANARY, strict=True)

    assert judged(strict, rejections={"payload": {"guest.register": 1}}).state is VerdictState.FAIL


def test_any_answer_but_202_fails_in_smoke() -> None:
    facts: dict[str, Any] = {"whole_run": Share(10_499, 10_500), "rejections": {"5xx": {"guest.register": 1}}}

    assert judged(**facts).state is VerdictState.PASS
    assert judged(extra=("other_than_202 == 0",), **facts).state is VerdictState.FAIL


@pytest.mark.parametrize(
    ("passed", "state"),
    [(True, VerdictState.PASS), (None, VerdictState.FAIL)],
    ids=["canary passed: overload", "no canary: wiring"],
)
def test_tenant_access_denied_is_load_only_after_a_good_canary(
    *, passed: bool | None, state: VerdictState
) -> None:
    facts: dict[str, Any] = {"rejections": {"tenant": {"guest.register": 40}}}

    assert judged(Circumstances(canaries_passed=passed), **facts).state is state


def test_unauthenticated_without_a_canary_is_wiring() -> None:
    facts: dict[str, Any] = {"rejections": {"unauthenticated": {"guest.register": 40}}}

    assert judged(Circumstances(), **facts).state is VerdictState.FAIL


def test_advisory_criterion_never_fails_the_run() -> None:
    verdict = judged(extra=("advisory: other_than_202 == 0",), whole_run=Share(10_400, 10_500))

    assert verdict.state is VerdictState.PASS
    assert state_of(verdict, "other_than_202") is State.MISSED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"missing_commands": {"reservation.create": 900}, "dropped": 900}, "load not carried"),
        (
            {
                "commands": {"reservation.create": Share(9_000, 10_000)},
                "rejections": {"rate_limit": {"reservation.create": 1_000}},
            },
            "rate limiter",
        ),
        (
            {
                "commands": {"reservation.create": Share(9_000, 10_000)},
                "rejections": {"5xx": {"reservation.create": 1_000}},
            },
            "Kafka",
        ),
        ({"rejections": {"feature_disabled": {"reservation.create": 5}}}, "disabled"),
    ],
    ids=["drops", "rate limit", "5xx", "feature"],
)
def test_failed_run_names_its_most_likely_cause(changes: dict[str, Any], words: str) -> None:
    verdict = judged(**changes)

    assert verdict.advice is not None
    assert words in verdict.advice.cause + verdict.advice.first_try


def test_every_metric_of_the_notation_can_be_judged() -> None:
    text: dict[Kind, Callable[[str], str]] = {
        Kind.LATENCY: lambda name: f"{name} p95 < 500ms",
        Kind.SHARE: lambda name: f"{name} < 5%",
        Kind.COUNT: lambda name: f"{name} == 0",
    }
    for name, (kind, _) in METRICS.items():
        criterion: Criterion = parse_criterion(text[kind](name))
        outcome = evaluate(criterion, GOOD, CANARY, missing_bad=True)
        assert outcome.criterion.metric == name
