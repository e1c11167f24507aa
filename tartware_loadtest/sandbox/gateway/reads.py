"""Reads: real rows through an index, made into JSON by PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tartware_loadtest.sandbox.gateway.access import Access
from tartware_loadtest.sandbox.gateway.fields import is_uuid
from tartware_loadtest.sandbox.gateway.pool import Pool
from tartware_loadtest.sandbox.gateway.problems import Age, Problem, Response
from tartware_loadtest.sandbox.gateway.request import Request

__all__ = ["READS", "Reader"]


@dataclass(frozen=True, slots=True)
class _Read:
    table: str
    columns: str
    role: str
    modules: tuple[str, ...] = ("core",)
    most: int = 200
    wrapped: bool = False


READS: Mapping[str, _Read] = MappingProxyType(
    {
        "/v1/rooms": _Read(
            "rooms",
            "id, tenant_id, property_id, room_type_id, room_number, status, housekeeping_status,"
            " maintenance_status, is_blocked, is_out_of_order",
            "MANAGER",
        ),
        "/v1/guests": _Read(
            "guests",
            "id, tenant_id, first_name, last_name, email, phone, vip_status, is_blacklisted, created_at",
            "MANAGER",
            most=100,
        ),
        "/v1/rates": _Read(
            "rates",
            "id, tenant_id, property_id, room_type_id, rate_code, base_rate, status, valid_from, valid_until",
            "MANAGER",
        ),
        "/v1/room-types": _Read(
            "room_types",
            "id, tenant_id, property_id, type_name, type_code, base_price, max_occupancy, is_active",
            "MANAGER",
        ),
        "/v1/billing/payments": _Read(
            "payments",
            "id, tenant_id, property_id, reservation_id, guest_id, payment_reference, payment_method, amount,"
            " currency, status, created_at",
            "ADMIN",
            ("core", "finance-automation"),
        ),
        "/v1/reservations": _Read(
            "reservations",
            "id, tenant_id, property_id, guest_id, room_type_id, confirmation_number, check_in_date,"
            " check_out_date, status, source, total_amount, balance_due, currency, guest_name, created_at",
            "STAFF",
            wrapped=True,
        ),
        "/v1/housekeeping/tasks": _Read(
            "housekeeping_tasks",
            "id, tenant_id, property_id, room_number, task_type, priority, status, assigned_to,"
            " scheduled_date",
            "STAFF",
        ),
        "/v1/properties": _Read(
            "properties",
            "id, tenant_id, property_name, property_code, total_rooms, currency, timezone, is_active",
            "STAFF",
        ),
    }
)

# (tenant_id, id) is indexed on each; newest first, as the deployment sorts, would read a whole tenant.
_ROWS = (
    "SELECT coalesce(json_agg(r)::text, '[]'), count(*) FROM"
    " (SELECT {columns} FROM {table} WHERE tenant_id = %s AND NOT is_deleted"
    " ORDER BY id LIMIT %s OFFSET %s) AS r"
)
_LIFECYCLE = (
    "SELECT coalesce(json_agg(r)::text, '[]'), count(*) FROM (SELECT event_id, reservation_id, command_name,"
    " correlation_id, current_state, created_at, updated_at FROM reservation_command_lifecycle"
    " WHERE tenant_id = %s AND reservation_id = %s ORDER BY created_at LIMIT 200) AS r"
)


@dataclass(slots=True)
class Reader:
    """Answers reads."""

    age: Age
    pool: Pool
    access: Access

    async def rows(self, request: Request, path: str) -> Response:
        """Return a page of a table.

        Raises:
            Problem: No token, no tenant, not enough role or modules, or a limit that is too large.
        """
        read = READS[path]
        tenant = self._tenant(request)
        limit = self._whole(request, "limit", self._whole(request, "page_size", 50, read.most), read.most)
        page = self._whole(request, "page", 1, 1_000_000)
        # At S billing is no finance module yet.
        modules = read.modules if self.age == "H" else ("core",)
        await self.access.require(request.user, tenant, read.role, *modules)
        statement = _ROWS.format(columns=read.columns, table=read.table)
        found = await self.pool.rows(statement, (tenant, limit, (page - 1) * limit))
        text, count = found[0]
        if read.wrapped:
            return Response(200, f'{{"data":{text},"meta":{{"count":{count}}}}}'.encode())
        return Response(200, text.encode())

    async def lifecycle(self, request: Request, reservation: str) -> Response:
        """Return what became of the commands on one reservation."""
        tenant = self._tenant(request)
        await self.access.require(request.user, tenant, "STAFF", "core")
        found = await self.pool.rows(_LIFECYCLE, (tenant, reservation))
        return Response(200, f'{{"data":{found[0][0]},"meta":{{"count":{found[0][1]}}}}}'.encode())

    def _tenant(self, request: Request) -> str:
        tenant = request.query.get("tenant_id")
        if tenant is None:
            raise _invalid("", "must have required property 'tenant_id'", "required")
        if not is_uuid(tenant):
            raise _invalid("/tenant_id", 'must match format "uuid"', "format")
        return tenant

    def _whole(self, request: Request, name: str, default: int, most: int) -> int:
        value = request.query.get(name)
        if value is None:
            return default
        if not value.isdecimal() or int(value) < 1:
            raise _invalid(f"/{name}", "must be >= 1", "minimum")
        if int(value) > most:
            raise _invalid(f"/{name}", f"must be <= {most}", "maximum")
        return int(value)


def _invalid(path: str, message: str, code: str) -> Problem:
    errors = [{"path": path, "message": message, "code": code}]
    return Problem(400, detail=f"querystring{path} {message}", errors=errors)
