"""Which commands there are, where they go and whether they are switched on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tartware_loadtest.sandbox.gateway.access import Membership
from tartware_loadtest.sandbox.gateway.pool import Pool
from tartware_loadtest.sandbox.gateway.problems import Problem

__all__ = ["Registry", "Template"]

_REFRESH_S = 30.0
_STATES = ("enabled", "disabled", "observation")


@dataclass(frozen=True, slots=True)
class Template:
    """A command as it is registered."""

    name: str
    service: str
    topic: str
    modules: frozenset[str]
    status: str


@dataclass(slots=True)
class Registry:
    """Remembers the registered commands, for thirty seconds as the deployment does."""

    pool: Pool
    _templates: Mapping[str, Template] = field(default_factory=dict)
    _until: float = 0.0

    async def find(self, command: str, membership: Membership) -> Template:
        """Return the command's registration.

        Raises:
            Problem: It is unknown, needs modules that the membership lacks, or is switched off.
        """
        if time.monotonic() >= self._until:
            await self.refresh()
        template = self._templates.get(command)
        if template is None:
            raise Problem(404, "COMMAND_NOT_FOUND", f"Command {command} is not registered")
        if not template.modules <= membership.modules:
            missing = ", ".join(sorted(template.modules - membership.modules))
            raise Problem(403, "COMMAND_MODULES_NOT_ENABLED", f"Command {command} needs modules: {missing}")
        if template.status == "disabled":
            raise Problem(409, "FEATURE_DISABLED", f"Command {command} is disabled")
        return template

    async def refresh(self) -> None:
        """Read the registry again."""
        rows = await self.pool.rows(
            "SELECT t.command_name, t.default_target_service, t.default_topic, t.required_modules,"
            " coalesce(f.status::text, 'enabled') FROM command_templates t"
            " LEFT JOIN command_features f ON f.command_name = t.command_name AND f.tenant_id IS NULL"
            " ORDER BY 1"
        )
        self._templates = {
            row[0]: Template(row[0], row[1], row[2], frozenset(row[3]), row[4]) for row in rows
        }
        self._until = time.monotonic() + _REFRESH_S

    async def features(self) -> list[dict[str, Any]]:
        """Return every command with its switch."""
        await self.refresh()
        return [
            {"command_name": template.name, "environment": "sandbox", "status": template.status}
            for template in self._templates.values()
        ]

    async def definitions(self) -> list[dict[str, Any]]:
        """Return every command with what it needs."""
        await self.refresh()
        return [
            {
                "command_name": template.name,
                "default_target_service": template.service,
                "default_topic": template.topic,
                "required_modules": sorted(template.modules),
            }
            for template in self._templates.values()
        ]

    async def switch(self, command: str, status: object) -> None:
        """Switch a command on or off.

        Raises:
            Problem: The command or the state is unknown.
        """
        if status not in _STATES:
            raise Problem(400, detail=f"status must be one of {', '.join(_STATES)}")
        rows = await self.pool.rows(
            "UPDATE command_features SET status = %s::command_feature_status, updated_at = now()"
            " WHERE command_name = %s RETURNING command_name",
            (status, command),
        )
        if not rows:
            raise Problem(404, "COMMAND_NOT_FOUND", f"Command {command} is not registered")
        await self.refresh()
