"""What a consumer process is told, by a file that only its owner may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ConsumerSettings", "Defect"]

Defect = Literal["housekeeping", "blocking-retries", "loss-on-rejoin"]


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """Everything that a consumer needs.

    Attributes:
        rate: Commands a second; 0 stands still.
        defects: Which of the deployment's defects it has.
        retry_schedule_ms: Waits between the attempts at a command that cannot be applied.
        session_timeout_ms: A consumer that is blocked for longer is thrown out of its group.
    """

    dsn: str
    rate: float
    defects: tuple[Defect, ...] = ()
    retry_schedule_ms: tuple[int, ...] = (1_000, 5_000, 30_000)
    session_timeout_ms: int = 30_000
