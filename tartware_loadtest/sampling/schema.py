"""What the database has: tables, columns, and the index that bounds the walk over each table.

The deployment's indexes differ with its age. The newer one has a unique (tenant_id, id) on the tables
that others refer to; the older one, and the tables that nothing refers to, have only an index led by
tenant_id, and that one is partial: it leaves out what is deleted softly. Only a query that repeats an
index's predicate can use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from psycopg import sql

from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling.database import Database
from tartware_loadtest.sampling.needs import TABLES, Pool, TableNeed, commands_fed_by

__all__ = ["Route", "Table", "inspect"]

_ROWS_A_PAGE = 50.0
"""Assumed where the table was never analysed."""


class Route(Enum):
    """How a walk over one tenant's rows is bounded."""

    KEYSET = "index on (tenant_id, id)"
    TENANT = "index led by tenant_id"
    PAGES = "no index led by tenant_id"


@dataclass(frozen=True, slots=True)
class Table:
    """One table as it was found.

    Attributes:
        name: Its name.
        columns: The columns that it has.
        route: How a walk over one tenant's rows is bounded.
        predicate: The partial index's own condition in SQL, empty for a whole index.
        pages: Its size on disk, in pages.
        rows_a_page: Estimated by the server's statistics.
    """

    name: str
    columns: frozenset[str]
    route: Route
    predicate: str
    pages: int
    rows_a_page: float


_COLUMNS = sql.SQL(
    """
    SELECT wanted.name AS table_name, c.oid::bigint AS oid, a.attname::text AS column_name,
           format_type(a.atttypid, NULL) AS type_name,
           has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable,
           pg_relation_size(c.oid) / current_setting('block_size')::int AS pages,
           CASE WHEN c.reltuples > 0 AND c.relpages > 0 THEN c.reltuples / c.relpages END AS density
    FROM unnest(%(tables)s::text[]) AS wanted(name)
    LEFT JOIN pg_class c ON c.oid = to_regclass(quote_ident(wanted.name))
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    """
)

_INDEXES = sql.SQL(
    """
    SELECT i.indrelid::bigint AS oid, pg_get_expr(i.indpred, i.indrelid) AS predicate,
           lead.attname = 'tenant_id' AND second.attname IS NOT DISTINCT FROM 'id' AS keyset
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_am am ON am.oid = c.relam AND am.amname = 'btree'
    JOIN pg_attribute lead ON lead.attrelid = i.indrelid AND lead.attnum = i.indkey[0]
    LEFT JOIN pg_attribute second
        ON i.indnkeyatts > 1 AND second.attrelid = i.indrelid AND second.attnum = i.indkey[1]
    WHERE i.indrelid::bigint = ANY(%(oids)s::bigint[]) AND i.indisvalid AND lead.attname = 'tenant_id'
    ORDER BY c.relname
    """
)


def inspect(database: Database, pools: frozenset[Pool]) -> Mapping[str, Table]:
    """Find the tables that these pools need.

    Raises:
        InputError: Tables or columns are missing, unreadable or of another type; lists all of them with the
            commands that need them.
    """
    needed = {name: need for name, need in TABLES.items() if need.pools & pools}
    with database.transaction():
        rows = database.rows("reading the catalogue", sql.Composed([_COLUMNS]), {"tables": list(needed)})
        oids = [row["oid"] for row in rows if row["oid"] is not None]
        indexes = database.rows("reading the indexes", sql.Composed([_INDEXES]), {"oids": sorted(set(oids))})
    by_table = {name: [row for row in rows if row["table_name"] == name] for name in needed}
    problems = [
        f"{problem} ({', '.join(commands_fed_by(sorted(needed[name].pools & pools)))})"
        for name, found in by_table.items()
        for problem in _problems(name, needed[name], found)
    ]
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise InputError(
            f"{database.source} lacks what sampling reads (and the commands that need it):\n{listed}",
            hint="Is this the deployment's database (usually called tartware), and may the role SELECT?",
        )
    return {name: _table(name, found, indexes) for name, found in by_table.items()}


def _problems(name: str, need: TableNeed, found: list[dict[str, Any]]) -> Iterable[str]:
    if not found or found[0]["oid"] is None:
        yield f"table {name}: missing"
        return
    columns = {row["column_name"]: row for row in found}
    for column in need.columns:
        row = columns.get(column)
        if row is None:
            yield f"column {name}.{column}: missing"
        elif not row["readable"]:
            yield f"column {name}.{column}: no permission to SELECT"
        elif column in need.uuids and row["type_name"] != "uuid":
            yield f"column {name}.{column}: {row['type_name']}, not uuid"


def _table(name: str, found: list[dict[str, Any]], indexes: list[dict[str, Any]]) -> Table:
    route, predicate = _route([index for index in indexes if index["oid"] == found[0]["oid"]])
    return Table(
        name=name,
        columns=frozenset(row["column_name"] for row in found if row["readable"]),
        route=route,
        predicate=predicate,
        pages=int(found[0]["pages"]),
        rows_a_page=float(found[0]["density"] or _ROWS_A_PAGE),
    )


def _route(indexes: list[dict[str, Any]]) -> tuple[Route, str]:
    """Prefer an index that fixes the order of the walk, and among equals one that leaves out nothing."""
    usable = [index for index in indexes if _only_soft_deletes(index["predicate"])]
    if not usable:
        return Route.PAGES, ""
    best = min(usable, key=lambda index: (not index["keyset"], index["predicate"] is not None))
    return (Route.KEYSET if best["keyset"] else Route.TENANT), best["predicate"] or ""


def _only_soft_deletes(predicate: str | None) -> bool:
    """Say whether a partial index leaves out nothing but rows that no command may use."""
    if predicate is None:
        return True
    bare = re.sub(r"[()\s]", "", predicate).lower()
    return {"deleted_atisnull", "is_deleted=false", "notis_deleted"}.issuperset(bare.split("and"))
