"""The short spelling of faults for a command line: ``0.06:800`` instead of an object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tartware_loadtest.errors import InputError
from tartware_loadtest.sandbox.faults import parse_faults

__all__ = ["faults_from_flags", "read_faults"]


def _slow(text: str) -> dict[str, Any]:
    share, _, ms = text.partition(":")
    return {"share": float(share), "ms": float(ms or 1_000)}


def _errors(text: str) -> dict[str, Any]:
    share, _, rest = text.partition(":")
    status, _, command = rest.partition(":")
    fault: dict[str, Any] = {"share": float(share), "status": int(status or 500)}
    if command:
        fault["command"] = command
    return fault


def _latency(text: str) -> dict[str, Any]:
    base, _, jitter = text.partition(":")
    return {"base_ms": float(base), "jitter_ms": float(jitter or 0)}


def _capacity(text: str) -> dict[str, Any]:
    slots, _, ms = text.partition(":")
    return {"slots": int(slots), "service_ms": float(ms)}


_SHORT: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "slow": ("SHARE:MS", _slow),
    "errors": ("SHARE[:STATUS[:COMMAND]]", _errors),
    "answer_200": ("SHARE", float),
    "timeouts": ("SHARE", float),
    "drop_connections": ("SHARE", float),
    "rate_limit": ("A_MINUTE", int),
    "latency": ("BASE_MS[:JITTER_MS]", _latency),
    "capacity": ("SLOTS:SERVICE_MS", _capacity),
    "token": ("SECONDS", lambda text: {"reject_after_s": float(text)}),
}


def read_faults(text: str) -> dict[str, Any]:
    """Read a plan from JSON text, or from the file that ``@PATH`` names.

    Raises:
        InputError: It is no JSON object, or no plan.
    """
    try:
        source = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        plan = json.loads(source)
    except OSError as error:
        raise InputError(f"Cannot read {text[1:]}: {error.strerror}.") from error
    except ValueError as error:
        raise InputError(
            f"The faults are no JSON: {error}.", hint='Such as {"slow": {"share": 0.06}}.'
        ) from error
    parse_faults(plan)
    if not isinstance(plan, dict):
        raise InputError("The faults are no JSON object.")
    return plan


def faults_from_flags(plan: str | None, flags: Mapping[str, str | None]) -> dict[str, Any]:
    """Put the short flags over the plan's JSON.

    Raises:
        InputError: A flag has the wrong shape; the message says which it wants.
    """
    faults = read_faults(plan) if plan else {}
    for name, value in flags.items():
        if value is None:
            continue
        shape, parse = _SHORT[name]
        try:
            faults[name] = parse(value)
        except ValueError as error:
            flag = f"--fault-{name.replace('_', '-')}"
            raise InputError(f"{flag} {value!r} has not the form {shape}.") from error
    parse_faults(faults)
    return faults
