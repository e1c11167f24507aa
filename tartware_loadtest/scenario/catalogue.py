"""The commands, reads and rejection classes that the scenario knows. Pure.

Routes and payload rules: the gateway's command API at both of its ages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "CANCEL",
    "COMMANDS",
    "MODIFY",
    "READS",
    "REJECTION_CLASSES",
    "STAGES",
    "STEADY",
    "UNEXPLAINED_CLASSES",
    "Command",
    "Read",
    "scenario_name",
]


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the mix.

    Attributes:
        name: As the gateway spells it.
        pool: Which rows feed it: tenants, stays, reservations, cancellable or tasks.
        wrapper: Path of the REST wrapper (POST) that works at both ages, or empty where none does.
        wrapper_at_h: The same, where it works at age H alone.
        applied_by: Table that proves that it was applied, empty where only the outbox knows.
        defect: Why a deployment accepts it and never applies it, empty where it works.
    """

    name: str
    pool: str
    wrapper: str = ""
    wrapper_at_h: str = ""
    applied_by: str = ""
    defect: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One read: its name in the configuration and its path; ``tenant_id`` and ``limit`` are added."""

    name: str
    path: str


MODIFY = "reservation.modify"
CANCEL = "reservation.cancel"
_HOUSEKEEPING_DEFECT = "the deployment's housekeeping consumer rejects it after the 202"

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        command.name: command
        for command in (
            Command(
                "reservation.create",
                "stays",
                "/v1/tenants/{tenant}/reservations",
                applied_by="reservation_command_lifecycle",
            ),
            Command("guest.register", "tenants", "/v1/guests", applied_by="command_idempotency"),
            Command(MODIFY, "reservations", applied_by="reservation_command_lifecycle"),
            Command(
                "billing.payment.capture",
                "reservations",
                "/v1/tenants/{tenant}/billing/payments/capture",
                applied_by="command_idempotency",
            ),
            Command(
                CANCEL,
                "cancellable",
                wrapper_at_h="/v1/tenants/{tenant}/reservations/{reservation}/cancel",
                applied_by="reservation_command_lifecycle",
            ),
            Command(
                "housekeeping.task.assign",
                "tasks",
                "/v1/tenants/{tenant}/housekeeping/tasks/{task}/assign",
                defect=_HOUSEKEEPING_DEFECT,
            ),
            Command(
                "housekeeping.task.complete",
                "tasks",
                "/v1/tenants/{tenant}/housekeeping/tasks/{task}/complete",
                defect=_HOUSEKEEPING_DEFECT,
            ),
        )
    }
)

READS: Mapping[str, Read] = MappingProxyType(
    {
        read.name: read
        for read in (
            Read("rooms", "/v1/rooms"),
            Read("guests", "/v1/guests"),
            Read("billing.payments", "/v1/billing/payments"),
        )
    }
)

STEADY = "steady"
STAGES = ("ramp_up", STEADY, "ramp_down")

REJECTION_CLASSES = (
    "unauthenticated",
    "role",
    "module",
    "tenant",
    "rate_limit",
    "payload",
    "feature_disabled",
    "conflict",
    "5xx",
    "transport",
    "other",
)
"""Fixed, because a summary shows only the sub-metrics that were declared."""

UNEXPLAINED_CLASSES = (
    "unauthenticated",
    "role",
    "module",
    "payload",
    "feature_disabled",
    "conflict",
    "other",
)
"""Answers that load does not explain; ``tenant`` joins them where no canary passed for the tenants."""


def scenario_name(name: str) -> str:
    """Return the k6 scenario (and exported function) of a command or read."""
    return name.replace(".", "_")
