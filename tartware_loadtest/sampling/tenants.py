"""Which tenants to look at: the named ones, or a seeded walk over those that may be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psycopg import sql

from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling import questions
from tartware_loadtest.sampling.database import Database
from tartware_loadtest.sampling.limits import Limits
from tartware_loadtest.sampling.probe import describe
from tartware_loadtest.sampling.schema import Table
from tartware_loadtest.sampling.walk import Walk

__all__ = ["candidates", "named"]


def candidates(
    database: Database, tables: Mapping[str, Table], seed: int, limits: Limits, need: int
) -> Iterator[str]:
    """Yield tenants that are ACTIVE or TRIAL and not deleted, in the order that the seed gives.

    Raises:
        InputError: There is none.
    """
    walk = Walk(questions.TENANTS, tables, "", f"{seed}:tenants", limits, need, {})
    refused: dict[str, int] = {}
    usable = 0
    windows = walk.windows(database)
    while True:
        # A transaction for each window: the tenants' own work runs in transactions of their own in between.
        with database.transaction():
            window = next(windows, None)
        if window is None:
            break
        for row in window.rows:
            if row["reason"] is None:
                usable += 1
                yield row["id"]
            else:
                refused[row["reason"]] = refused.get(row["reason"], 0) + 1
    if not usable:
        told = describe("0 usable", refused) if refused else "it is empty"
        raise InputError(
            f"{database.source}: table tenants has none that is ACTIVE or TRIAL and not deleted ({told}).",
            hint="Seed the deployment first; is this its database?",
        )


def named(database: Database, tables: Mapping[str, Table], tenant_ids: tuple[str, ...]) -> Iterator[str]:
    """Yield these tenants, each once, after checking that all of them may be used.

    Raises:
        InputError: One is unknown, deleted or not ACTIVE or TRIAL; names all of them.
    """
    window = sql.SQL("(SELECT {columns} FROM tenants WHERE id = ANY(%(ids)s::uuid[]))").format(
        columns=questions.TENANTS.window_columns(tables["tenants"])
    )
    query = questions.TENANTS.over(window, tables)
    with database.transaction():
        rows = database.rows("looking up the named tenants", query, {"ids": list(tenant_ids)})
    reasons = {row["id"]: row["reason"] for row in rows}
    wanted = tuple(dict.fromkeys(tenant_ids))
    problems = [
        f"{name} is {reasons.get(name, 'unknown')}" for name in wanted if reasons.get(name, "unknown")
    ]
    if problems:
        raise InputError(
            f"{database.source}: tenants must be ACTIVE or TRIAL and not deleted: {', '.join(problems)}.",
            hint="Leave --tenant-id out to let bootstrap find tenants.",
        )
    yield from wanted
