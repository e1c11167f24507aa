"""Refusals, and how each age of the gateway spells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

import orjson

__all__ = ["Age", "Problem", "Response", "as_response", "json_response"]

Age = Literal["H", "S"]
Headers = tuple[tuple[str, str], ...]
_JSON = ("content-type", "application/json; charset=utf-8")
_PROBLEM = ("content-type", "application/problem+json; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that is ready to be sent."""

    status: int
    body: bytes
    headers: Headers = (_JSON,)

    def with_headers(self, *headers: tuple[str, str]) -> Response:
        """Return the same answer with more headers."""
        return Response(self.status, self.body, self.headers + headers)


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 -- the name that RFC 9457 gives it
    """A refusal. Codes are the deployment's own; several of its refusals have none."""

    status: int
    code: str | None = None
    detail: str = ""
    errors: Sequence[Mapping[str, str]] = ()
    headers: Headers = field(default=())


def json_response(value: object, status: int = 200) -> Response:
    """Return ``value`` as JSON."""
    return Response(status, orjson.dumps(value))


def as_response(problem: Problem, age: Age, path: str) -> Response:
    """Spell a refusal: RFC 9457 at H, the framework's own form at S."""
    title = HTTPStatus(problem.status).phrase
    if age == "S":
        body: dict[str, Any] = (
            {"error": problem.code, "message": problem.detail or title}
            if problem.code
            else {"statusCode": problem.status, "error": title, "message": problem.detail or title}
        )
        return Response(problem.status, orjson.dumps(body), (_JSON, *problem.headers))
    body = {
        "type": "about:blank",
        "title": title,
        "status": problem.status,
        "detail": problem.detail or title,
        "instance": path,
    }
    if problem.code:
        body["code"] = problem.code
    if problem.errors:
        body["errors"] = list(problem.errors)
    return Response(problem.status, orjson.dumps(body), (_PROBLEM, *problem.headers))
