"""What ``up`` may be told."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from tartware_loadtest.sandbox.binaries import Choice
from tartware_loadtest.sandbox.consumer.settings import Defect
from tartware_loadtest.sandbox.gateway.problems import Age
from tartware_loadtest.sandbox.schema import Seed

__all__ = ["Options"]


@dataclass(frozen=True, slots=True)
class Options:
    """The defaults are a healthy sandbox of age H.

    Attributes:
        port: The gateway's; 0 takes a free one.
        dsn: An empty database to use; empty starts a PostgreSQL.
        drain_rate: Commands a second that the consumer applies.
        defects: Which of the deployment's defects the consumer has.
        rate_limit: ``off``, ``default``, a number a minute, or empty for what the age is like.
        faults: JSON form of a fault plan.
    """

    seed: Seed = field(default_factory=Seed)
    port: int = 0
    postgres: Choice = "auto"
    dsn: str = ""
    age: Age = "H"
    drain_rate: float = 500.0
    defects: tuple[Defect, ...] = ()
    retry_schedule_ms: tuple[int, ...] = (1_000, 5_000, 30_000)
    session_timeout_ms: int = 30_000
    rate_limit: str = ""
    token_ttl_s: float = 3_600.0
    faults: dict[str, Any] = field(default_factory=dict)

    @property
    def limiter(self) -> str:
        """The gateway's limiter: on at S; off at H, as it is when started from a checkout."""
        return self.rate_limit or ("default" if self.age == "S" else "off")

    def shown(self) -> dict[str, Any]:
        """Return the options without secrets, as JSON has them."""
        shown: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return {**shown, "dsn": bool(self.dsn)}
