"""What a gateway process is told: by a file that only its owner may read, never by its arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tartware_loadtest.sandbox.gateway.problems import Age

__all__ = ["GatewaySettings"]


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Everything that a gateway needs.

    Attributes:
        rate_limit: ``off``, ``default`` (the age's own) or a number a minute.
        faults: The JSON form of the first fault plan.
        declared_rate: Commands a second that this sandbox is known to carry, shown by its status.
    """

    age: Age
    port: int
    dsn: str
    jwt_secret: str
    admin_token: str
    token_ttl_s: float
    rate_limit: str
    faults: dict[str, Any]
