"""Rendering: the same input gives the same bytes, and what cannot be sent is refused before."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tartware_loadtest import __version__
from tartware_loadtest.config.models import Settings
from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling.sample import Sample
from tartware_loadtest.scenario.bundle import environment_bundle
from tartware_loadtest.scenario.pools import build_pools
from tests.conftest import Golden
from tests.support.samples import bundle_of, plan_of, sample_of, settings_of, uid


def test_the_rendered_files_are_those_of_the_golden_bundle(golden: Golden) -> None:
    files = bundle_of(settings_of("demo")).files
    golden("bundle/plan.json", files["plan.json"].replace(__version__, "VERSION"))
    golden("bundle/data.json", files["data.json"])


def test_the_same_input_gives_the_same_bytes() -> None:
    one, other = bundle_of(settings_of("peak")), bundle_of(settings_of("peak"))
    assert dict(one.files) == dict(other.files)
    assert list(one.files) == list(other.files)


@pytest.mark.parametrize(
    "other",
    [settings_of(seed=2), settings_of(profile__command_rate=7), settings_of("demo", "read_failed < 1%")],
    ids=["seed", "rate", "criterion"],
)
def test_another_input_gives_other_bytes(other: Settings) -> None:
    assert bundle_of(other).files["plan.json"] != bundle_of(settings_of()).files["plan.json"]


def test_another_sample_changes_the_data_alone() -> None:
    one, other = bundle_of(settings_of()), bundle_of(settings_of(), sample_of(rows=2))
    assert {name for name in one.files if one.files[name] != other.files[name]} == {"data.json"}


def test_no_secret_and_no_run_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "canary-5d41")
    monkeypatch.setenv("TARTWARE_RUN", "feedbeef")
    text = "".join(bundle_of(settings_of()).files.values())
    assert "canary-5d41" not in text
    assert "feedbeef" not in text
    assert "API_TOKEN" in text


def test_small_data_are_plain_and_large_data_are_shared() -> None:
    small, large = bundle_of(settings_of()), bundle_of(settings_of(), sample_of(rows=400))
    assert json.loads(small.files["plan.json"])["data"] == "small"
    assert json.loads(large.files["plan.json"])["data"] == "shared"


def without(pool: str) -> Sample:
    empty: Any = {pool: ()}
    return replace(sample_of(), tenants=tuple(replace(one, **empty) for one in sample_of().tenants))


@pytest.mark.parametrize(
    ("emptied", "pool", "command"),
    [
        ("stays", "stays", "reservation.create"),
        ("guests", "stays", "reservation.create"),
        ("reservations", "reservations", "reservation.modify"),
        ("tasks", "tasks", "housekeeping.task.assign"),
    ],
)
def test_an_empty_pool_is_named_with_the_command_that_needs_it(emptied: str, pool: str, command: str) -> None:
    with pytest.raises(InputError, match=f"no {pool}, and {command} needs them") as caught:
        bundle_of(settings_of(), without(emptied))
    assert "bootstrap" in caught.value.hint


def test_an_empty_sample_is_refused() -> None:
    with pytest.raises(InputError, match="no stays"):
        bundle_of(settings_of(), replace(sample_of(), tenants=()))


def test_a_command_of_weight_zero_needs_no_pool() -> None:
    settings = settings_of(mix={"guest.register": 1, "housekeeping.task.assign": 0})
    assert json.loads(bundle_of(settings, without("tasks")).files["data.json"])["tasks"] == []


def test_cancels_without_a_cancellable_reservation_fall_back_to_modifies() -> None:
    settings = settings_of(mix={"reservation.cancel": 1})
    assert json.loads(bundle_of(settings, sample_of(cancellable=0)).files["data.json"])["cancellable"] == []


def test_tenants_take_turns_however_unequal_they_are() -> None:
    few, many = (
        sample_of(tenants=1, rows=1, cancellable=0).tenants[0],
        sample_of(tenants=2, rows=4).tenants[1],
    )
    pools = build_pools(replace(sample_of(), tenants=(few, many)))
    assert [row[0] for row in pools["tasks"]][:3] == [uid("tenant", 0), uid("tenant", 1), uid("tenant", 1)]
    assert len(pools["tasks"]) == 5


WRAPPED = {
    "reservation.create": "/v1/tenants/{tenant}/reservations",
    "guest.register": "/v1/guests",
    "billing.payment.capture": "/v1/tenants/{tenant}/billing/payments/capture",
    "housekeeping.task.assign": "/v1/tenants/{tenant}/housekeeping/tasks/{task}/assign",
    "housekeeping.task.complete": "/v1/tenants/{tenant}/housekeeping/tasks/{task}/complete",
}


def test_at_age_h_what_has_no_wrapper_goes_to_the_generic_endpoint() -> None:
    settings = settings_of(target__dialect="rest", target__age="H")
    plan = json.loads(bundle_of(settings).files["plan.json"])
    cancel = "/v1/tenants/{tenant}/reservations/{reservation}/cancel"
    assert plan["wrappers"] == {**WRAPPED, "reservation.cancel": cancel}
    assert plan["modify_url_name"] == "/v1/commands/reservation.modify/execute"


@pytest.mark.parametrize("command", ["reservation.modify", "reservation.cancel"])
def test_at_age_s_a_command_whose_wrapper_cannot_work_is_refused_with_the_reason(command: str) -> None:
    settings = settings_of(target__dialect="rest", target__age="S", mix={"guest.register": 1, command: 1})
    with pytest.raises(InputError, match="RESERVATION_ID_REQUIRED") as caught:
        bundle_of(settings)
    assert "cannot be sent in dialect rest at age S" in caught.value.message
    assert "to 0" in caught.value.hint


def test_at_age_s_the_others_have_their_wrappers() -> None:
    settings = settings_of(target__dialect="rest", target__age="S", mix=dict.fromkeys(WRAPPED, 1))
    assert json.loads(bundle_of(settings).files["plan.json"])["wrappers"] == WRAPPED


def test_a_bundle_for_lists_holds_no_data() -> None:
    settings = settings_of()
    files = environment_bundle(settings, plan_of(settings)).files
    assert "data.json" not in files
    assert json.loads(files["plan.json"])["data"] == "environment"
