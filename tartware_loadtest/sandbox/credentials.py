"""Tokens of the named users, and the file that hands a run what it needs."""

from __future__ import annotations

from pathlib import Path

from tartware_loadtest.errors import InputError
from tartware_loadtest.files import write_atomically
from tartware_loadtest.sandbox.state import State

__all__ = ["token_for", "write_environment"]


def token_for(state: State, user: str, ttl_s: float, issuer: str | None = None) -> str:
    """Return a fresh access token of a named user.

    Raises:
        InputError: There is no such user.
    """
    from tartware_loadtest.sandbox.gateway.tokens import issue  # noqa: PLC0415 -- needs the extra, others do not

    found = state.users.get(user) or state.users.get(f"sandbox.{user}")
    if found is None:
        names = ", ".join(name.removeprefix("sandbox.") for name in state.users)
        raise InputError(f"The sandbox has no user {user!r}; it has {names}.")
    return issue(state.jwt_secret, found, state.age, ttl_s, issuer)


def write_environment(directory: Path, state: State, ttl_s: float) -> Path:
    """Write what a run needs to reach the sandbox (0600), and return where."""
    path = directory / "sandbox.env"
    values = {
        "GATEWAY_BASE_URL": state.url,
        "API_TOKEN": token_for(state, "admin", ttl_s),
        "DATABASE_URL": state.app_dsn,
    }
    write_atomically(path, "".join(f"{name}={value}\n" for name, value in values.items()))
    return path
