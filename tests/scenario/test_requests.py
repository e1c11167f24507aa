"""What k6 sends: identities that never repeat, rows that belong together, and the mix to the command."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from math import floor

import pytest

from tartware_loadtest.scenario.pools import build_pools
from tests.support.gateway import Seen
from tests.support.traffic import Traffic

pytestmark = pytest.mark.k6

UUID_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def key(seen: Seen) -> str:
    return seen.headers["idempotency-key"]


def of(traffic: Traffic, command: str) -> list[Seen]:
    return [seen for seen in traffic.commands if seen.command == command]


def test_the_key_is_the_correlation_id_and_a_version_4_uuid(traffic: Traffic) -> None:
    assert len(traffic.commands) > 150
    for seen in traffic.commands:
        assert UUID_4.fullmatch(key(seen)), key(seen)
        assert seen.headers["x-correlation-id"] == key(seen)


def test_each_run_draws_its_own_digits_and_no_key_is_sent_twice(traffic: Traffic) -> None:
    runs = [{key(seen)[:8] for seen in run if seen.method == "POST"} for run in traffic.seen]
    assert [len(digits) for digits in runs] == [1, 1]
    assert runs[0] != runs[1]
    keys = [key(seen) for run in traffic.seen for seen in run if seen.method == "POST"]
    assert len(set(keys)) == len(keys)


def test_the_ids_that_become_rows_differ_in_their_first_digits(traffic: Traffic) -> None:
    ids = [
        seen.body["payload"]["reservation_id"]
        for run in traffic.seen
        for seen in run
        if seen.command == "reservation.create"
    ]
    assert len(ids) > 100
    assert all(UUID_4.fullmatch(one) for one in ids)
    assert len({one[:8] for one in ids}) == len(ids)


def test_the_mix_is_exact(traffic: Traffic) -> None:
    planned = {s.subject: floor(s.total) for s in traffic.plan.of_kind("command")}
    sent = Counter(seen.command for seen in traffic.commands)
    spare = planned["reservation.cancel"] - sent["reservation.cancel"]
    assert set(sent) == set(planned)
    for command, count in planned.items():
        expected = {
            "reservation.cancel": sent["reservation.cancel"],
            "reservation.modify": count + spare,
        }.get(command, count)
        assert abs(sent[command] - expected) <= 2, command


def test_reads_and_health_checks_are_shared_evenly(traffic: Traffic) -> None:
    paths = Counter(seen.path.partition("?")[0] for seen in traffic.seen[0] if seen.method == "GET")
    assert set(paths) == {"/v1/rooms", "/v1/guests", "/v1/billing/payments", "/health"}
    for path in ("/v1/rooms", "/v1/guests", "/v1/billing/payments"):
        assert abs(paths[path] - 16) <= 1
    tenants = Counter(seen.path for seen in traffic.seen[0] if seen.path.startswith("/v1/rooms"))
    assert len(tenants) == 3
    assert max(tenants.values()) - min(tenants.values()) <= 1
    assert all(path.endswith("&limit=50") for path in tenants)


ROWS = {
    "reservation.create": ("stays", ("property_id", "room_type_id", "guest_id")),
    "guest.register": ("tenants", ()),
    "reservation.modify": ("reservations", ("reservation_id",)),
    "billing.payment.capture": ("reservations", ("property_id", "guest_id", "reservation_id")),
    "reservation.cancel": ("cancellable", ("reservation_id",)),
    "housekeeping.task.assign": ("tasks", ("task_id", "assigned_to")),
    "housekeeping.task.complete": ("tasks", ("task_id", "completed_by")),
}
COLUMNS = {
    "stays": ("tenant", "property_id", "room_type_id", "guest_id"),
    "tenants": ("tenant",),
    "reservations": ("tenant", "property_id", "guest_id", "reservation_id"),
    "cancellable": ("tenant", "property_id", "guest_id", "reservation_id"),
    "tasks": ("tenant", "task_id", "staff"),
}


@pytest.mark.parametrize("command", ROWS)
def test_the_ids_of_a_body_are_one_row_of_the_sample(traffic: Traffic, command: str) -> None:
    pool, fields = ROWS[command]
    columns = COLUMNS[pool]
    wanted = [columns.index(f if f in columns else "staff") for f in fields]
    allowed = {(row[0], *(row[i] for i in wanted)) for row in build_pools(traffic.sample)[pool]}
    bodies = [seen.body for seen in of(traffic, command)]
    used = {(body["tenant_id"], *(body["payload"][field] for field in fields)) for body in bodies}
    assert used <= allowed
    if len(bodies) >= len(allowed):
        assert used == allowed


def test_each_cancellable_reservation_is_cancelled_once_and_modifies_follow(traffic: Traffic) -> None:
    cancelled = [seen.body["payload"]["reservation_id"] for seen in of(traffic, "reservation.cancel")]
    pool = [row[3] for row in build_pools(traffic.sample)["cancellable"]]
    assert sorted(cancelled) == sorted(pool)
    result = traffic.results[0]
    switched = "command_accepted{{command:{},scenario:reservation_cancel,stage:{}}}"
    in_scenario = {
        command: sum(result.count(switched.format(command, s)) for s in ("ramp_up", "steady", "ramp_down"))
        for command in ("reservation.cancel", "reservation.modify")
    }
    assert in_scenario["reservation.cancel"] == len(pool)
    planned = next(s for s in traffic.plan.scenarios if s.subject == "reservation.cancel")
    assert abs(sum(in_scenario.values()) - floor(planned.total)) <= 1
    modifies = [seen for seen in of(traffic, "reservation.modify") if key(seen)[9:13] == "0005"]
    assert len(modifies) == in_scenario["reservation.modify"] > 0


def test_no_body_has_a_hole(traffic: Traffic) -> None:
    for seen in traffic.commands:
        assert "undefined" not in seen.text
        assert "NaN" not in seen.text
        assert all(value not in {None, ""} for value in seen.body["payload"].values())
        assert set(seen.body) == {"tenant_id", "payload"}


def test_stays_lie_in_the_future_and_have_nights(traffic: Traffic) -> None:
    for command in ("reservation.create", "reservation.modify"):
        for seen in of(traffic, command):
            payload = seen.body["payload"]
            first = date.fromisoformat(payload["check_in_date"])
            assert (date.fromisoformat(payload["check_out_date"]) - first).days == 3


def test_what_must_be_unique_in_the_target_is_unique(traffic: Traffic) -> None:
    mails = [seen.body["payload"]["email"] for seen in of(traffic, "guest.register")]
    references = [
        seen.body["payload"]["payment_reference"] for seen in of(traffic, "billing.payment.capture")
    ]
    assert len(set(mails)) == len(mails) > 0
    assert len(set(references)) == len(references) > 0


def test_each_request_bears_the_token_and_names_the_tool(traffic: Traffic) -> None:
    for seen in traffic.seen[0]:
        assert seen.headers["user-agent"].startswith("tartware-lt/")
        if seen.path != "/health":
            assert seen.headers["authorization"] == "Bearer a.b.c"


def test_a_healthy_gateway_ends_plain_k6_with_0_and_no_error(traffic: Traffic) -> None:
    for result in traffic.results:
        assert result.exit_code == 0, result.log
        assert "level=error" not in result.log


def test_every_declared_sub_metric_is_in_the_summary(traffic: Traffic) -> None:
    for result in traffic.results:
        names = set(result.metrics)
        document = json.loads(result.exported)
        assert document["setup_data"].keys() == {"run"}
        for scenario, command in traffic.plan.series():
            for stage in ("ramp_up", "steady", "ramp_down"):
                assert f"command_accepted{{command:{command},scenario:{scenario},stage:{stage}}}" in names
            assert f"rejected{{class:transport,command:{command}}}" in names
        assert {f"iterations{{scenario:{s.name}}}" for s in traffic.plan.scenarios} <= names
        assert {f"dropped_iterations{{scenario:{s.name}}}" for s in traffic.plan.scenarios} <= names


def test_the_stages_add_up_to_what_the_gateway_saw(traffic: Traffic) -> None:
    result = traffic.results[0]
    by_stage = Counter[str]()
    for name in result.metrics:
        if match := re.fullmatch(r"command_accepted\{command:.*,scenario:.*,stage:(\w+)\}", name):
            by_stage[match[1]] += result.count(name)
    assert sum(by_stage.values()) == len(traffic.commands) == result.count("command_accepted")
    for stage, offered in {"ramp_up": 20, "steady": 160, "ramp_down": 20}.items():
        assert abs(by_stage[stage] - offered) <= 14, stage


def test_the_probe_asks_k6_itself_and_counts_for_nothing(traffic: Traffic) -> None:
    result = traffic.results[0]
    assert (
        abs(
            result.count("http_reqs")
            - len(traffic.seen[0])
            - result.count("iterations{scenario:generator_probe}")
        )
        <= 1
    )
    assert result.count("iterations{scenario:generator_probe}") >= 35
    assert result.count("http_req_failed") == len(traffic.seen[0])
