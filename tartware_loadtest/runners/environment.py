"""The environment of a k6 process: nothing in it may change the run behind the tool's back."""

from __future__ import annotations

from collections.abc import Mapping

from tartware_loadtest.runners.interface import EngineRequest

__all__ = ["PROBE_VARIABLE", "PROXY_VARIABLES", "clean", "engine_variables", "secrets_of"]

PROBE_VARIABLE = "TARTWARE_PROBE_URL"
"""Where the script finds k6's own REST API, for its self-probe."""

PROXY_VARIABLES = tuple(
    name
    for upper in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
    for name in (upper, upper.lower())
)

_PREFIXES = ("K6_", "OTEL_", "TARTWARE_")
_GUIDE = frozenset(
    {
        "GATEWAY_BASE_URL",
        "API_TOKEN",
        "TENANT_IDS",
        "PROPERTY_IDS",
        "ROOM_TYPE_IDS",
        "RESERVATION_IDS",
        "GUEST_IDS",
        "HOUSEKEEPING_TASK_IDS",
        "HOUSEKEEPING_STAFF_IDS",
        "COMMAND_TARGET_RATE",
        "READ_RATE",
        "TEST_DURATION",
    }
)
_GO_RUNTIME = frozenset({"GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG", "GOTRACEBACK"})
_FORCED = {
    "K6_NO_USAGE_REPORT": "true",
    "K6_AUTO_EXTENSION_RESOLUTION": "false",
    "K6_NEW_MACHINE_READABLE_SUMMARY": "false",
    "K6_HANDLE_SUMMARY_TIMEOUT": "30m",
}


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` without what k6, its script or Go's runtime would take orders from."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(_PREFIXES) and name not in _GUIDE and name not in _GO_RUNTIME
    }


def engine_variables(request: EngineRequest, api: str) -> dict[str, str]:
    """Return what k6 gets on purpose: the caller's variables, and those that every run needs."""
    return {**request.environment, **_FORCED, PROBE_VARIABLE: f"http://{api}/v1/status"}


def secrets_of(request: EngineRequest) -> list[str]:
    """Return the values that must never be written anywhere."""
    return [request.environment[name] for name in request.secret_names if name in request.environment]
