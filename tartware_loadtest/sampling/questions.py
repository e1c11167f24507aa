"""The queries: each asks a bounded window of rows which of them a command may use, and why not the others.

``{window}`` is the bounded part (see ``walk``); all outside it is looked up by key, row by row, and joined on
the key alone, so that no other index offers itself. ``reason`` is NULL for a row that a command may use, else
the filter that took it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from tartware_loadtest.sampling.schema import Table

__all__ = ["GUESTS", "RATE_CODES", "RESERVATIONS", "STAFF", "STAYS", "TASKS", "TENANTS", "Question"]

RATE_CODES = ("BAR", "RACK")
"""The codes under which reservation.create finds a rate when it names none."""


@dataclass(frozen=True, slots=True)
class Question:
    """One query over windows of ``table``; ``columns`` are what the window hands out."""

    table: str
    columns: tuple[str, ...]
    text: LiteralString

    def over(self, window: sql.Composable, tables: Mapping[str, Table]) -> sql.Composed:
        """Return the query over this window; soft deletes are judged by the columns that there are."""
        deleted = {
            f"{alias}_deleted": _deleted(alias, tables[name])
            for alias, name in _ALIASES.items()
            if name in tables
        }
        if self.table in tables:
            deleted["w_deleted"] = _deleted("w", tables[self.table])
        return sql.SQL(self.text).format(window=window, **deleted)

    def window_columns(self, table: Table) -> sql.Composed:
        """Return the columns of the window, with those that only one age has where they exist."""
        wanted = (*self.columns, *(name for name in ("deleted_at",) if name in table.columns))
        return sql.SQL(", ").join(map(sql.Identifier, wanted))


_ALIASES = {
    "g": "guests",
    "p": "properties",
    "r": "rates",
    "t": "room_types",
    "a": "user_tenant_associations",
}


def _deleted(alias: str, table: Table) -> sql.Composable:
    by_flag = sql.SQL("COALESCE({}, false)").format(sql.Identifier(alias, "is_deleted"))
    if "deleted_at" not in table.columns:
        return by_flag
    return sql.SQL("({} OR {} IS NOT NULL)").format(by_flag, sql.Identifier(alias, "deleted_at"))


TENANTS = Question(
    "tenants",
    ("id", "status", "is_deleted"),
    """
    SELECT w.id::text AS id,
           CASE WHEN {w_deleted} THEN 'deleted'
                WHEN w.status::text NOT IN ('ACTIVE', 'TRIAL') THEN w.status::text END AS reason
    FROM {window} w
    """,
)

STAYS = Question(
    "properties",
    ("id", "tenant_id", "is_active", "is_deleted"),
    """
    SELECT w.id::text AS id, r.room_type_id::text AS room_type_id,
           CASE WHEN {w_deleted} THEN 'property deleted'
                WHEN NOT COALESCE(w.is_active, true) THEN 'property inactive'
                WHEN r.property_id IS NULL THEN 'without a BAR or RACK rate'
                WHEN {r_deleted} THEN 'rate deleted'
                WHEN r.status::text <> 'ACTIVE' THEN 'rate ' || r.status::text
                WHEN r.valid_from > %(first_day)s THEN 'rate not yet valid on the first stay day'
                WHEN r.valid_until < %(last_day)s THEN 'rate no longer valid on the last stay day'
                WHEN t.id IS NULL THEN 'room type missing'
                WHEN t.property_id <> w.id OR t.tenant_id <> w.tenant_id THEN 'room type of another property'
                WHEN {t_deleted} THEN 'room type deleted'
                WHEN NOT COALESCE(t.is_active, true) THEN 'room type inactive' END AS reason
    FROM {window} w
    LEFT JOIN rates r
        ON r.property_id = w.id AND r.tenant_id = w.tenant_id AND r.rate_code = ANY(%(rate_codes)s::text[])
    LEFT JOIN room_types t ON t.id = r.room_type_id
    """,
)

GUESTS = Question(
    "guests",
    ("id", "is_blacklisted", "is_deleted"),
    """
    SELECT w.id::text AS id,
           CASE WHEN {w_deleted} THEN 'deleted'
                WHEN COALESCE(w.is_blacklisted, false) THEN 'blacklisted' END AS reason
    FROM {window} w
    """,
)

RESERVATIONS = Question(
    "reservations",
    ("id", "tenant_id", "property_id", "guest_id", "status", "is_deleted"),
    """
    SELECT w.id::text AS id, w.property_id::text AS property_id, w.guest_id::text AS guest_id,
           w.status::text AS status,
           CASE WHEN {w_deleted} THEN 'deleted'
                WHEN g.id IS NULL THEN 'guest missing'
                WHEN g.tenant_id <> w.tenant_id THEN 'guest of another tenant'
                WHEN {g_deleted} THEN 'guest deleted'
                WHEN COALESCE(g.is_blacklisted, false) THEN 'guest blacklisted'
                WHEN p.id IS NULL THEN 'property missing'
                WHEN p.tenant_id <> w.tenant_id THEN 'property of another tenant'
                WHEN {p_deleted} THEN 'property deleted' END AS reason
    FROM {window} w
    LEFT JOIN guests g ON g.id = w.guest_id
    LEFT JOIN properties p ON p.id = w.property_id
    """,
)

STAFF = Question(
    "user_tenant_associations",
    ("id", "user_id", "role", "is_active", "is_deleted"),
    """
    SELECT w.id::text AS id, w.user_id::text AS user_id,
           CASE WHEN {w_deleted} THEN 'deleted'
                WHEN NOT COALESCE(w.is_active, true) THEN 'inactive'
                WHEN w.role::text NOT IN ('STAFF', 'MANAGER', 'ADMIN') THEN 'role ' || w.role::text
                END AS reason
    FROM {window} w
    """,
)

TASKS = Question(
    "housekeeping_tasks",
    ("id", "tenant_id", "assigned_to", "is_deleted"),
    """
    SELECT w.id::text AS id, member.user_id::text AS staff_id,
           CASE WHEN {w_deleted} THEN 'deleted' END AS reason
    FROM {window} w
    LEFT JOIN LATERAL (
        SELECT a.user_id FROM user_tenant_associations a
        WHERE a.user_id = w.assigned_to AND a.tenant_id = w.tenant_id
          AND COALESCE(a.is_active, true) AND NOT {a_deleted}
        LIMIT 1
    ) member ON true
    """,
)
