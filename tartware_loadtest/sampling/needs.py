"""Which pools feed which commands, and which tables and columns each pool is read from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

__all__ = ["ALL_POOLS", "FEEDS", "TABLES", "Pool", "TableNeed", "commands_fed_by", "pools_for"]


class Pool(StrEnum):
    """A kind of tuple that the scenario draws from."""

    STAYS = "stays"
    GUESTS = "guests"
    RESERVATIONS = "reservations"
    CANCELLABLE = "cancellable"
    TASKS = "tasks"


ALL_POOLS = frozenset(Pool)

FEEDS: Mapping[Pool, tuple[str, ...]] = MappingProxyType(
    {
        Pool.STAYS: ("reservation.create",),
        Pool.GUESTS: ("reservation.create",),
        Pool.RESERVATIONS: ("reservation.modify", "billing.payment.capture"),
        Pool.CANCELLABLE: ("reservation.cancel",),
        Pool.TASKS: ("housekeeping.task.assign", "housekeeping.task.complete"),
    }
)
"""The commands that draw from each pool; ``guest.register`` needs a tenant alone."""


@dataclass(frozen=True, slots=True)
class TableNeed:
    """What sampling reads from one table; every column named here exists at both ages of the deployment.

    Attributes:
        columns: Columns that must exist and be readable.
        uuids: Those of them that must be of type uuid.
        pools: The pools that cannot be sampled without the table.
    """

    columns: tuple[str, ...]
    uuids: tuple[str, ...]
    pools: frozenset[Pool]


_LIVE = frozenset({Pool.RESERVATIONS, Pool.CANCELLABLE})

TABLES: Mapping[str, TableNeed] = MappingProxyType(
    {
        "tenants": TableNeed(("id", "status", "is_deleted"), ("id",), ALL_POOLS),
        "properties": TableNeed(
            ("id", "tenant_id", "is_active", "is_deleted"), ("id", "tenant_id"), _LIVE | {Pool.STAYS}
        ),
        "room_types": TableNeed(
            ("id", "tenant_id", "property_id", "is_active", "is_deleted"),
            ("id", "tenant_id", "property_id"),
            frozenset({Pool.STAYS}),
        ),
        "rates": TableNeed(
            (
                *("tenant_id", "property_id", "room_type_id", "rate_code"),
                *("status", "valid_from", "valid_until", "is_deleted"),
            ),
            ("tenant_id", "property_id", "room_type_id"),
            frozenset({Pool.STAYS}),
        ),
        "guests": TableNeed(
            ("id", "tenant_id", "is_blacklisted", "is_deleted"),
            ("id", "tenant_id"),
            _LIVE | {Pool.GUESTS},
        ),
        "reservations": TableNeed(
            ("id", "tenant_id", "property_id", "guest_id", "status", "is_deleted"),
            ("id", "tenant_id", "property_id", "guest_id"),
            _LIVE,
        ),
        "housekeeping_tasks": TableNeed(
            ("id", "tenant_id", "assigned_to", "is_deleted"),
            ("id", "tenant_id", "assigned_to"),
            frozenset({Pool.TASKS}),
        ),
        "user_tenant_associations": TableNeed(
            ("id", "user_id", "tenant_id", "role", "is_active", "is_deleted"),
            ("id", "user_id", "tenant_id"),
            frozenset({Pool.TASKS}),
        ),
    }
)


def pools_for(commands: Iterable[str]) -> frozenset[Pool]:
    """Return the pools that these commands draw from; unknown names need none."""
    wanted = set(commands)
    return frozenset(pool for pool, fed in FEEDS.items() if wanted.intersection(fed))


def commands_fed_by(pools: Iterable[Pool]) -> tuple[str, ...]:
    """Return the commands that these pools feed, in the order of the mix, each once."""
    wanted = set(pools)
    return tuple(dict.fromkeys(name for pool, fed in FEEDS.items() if pool in wanted for name in fed))
