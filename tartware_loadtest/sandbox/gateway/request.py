"""One request as the handlers see it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson

from tartware_loadtest.sandbox.gateway.problems import Problem

__all__ = ["HTTPProtocol", "Request", "Scope"]


class Headers(Protocol):
    """The part of granian's headers that is used."""

    def get(self, key: str, default: str | None = None) -> str | None:
        """Return a header by its lower-case name."""


class Scope(Protocol):
    """The part of granian's scope that is used."""

    proto: str
    method: str
    path: str
    query_string: str
    client: str
    headers: Headers


class HTTPProtocol(Protocol):
    """The part of granian's protocol that is used."""

    async def __call__(self) -> bytes:
        """Return the body."""
        ...

    async def client_disconnect(self) -> None:
        """Wait until the client has gone away."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send an answer."""


@dataclass
class Request:
    """A request whose body has been read.

    Attributes:
        user: The id of the user whose token it carries, or None.
    """

    scope: Scope
    raw: bytes
    user: str | None

    @cached_property
    def request_id(self) -> str:
        """The caller's ``X-Request-Id``, or one of ours."""
        return self.header("x-request-id") or str(uuid.uuid4())

    @cached_property
    def query(self) -> dict[str, str]:
        """The query's parameters; the last of a repeated one."""
        return dict(parse_qsl(self.scope.query_string))

    @property
    def client(self) -> str:
        """Whose bucket of the rate limiter pays."""
        return self.header("x-api-key") or self.scope.client.rpartition(":")[0]

    def header(self, name: str) -> str | None:
        """Return a header by its lower-case name."""
        return self.scope.headers.get(name)

    def body(self) -> dict[str, Any]:
        """Return the JSON object in the body.

        Raises:
            Problem: A 400, or a 415 for another content type.
        """
        if not self.raw:
            return {}
        kind = self.header("content-type") or ""
        if not kind.startswith("application/json"):
            raise Problem(415, detail=f"Unsupported Media Type: {kind or 'none'}")
        try:
            value = orjson.loads(self.raw)
        except orjson.JSONDecodeError:
            raise Problem(
                400, detail="Body is not valid JSON but content-type is set to 'application/json'"
            ) from None
        if not isinstance(value, dict):
            raise Problem(400, detail="body must be object")
        return value
