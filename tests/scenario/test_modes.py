"""The bundle in other hands: plain k6, other dialects, lists, segments, and what ends it with 99."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tartware_loadtest.config.models import Settings
from tartware_loadtest.planning.plan import make_plan
from tartware_loadtest.scenario.bundle import build_bundle, environment_bundle
from tartware_loadtest.scenario.pools import build_pools
from tests.support.gateway import Answer, Behaviour, Gateway, Seen, accept
from tests.support.k6 import start, write_bundle
from tests.support.samples import BIG, bundle_of, plan_of, sample_of, settings_of, uid
from tests.support.traffic import CALM

pytestmark = pytest.mark.k6

LISTS = {
    "TENANT_IDS": uid("tenant", 0),
    "PROPERTY_IDS": uid("property", 0),
    "ROOM_TYPE_IDS": f"{uid('room_type', 0)}, {uid('room_type', 0, 1)}",
    "GUEST_IDS": uid("guest", 0),
    "RESERVATION_IDS": ",".join(uid("reservation", 0, n) for n in range(40)),
    "HOUSEKEEPING_TASK_IDS": uid("task", 0),
    "HOUSEKEEPING_STAFF_IDS": uid("staff", 0),
}


def brief(profile: str = "demo", *slos: str, rate: int = 40, **values: object) -> Settings:
    """Return settings for a steady second or two without ramps."""
    shape = {
        "profile__command_rate": rate,
        "profile__read_rate": 3,
        "profile__health_rate": 1,
        "profile__ramp_up": "0s",
        "profile__steady": "2s",
        "profile__ramp_down": "0s",
    }
    return settings_of(profile, *CALM, *slos, **(shape | values))


def every(number: int, status: int) -> Behaviour:
    """Answer each ``number``-th command with ``status``, as exactly as a counter can."""

    def behave(seen: Seen) -> Answer:
        bad = seen.method == "POST" and seen.number % number == number - 1
        return Answer(status) if bad else accept(seen)

    return behave


def test_the_rest_dialect_sends_each_command_to_its_route(k6: Path, tmp_path: Path, gateway: Gateway) -> None:
    settings = brief(target__dialect="rest", target__age="H")
    result = start(k6, write_bundle(bundle_of(settings), tmp_path), gateway.url).wait()
    assert result.exit_code == 0, result.log
    tenant = f"/v1/tenants/({'|'.join(uid('tenant', n) for n in range(2))})"
    patterns = {
        "create": f"{tenant}/reservations",
        "register": "/v1/guests",
        "capture": f"{tenant}/billing/payments/capture",
        "cancel": f"{tenant}/reservations/00000005-[0-9a-f-]+/cancel",
        "assign": f"{tenant}/housekeeping/tasks/00000006-[0-9a-f-]+/assign",
        "complete": f"{tenant}/housekeeping/tasks/00000006-[0-9a-f-]+/complete",
        "modify": "/v1/commands/reservation.modify/execute",
    }
    sent = {name: [s for s in gateway.commands if re.fullmatch(p, s.path)] for name, p in patterns.items()}
    assert all(sent.values())
    assert sum(len(each) for each in sent.values()) == len(gateway.commands)
    assert all("payload" not in seen.body for name in patterns if name != "modify" for seen in sent[name])
    assert all(seen.body["tenant_id"].startswith("00000001") for seen in sent["register"])
    owner = {row[3]: row[0] for row in build_pools(sample_of())["reservations"]}
    for seen in sent["cancel"]:
        parts = seen.path.split("/")
        assert owner[parts[5]] == parts[3]
        assert seen.body["reservation_id"] == parts[5]


def test_a_bundle_for_lists_takes_its_ids_from_the_environment(
    k6: Path, tmp_path: Path, gateway: Gateway
) -> None:
    settings = brief()
    directory = write_bundle(environment_bundle(settings, plan_of(settings)), tmp_path)
    result = start(k6, directory, gateway.url, environment=LISTS).wait()
    assert result.exit_code == 0, result.log
    assert {seen.command for seen in gateway.commands} == set(settings.mix)
    known = {one.strip() for text in LISTS.values() for one in text.split(",")}
    for seen in gateway.commands:
        assert seen.body["tenant_id"] == uid("tenant", 0)
        ids = {v for name, v in seen.body["payload"].items() if re.search(r"_id$|_to$|_by$", name)}
        assert ids - known <= {seen.body["payload"].get("reservation_id")}
    cancels = [s.body["payload"]["reservation_id"] for s in gateway.commands if "cancel" in s.path]
    assert len(set(cancels)) == len(cancels) > 0


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        pytest.param({"HOUSEKEEPING_STAFF_IDS": ""}, "make no tasks", id="empty-list"),
        pytest.param({"TENANT_IDS": " , "}, "make no stays", id="blank-list"),
        pytest.param({"GUEST_IDS": 'x","evil":"y'}, "GUEST_IDS holds", id="no-uuid"),
        pytest.param({"TEST_DURATION": "x20m"}, "TEST_DURATION=x20m is no duration", id="duration"),
        pytest.param({"TEST_DURATION": "-5s"}, "TEST_DURATION=-5s is no duration", id="negative-duration"),
        pytest.param({"COMMAND_TARGET_RATE": "1.5"}, "COMMAND_TARGET_RATE=1.5 is no whole number", id="rate"),
        pytest.param({"GATEWAY_BASE_URL": "gateway:80"}, "is no http(s) URL", id="url"),
    ],
)
def test_a_wrong_environment_ends_k6_before_the_first_request(
    k6: Path, tmp_path: Path, gateway: Gateway, variables: dict[str, str], words: str
) -> None:
    settings = brief()
    directory = write_bundle(environment_bundle(settings, plan_of(settings)), tmp_path)
    result = start(k6, directory, gateway.url, environment={**LISTS, **variables}).wait()
    assert result.exit_code == 107
    assert words in result.log
    assert gateway.seen == ()


def test_two_segments_of_one_run_share_the_identities_and_the_pool(
    k6: Path, tmp_path: Path, gateway: Gateway
) -> None:
    settings, sample = brief(mix={"reservation.cancel": 1, "reservation.create": 1}), sample_of(cancellable=8)
    plan = make_plan(settings, 16, BIG, shards=2)
    directory = write_bundle(build_bundle(settings, plan, build_pools(sample)), tmp_path)
    sequence = "--execution-segment-sequence=0,1/2,1"
    halves = [
        start(
            k6,
            directory,
            gateway.url,
            f"--execution-segment={half}",
            sequence,
            environment={"TARTWARE_RUN": "5eedf00d"},
        )
        for half in ("0:1/2", "1/2:1")
    ]
    results = [half.wait() for half in halves]
    assert all("level=error" not in result.log for result in results)
    keys = [seen.headers["idempotency-key"] for seen in gateway.commands]
    assert len(set(keys)) == len(keys)
    assert abs(len(keys) - 80) <= 4
    assert {key[:8] for key in keys} == {"5eedf00d"}
    assert min(result.count("command_accepted") for result in results) >= 36
    cancels = [s.body["payload"]["reservation_id"] for s in gateway.commands if "cancel" in s.path]
    assert sorted(cancels) == sorted(row[3] for row in build_pools(sample)["cancellable"])


def test_shared_data_send_the_same_rows_as_plain_ones(k6: Path, tmp_path: Path, gateway: Gateway) -> None:
    sample = sample_of(rows=400, cancellable=30)
    result = start(k6, write_bundle(bundle_of(brief(), sample), tmp_path), gateway.url).wait()
    assert result.exit_code == 0, result.log
    rows = {(row[0], row[3]) for row in build_pools(sample)["reservations"]}
    modifies = [seen.body for seen in gateway.commands if seen.command == "reservation.modify"]
    assert {(body["tenant_id"], body["payload"]["reservation_id"]) for body in modifies} <= rows


@pytest.mark.parametrize(
    ("profile", "behave", "exit_code"),
    [
        pytest.param("demo", every(10, 500), 99, id="one-in-ten-500"),
        pytest.param("demo", every(30, 500), 0, id="one-in-thirty-500"),
        pytest.param("demo", every(60, 409), 99, id="one-answer-that-load-does-not-explain"),
        pytest.param("smoke", every(60, 503), 99, id="one-non-202-in-smoke"),
    ],
)
def test_plain_k6_ends_as_the_guide_says(
    k6: Path, tmp_path: Path, gateway: Gateway, *, profile: str, behave: Behaviour, exit_code: int
) -> None:
    gateway.behave = behave
    settings = brief(profile, mix={"guest.register": 1}, profile__steady="2s")
    result = start(k6, write_bundle(bundle_of(settings), tmp_path), gateway.url).wait()
    assert len(gateway.commands) >= 75
    assert result.exit_code == exit_code, result.log
