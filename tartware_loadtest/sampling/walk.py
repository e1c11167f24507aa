"""Walks over one tenant's rows in windows whose work is bounded whatever the table holds.

Three forms, by the index that there is (``schema.Route``):

* **(tenant_id, id)**: windows from a seeded random id upwards, ``WHERE tenant_id = … AND id >= … ORDER
  BY id LIMIT``, wrapping round. The index delivers them in order; nothing is sorted, and what fails a
  filter is judged outside the window. Each row is met at most once, so "none in N rows" is a fact about
  N different rows.
* **led by tenant_id**: ordering by id would sort a huge tenant wholly, and a window over the primary key
  reads a huge table for a small tenant: under row-level security even with the tenant's filter outside,
  because the policy's own filter is inside. So: first, where the table is large, the rows on some seeded
  random pages (``TABLESAMPLE SYSTEM … REPEATABLE``, which reads those pages and no more), which finds a
  large tenant's rows of every age; then a server-side cursor on the tenant's index, of which only what
  is fetched is read.
* **neither**: seeded random pages alone.

Windows grow, because one short index range answers most questions: 10 million rows cost what 10 thousand
cost. The planner's ways of reading or sorting whole tables are switched off for the transaction
(``database``).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from psycopg import sql

from tartware_loadtest.sampling.database import Database
from tartware_loadtest.sampling.limits import Budget, Limits
from tartware_loadtest.sampling.questions import Question
from tartware_loadtest.sampling.schema import Route, Table

__all__ = ["Walk", "Window"]

_LAST_ID = (1 << 128) - 1
_MANY_PAGES = 256


@dataclass(frozen=True, slots=True)
class Window:
    """Rows of one window; ``complete`` marks the end of a walk that has met every row of the tenant."""

    rows: tuple[dict[str, Any], ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """One question to one table about one tenant (or, without a tenant, about the tenants themselves).

    Attributes:
        question: What is asked.
        tables: The tables as they were found.
        tenant_id: Whose rows; empty for the table of tenants.
        seed: Where the walk begins.
        limits: How far it goes.
        need: How many usable rows are wanted; larger pools read more.
        parameters: Further parameters of the question.
    """

    question: Question
    tables: Mapping[str, Table]
    tenant_id: str
    seed: str
    limits: Limits
    need: int
    parameters: Mapping[str, object]

    def windows(self, database: Database) -> Generator[Window]:
        """Yield windows until the budget is used up or every row was met.

        Raises:
            RefusedError: A query ran into the statement timeout; names it.
        """
        budget = Budget(self.limits, self.need)
        if not self.tenant_id or self._table.route is Route.KEYSET:
            return self._by_id(database, budget)
        if self._table.route is Route.TENANT:
            return self._by_tenant(database, budget)
        return self._by_pages(database, budget, self.limits.windows)

    @property
    def _table(self) -> Table:
        return self.tables[self.question.table]

    @property
    def _what(self) -> str:
        owner = f" of tenant {self.tenant_id}" if self.tenant_id else ""
        return f"probing {self.question.table}{owner}"

    def _conditions(self) -> sql.Composable:
        conditions: list[sql.Composable] = []
        if self.tenant_id:
            conditions.append(sql.SQL("tenant_id = %(tenant_id)s::uuid"))
        if self._table.predicate:
            # As the server wrote it down: the planner uses a partial index only for queries that repeat it.
            conditions.append(sql.SQL(self._table.predicate))
        return sql.SQL(" AND ").join(conditions or [sql.SQL("true")])

    def _query(self, sampled: sql.Composable, tail: sql.Composable) -> sql.Composed:
        window = sql.SQL("(SELECT {columns} FROM {table} {sampled} WHERE {conditions} {tail})").format(
            columns=self.question.window_columns(self._table),
            table=sql.Identifier(self.question.table),
            sampled=sampled,
            conditions=self._conditions(),
            tail=tail,
        )
        return self.question.over(window, self.tables)

    def _by_id(self, database: Database, budget: Budget) -> Generator[Window]:
        query = self._query(
            sql.SQL(""),
            sql.SQL("AND id >= %(low)s::uuid AND id <= %(high)s::uuid ORDER BY id LIMIT %(rows)s"),
        )
        start = Random(self.seed).getrandbits(128)  # noqa: S311 - repeatable, and nothing depends on its secrecy
        for low, high in ((start, _LAST_ID), (0, start - 1)):
            at = low
            while at <= high:
                size = budget.take()
                if not size:
                    return
                bounds = {"low": str(UUID(int=at)), "high": str(UUID(int=high)), "rows": size}
                rows = sorted(self._rows(database, query, bounds), key=_order)
                ids = {row["id"] for row in rows}
                budget.left -= len(ids)
                yield Window(tuple(rows))
                at = UUID(max(ids)).int + 1 if len(ids) == size else high + 1
        yield Window(complete=True)

    def _by_tenant(self, database: Database, budget: Budget) -> Generator[Window]:
        if self._table.pages > _MANY_PAGES:
            yield from self._by_pages(database, budget, 1)
        query = self._query(sql.SQL(""), sql.SQL("LIMIT %(rows)s"))
        parameters = {**self._parameters(), "rows": budget.left}
        with database.cursor(self._what, query, parameters) as cursor:
            while size := budget.take():
                rows = cursor.fetchmany(size)
                budget.left -= len(rows)
                yield Window(tuple(rows))
                if len(rows) < size:
                    break
        if budget.left:
            yield Window(complete=True)

    def _by_pages(self, database: Database, budget: Budget, draws: int) -> Generator[Window]:
        query = self._query(
            sql.SQL("TABLESAMPLE SYSTEM (%(percent)s) REPEATABLE (%(draw)s)"), sql.SQL("LIMIT %(rows)s")
        )
        wanted = min(_MANY_PAGES, max(8.0, self.limits.window_rows / self._table.rows_a_page))
        percent = 100.0 if self._table.pages <= _MANY_PAGES else 100.0 * wanted / self._table.pages
        random = Random(self.seed)  # noqa: S311 - as above
        for _ in range(draws):
            size = min(self.limits.window_rows, budget.left)
            if not size:
                return
            sampling = {"percent": percent, "draw": random.getrandbits(24), "rows": size}
            rows = sorted(self._rows(database, query, sampling), key=_order)
            budget.left -= len(rows)
            yield Window(tuple(rows))
            if percent >= 100.0 and len(rows) < size:
                yield Window(complete=True)
                return

    def _parameters(self) -> dict[str, object]:
        return {**self.parameters, "tenant_id": self.tenant_id}

    def _rows(
        self, database: Database, query: sql.Composed, bounds: Mapping[str, object]
    ) -> list[dict[str, Any]]:
        return database.rows(self._what, query, {**self._parameters(), **bounds})


def _order(row: dict[str, Any]) -> tuple[str, str]:
    return row["id"], str(row.get("room_type_id") or "")
