"""The guide's environment variables, and what a sample puts into them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import zip_longest

from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling.sample import Sample

__all__ = ["ID_VARIABLES", "MAX_IDS", "VARIABLES", "capped", "check_url", "check_value", "owned_variables"]

ID_VARIABLES = (
    "TENANT_IDS",
    "PROPERTY_IDS",
    "ROOM_TYPE_IDS",
    "RESERVATION_IDS",
    "GUEST_IDS",
    "HOUSEKEEPING_TASK_IDS",
    "HOUSEKEEPING_STAFF_IDS",
)
VARIABLES = (
    "GATEWAY_BASE_URL",
    "API_TOKEN",
    *ID_VARIABLES,
    "COMMAND_TARGET_RATE",
    "READ_RATE",
    "TEST_DURATION",
)
"""The guide's twelve, in the guide's order."""

MAX_IDS = 500
"""Most IDs in one variable: a process takes 128 KiB in one, and kubectl 256 KiB in all of a ConfigMap."""

_SAFE = re.compile(r"[A-Za-z0-9._:/@%+,=\[\]-]*")
_URL = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~%/-]*)?")


def owned_variables(sample: Sample, gateway_url: str | None = None) -> dict[str, str]:
    """Return the variables that bootstrap owns, in the guide's order; the URL only where one was given.

    Raises:
        InputError: The URL is none, or holds what shell, Docker and python-dotenv read differently.
    """
    owned = {"GATEWAY_BASE_URL": check_url(gateway_url)} if gateway_url else {}
    return owned | {name: ",".join(ids[:MAX_IDS]) for name, ids in _ids(sample).items()}


def capped(sample: Sample) -> list[str]:
    """Say which variables hold fewer IDs than were sampled."""
    return [
        f"{name} holds {MAX_IDS:,} of {len(ids):,} IDs (a variable is limited); the data file holds all"
        for name, ids in _ids(sample).items()
        if len(ids) > MAX_IDS
    ]


def check_value(name: str, value: str) -> str:
    """Return ``value`` if the shell, Docker and python-dotenv read it the same without quotes.

    Raises:
        InputError: It holds a character that one of them would change.
    """
    if _SAFE.fullmatch(value):
        return value
    raise InputError(
        f"{name} holds a character that shell, Docker and python-dotenv read differently.",
        hint="Use letters, digits and . _ : / @ % + , = [ ] - alone; percent-encode the rest.",
    )


def check_url(url: str) -> str:
    """Return a gateway's base URL unchanged.

    Raises:
        InputError: It is none, or carries credentials, a query or a character that has to be encoded.
    """
    if not _URL.fullmatch(url):
        raise InputError(
            "The gateway URL is not of the form http(s)://HOST[:PORT][/PATH].",
            hint="Leave out user, password and query; the token goes into API_TOKEN.",
        )
    return check_value("GATEWAY_BASE_URL", url)


def _ids(sample: Sample) -> Mapping[str, list[str]]:
    columns = {
        "PROPERTY_IDS": lambda tenant: [stay.property_id for stay in tenant.stays],
        "ROOM_TYPE_IDS": lambda tenant: [stay.room_type_id for stay in tenant.stays],
        "RESERVATION_IDS": lambda tenant: [each.reservation_id for each in tenant.reservations],
        "GUEST_IDS": lambda tenant: list(tenant.guests),
        "HOUSEKEEPING_TASK_IDS": lambda tenant: [task.task_id for task in tenant.tasks],
        "HOUSEKEEPING_STAFF_IDS": lambda tenant: [task.staff_id for task in tenant.tasks],
    }
    ids = {"TENANT_IDS": [tenant.tenant_id for tenant in sample.tenants]}
    return ids | {name: _fairly(map(column, sample.tenants)) for name, column in columns.items()}


def _fairly(lists: Iterable[list[str]]) -> list[str]:
    """Interleave, so that a list that is cut still holds each tenant's share; each ID once."""
    rows = zip_longest(*(dict.fromkeys(ids) for ids in lists))
    return list(dict.fromkeys(identifier for row in rows for identifier in row if identifier is not None))
