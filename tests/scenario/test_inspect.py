"""What k6 makes of the bundle is what the plan says."""

from __future__ import annotations

import json
from math import ceil, floor
from pathlib import Path
from typing import Any

import pytest

from tartware_loadtest.config.models import parse_duration
from tartware_loadtest.planning.plan import ScenarioPlan
from tests.support.k6 import inspect, write_bundle
from tests.support.samples import bundle_of, plan_of, sample_of, settings_of

pytestmark = pytest.mark.k6

PROBE = {"TARTWARE_PROBE_URL": "http://127.0.0.1:6565/v1/status"}


def per_second(shape: dict[str, Any], count: float) -> float:
    return count / parse_duration(shape["timeUnit"])


def assert_shape(shape: dict[str, Any], planned: ScenarioPlan, *, ramps: tuple[float, float, float]) -> None:
    up, steady, down = ramps
    assert shape["exec"] == planned.name
    assert shape["preAllocatedVUs"] == shape["maxVUs"]
    assert shape["tags"]["kind"] == planned.kind
    if planned.kind == "command":
        assert shape["executor"] == "ramping-arrival-rate"
        assert [parse_duration(stage["duration"]) for stage in shape["stages"]] == [up, steady, down]
        assert [per_second(shape, stage["target"]) for stage in shape["stages"]] == pytest.approx(
            [planned.rate.per_second, planned.rate.per_second, 0]
        )
        assert shape["startRate"] == 0
        assert shape["tags"]["command"] == planned.subject
    else:
        assert shape["executor"] == "constant-arrival-rate"
        assert parse_duration(shape["startTime"]) == up
        assert parse_duration(shape["duration"]) == steady
        assert per_second(shape, shape["rate"]) == pytest.approx(planned.rate.per_second)


@pytest.mark.parametrize("profile", ["demo", "smoke", "peak", "endurance"])
def test_k6_reads_the_plan_of_a_built_in_profile(k6: Path, tmp_path: Path, profile: str) -> None:
    settings = settings_of(profile)
    plan = plan_of(settings, sample_of())
    document = inspect(k6, write_bundle(bundle_of(settings), tmp_path), **PROBE)
    assert list(document["scenarios"]) == sorted(planned.name for planned in plan.scenarios)
    shape = (settings.profile.ramp_up, settings.profile.steady, settings.profile.ramp_down)
    for planned in plan.scenarios:
        assert_shape(document["scenarios"][planned.name], planned, ramps=shape)
        assert document["scenarios"][planned.name]["maxVUs"] == planned.vus
    assert document["maxVUs"] == plan.vus
    assert parse_duration(document["totalDuration"]) == pytest.approx(settings.profile.total_seconds + 11)


@pytest.mark.parametrize(
    ("variables", "overridden"),
    [
        pytest.param({"COMMAND_TARGET_RATE": "333"}, {"profile__command_rate": 333}, id="command-rate"),
        pytest.param({"COMMAND_TARGET_RATE": "7"}, {"profile__command_rate": 7}, id="low-command-rate"),
        pytest.param({"READ_RATE": "50"}, {"profile__read_rate": 50}, id="read-rate"),
        pytest.param({"TEST_DURATION": "1m30s"}, {"profile__steady": "90s"}, id="duration"),
        pytest.param({"TEST_DURATION": "45"}, {"profile__steady": "45"}, id="plain-seconds"),
        pytest.param(
            {"COMMAND_TARGET_RATE": "4000", "READ_RATE": "1", "TEST_DURATION": "20m"},
            {"profile__command_rate": 4000, "profile__read_rate": 1, "profile__steady": "20m"},
            id="all",
        ),
    ],
)
def test_the_guide_s_variables_change_the_bundle_as_they_change_the_plan(
    k6: Path, tmp_path: Path, variables: dict[str, str], overridden: dict[str, Any]
) -> None:
    changed = settings_of("demo", **overridden)
    plan = plan_of(changed, sample_of())
    document = inspect(k6, write_bundle(bundle_of(settings_of("demo")), tmp_path), **variables, **PROBE)
    assert list(document["scenarios"]) == sorted(planned.name for planned in plan.scenarios)
    shape = (changed.profile.ramp_up, changed.profile.steady, changed.profile.ramp_down)
    factor = changed.profile.command_rate / 200
    for planned in plan.scenarios:
        found = document["scenarios"][planned.name]
        assert_shape(found, planned, ramps=shape)
        # Scaled from whole numbers: what was rounded up before is scaled as well.
        assert planned.vus <= found["maxVUs"] <= planned.vus + ceil(factor) + 1


@pytest.mark.parametrize(
    ("variables", "factor"), [({}, 1.0), ({"COMMAND_TARGET_RATE": "400"}, 2.0)], ids=["as-planned", "doubled"]
)
def test_k6_itself_asks_for_99_percent_of_each_command(
    k6: Path, tmp_path: Path, variables: dict[str, str], factor: float
) -> None:
    plan = plan_of(settings_of("demo"), sample_of())
    thresholds = inspect(k6, write_bundle(bundle_of(settings_of("demo")), tmp_path), **variables)[
        "thresholds"
    ]
    for planned in plan.of_kind("command"):
        wanted = floor(planned.total * factor * 0.99)
        assert thresholds[f"iterations{{scenario:{planned.name}}}"] == [f"count>={wanted}"]


def test_a_read_rate_of_zero_leaves_the_reads_out(k6: Path, tmp_path: Path) -> None:
    document = inspect(k6, write_bundle(bundle_of(settings_of()), tmp_path), READ_RATE="0")
    assert not {"rooms", "guests", "billing_payments"} & set(document["scenarios"])


def test_without_an_address_to_ask_there_is_no_probe(k6: Path, tmp_path: Path) -> None:
    document = inspect(k6, write_bundle(bundle_of(settings_of()), tmp_path))
    assert "generator_probe" not in document["scenarios"]
    assert not [name for name in document["thresholds"] if "generator_probe" in name]


def test_a_shape_without_ramps_begins_at_its_rate(k6: Path, tmp_path: Path) -> None:
    settings = settings_of(profile__ramp_up="0s", profile__ramp_down="0s", profile__steady="5s")
    document = inspect(k6, write_bundle(bundle_of(settings), tmp_path))
    create = document["scenarios"]["reservation_create"]
    assert create["startRate"] == 60
    assert create["stages"] == [{"duration": "5s", "target": 60}]


def test_a_base_url_with_every_character_that_is_allowed_is_only_text(k6: Path, tmp_path: Path) -> None:
    settings = settings_of(target__base_url="http://[::1]:8080/a'b$c(d)*;e=f&g!h~i%20j:k,l+m/")
    files = bundle_of(settings).files
    assert json.loads(files["plan.json"])["base_url"] == settings.target.base_url.rstrip("/")
    assert len(inspect(k6, write_bundle(bundle_of(settings), tmp_path))["scenarios"]) == 11


@pytest.mark.parametrize(
    "slo",
    ["command_duration_ms p99.99 < 1000000s", "command_failed < 0.00001%", "unexplained_answers < 10000000"],
)
def test_k6_takes_limits_of_any_size(k6: Path, tmp_path: Path, slo: str) -> None:
    settings = settings_of("demo", "command_duration_ms p50 < 0.5ms", slo)
    thresholds = inspect(k6, write_bundle(bundle_of(settings), tmp_path))["thresholds"]
    expressions = [expression for each in thresholds.values() for expression in each]
    assert not [expression for expression in expressions if "e" in expression.replace("rate", "")]
    assert "rate>1" not in expressions
