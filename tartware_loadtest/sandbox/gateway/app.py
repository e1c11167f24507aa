"""The gateway: faults, routes, checks and answers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import psycopg

from tartware_loadtest.sandbox.faults import Rule
from tartware_loadtest.sandbox.gateway.access import Access
from tartware_loadtest.sandbox.gateway.admin import Admin, health, limiter_of
from tartware_loadtest.sandbox.gateway.fields import is_uuid
from tartware_loadtest.sandbox.gateway.login import Login
from tartware_loadtest.sandbox.gateway.metrics import render_metrics
from tartware_loadtest.sandbox.gateway.pool import Pool
from tartware_loadtest.sandbox.gateway.problems import Problem, Response, as_response, json_response
from tartware_loadtest.sandbox.gateway.reads import Reader
from tartware_loadtest.sandbox.gateway.registry import Registry
from tartware_loadtest.sandbox.gateway.request import HTTPProtocol, Request, Scope
from tartware_loadtest.sandbox.gateway.routes import Route, match_route
from tartware_loadtest.sandbox.gateway.settings import GatewaySettings
from tartware_loadtest.sandbox.gateway.shaping import Faults, cut, hang
from tartware_loadtest.sandbox.gateway.submit import Submitter, check_execute_body
from tartware_loadtest.sandbox.gateway.tokens import Tokens
from tartware_loadtest.sandbox.gateway.writer import Writer

__all__ = ["Gateway"]

_READ_CONNECTIONS = 4


class Gateway:
    """An RSGI application that keeps the deployment's contract.

    Args:
        settings: Age, database, secrets and the first faults.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.pool = Pool(settings.dsn, _READ_CONNECTIONS)
        self.writer = Writer(Pool(settings.dsn, 1), deduplicates=settings.age == "H")
        self.tokens = Tokens(settings.jwt_secret, settings.age)
        self.limiter = limiter_of(settings)
        self.faults = Faults()
        self.admin = Admin(settings, self.pool, self.faults, self.tokens, self.limiter)
        self.access = Access(self.pool)
        self.registry = Registry(self.pool)
        self.accepted: dict[str, int] = {}
        self.answered: dict[tuple[str, int], int] = {}
        self.submitter = Submitter(settings.age, self.access, self.registry, self.writer, self.accepted)
        self.reader = Reader(settings.age, self.pool, self.access)
        self.login = Login(self.pool, settings.jwt_secret, settings.age, settings.token_ttl_s)
        self._handlers: dict[str, Callable[[Request, Route], Awaitable[Response]]] = {
            "execute": self._execute,
            "wrapper": self._wrapper,
            "read": lambda request, route: self.reader.rows(request, route.argument),
            "lifecycle": lambda request, route: self.reader.lifecycle(request, route.argument),
            "health": self._health,
            "ready": self._ready,
            "metrics": self._metrics,
            "login": lambda request, _: self.login.login(request),
            "refresh": lambda request, _: self.login.refresh(request),
            "features": self._features,
            "definitions": self._definitions,
            "switch": self._switch,
            "switch_many": self._switch_many,
            "admin": lambda request, _: self.admin.answer(request),
        }

    async def start(self) -> None:
        """Put the first faults in force and meet the database."""
        await self.registry.refresh()
        await self.admin.apply(dict(self.settings.faults))

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        if scope.proto != "http":
            return
        route = match_route(scope.method, scope.path, self.settings.age)
        rule = self.faults.pick(route.kind, route.argument) if route and route.kind else None
        # Read in any case: an unread body would close the connection.
        raw = await protocol() if scope.method != "GET" else b""
        if rule and await self._swallow(rule, scope, protocol):
            return
        began = time.monotonic()
        response = await self._answer(scope, raw, route, rule)
        if rule and rule.fault == "slow":
            await asyncio.sleep(max(0.0, rule.ms / 1000 - (time.monotonic() - began)))
        if rule and rule.fault == "timeouts":
            await hang(protocol)
        elif rule and rule.fault == "drop_connections":
            cut(scope)
        else:
            self._send(protocol, route, response)

    async def _swallow(self, rule: Rule, scope: Scope, protocol: HTTPProtocol) -> bool:
        if rule.accepted or rule.fault not in {"timeouts", "drop_connections"}:
            return False
        if rule.fault == "timeouts":
            await hang(protocol)
        else:
            cut(scope)
        return True

    async def _answer(self, scope: Scope, raw: bytes, route: Route | None, rule: Rule | None) -> Response:
        try:
            if rule and rule.fault == "errors":
                raise Problem(rule.status, detail="Injected by the sandbox")  # noqa: TRY301 -- spelled like any other
            if route is None:
                raise Problem(404, detail=f"Route {scope.method}:{scope.path} not found")  # noqa: TRY301 -- as above
            if route.kind is None:
                return await self._handle(scope, raw, route)
            async with self.faults.shape(route.kind):
                response = await self._handle(scope, raw, route)
        except Problem as problem:
            return as_response(problem, self.settings.age, scope.path)
        except psycopg.Error as error:
            return as_response(Problem(500, detail=str(error)), self.settings.age, scope.path)
        if rule and rule.fault == "answer_200" and response.status == 202:
            return Response(200, response.body, response.headers)
        return response

    async def _handle(self, scope: Scope, raw: bytes, route: Route) -> Response:
        # The order of the deployment: token, limiter, body, tenant and role, payload, key, registry.
        request = Request(scope, raw, self.tokens.user(scope.headers.get("authorization")))
        headers = self.limiter.take(route.bucket, request.client) if route.bucket else ()
        response = await self._handlers[route.name](request, route)
        return response.with_headers(*headers) if headers else response

    def _send(self, protocol: HTTPProtocol, route: Route | None, response: Response) -> None:
        key = (route.name if route else "none", response.status)
        self.answered[key] = self.answered.get(key, 0) + 1
        # A client that has gone away needs no answer.
        with suppress(Exception):
            protocol.response_bytes(response.status, list(response.headers), response.body)

    async def _execute(self, request: Request, route: Route) -> Response:
        tenant, payload = check_execute_body(request.body())
        return await self.submitter.submit(request, route.argument, tenant, payload)

    async def _wrapper(self, request: Request, route: Route) -> Response:
        assert route.call is not None  # noqa: S101 -- the router sets it with the name
        tenant, payload = route.call.payload(request)
        return await self.submitter.submit(request, route.argument, tenant, payload)

    async def _health(self, _request: Request, _route: Route) -> Response:
        return health()

    async def _ready(self, _request: Request, _route: Route) -> Response:
        if self.settings.age == "S":
            return health()
        try:
            await self.pool.rows("SELECT 1")
        except psycopg.Error:
            checks = {"database": False, "kafka": True, "coreService": True}
            return json_response({"status": "degraded", "service": "api-gateway", "checks": checks}, 503)
        checks = {"database": True, "kafka": True, "coreService": True}
        return json_response({"status": "ok", "service": "api-gateway", "checks": checks})

    async def _metrics(self, _request: Request, _route: Route) -> Response:
        return await render_metrics(self.pool, self.accepted, self.answered)

    async def _features(self, request: Request, _route: Route) -> Response:
        self._require_user(request)
        return json_response(await self.registry.features())

    async def _definitions(self, request: Request, _route: Route) -> Response:
        self._require_user(request)
        return json_response(await self.registry.definitions())

    async def _switch(self, request: Request, route: Route) -> Response:
        self._require_user(request)
        await self.registry.switch(route.argument, request.body().get("status"))
        return json_response({"command_name": route.argument, "status": request.body().get("status")})

    async def _switch_many(self, request: Request, _route: Route) -> Response:
        self._require_user(request)
        updates: Any = request.body().get("updates")
        if not isinstance(updates, list) or not 1 <= len(updates) <= 200:
            raise Problem(400, detail="updates must hold 1 to 200 entries")
        for update in updates:
            await self.registry.switch(str(update.get("command_name")), update.get("status"))
        return json_response({"updated": len(updates)})

    def _require_user(self, request: Request) -> None:
        if request.user is None or not is_uuid(request.user):
            raise Problem(401, "AUTHENTICATION_REQUIRED", "Authentication is required")


def load_settings(text: str) -> GatewaySettings:
    """Read the settings' JSON."""
    return GatewaySettings(**json.loads(text))
