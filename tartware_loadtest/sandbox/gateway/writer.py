"""Writes accepted commands in batches: one statement for all that came in while the last one ran."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from tartware_loadtest.sandbox.gateway.pool import Pool
from tartware_loadtest.sandbox.gateway.problems import Problem
from tartware_loadtest.sandbox.gateway.registry import Template

__all__ = ["Accepted", "Submission", "Writer"]

_LONGEST_KEY = 120
_BATCH = 500
_CONFLICT = "The Idempotency-Key was used with another payload"
_INSERT = """
WITH input AS (
    SELECT * FROM json_to_recordset(%s::json) AS r (
        id uuid, command_name text, tenant_id uuid, service text, topic text, correlation_id text,
        request_id text, hash text, payload jsonb, initiated_by jsonb, issued_at timestamptz)
), dispatched AS (
    INSERT INTO command_dispatches (
        id, command_name, tenant_id, target_service, target_topic, correlation_id, request_id, status,
        payload_hash, outbox_event_id, initiated_by, issued_at)
    SELECT id, command_name, tenant_id, service, topic, correlation_id, request_id, 'PUBLISHED', hash, id,
        initiated_by, issued_at
    FROM input {conflict}
    RETURNING id
), queued AS (
    INSERT INTO transactional_outbox (
        event_id, tenant_id, aggregate_id, aggregate_type, event_type, payload, metadata, correlation_id,
        partition_key)
    SELECT input.id, input.tenant_id, input.id, 'command', 'command.' || input.command_name, input.payload,
        jsonb_build_object('commandName', input.command_name, 'requestId', input.request_id),
        input.correlation_id::uuid, input.id::text
    FROM input JOIN dispatched USING (id)
)
SELECT id::text FROM dispatched
"""
_EARLIER = """
SELECT d.tenant_id::text, d.command_name, d.request_id, d.id::text, d.payload_hash, d.issued_at,
    d.target_service
FROM json_to_recordset(%s::json) AS r (tenant_id uuid, command_name text, request_id text)
JOIN command_dispatches d USING (tenant_id, command_name, request_id)
"""
# Publishing again: a consumed command is queued once more, and its consumer will see that it knows it.
_REPUBLISH = """
UPDATE transactional_outbox SET status = 'PENDING', retry_count = retry_count + 1, updated_at = now()
WHERE event_id = ANY (%s::uuid[]) AND status = 'DELIVERED' RETURNING id
"""
_ORPHAN = """
INSERT INTO transactional_outbox (tenant_id, aggregate_id, aggregate_type, event_type, payload)
VALUES (%s, gen_random_uuid(), 'command', %s, '{}') RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Submission:
    """A command that passed every check.

    Attributes:
        request_id: The idempotency key.
        payload: What is queued.
    """

    template: Template
    tenant_id: str
    request_id: str
    correlation_id: str | None
    payload: Mapping[str, Any]
    user_id: str
    role: str

    @property
    def key(self) -> tuple[str, str, str]:
        """The scope of deduplication."""
        return (self.tenant_id.lower(), self.template.name, self.request_id)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the 202 tells."""

    command_id: str
    at: datetime
    service: str


@dataclass(slots=True)
class _Waiting:
    submission: Submission
    command_id: str
    at: datetime
    hash: str
    done: asyncio.Future[Accepted]

    def row(self) -> dict[str, Any]:
        submission = self.submission
        return {
            "id": self.command_id,
            "command_name": submission.template.name,
            "tenant_id": submission.tenant_id,
            "service": submission.template.service,
            "topic": submission.template.topic,
            "correlation_id": submission.correlation_id,
            "request_id": submission.request_id,
            "hash": self.hash,
            "payload": submission.payload,
            "initiated_by": {"user_id": submission.user_id, "role": submission.role},
            "issued_at": self.at,
        }


@dataclass(slots=True)
class Writer:
    """Commits submissions; a caller waits until its own is committed.

    Attributes:
        pool: Its connections.
        deduplicates: Whether a key that was used before is a replay (age H), or just another command (S).
        window_s: The least time between two batches.
    """

    pool: Pool
    deduplicates: bool = True
    window_s: float = 0.002
    _waiting: list[_Waiting] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def submit(self, submission: Submission) -> Accepted:
        """Queue the command and return once it is committed.

        Raises:
            Problem: The key was used with another payload, or is too long for its column.
        """
        if len(submission.request_id) > _LONGEST_KEY:
            # The deployment validates 128 characters, stores 120, and has written the outbox row by then.
            await self.pool.rows(_ORPHAN, (submission.tenant_id, f"command.{submission.template.name}"))
            raise Problem(500, detail="value too long for type character varying(120)")
        waiting = _Waiting(
            submission,
            str(uuid.uuid4()),
            datetime.now(UTC),
            _digest(submission.payload),
            asyncio.get_running_loop().create_future(),
        )
        self._waiting.append(waiting)
        self._wake.set()
        return await waiting.done

    async def run(self) -> None:
        """Write batches until cancelled."""
        while True:
            await self._wake.wait()
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            if not self._waiting:
                self._wake.clear()
            await self._write_or_refuse(batch)
            await asyncio.sleep(self.window_s)

    async def _write_or_refuse(self, batch: list[_Waiting]) -> None:
        try:
            await self._write(batch)
        except Exception as error:  # noqa: BLE001 -- whatever it is, each caller waits for an answer
            if len(batch) > 1:
                # One row that PostgreSQL refuses must not take the others with it.
                for waiting in batch:
                    await self._write_or_refuse([waiting])
            elif not batch[0].done.done():
                batch[0].done.set_exception(Problem(500, detail=str(error)))

    async def find(
        self, tenant: str, command: str, request_id: str, payload: Mapping[str, Any]
    ) -> Accepted | None:
        """Return the answer to an earlier use of the key, if there was one.

        Raises:
            Problem: It was used with another payload.
        """
        key = {"tenant_id": tenant, "command_name": command, "request_id": request_id}
        rows = await self.pool.rows(_EARLIER, (orjson.dumps([key]).decode(),))
        if not rows:
            return None
        if rows[0][4] != _digest(payload):
            raise Problem(409, "COMMAND_IDEMPOTENCY_CONFLICT", _CONFLICT)
        return Accepted(rows[0][3], rows[0][5], rows[0][6])

    async def _write(self, batch: list[_Waiting]) -> None:
        conflict = "ON CONFLICT (tenant_id, command_name, request_id) DO NOTHING" if self.deduplicates else ""
        text = orjson.dumps([waiting.row() for waiting in batch]).decode()
        async with self.pool.connection() as connection:
            cursor = await connection.execute(_INSERT.format(conflict=conflict), (text,))
            written = {row[0] for row in await cursor.fetchall()}
        for waiting in batch:
            if waiting.command_id in written and not waiting.done.done():
                service = waiting.submission.template.service
                waiting.done.set_result(Accepted(waiting.command_id, waiting.at, service))
        again = [waiting for waiting in batch if waiting.command_id not in written]
        if again:
            await self._replay(again)

    async def _replay(self, again: list[_Waiting]) -> None:
        text = orjson.dumps([_key(waiting.submission) for waiting in again]).decode()
        rows = await self.pool.rows(_EARLIER, (text,))
        earlier = {(row[0], row[1], row[2]): row[3:] for row in rows}
        replayed: list[str] = []
        for waiting in again:
            if waiting.done.done():
                continue
            command_id, digest, at, service = earlier[waiting.submission.key]
            if digest == waiting.hash:
                replayed.append(command_id)
                waiting.done.set_result(Accepted(command_id, at, service))
            else:
                waiting.done.set_exception(Problem(409, "COMMAND_IDEMPOTENCY_CONFLICT", _CONFLICT))
        if replayed:
            await self.pool.rows(_REPUBLISH, (replayed,))


def _key(submission: Submission) -> dict[str, str]:
    return {
        "tenant_id": submission.tenant_id,
        "command_name": submission.template.name,
        "request_id": submission.request_id,
    }


def _digest(payload: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)).hexdigest()
