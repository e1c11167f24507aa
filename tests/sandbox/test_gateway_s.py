from __future__ import annotations

import time
import uuid
from typing import Any

import httpx
import pytest

from tartware_loadtest.sandbox.options import Options

pytestmark = pytest.mark.sandbox


def post(sandbox: Any, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    sent = {"authorization": f"Bearer {sandbox.token()}", **headers}
    response: httpx.Response = sandbox.client.post(path, json=body, headers=sent)
    return response


def register(sandbox: Any, guest: dict[str, Any], **headers: str) -> httpx.Response:
    return post(sandbox, "/v1/guests", {"tenant_id": sandbox.tenant.id, **guest}, **headers)


def test_the_202_is_spelled_in_camel_case(sandbox_s: Any) -> None:
    correlation = str(uuid.uuid4())
    body = register(sandbox_s, sandbox_s.guest(), **{"x-correlation-id": correlation}).json()

    assert set(body) == {
        "status",
        "commandId",
        "commandName",
        "tenantId",
        "targetService",
        "requestedAt",
        "correlationId",
    }
    assert body["correlationId"] == correlation


def test_execute_is_no_route_of_the_gateway(sandbox_s: Any) -> None:
    response = sandbox_s.register()

    assert response.status_code == 404
    assert set(response.json()) == {"statusCode", "error", "message"}


def test_no_key_is_needed_and_the_request_id_does_not_deduplicate(sandbox_s: Any) -> None:
    guest = sandbox_s.guest()

    answers = [register(sandbox_s, guest, **{"x-request-id": "the-same"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.json()["commandId"] for answer in answers}) == 2


def test_the_payload_is_not_validated_so_the_command_fails_after_its_202(sandbox_s: Any) -> None:
    tenant = sandbox_s.tenant
    reservation, guest = sandbox_s.cancellable()
    body = {
        "payment_reference": "k6-1",
        "property_id": tenant.property_id,
        "reservation_id": reservation,
        "guest_id": guest,
        "amount": 5,
        "payment_method": "CARD",
    }
    response = post(sandbox_s, f"/v1/tenants/{tenant.id}/billing/payments/capture", body)
    assert response.status_code == 202

    reason: list[tuple[str]] = []
    deadline = time.monotonic() + 10
    while not reason and time.monotonic() < deadline:
        reason = sandbox_s.rows(
            "SELECT reason FROM sandbox_command_failures WHERE command_id = %s", response.json()["commandId"]
        )
        time.sleep(0.05)
    assert reason[0][0].startswith("22P02")


def test_errors_are_the_framework_s(sandbox_s: Any) -> None:
    response = sandbox_s.client.post(
        "/v1/guests", json={"tenant_id": sandbox_s.tenant.id, **sandbox_s.guest()}
    )

    assert response.status_code == 401
    assert response.json() == {"error": "AUTHENTICATION_REQUIRED", "message": "Authentication is required"}


def test_only_the_wrappers_of_its_time_are_there(sandbox_s: Any) -> None:
    reservation, _ = sandbox_s.cancellable()
    base = f"/v1/tenants/{sandbox_s.tenant.id}"

    assert post(sandbox_s, f"{base}/reservations", sandbox_s.stay()).status_code == 202
    assert post(sandbox_s, f"{base}/reservations/{reservation}/cancel", {}).status_code == 404
    assert sandbox_s.client.get("/metrics").status_code == 404
    assert sandbox_s.client.get("/ready").json() == {"status": "ok", "service": "api-gateway"}
    assert sandbox_s.client.post("/v1/auth/refresh", json={}).status_code == 404


def test_a_login_lasts_as_long_as_it_was_told_and_has_no_refresh_token(sandbox_s: Any) -> None:
    body = {"username": "sandbox.admin", "password": sandbox_s.state.password}

    answer = sandbox_s.client.post("/v1/auth/login", json=body).json()

    assert "refresh_token" not in answer
    headers = {"authorization": f"Bearer {answer['access_token']}"}
    query = {"tenant_id": sandbox_s.tenant.id}
    assert sandbox_s.client.get("/v1/billing/payments", params=query, headers=headers).status_code == 200


def test_its_limiter_is_on_by_default_and_counts_health_too(start_sandbox: Any) -> None:
    sandbox = start_sandbox(Options(age="S"))

    with httpx.Client(base_url=sandbox.state.url) as client:
        answers = [client.get("/health") for _ in range(201)]

    assert {answer.status_code for answer in answers[:200]} == {200}
    last = answers[-1]
    assert last.status_code == 403
    assert set(last.json()) == {"statusCode", "error", "message"}
    assert last.json()["message"].startswith("Rate limit exceeded, retry in ")
