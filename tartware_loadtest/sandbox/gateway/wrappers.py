"""The REST wrappers: other paths to the same commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tartware_loadtest.sandbox.gateway.fields import is_uuid
from tartware_loadtest.sandbox.gateway.problems import Age, Problem
from tartware_loadtest.sandbox.gateway.request import Request

__all__ = ["Call", "match_wrapper"]


@dataclass(frozen=True, slots=True)
class Call:
    """A wrapper that was recognised.

    Attributes:
        command: What it submits.
        tenant: From the path, or None where the body names it.
        known: Fields of the payload that the path gives.
        broken: The wildcard route of reservations, which always refuses.
    """

    command: str
    tenant: str | None = None
    known: tuple[tuple[str, str], ...] = ()
    broken: bool = False

    def payload(self, request: Request) -> tuple[str, dict[str, Any]]:
        """Return tenant and payload.

        Raises:
            Problem: A 400; the wrappers' codes stand in its detail.
        """
        if self.broken:
            # The route's schema strips the very part of the path that holds the id.
            raise Problem(400, detail="RESERVATION_ID_REQUIRED")
        body = request.body()
        tenant = self.tenant or body.pop("tenant_id", None)
        if tenant is None:
            raise Problem(400, detail="TENANT_ID_REQUIRED")
        if not is_uuid(tenant):
            path = "/tenantId" if self.tenant else "/tenant_id"
            errors = [{"path": path, "message": 'must match format "uuid"', "code": "format"}]
            raise Problem(400, detail=f'params{path} must match format "uuid"', errors=errors)
        _refuse_gaps(self.command, body)
        return tenant, {**body, **dict(self.known)}


def _refuse_gaps(command: str, body: Mapping[str, Any]) -> None:
    if command == "guest.register" and not body:
        raise Problem(400, detail="GUEST_PAYLOAD_REQUIRED")
    if command == "housekeeping.task.assign" and not body.get("assigned_to"):
        raise Problem(400, detail="ASSIGNED_TO_REQUIRED")


def match_wrapper(method: str, path: str, age: Age) -> Call | None:
    """Return the call that a path means, or None where it is no wrapper."""
    call = None
    match [method, *path.split("/")[1:]]:
        case ["POST", "v1", "guests"]:
            call = Call("guest.register")
        case ["PUT" | "PATCH", "v1", "tenants", tenant, "reservations", _, *_]:
            call = Call("reservation.modify", tenant, broken=True)
        case ["DELETE", "v1", "tenants", tenant, "reservations", _, *_]:
            call = Call("reservation.cancel", tenant, broken=True)
        case ["POST", "v1", "tenants", tenant, *rest]:
            call = _match_post(tenant, rest, age)
    return call


def _match_post(tenant: str, rest: Sequence[str], age: Age) -> Call | None:
    call = None
    match rest:
        case ["reservations"]:
            call = Call("reservation.create", tenant)
        case ["reservations", reservation, "cancel"] if age == "H":
            call = Call("reservation.cancel", tenant, (("reservation_id", reservation),))
        case ["billing", "payments", "capture"]:
            call = Call("billing.payment.capture", tenant)
        case ["housekeeping", "tasks", task, ("assign" | "complete") as verb]:
            call = Call(f"housekeeping.task.{verb}", tenant, (("task_id", task),))
        case ["commands", command] if age == "H":
            call = Call(command, tenant)
    return call
