"""A few connections shared by the requests; one that breaks is replaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg

__all__ = ["Pool"]


class Pool:
    """Hands out autocommit connections with prepared statements.

    Args:
        dsn: Where to connect.
        size: How many connections at most are open.
    """

    def __init__(self, dsn: str, size: int) -> None:
        self._dsn = dsn
        self._free: asyncio.LifoQueue[psycopg.AsyncConnection | None] = asyncio.LifoQueue()
        for _ in range(size):
            self._free.put_nowait(None)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[psycopg.AsyncConnection]:
        """Lend a connection."""
        connection = await self._free.get()
        try:
            if connection is None or connection.closed:
                connection = None
                connection = await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, prepare_threshold=0, connect_timeout=5
                )
            yield connection
        finally:
            self._free.put_nowait(connection)

    async def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        async with self.connection() as connection:
            cursor = await connection.execute(statement, parameters)
            return await cursor.fetchall()

    async def close(self) -> None:
        """Close what is open and not lent."""
        while not self._free.empty():
            connection = self._free.get_nowait()
            if connection is not None:
                await connection.close()
