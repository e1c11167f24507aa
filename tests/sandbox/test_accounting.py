from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tartware_loadtest.errors import InputError
from tartware_loadtest.sandbox.accounting import Account, Count, count_run, resolve_run, wait_for_drain


def test_a_run_is_named_by_its_digits_or_its_directory(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"run_id": "0a1b2c3d"}))

    assert resolve_run("ffffffff") == "ffffffff"
    assert resolve_run(str(tmp_path)) == "0a1b2c3d"


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"run_id": "xyz"}'])
def test_what_names_no_run_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)

    with pytest.raises(InputError):
        resolve_run(str(tmp_path))


def test_counts_add_up() -> None:
    account = Account("0a1b2c3d", {"a": Count(3, 2, 1), "b": Count(2, 0, 0, 1, 1)}, {})

    assert account.total == Count(5, 2, 1, 1, 1)


@pytest.mark.sandbox
def test_a_run_s_commands_are_counted_by_identity(sandbox: Any) -> None:
    run = "c0ffee00"
    keys = [f"{run}-0000-4000-8000-{number:012d}" for number in range(5)]
    reservation, _ = sandbox.cancellable()
    for key in keys[:3]:
        assert sandbox.register(key=key).status_code == 202
    for key in keys[3:]:
        sandbox.execute("reservation.cancel", {"reservation_id": reservation}, key=key)
    sandbox.register(key="c0ffee01-0000-4000-8000-000000000000")
    sandbox.register(key=keys[0])

    with psycopg.connect(sandbox.state.admin_dsn) as connection:
        account = wait_for_drain(connection, run, 10, lambda _: None)

    assert account.commands == {
        "guest.register": Count(3, 3),
        "reservation.cancel": Count(2, 1, 1),
    }
    assert account.total == Count(5, 4, 1)
    assert account.reasons == {"INVALID_STATUS_FOR_CANCEL": 1}


@pytest.mark.sandbox
def test_what_is_not_taken_yet_is_open(sandbox: Any) -> None:
    sandbox.faults({"consumer": {"stopped": True}})
    seen: list[int] = []
    with psycopg.connect(sandbox.state.admin_dsn) as connection:
        connection.autocommit = True
        run = "decade00"
        # What the consumer was about to take when it was told to stop, it still takes.
        for number in range(40):
            sandbox.register(key=f"{run}-0000-4000-8000-{number:012d}")
        account = wait_for_drain(connection, run, 0.3, lambda so_far: seen.append(so_far.total.open))

        assert account.total.open > 0
        assert account.total.dispatched == 40
        assert seen


@pytest.mark.sandbox
def test_the_count_reads_an_index_range(sandbox: Any) -> None:
    with psycopg.connect(sandbox.state.admin_dsn) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT 1 FROM command_dispatches WHERE tenant_id = ANY (ARRAY(SELECT id FROM tenants))"
            " AND command_name = ANY (ARRAY(SELECT command_name FROM command_templates))"
            " AND request_id BETWEEN '0a1b2c3d-0000' AND '0a1b2c3d-ffff'"
        ).fetchall()

    assert any("idx_command_dispatches_request_dedupe" in row[0] for row in plan)
    assert any("request_id" in row[0] and "Index Cond" in row[0] for row in plan)


@pytest.mark.sandbox
def test_a_run_that_sent_nothing_counts_nothing(sandbox: Any) -> None:
    with psycopg.connect(sandbox.state.admin_dsn) as connection:
        assert count_run(connection, "00000000").total == Count()
