"""Login and refresh: passwords are salted hashes, refresh tokens are good for one use."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from tartware_loadtest.sandbox.gateway.pool import Pool
from tartware_loadtest.sandbox.gateway.problems import Age, Problem, Response, json_response
from tartware_loadtest.sandbox.gateway.request import Request
from tartware_loadtest.sandbox.gateway.tokens import issue
from tartware_loadtest.sandbox.schema import verify_password

__all__ = ["Login"]

_USER = """
SELECT id::text, password_hash FROM users WHERE username = %s AND is_active AND NOT is_deleted
"""
_MEMBERSHIPS = """
SELECT a.tenant_id::text, t.name, a.role::text, a.is_active, a.modules
FROM user_tenant_associations a JOIN tenants t ON t.id = a.tenant_id
WHERE a.user_id = %s AND NOT a.is_deleted ORDER BY t.created_at
"""
_STORE = """
INSERT INTO sandbox_refresh_tokens (token_hash, user_id, expires_at)
VALUES (%s, %s, now() + interval '7 days') RETURNING user_id
"""
_USE = """
UPDATE sandbox_refresh_tokens SET used_at = now()
WHERE token_hash = %s AND used_at IS NULL AND expires_at > now() RETURNING user_id::text
"""


@dataclass(slots=True)
class Login:
    """Issues tokens."""

    pool: Pool
    secret: str
    age: Age
    ttl_s: float

    async def login(self, request: Request) -> Response:
        """Answer ``POST /v1/auth/login``.

        Raises:
            Problem: A field is missing, or the user or password is wrong.
        """
        body = request.body()
        username, password = body.get("username"), body.get("password")
        if not isinstance(username, str) or not isinstance(password, str):
            raise Problem(400, detail="username and password are required")
        rows = await self.pool.rows(_USER, (username,))
        stored = str(rows[0][1] or "") if rows else ""
        good = bool(stored) and await asyncio.to_thread(verify_password, password, stored)
        if not good:
            raise Problem(401, "INVALID_CREDENTIALS", "Username or password is wrong")
        return await self._grant(rows[0][0])

    async def refresh(self, request: Request) -> Response:
        """Answer ``POST /v1/auth/refresh``.

        Raises:
            Problem: The refresh token is missing, unknown, expired or used.
        """
        token = request.body().get("refresh_token")
        if not isinstance(token, str):
            raise Problem(400, detail="refresh_token is required")
        rows = await self.pool.rows(_USE, (_hash(token),))
        if not rows:
            raise Problem(401, "INVALID_REFRESH_TOKEN", "The refresh token is not valid any more")
        return await self._grant(rows[0][0])

    async def _grant(self, user: str) -> Response:
        memberships = await self.pool.rows(_MEMBERSHIPS, (user,))
        body: dict[str, Any] = {
            "access_token": issue(self.secret, user, self.age, self.ttl_s),
            "token_type": "Bearer",
            "expires_in": int(self.ttl_s),
            "must_change_password": False,
            "memberships": [
                {
                    "tenant_id": row[0],
                    "tenant_name": row[1],
                    "role": row[2],
                    "is_active": row[3],
                    "modules": row[4],
                }
                for row in memberships
            ],
        }
        if self.age == "H":
            token = secrets.token_urlsafe(32)
            await self.pool.rows(_STORE, (_hash(token), user))
            body["refresh_token"] = token
        return json_response(body)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
