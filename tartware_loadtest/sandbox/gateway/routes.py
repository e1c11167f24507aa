"""Which request means what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tartware_loadtest.sandbox.faults import Kind
from tartware_loadtest.sandbox.gateway.limits import Bucket
from tartware_loadtest.sandbox.gateway.problems import Age
from tartware_loadtest.sandbox.gateway.reads import READS
from tartware_loadtest.sandbox.gateway.wrappers import Call, match_wrapper

__all__ = ["Route", "match_route"]

Name = Literal[
    "execute",
    "wrapper",
    "read",
    "lifecycle",
    "health",
    "ready",
    "metrics",
    "login",
    "refresh",
    "features",
    "definitions",
    "switch",
    "switch_many",
    "admin",
]


@dataclass(frozen=True, slots=True)
class Route:
    """A recognised request.

    Attributes:
        kind: What the faults count it as, or None where they leave it alone.
        argument: The command's name, or the reservation's id.
    """

    name: Name
    kind: Kind | None = None
    bucket: Bucket | None = "global"
    argument: str = ""
    call: Call | None = None


_STATIC = {
    ("GET", "/health"): Route("health", "health"),
    # For our own start-up: neither counted by the faults nor limited.
    ("GET", "/__sandbox/up"): Route("health", bucket=None),
    ("GET", "/ready"): Route("ready", "health"),
    ("POST", "/v1/auth/login"): Route("login", bucket="login"),
}
_STATIC_H = {
    ("GET", "/metrics"): Route("metrics", bucket=None),
    ("POST", "/v1/auth/refresh"): Route("refresh", bucket="login"),
    ("GET", "/v1/commands/features"): Route("features"),
    ("GET", "/v1/commands/definitions"): Route("definitions"),
    ("PATCH", "/v1/commands/features/batch"): Route("switch_many"),
}


# Bounded: the paths of single reservations and tasks would fill any memory.
@lru_cache(maxsize=4096)
def match_route(method: str, path: str, age: Age) -> Route | None:
    """Return what a request means, or None: there is no such route."""
    found = _STATIC.get((method, path)) or (_STATIC_H.get((method, path)) if age == "H" else None)
    if found is None and method == "GET" and path in READS:
        found = Route("read", "read", argument=path)
    return found or _by_parts(method, path, age) or _wrapper(method, path, age)


def _by_parts(method: str, path: str, age: Age) -> Route | None:
    found = None
    match path.split("/"):
        case ["", "__sandbox", *_]:
            found = Route("admin", bucket=None)
        case ["", "v1", "commands", command, "execute"] if method == "POST" and age == "H":
            found = Route("execute", "command", "execute", command)
        case ["", "v1", "commands", command, "features"] if method == "PATCH" and age == "H":
            found = Route("switch", argument=command)
        case ["", "v1", "reservations", reservation, "lifecycle"] if method == "GET" and age == "H":
            found = Route("lifecycle", "read", argument=reservation)
    return found


def _wrapper(method: str, path: str, age: Age) -> Route | None:
    call = match_wrapper(method, path, age)
    if call is None:
        return None
    bucket = "tenant" if path.split("/")[4:5] == ["commands"] else "global"
    return Route("wrapper", "command", bucket, call.command, call)
