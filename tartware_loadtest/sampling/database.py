"""A read-only connection: every statement is bounded in time, every error put in the user's language."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import IsolationLevel, ServerCursor, sql
from psycopg.rows import DictRow, dict_row

from tartware_loadtest.errors import InputError, RefusedError, TartwareError
from tartware_loadtest.sampling.connection import ConnectionSettings

__all__ = ["Database", "open_database"]

_PLANNER = ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material", "sort")
"""What could read or sort a whole table; with these off, the planner walks an index as far as asked."""

_COST_OF_A_ROW = "1000"
"""Makes the rows that a plan touches its only cost: else the planner may walk any partial index and filter by
tenant, which is cheap only if the tenant's rows happen to come first. Far below the ten thousand million that
stand for "off"."""

_SETTINGS = sql.SQL("SELECT {}").format(
    sql.SQL(", ").join(
        [
            sql.SQL("set_config('statement_timeout', %(timeout)s, true)"),
            sql.SQL("set_config('app.current_tenant_id', %(tenant)s, true)"),
            sql.SQL("set_config('jit', 'off', true)"),
            sql.SQL("set_config('cpu_tuple_cost', {}, true)").format(sql.Literal(_COST_OF_A_ROW)),
            sql.SQL("set_config('max_parallel_workers_per_gather', '0', true)"),
            *(
                sql.SQL("set_config({}, 'off', true)").format(sql.Literal(f"enable_{name}"))
                for name in _PLANNER
            ),
        ]
    )
)

_CONNECT_HINTS = (
    (
        ("certificate",),
        "Name the authority in PGSSLROOTCERT (a file); --insecure-tls encrypts without verifying.",
    ),
    (("password authentication", "no password", "authentication failed"), "Check PGUSER and PGPASSWORD."),
    (("does not exist",), "Check PGDATABASE and PGUSER; the deployment's database is called tartware."),
    (
        ("ssl", "tls"),
        "If the server speaks no TLS and the network can be trusted, say so: sslmode=disable (PGSSLMODE).",
    ),
    (
        ("too many", "remaining connection slots"),
        "Wait until connections are free, or use the pooler's port.",
    ),
)


class Database:
    """One connection; each piece of work is one transaction, since a transaction pooler may sit between.

    Args:
        connection: An open connection.
        settings: Where it leads; its ``source`` is what messages show.
        statement_timeout: Seconds that a single statement may take.
    """

    def __init__(
        self,
        connection: psycopg.Connection[DictRow],
        settings: ConnectionSettings,
        statement_timeout: float,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._timeout = statement_timeout

    @property
    def source(self) -> str:
        """``host:port/dbname``."""
        return self._settings.source

    @contextmanager
    def transaction(self, tenant_id: str = "") -> Generator[None]:
        """Open a read-only snapshot; row-level security sees ``tenant_id``."""
        with self._explained("opening a transaction"), self._connection.transaction():
            parameters = {"timeout": f"{max(1, round(self._timeout * 1000))}ms", "tenant": tenant_id}
            self._connection.execute(_SETTINGS, parameters)
            yield

    def rows(self, what: str, query: sql.Composed, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
        """Run one query; ``what`` names it in messages.

        Raises:
            RefusedError: It ran into the statement timeout, or the server failed.
            InputError: The database is not the one that it was taken for.
        """
        with self._explained(what):
            return self._connection.execute(query, parameters).fetchall()

    @contextmanager
    def cursor(
        self, what: str, query: sql.Composed, parameters: Mapping[str, object]
    ) -> Generator[ServerCursor[DictRow]]:
        """Open a server-side cursor: only what is fetched is ever read."""
        with self._explained(what), self._connection.cursor("tartware_lt_probe") as cursor:
            cursor.execute(query, parameters)
            yield cursor

    @contextmanager
    def _explained(self, what: str) -> Generator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise _explain(error, what, self.source, self._timeout) from error


@contextmanager
def open_database(settings: ConnectionSettings, *, statement_timeout: float = 15.0) -> Generator[Database]:
    """Connect for reading; the connection is closed in every case.

    Raises:
        RefusedError: The server cannot be reached or refuses the login; says why, never with the password.
    """
    try:
        # A transaction pooler hands each transaction to another server connection, which does not know
        # statements prepared on the one before.
        connection: psycopg.Connection[DictRow] = psycopg.connect(
            settings.conninfo, row_factory=dict_row, prepare_threshold=None
        )
    except psycopg.Error as error:
        raise _unreachable(error, settings) from None
    with connection:
        connection.read_only = True
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        yield Database(connection, settings, statement_timeout)


def _unreachable(error: psycopg.Error, settings: ConnectionSettings) -> RefusedError:
    said = " ".join(str(error).split())
    if settings.password:
        said = said.replace(settings.password, "***")
    hint = "Check host, port and network (VPN, port-forward, firewall)."
    lowered = said.lower()
    for words, advice in _CONNECT_HINTS:
        if any(word in lowered for word in words):
            hint = advice
            break
    return RefusedError(
        f"Cannot connect to {settings.source} (named by {settings.named_by}): {said}", hint=hint
    )


def _explain(error: psycopg.Error, what: str, source: str, timeout: float) -> TartwareError:
    said = error.diag.message_primary or " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, psycopg.errors.QueryCanceled):
        return RefusedError(
            f"{source}: {what} took longer than the statement timeout of {timeout:g} s.",
            hint="Raise --statement-timeout, or lower --window-rows; nothing was written.",
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return InputError(f"{source}: {what}: {said}.", hint="Use a role that may SELECT from these tables.")
    if isinstance(error, psycopg.ProgrammingError):
        return InputError(f"{source}: {what}: {said}.", hint="Is this the deployment's database?")
    return RefusedError(f"{source}: {what}: {said}.", hint="Run the command again; nothing was written.")
