"""The work is bounded whatever the table holds: huge and small tenants, matching and not, both ages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling import questions
from tartware_loadtest.sampling.limits import Limits
from tartware_loadtest.sampling.needs import ALL_POOLS, Pool
from tartware_loadtest.sampling.sampler import Outcome, Request, take_sample
from tartware_loadtest.sampling.schema import Route, _only_soft_deletes, inspect
from tartware_loadtest.sampling.walk import Walk
from tartware_loadtest.sandbox.temporary import TemporaryDatabase

pytestmark = pytest.mark.postgres

Opener = Callable[[str], Any]
HUGE, SMALL, DELETED, TASKLESS = (
    str(UUID(hashlib.md5(f"tenant{number}".encode(), usedforsecurity=False).hexdigest()))
    for number in (1, 2, 3, 4)
)
LIMITS = Limits()
BUDGET = LIMITS.window_rows * LIMITS.windows


@pytest.fixture(scope="module", params=["old", "composite"])
def large(request: pytest.FixtureRequest, old: TemporaryDatabase) -> Iterator[tuple[str, TemporaryDatabase]]:
    """The large table with the older age's indexes, then with (tenant_id, id) as the newer one has them."""
    if request.param == "composite":
        with psycopg.connect(old.admin_dsn, autocommit=True) as admin:
            for table in ("guests", "reservations", "housekeeping_tasks", "properties"):
                admin.execute(f"CREATE UNIQUE INDEX {table}_composite ON {table} (tenant_id, id)")
    yield request.param, old
    if request.param == "composite":
        with psycopg.connect(old.admin_dsn, autocommit=True) as admin:
            for table in ("guests", "reservations", "housekeeping_tasks", "properties"):
                admin.execute(f"DROP INDEX {table}_composite")


def taken(database: Any, tenant: str, **changes: Any) -> Outcome:
    request = replace(Request(tenant_ids=(tenant,), limits=LIMITS), **changes)
    return take_sample(database, request, now=datetime.now(UTC))


def test_routes(large: tuple[str, TemporaryDatabase], opened: Opener) -> None:
    kind, database = large
    tables = inspect(opened(database.admin_dsn), ALL_POOLS)
    found = {name: table.route for name, table in tables.items()}
    if kind == "composite":
        assert found["reservations"] is found["guests"] is found["housekeeping_tasks"] is Route.KEYSET
    else:
        assert found["reservations"] is found["guests"] is Route.TENANT
        assert tables["reservations"].predicate == "(deleted_at IS NULL)"
        assert found["housekeeping_tasks"] is Route.PAGES
    assert found["user_tenant_associations"] is Route.TENANT


def test_a_huge_tenant_is_read_in_small_windows(large: tuple[str, TemporaryDatabase], opened: Opener) -> None:
    database = opened(large[1].admin_dsn)
    tenant = taken(database, HUGE).sample.tenants[0]
    assert (len(tenant.guests), len(tenant.tasks), tenant.cancellable, len(tenant.reservations)) == (
        25,
        25,
        25,
        50,
    )
    for table in ("guests", "reservations", "housekeeping_tasks"):
        assert database.read[table] <= 3 * LIMITS.window_rows, table


def test_a_small_tenant_is_found_in_a_huge_table(
    large: tuple[str, TemporaryDatabase], opened: Opener
) -> None:
    kind, made = large
    database = opened(made.admin_dsn)
    pools = ALL_POOLS if kind == "composite" else ALL_POOLS - {Pool.TASKS}
    tenant = taken(database, SMALL, pools=pools).sample.tenants[0]
    assert len(tenant.guests) == 25
    assert tenant.cancellable == 18  # of 40 rows half are open, and each tenth guest is blacklisted
    for table in ("guests", "reservations"):
        assert database.read[table] <= 3 * LIMITS.window_rows, table


def test_where_nothing_matches_the_work_ends(large: tuple[str, TemporaryDatabase], opened: Opener) -> None:
    kind, made = large
    database = opened(made.admin_dsn)
    with pytest.raises(InputError, match=r"0 of (\d\d,\d{3}) probed reservations: \1 deleted"):
        taken(database, DELETED, pools=frozenset({Pool.RESERVATIONS}))
    assert database.read["reservations"] <= BUDGET + 2 * LIMITS.window_rows
    # What was fetched beside the rows: a guest and a property each.
    assert database.read["guests"] <= BUDGET + 2 * LIMITS.window_rows
    database = opened(made.admin_dsn)
    found = (
        "0 of all 5,000" if kind == "composite" else r"(no housekeeping_tasks on the pages|0 of \d+ probed)"
    )
    with pytest.raises(InputError, match=found):
        taken(database, TASKLESS, pools=frozenset({Pool.TASKS}))
    assert database.read["housekeeping_tasks"] <= 4 * BUDGET


def test_larger_pools_read_in_proportion(large: tuple[str, TemporaryDatabase], opened: Opener) -> None:
    database = opened(large[1].admin_dsn)
    pools = frozenset({Pool.RESERVATIONS, Pool.CANCELLABLE})
    sample = taken(database, HUGE, cancellable=6_000, pools=pools).sample
    assert sample.tenants[0].cancellable == 6_000
    assert database.read["reservations"] <= 2 * LIMITS.windows * 6_025


def test_the_sample_repeats(large: tuple[str, TemporaryDatabase], opened: Opener) -> None:
    database = opened(large[1].admin_dsn)
    first, again, other = (taken(database, HUGE, seed=seed).sample.tenants for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_plans_walk_an_index_and_sort_nothing(large: tuple[str, TemporaryDatabase], opened: Opener) -> None:
    kind, made = large
    database = opened(made.admin_dsn)
    tables = inspect(database, ALL_POOLS)
    plans: list[str] = []
    original = database.rows

    def explained(what: str, query: Any, parameters: Any) -> Any:
        told = original(what, psycopg.sql.SQL("EXPLAIN ") + query, parameters)
        plans.append("\n".join(row["QUERY PLAN"] for row in told))
        return original(what, query, parameters)

    database.rows = explained
    walk = Walk(questions.RESERVATIONS, tables, HUGE, "1", LIMITS, 25, {})
    with database.transaction(HUGE):
        next(walk.windows(database))
        cursor_plan = _cursor_plan(database, walk) if kind == "old" else ""
    for plan in (*plans, cursor_plan):
        assert "Sort" not in plan
        assert "Seq Scan" not in plan
        assert "Hash" not in plan
        assert "JIT" not in plan
    if kind == "composite":
        assert "reservations_composite" in plans[0]
        assert "guests_pkey" in plans[0] or "guests_composite" in plans[0]
    else:
        assert "Sample Scan on reservations" in plans[0]
        assert "reservations_tenant_id_idx" in cursor_plan, cursor_plan


def _cursor_plan(database: Any, walk: Walk) -> str:
    caught: list[Any] = []
    original = database.cursor

    def spying(what: str, query: Any, parameters: Any) -> Any:
        caught.append((query, parameters))
        return original(what, query, parameters)

    database.cursor = spying
    for _ in zip(walk.windows(database), range(2), strict=False):
        pass
    query, parameters = caught[0]
    told = database._connection.execute(psycopg.sql.SQL("EXPLAIN ") + query, parameters)
    return "\n".join(row["QUERY PLAN"] for row in told)


def test_a_walk_by_id_meets_each_row_once(seeded: TemporaryDatabase, opened: Opener) -> None:
    database = opened(seeded.app_dsn)
    tables = inspect(database, ALL_POOLS)
    with psycopg.connect(seeded.admin_dsn) as admin:
        counted = admin.execute("SELECT tenant_id::text, count(*) FROM guests GROUP BY 1").fetchall()
    for tenant, rows in counted:
        for seed in ("1", "2", "3"):
            walk = Walk(questions.GUESTS, tables, tenant, seed, Limits(window_rows=150, windows=20), 25, {})
            with database.transaction(tenant):
                windows = list(walk.windows(database))
            met = [row["id"] for window in windows for row in window.rows]
            assert len(met) == len(set(met)) == rows
            assert windows[-1].complete


@pytest.mark.parametrize(
    ("predicate", "harmless"),
    [
        (None, True),
        ("(deleted_at IS NULL)", True),
        ("(is_deleted = false)", True),
        ("(NOT is_deleted)", True),
        ("((deleted_at IS NULL) AND (is_deleted = false))", True),
        ("is_blacklisted", False),
        ("((deleted_at IS NULL) AND (status = 'PENDING'::text))", False),
        ("(deleted_at IS NOT NULL)", False),
    ],
)
def test_only_indexes_that_leave_out_deleted_rows_serve(predicate: str | None, *, harmless: bool) -> None:
    assert _only_soft_deletes(predicate) is harmless
