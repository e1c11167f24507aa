"""What is written down about a running sandbox: one file that only its owner may read."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tartware_loadtest.errors import InputError
from tartware_loadtest.files import write_atomically
from tartware_loadtest.sandbox.database import Server
from tartware_loadtest.sandbox.gateway.problems import Age
from tartware_loadtest.sandbox.processes import Process, alive

__all__ = ["DEFAULT_DIRECTORY", "State", "public", "read_state", "state_path", "write_state"]

DEFAULT_DIRECTORY = Path(".tartware/sandbox")
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class State:
    """A sandbox.

    Attributes:
        schema: Of this file.
        phase: ``starting``, ``up`` or ``down`` (stopped, its data kept).
        version: Of the tool that started it.
        started_at: ISO 8601, UTC.
        url: Of the gateway.
        database: ``system``, ``embedded`` or ``dsn`` (somebody else's server).
        admin_dsn: Owner of the schema; row-level security does not apply.
        app_dsn: The application role; row-level security applies.
        server: The PostgreSQL that we started, if we did.
        users: Id of each named user.
        password: Of all named users.
        seed: Size and number of the data.
        options: What ``up`` was told.
    """

    schema: int
    phase: str
    version: str
    started_at: str
    age: Age
    url: str
    database: str
    admin_dsn: str
    app_dsn: str
    app_role: str
    server: Server | None
    gateway: Process | None
    consumer: Process | None
    jwt_secret: str
    admin_token: str
    password: str
    users: dict[str, str]
    seed: dict[str, int]
    options: dict[str, Any]

    @property
    def running(self) -> bool:
        """Whether every part of it runs."""
        parts = [self.gateway, self.consumer, *([self.server.process] if self.server else [])]
        return self.phase == "up" and all(part is not None and alive(part) for part in parts)


def state_path(directory: Path) -> Path:
    """Return where the state of the sandbox in ``directory`` is."""
    return directory / "state.json"


def write_state(directory: Path, state: State) -> None:
    """Write the state down (0600)."""
    text = json.dumps(dataclasses.asdict(state), indent=2)
    write_atomically(state_path(directory), text + "\n")


def read_state(directory: Path) -> State | None:
    """Return the state of the sandbox in ``directory``, or None where there is none.

    Raises:
        InputError: The file is broken, or of another version of this tool.
    """
    path = state_path(directory)
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(
            f"Cannot read {path}: {error.strerror}.", hint="Use the user who started it."
        ) from error
    try:
        return TypeAdapter(State).validate_json(text)
    except ValidationError as error:
        raise InputError(
            f"{path} is not the state of a sandbox of this version.",
            hint=f"End what it names, then remove {directory}. ({error.error_count()} problems)",
        ) from error


def public(state: State) -> dict[str, Any]:
    """Return the state without its secrets."""
    shown = dataclasses.asdict(state)
    for secret in ("admin_dsn", "app_dsn", "jwt_secret", "admin_token", "password"):
        del shown[secret]
    if shown["server"]:
        del shown["server"]["admin_dsn"]
    return shown
