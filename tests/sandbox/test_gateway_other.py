from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.sandbox


def get(sandbox: Any, path: str, user: str = "admin", **query: Any) -> httpx.Response:
    parameters = {"tenant_id": sandbox.tenant.id, "limit": 50, **query}
    headers = {"authorization": f"Bearer {sandbox.token(user)}"}
    response: httpx.Response = sandbox.client.get(path, params=parameters, headers=headers)
    return response


@pytest.mark.parametrize(
    "path", ["/v1/rooms", "/v1/guests", "/v1/billing/payments", "/v1/rates", "/v1/properties"]
)
def test_reads_answer_real_rows_of_the_tenant(sandbox: Any, path: str) -> None:
    rows = get(sandbox, path).json()

    assert isinstance(rows, list)
    assert 0 < len(rows) <= 50
    assert {row["tenant_id"] for row in rows} == {sandbox.tenant.id}


def test_reservations_come_wrapped_with_a_count(sandbox: Any) -> None:
    body = get(sandbox, "/v1/reservations").json()

    assert body["meta"] == {"count": 50}
    assert len(body["data"]) == 50


def test_a_second_page_holds_other_rows(sandbox: Any) -> None:
    pages = [{row["id"] for row in get(sandbox, "/v1/guests", page=page).json()} for page in (1, 2)]

    assert len(pages[0] | pages[1]) == 100


def test_deleted_rows_are_not_read(sandbox: Any) -> None:
    ids = [row["id"] for row in get(sandbox, "/v1/guests", limit=100).json()]

    assert sandbox.rows("SELECT count(*) FROM guests WHERE is_deleted AND id = ANY (%s::uuid[])", ids) == [
        (0,)
    ]


@pytest.mark.parametrize(
    ("path", "user", "code"),
    [
        ("/v1/rooms", "staff", "TENANT_ROLE_INSUFFICIENT"),
        ("/v1/guests", "viewer", "TENANT_ROLE_INSUFFICIENT"),
        ("/v1/billing/payments", "manager", "TENANT_ROLE_INSUFFICIENT"),
        ("/v1/billing/payments", "nomodules", "TENANT_MODULE_NOT_ENABLED"),
        ("/v1/reservations", "viewer", "TENANT_ROLE_INSUFFICIENT"),
        ("/v1/properties", "outsider", "TENANT_ACCESS_DENIED"),
    ],
)
def test_reads_need_their_role_and_module(sandbox: Any, path: str, user: str, code: str) -> None:
    response = get(sandbox, path, user)

    assert (response.status_code, response.json()["code"]) == (403, code)


@pytest.mark.parametrize("path", ["/v1/reservations", "/v1/housekeeping/tasks", "/v1/properties"])
def test_staff_may_read_what_staff_needs(sandbox: Any, path: str) -> None:
    assert get(sandbox, path, "staff").status_code == 200


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/guests", {"limit": 101}),
        ("/v1/billing/payments", {"limit": 201}),
        ("/v1/rooms", {"limit": 0}),
        ("/v1/rooms", {"limit": "many"}),
        ("/v1/rooms", {"tenant_id": "me"}),
    ],
)
def test_a_query_out_of_bounds_is_400(sandbox: Any, path: str, query: dict[str, Any]) -> None:
    response = get(sandbox, path, **query)

    assert response.status_code == 400
    assert response.json()["errors"]


def test_a_read_without_token_is_401(sandbox: Any) -> None:
    response = sandbox.client.get("/v1/rooms", params={"tenant_id": sandbox.tenant.id})

    assert (response.status_code, response.json()["code"]) == (401, "AUTHENTICATION_REQUIRED")


def test_availability_is_always_404(sandbox: Any) -> None:
    assert get(sandbox, "/v1/availability").status_code == 404


def test_the_lifecycle_of_a_reservation_can_be_read(sandbox: Any) -> None:
    reservation, _ = sandbox.cancellable()
    sandbox.settle(sandbox.execute("reservation.cancel", {"reservation_id": reservation}))

    body = get(sandbox, f"/v1/reservations/{reservation}/lifecycle").json()

    assert [(row["command_name"], row["current_state"]) for row in body["data"]] == [
        ("reservation.cancel", "APPLIED")
    ]


def test_health_needs_nobody(sandbox: Any) -> None:
    assert sandbox.client.get("/health").json() == {"status": "ok", "service": "api-gateway"}
    ready = sandbox.client.get("/ready").json()
    assert ready["checks"] == {"database": True, "kafka": True, "coreService": True}


def test_metrics_count_what_was_accepted(sandbox: Any) -> None:
    def accepted() -> int:
        lines = sandbox.client.get("/metrics").text.splitlines()
        name = 'gateway_commands_accepted_total{command_name="guest.register"}'
        return sum(int(line.split()[-1]) for line in lines if line.startswith(name))

    before = accepted()
    sandbox.register()

    assert accepted() == before + 1


def post(sandbox: Any, path: str, body: dict[str, Any], method: str = "POST") -> httpx.Response:
    response: httpx.Response = sandbox.client.request(method, path, json=body, headers=sandbox.headers())
    return response


def test_the_wrappers_submit_the_same_commands(sandbox: Any) -> None:
    tenant = sandbox.tenant
    reservation, guest = sandbox.cancellable()
    base = f"/v1/tenants/{tenant.id}"
    capture = {
        "payment_reference": f"w-{uuid.uuid4()}",
        "property_id": tenant.property_id,
        "reservation_id": reservation,
        "guest_id": guest,
        "amount": 9,
        "payment_method": "CASH",
    }
    calls: list[tuple[str, dict[str, Any]]] = [
        ("/v1/guests", {"tenant_id": tenant.id, **sandbox.guest()}),
        (f"{base}/reservations", sandbox.stay()),
        (f"{base}/billing/payments/capture", capture),
        (f"{base}/housekeeping/tasks/{tenant.tasks[2]}/assign", {"assigned_to": str(uuid.uuid4())}),
        (f"{base}/housekeeping/tasks/{tenant.tasks[2]}/complete", {"notes": "done"}),
        (f"{base}/commands/guest.register", sandbox.guest()),
        (f"{base}/reservations/{reservation}/cancel", {"reason": "test"}),
    ]

    for path, body in calls:
        response = post(sandbox, path, body)
        assert response.status_code == 202, (path, response.text)
        assert sandbox.settle(response) == "", path


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_the_wildcard_wrapper_of_reservations_never_works(sandbox: Any, method: str) -> None:
    reservation, _ = sandbox.cancellable()
    path = f"/v1/tenants/{sandbox.tenant.id}/reservations/{reservation}"

    response = post(sandbox, path, {"reservation_id": reservation, "total_amount": 9}, method)

    assert response.status_code == 400
    assert response.json()["detail"] == "RESERVATION_ID_REQUIRED"
    assert "code" not in response.json()


def test_wrapper_codes_stand_in_the_detail(sandbox: Any) -> None:
    assert post(sandbox, "/v1/guests", {"first_name": "A"}).json()["detail"] == "TENANT_ID_REQUIRED"
    guest = {"tenant_id": sandbox.tenant.id}
    assert post(sandbox, "/v1/guests", guest).json()["detail"] == "GUEST_PAYLOAD_REQUIRED"
    assign = f"/v1/tenants/{sandbox.tenant.id}/housekeeping/tasks/{uuid.uuid4()}/assign"
    assert post(sandbox, assign, {}).json()["detail"] == "ASSIGNED_TO_REQUIRED"
    assert post(sandbox, "/v1/tenants/me/reservations", sandbox.stay()).json()["errors"]


def login(sandbox: Any, username: str, password: str) -> httpx.Response:
    body = {"username": username, "password": password}
    response: httpx.Response = sandbox.client.post("/v1/auth/login", json=body)
    return response


def test_a_login_gives_a_token_that_works(sandbox: Any) -> None:
    body = login(sandbox, "sandbox.manager", sandbox.state.password).json()

    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert {row["role"] for row in body["memberships"]} == {"MANAGER"}
    assert sandbox.register(token=body["access_token"]).status_code == 202


def test_a_refresh_token_is_good_once(sandbox: Any) -> None:
    body = {"refresh_token": login(sandbox, "sandbox.admin", sandbox.state.password).json()["refresh_token"]}

    first = sandbox.client.post("/v1/auth/refresh", json=body)
    second = sandbox.client.post("/v1/auth/refresh", json=body)

    assert sandbox.register(token=first.json()["access_token"]).status_code == 202
    assert second.status_code == 401


@pytest.mark.parametrize(
    ("username", "password"), [("sandbox.admin", "wrong"), ("nobody", "wrong"), ("staff.1.1", "")]
)
def test_a_wrong_login_is_401(sandbox: Any, username: str, password: str) -> None:
    assert login(sandbox, username, password).status_code == 401


def test_the_faults_route_needs_the_sandbox_s_own_token(sandbox: Any) -> None:
    response = sandbox.client.get("/__sandbox/faults", headers=sandbox.headers())

    assert response.status_code == 401
