"""Who may do what where: memberships, roles and modules, read from the database."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import psycopg

from tartware_loadtest.sandbox.gateway.pool import Pool
from tartware_loadtest.sandbox.gateway.problems import Problem

__all__ = ["Access", "Membership"]

_RANKS = {"VIEWER": 100, "STAFF": 200, "MANAGER": 300, "ADMIN": 400, "OWNER": 500}
# The deployment asks its database at each request. A second of memory saves a query a command here, and is
# short enough that a changed role shows at once to a person.
_REMEMBERED_S = 1.0


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's place in a tenant."""

    role: str
    active: bool
    modules: frozenset[str]


@dataclass(slots=True)
class Access:
    """Looks memberships up and judges them."""

    pool: Pool
    _known: dict[tuple[str, str], tuple[float, Membership | None]] = field(default_factory=dict)

    async def require(self, user: str | None, tenant: str, role: str, *modules: str) -> Membership:
        """Return the membership that lets the user in.

        Raises:
            Problem: 401 without a user, 403 with the code of the first thing that is missing.
        """
        if user is None:
            raise Problem(401, "AUTHENTICATION_REQUIRED", "Authentication is required")
        membership = await self._membership(user, tenant)
        if membership is None:
            raise Problem(403, "TENANT_ACCESS_DENIED", "You have no access to this tenant")
        if not membership.active:
            raise Problem(403, "TENANT_ACCESS_INACTIVE", "Your access to this tenant is not active")
        if _RANKS[membership.role] < _RANKS[role]:
            raise Problem(403, "TENANT_ROLE_INSUFFICIENT", f"Role {role} or higher is required")
        missing = [module for module in modules if module not in membership.modules]
        if missing:
            raise Problem(403, "TENANT_MODULE_NOT_ENABLED", f"Modules not enabled: {', '.join(missing)}")
        return membership

    async def _membership(self, user: str, tenant: str) -> Membership | None:
        now = time.monotonic()
        known = self._known.get((user, tenant))
        if known is not None and known[0] > now:
            return known[1]
        try:
            rows = await self.pool.rows(
                "SELECT role::text, is_active, modules FROM user_tenant_associations"
                " WHERE user_id = %s AND tenant_id = %s AND NOT is_deleted",
                (user, tenant),
            )
        except psycopg.Error:
            # As the deployment does: a database that does not answer looks like a missing permission.
            return None
        membership = Membership(rows[0][0], rows[0][1], frozenset(rows[0][2])) if rows else None
        self._known[user, tenant] = (now + _REMEMBERED_S, membership)
        return membership
