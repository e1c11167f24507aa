"""The sandbox's own routes: faults, by a token that only its owner knows."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass

import orjson

from tartware_loadtest.errors import InputError
from tartware_loadtest.sandbox.faults import FaultPlan
from tartware_loadtest.sandbox.gateway.limits import Limiter
from tartware_loadtest.sandbox.gateway.pool import Pool
from tartware_loadtest.sandbox.gateway.problems import Problem, Response, json_response
from tartware_loadtest.sandbox.gateway.request import Request
from tartware_loadtest.sandbox.gateway.settings import GatewaySettings
from tartware_loadtest.sandbox.gateway.shaping import Faults
from tartware_loadtest.sandbox.gateway.tokens import Tokens

__all__ = ["Admin", "limiter_of"]

_CONTROL = """
INSERT INTO sandbox_meta (key, value) VALUES ('consumer', %s::jsonb)
ON CONFLICT (key) DO UPDATE SET value = sandbox_meta.value || excluded.value RETURNING key
"""


def limiter_of(settings: GatewaySettings) -> Limiter:
    """Return the limiter that a setting means: ``off``, ``default`` or a number a minute."""
    if settings.rate_limit.isdecimal():
        return Limiter(settings.age, on=True, per_minute=int(settings.rate_limit))
    return Limiter(settings.age, on=settings.rate_limit == "default")


@dataclass(slots=True)
class Admin:
    """Answers ``/__sandbox/…``."""

    settings: GatewaySettings
    pool: Pool
    faults: Faults
    tokens: Tokens
    limiter: Limiter

    async def answer(self, request: Request) -> Response:
        """Show or set the faults.

        Raises:
            Problem: The token is wrong, the route unknown or the plan none.
        """
        given = request.header("x-sandbox-token") or ""
        if not hmac.compare_digest(given, self.settings.admin_token):
            raise Problem(401, "SANDBOX_TOKEN_REQUIRED", "The sandbox's own token is required")
        if request.scope.path != "/__sandbox/faults":
            raise Problem(404, detail="There is no such route")
        if request.scope.method == "PUT":
            try:
                await self.apply(request.body())
            except InputError as error:
                raise Problem(400, "FAULTS_INVALID", error.message) from None
        elif request.scope.method != "GET":
            raise Problem(405, detail="GET or PUT")
        return Response(200, orjson.dumps(self.faults.report()))

    async def apply(self, raw: dict[str, object]) -> None:
        """Put a plan in force.

        Raises:
            InputError: The plan is none.
        """
        plan = self.faults.set(raw)
        reject = plan.token_rejected_at
        if plan.token_reject_after_s is not None:
            reject = time.time() + plan.token_reject_after_s
        self.tokens.rejected_at = reject
        fresh = limiter_of(self.settings)
        self.limiter.on, self.limiter.per_minute = fresh.on, fresh.per_minute
        if plan.rate_limit is not None:
            self.limiter.on, self.limiter.per_minute = True, plan.rate_limit
        self.limiter.forget()
        await self._control(plan)

    async def _control(self, plan: FaultPlan) -> None:
        # The consumer is another process: it reads its orders from the database. None means its own setting.
        orders = {"rate": plan.consumer_rate, "stopped": bool(plan.consumer_stopped)}
        await self.pool.rows(_CONTROL, (orjson.dumps(orders).decode(),))


def health(service: str = "api-gateway") -> Response:
    """Return the answer of ``/health``."""
    return json_response({"status": "ok", "service": service})
