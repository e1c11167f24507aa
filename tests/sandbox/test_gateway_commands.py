from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.sandbox

EVERY_COMMAND = (
    "guest.register",
    "reservation.create",
    "reservation.modify",
    "reservation.cancel",
    "billing.payment.capture",
    "housekeeping.task.assign",
    "housekeeping.task.complete",
)


def payload(sandbox: Any, command: str) -> dict[str, Any]:
    reservation, guest = sandbox.cancellable()
    tenant = sandbox.tenant
    payloads: dict[str, dict[str, Any]] = {
        "guest.register": sandbox.guest(),
        "reservation.create": sandbox.stay(),
        "reservation.modify": {"reservation_id": reservation, "total_amount": 250},
        "reservation.cancel": {"reservation_id": reservation, "reason": "test"},
        "billing.payment.capture": {
            "payment_reference": f"ref-{uuid.uuid4()}",
            "property_id": tenant.property_id,
            "reservation_id": reservation,
            "guest_id": guest,
            "amount": 12.5,
            "payment_method": "CREDIT_CARD",
        },
        "housekeeping.task.assign": {"task_id": tenant.tasks[0], "assigned_to": str(uuid.uuid4())},
        "housekeeping.task.complete": {"task_id": tenant.tasks[1], "notes": "done"},
    }
    return payloads[command]


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_a_good_command_is_accepted_and_applied(sandbox: Any, command: str) -> None:
    response = sandbox.execute(command, payload(sandbox, command))

    assert response.status_code == 202, response.text
    assert sandbox.settle(response) == ""


def test_the_body_of_a_202(sandbox: Any) -> None:
    key = sandbox.key()
    response = sandbox.register(key=key)

    body = response.json()
    assert body.pop("command_id") == str(uuid.UUID(response.json()["command_id"]))
    assert body.pop("accepted_at").endswith("Z")
    assert body == {
        "status": "accepted",
        "command_name": "guest.register",
        "tenant_id": sandbox.tenant.id,
        "target_service": "guests-service",
        "correlation_id": key,
    }
    assert response.headers["idempotency-key"] == key
    assert "x-correlation-id" not in response.headers
    assert not [name for name in response.headers if name.startswith("x-ratelimit")]


def test_without_a_correlation_header_there_is_none_in_the_body(sandbox: Any) -> None:
    headers = {name: value for name, value in sandbox.headers().items() if name != "x-correlation-id"}
    response = sandbox.client.post(
        "/v1/commands/guest.register/execute",
        json={"tenant_id": sandbox.tenant.id, "payload": sandbox.guest()},
        headers={**headers, "x-request-id": "mine"},
    )

    assert "correlation_id" not in response.json()
    assert response.headers["x-request-id"] == "mine"


def test_a_command_is_written_with_its_identity(sandbox: Any) -> None:
    key = sandbox.key()
    response = sandbox.register(key=key)

    rows = sandbox.rows(
        "SELECT d.request_id, d.correlation_id, d.status::text, o.aggregate_type, o.event_type"
        " FROM command_dispatches d JOIN transactional_outbox o ON o.event_id = d.id WHERE d.id = %s",
        response.json()["command_id"],
    )
    assert rows == [(key, key, "PUBLISHED", "command", "command.guest.register")]


def refused(response: httpx.Response, status: int, code: str | None) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    assert response.headers["content-type"].startswith("application/problem+json")
    assert (response.status_code, body["status"], body.get("code")) == (status, status, code)
    assert {"type", "title", "detail", "instance"} <= set(body)
    return body


@pytest.mark.parametrize(
    ("user", "status", "code"),
    [
        ("staff", 403, "TENANT_ROLE_INSUFFICIENT"),
        ("viewer", 403, "TENANT_ROLE_INSUFFICIENT"),
        ("inactive", 403, "TENANT_ACCESS_INACTIVE"),
        ("outsider", 403, "TENANT_ACCESS_DENIED"),
    ],
)
def test_who_may_not_is_told_why(sandbox: Any, user: str, status: int, code: str) -> None:
    refused(sandbox.register(token=sandbox.token(user)), status, code)


def test_a_manager_may_submit(sandbox: Any) -> None:
    assert sandbox.register(token=sandbox.token("manager")).status_code == 202


def test_modules_are_needed_by_the_command(sandbox: Any) -> None:
    token = sandbox.token("nomodules")
    assert sandbox.register(token=token).status_code == 202

    command = "housekeeping.task.complete"
    response = sandbox.execute(command, payload(sandbox, command), token=token)

    refused(response, 403, "COMMAND_MODULES_NOT_ENABLED")


@pytest.mark.parametrize("token", ["broken", "expired", "issuer"])
def test_a_token_that_is_no_good_is_401(sandbox: Any, token: str) -> None:
    tokens = {
        "broken": "x.y.z",
        "expired": sandbox.token(ttl_s=-60),
        "issuer": sandbox.token(issuer="elsewhere"),
    }

    refused(sandbox.register(token=tokens[token]), 401, "AUTHENTICATION_REQUIRED")


def test_the_body_is_checked_before_the_token(sandbox: Any) -> None:
    response = sandbox.client.post("/v1/commands/guest.register/execute", json={"tenant_id": "x"})

    body = refused(response, 400, None)
    assert {error["path"] for error in body["errors"]} == {"/tenant_id", ""}


def test_the_tenant_is_checked_before_the_payload(sandbox: Any) -> None:
    response = sandbox.execute("guest.register", {}, token=sandbox.token("outsider"))

    refused(response, 403, "TENANT_ACCESS_DENIED")


def test_the_payload_is_checked_before_the_key(sandbox: Any) -> None:
    response = sandbox.execute("guest.register", {"first_name": "A"}, key="short")

    body = refused(response, 400, "COMMAND_PAYLOAD_INVALID")
    assert "errors" not in body
    assert json.loads(body["detail"])[0]["path"] == ["last_name"]


def test_broken_json_is_400(sandbox: Any) -> None:
    response = sandbox.client.post(
        "/v1/commands/guest.register/execute", content=b"{", headers={"content-type": "application/json"}
    )

    refused(response, 400, None)


def test_another_content_type_is_415(sandbox: Any) -> None:
    response = sandbox.client.post("/v1/commands/guest.register/execute", content=b"a=b")

    refused(response, 415, None)


def test_an_unknown_command_is_400_and_one_without_template_404(sandbox: Any) -> None:
    unknown = refused(sandbox.execute("guest.juggle", {}), 400, "COMMAND_PAYLOAD_INVALID")
    assert unknown["detail"].startswith("COMMAND_VALIDATOR_MISSING")

    response = sandbox.execute("guest.gdpr.export", {"guest_id": sandbox.tenant.guests[0]})
    refused(response, 404, "COMMAND_NOT_FOUND")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("short", "IDEMPOTENCY_KEY_INVALID"),
        ("x" * 129, "IDEMPOTENCY_KEY_INVALID"),
        ("a b c d e", "IDEMPOTENCY_KEY_INVALID"),
    ],
)
def test_a_key_has_8_to_128_of_its_letters(sandbox: Any, key: str, code: str) -> None:
    refused(sandbox.register(key=key), 400, code)


def test_a_key_is_required_under_one_of_two_names(sandbox: Any) -> None:
    headers = sandbox.headers()
    key = headers.pop("idempotency-key")
    body = {"tenant_id": sandbox.tenant.id, "payload": sandbox.guest()}
    path = "/v1/commands/guest.register/execute"

    refused(sandbox.client.post(path, json=body, headers=headers), 400, "IDEMPOTENCY_KEY_REQUIRED")
    legacy = sandbox.client.post(path, json=body, headers={**headers, "x-idempotency-key": key})
    assert legacy.status_code == 202


def test_a_key_too_long_for_its_column_is_500_and_leaves_an_orphan(sandbox: Any) -> None:
    pending = "SELECT count(*) FROM transactional_outbox WHERE status = 'PENDING'"
    before = sandbox.rows(pending)[0][0]

    refused(sandbox.register(key="k" * 121), 500, None)

    assert sandbox.rows(pending)[0][0] == before + 1


def test_a_correlation_id_that_is_no_uuid_is_500(sandbox: Any) -> None:
    response = sandbox.client.post(
        "/v1/commands/guest.register/execute",
        json={"tenant_id": sandbox.tenant.id, "payload": sandbox.guest()},
        headers={**sandbox.headers(), "x-correlation-id": "run-7"},
    )

    assert "uuid" in refused(response, 500, None)["detail"]


def test_a_replay_answers_the_same_command_and_is_not_applied_twice(sandbox: Any) -> None:
    key, guest = sandbox.key(), sandbox.guest()
    first = sandbox.execute("guest.register", guest, key=key)
    assert sandbox.settle(first) == ""
    version = "SELECT version FROM guests WHERE email = %s"

    again = sandbox.execute("guest.register", guest, key=key)

    assert again.status_code == 202
    assert again.json()["command_id"] == first.json()["command_id"]
    assert again.json()["accepted_at"] == first.json()["accepted_at"]
    published = "SELECT retry_count FROM transactional_outbox WHERE event_id = %s"
    assert sandbox.rows(published, first.json()["command_id"]) == [(1,)]
    assert sandbox.settle(again) == ""
    assert sandbox.rows(version, guest["email"]) == [(1,)]


def test_a_key_with_another_payload_is_a_conflict(sandbox: Any) -> None:
    key = sandbox.key()
    assert sandbox.register(key=key).status_code == 202

    refused(sandbox.register(key=key), 409, "COMMAND_IDEMPOTENCY_CONFLICT")


def test_a_key_is_good_once_for_each_tenant_and_command(sandbox: Any) -> None:
    key = sandbox.key()

    answers = [
        sandbox.execute("guest.register", sandbox.guest(), key=key, tenant=t.id) for t in sandbox.tenants
    ]

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["command_id"] for answer in answers}) == len(sandbox.tenants)


def test_one_key_used_at_once_makes_one_command(sandbox: Any) -> None:
    key, guest = sandbox.key(), sandbox.guest()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: sandbox.execute("guest.register", guest, key=key), range(16)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["command_id"] for answer in answers}) == 1
    assert sandbox.rows("SELECT count(*) FROM command_dispatches WHERE request_id = %s", key) == [(1,)]


def test_a_row_that_the_database_refuses_takes_no_other_with_it(sandbox: Any) -> None:
    def send(number: int) -> int:
        guest = sandbox.guest()
        if number == 3:
            guest["last_name"] = "nul \x00 byte"
        return int(sandbox.execute("guest.register", guest, key=f"{sandbox.run}-nul-{number}").status_code)

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(send, range(8)))

    assert sorted(statuses) == [202] * 7 + [500]


def test_a_command_that_is_switched_off_is_409_but_its_replays_are_not(sandbox: Any) -> None:
    key, guest = sandbox.key(), sandbox.guest()
    first = sandbox.execute("guest.register", guest, key=key)
    headers = sandbox.headers()
    switch = "/v1/commands/guest.register/features"
    try:
        assert sandbox.client.patch(switch, json={"status": "disabled"}, headers=headers).status_code == 200
        refused(sandbox.register(), 409, "FEATURE_DISABLED")
        again = sandbox.execute("guest.register", guest, key=key)
        assert again.json()["command_id"] == first.json()["command_id"]
    finally:
        batch = {"updates": [{"command_name": "guest.register", "status": "enabled"}]}
        client = sandbox.client
        assert client.patch("/v1/commands/features/batch", json=batch, headers=headers).status_code == 200
    states = {
        row["command_name"]: row["status"]
        for row in client.get("/v1/commands/features", headers=headers).json()
    }
    assert states == dict.fromkeys(EVERY_COMMAND, "enabled")
