from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.sandbox


def statuses(sandbox: Any, number: int) -> list[int]:
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda _: int(sandbox.register().status_code), range(number)))


def test_errors_are_exactly_their_share(sandbox: Any) -> None:
    sandbox.faults({"errors": {"share": 0.06, "status": 503}})

    answers = statuses(sandbox, 100)

    assert (answers.count(503), answers.count(202)) == (6, 94)
    assert sandbox.injected()["injected"]["errors"] == 6
    assert sandbox.injected()["seen"] == {"command": 100}


def test_errors_of_one_command_leave_the_others_alone(sandbox: Any) -> None:
    sandbox.faults({"errors": {"share": 1, "status": 500, "command": "reservation.create"}})

    assert sandbox.register().status_code == 202
    assert sandbox.execute("reservation.create", sandbox.stay()).status_code == 500


def test_answer_200_takes_the_command_all_the_same(sandbox: Any) -> None:
    sandbox.faults({"answer_200": 0.5})

    answers = [sandbox.register() for _ in range(4)]

    assert sorted(answer.status_code for answer in answers) == [200, 200, 202, 202]
    assert {sandbox.settle(answer) for answer in answers} == {""}


def test_a_slow_answer_is_slow_and_blocks_nobody(sandbox: Any) -> None:
    sandbox.faults({"slow": {"share": 1, "ms": 700}})

    with ThreadPoolExecutor(1) as thread:
        began = time.monotonic()
        slow = thread.submit(sandbox.register)
        time.sleep(0.1)
        assert sandbox.client.get("/health").status_code == 200
        assert time.monotonic() - began < 0.5
        assert slow.result().status_code == 202
        assert time.monotonic() - began >= 0.7


def test_a_timeout_is_never_answered_and_by_default_not_accepted(sandbox: Any) -> None:
    key = sandbox.key()
    sandbox.faults({"timeouts": 1})
    body = {"tenant_id": sandbox.tenant.id, "payload": sandbox.guest()}

    with pytest.raises(httpx.ReadTimeout):
        sandbox.client.post(
            "/v1/commands/guest.register/execute", json=body, headers=sandbox.headers(key), timeout=0.5
        )

    assert sandbox.rows("SELECT count(*) FROM command_dispatches WHERE request_id = %s", key) == [(0,)]


@pytest.mark.parametrize(("accepted", "rows"), [(False, 0), (True, 1)])
def test_a_dropped_connection_may_have_been_accepted(sandbox: Any, accepted: bool, rows: int) -> None:  # noqa: FBT001 -- a parameter
    key = sandbox.key()
    sandbox.faults({"drop_connections": {"share": 1, "accepted": accepted}})

    began = time.monotonic()
    with pytest.raises(httpx.TransportError):
        sandbox.register(key=key)

    assert time.monotonic() - began < 2
    assert sandbox.rows("SELECT count(*) FROM command_dispatches WHERE request_id = %s", key) == [(rows,)]
    assert sandbox.client.get("/health").status_code == 200


def test_tokens_die_at_an_instant(sandbox: Any) -> None:
    token = sandbox.token()
    sandbox.faults({"token": {"reject_after_s": 0.4}})

    assert sandbox.register(token=token).status_code == 202
    time.sleep(0.5)
    assert sandbox.register(token=token).status_code == 401


def test_a_rate_limit_answers_403_with_headers(sandbox: Any) -> None:
    sandbox.faults({"rate_limit": 3})

    answers = [sandbox.register() for _ in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 403]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert "code" not in answers[-1].json()
    assert answers[-1].json()["detail"].startswith("Rate limit exceeded")
    other = {**sandbox.headers(), "x-api-key": "another bucket"}
    body = {"tenant_id": sandbox.tenant.id, "payload": sandbox.guest()}
    path = "/v1/commands/guest.register/execute"
    assert sandbox.client.post(path, json=body, headers=other).status_code == 202
    assert sandbox.client.get("/v1/nothing").status_code == 404
    assert sandbox.client.get("/metrics").status_code == 200


def test_latency_is_added_to_every_command(sandbox: Any) -> None:
    sandbox.faults({"latency": {"base_ms": 60, "jitter_ms": 20}})

    for _ in range(3):
        began = time.monotonic()
        sandbox.register()
        assert time.monotonic() - began >= 0.06


def test_beyond_its_capacity_the_target_queues(sandbox: Any) -> None:
    sandbox.faults({"capacity": {"slots": 2, "service_ms": 100}})

    began = time.monotonic()
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda _: sandbox.register(), range(10)))

    assert 0.5 <= time.monotonic() - began < 2


def test_the_consumer_can_be_stopped_and_a_backlog_grows_and_drains(sandbox: Any) -> None:
    sandbox.faults({"consumer": {"stopped": True}})
    time.sleep(0.6)
    answers = [sandbox.register() for _ in range(5)]
    time.sleep(0.4)
    pending = "SELECT count(*) FROM transactional_outbox WHERE status = 'PENDING' AND tenant_id = %s"
    orphans = sandbox.rows(pending + " AND payload = '{}'", sandbox.tenant.id)[0][0]
    assert sandbox.rows(pending, sandbox.tenant.id) == [(5 + orphans,)]

    sandbox.faults({})

    assert {sandbox.settle(answer) for answer in answers} == {""}


def test_a_slow_consumer_keeps_its_rate(sandbox: Any) -> None:
    sandbox.faults({"consumer": {"rate": 20}})
    time.sleep(0.6)
    answers = [sandbox.register() for _ in range(30)]
    began = time.monotonic()

    for answer in answers:
        assert sandbox.settle(answer) == ""

    assert 0.7 < time.monotonic() - began < 4


def test_a_plan_that_is_none_is_refused_and_the_old_one_stays(sandbox: Any) -> None:
    sandbox.faults({"slow": 0.5})
    headers = {"x-sandbox-token": sandbox.state.admin_token}

    response = sandbox.client.put("/__sandbox/faults", json={"slwo": 1}, headers=headers)

    assert (response.status_code, response.json()["code"]) == (400, "FAULTS_INVALID")
    assert sandbox.injected()["plan"] == {"slow": 0.5}
