"""From a checked route to a queued command: the checks in the deployment's order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from tartware_loadtest.sandbox.gateway.access import Access
from tartware_loadtest.sandbox.gateway.fields import is_uuid
from tartware_loadtest.sandbox.gateway.payloads import validate_payload
from tartware_loadtest.sandbox.gateway.problems import Age, Problem, Response
from tartware_loadtest.sandbox.gateway.registry import Registry
from tartware_loadtest.sandbox.gateway.request import Request
from tartware_loadtest.sandbox.gateway.writer import Accepted, Submission, Writer

__all__ = ["Submitter", "check_execute_body"]

_KEY = re.compile(r"[A-Za-z0-9_:-]{8,128}")


@dataclass(slots=True)
class Submitter:
    """Takes a command's name, tenant and payload, and answers 202 or refuses."""

    age: Age
    access: Access
    registry: Registry
    writer: Writer
    accepted: dict[str, int]

    async def submit(
        self, request: Request, command: str, tenant: str, payload: Mapping[str, Any]
    ) -> Response:
        """Check, queue and answer.

        Raises:
            Problem: The first check that fails: scope, payload, idempotency key, registry, conflict.
        """
        membership = await self.access.require(request.user, tenant, "MANAGER", "core")
        kept = validate_payload(command, payload) if self.age == "H" else dict(payload)
        key = self._key(request)
        correlation = request.header("x-correlation-id")
        try:
            template = await self.registry.find(command, membership)
        except Problem:
            # The deployment looks for the key before the registry: a replay outlives a switched-off command.
            earlier = await self.writer.find(tenant, command, key, kept) if self.age == "H" else None
            if earlier is None:
                raise
            return self._answer(request, command, tenant, key, earlier)
        if correlation is not None and not is_uuid(correlation):
            raise Problem(500, detail=f'invalid input syntax for type uuid: "{correlation}"')
        submission = Submission(template, tenant, key, correlation, kept, str(request.user), membership.role)
        accepted = await self.writer.submit(submission)
        self.accepted[command] = self.accepted.get(command, 0) + 1
        return self._answer(request, command, tenant, key, accepted)

    def _key(self, request: Request) -> str:
        if self.age == "S":
            return request.request_id
        key = request.header("idempotency-key") or request.header("x-idempotency-key")
        if not key:
            raise Problem(400, "IDEMPOTENCY_KEY_REQUIRED", "The Idempotency-Key header is required")
        if not _KEY.fullmatch(key):
            raise Problem(
                400, "IDEMPOTENCY_KEY_INVALID", "Idempotency-Key must be 8 to 128 of A-Z a-z 0-9 _ : -"
            )
        return key

    def _answer(self, request: Request, command: str, tenant: str, key: str, accepted: Accepted) -> Response:
        correlation = request.header("x-correlation-id")
        body = _BODIES[self.age](command, tenant, correlation, accepted)
        headers = [("content-type", "application/json; charset=utf-8"), ("x-request-id", request.request_id)]
        if self.age == "H":
            headers.append(("idempotency-key", key))
        return Response(202, orjson.dumps(body), tuple(headers))


def _body_h(command: str, tenant: str, correlation: str | None, accepted: Accepted) -> dict[str, Any]:
    body = {
        "status": "accepted",
        "command_id": accepted.command_id,
        "command_name": command,
        "accepted_at": _instant(accepted.at),
        "tenant_id": tenant,
        "target_service": accepted.service,
    }
    if correlation is not None:
        body["correlation_id"] = correlation
    return body


def _body_s(command: str, tenant: str, correlation: str | None, accepted: Accepted) -> dict[str, Any]:
    body = {
        "status": "accepted",
        "commandId": accepted.command_id,
        "commandName": command,
        "tenantId": tenant,
        "targetService": accepted.service,
        "requestedAt": _instant(accepted.at),
    }
    if correlation is not None:
        body["correlationId"] = correlation
    return body


_BODIES = {"H": _body_h, "S": _body_s}


def _instant(at: datetime) -> str:
    return f"{at.strftime('%Y-%m-%dT%H:%M:%S')}.{at.microsecond // 1000:03d}Z"


def check_execute_body(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return tenant and payload of an ``execute`` request.

    Raises:
        Problem: A 400 with ``errors`` and no code, as the framework's own validation answers.
    """
    errors = []
    tenant, payload = body.get("tenant_id"), body.get("payload")
    for name, value in (("tenant_id", tenant), ("payload", payload)):
        if value is None:
            errors.append(_issue("", f"must have required property '{name}'", "required"))
    if tenant is not None and not is_uuid(tenant):
        errors.append(_issue("/tenant_id", 'must match format "uuid"', "format"))
    if payload is not None and not isinstance(payload, dict):
        errors.append(_issue("/payload", "must be object", "type"))
    if "correlation_id" in body and not (isinstance(body["correlation_id"], str) and body["correlation_id"]):
        errors.append(_issue("/correlation_id", "must NOT have fewer than 1 characters", "minLength"))
    if errors or not isinstance(tenant, str) or not isinstance(payload, dict):
        detail = ", ".join(f"body{error['path']} {error['message']}" for error in errors)
        raise Problem(400, detail=detail, errors=errors)
    return tenant, payload


def _issue(path: str, message: str, code: str) -> dict[str, str]:
    return {"path": path, "message": message, "code": code}
