"""The sample: tuples of IDs that belong together, per tenant. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Reservation", "Sample", "Stay", "Task", "TenantSample"]


@dataclass(frozen=True, slots=True)
class Stay:
    """A bookable room type: its property is the tenant's, and it has an active BAR or RACK rate."""

    property_id: str
    room_type_id: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """A live reservation with its own guest and property.

    ``cancellable`` says that its status lets it be cancelled, and that no earlier run has spent it.
    """

    reservation_id: str
    property_id: str
    guest_id: str
    cancellable: bool


@dataclass(frozen=True, slots=True)
class Task:
    """A live housekeeping task and a member of staff of the same tenant."""

    task_id: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class TenantSample:
    """What was sampled of one tenant; any tuple may be empty."""

    tenant_id: str
    stays: tuple[Stay, ...] = ()
    guests: tuple[str, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    tasks: tuple[Task, ...] = ()

    @property
    def cancellable(self) -> int:
        """How many reservations a cancel may still take."""
        return sum(reservation.cancellable for reservation in self.reservations)


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything that a scenario needs from the database.

    Attributes:
        tenants: In the order in which they were sampled.
        seed: The seed that repeats this sample on the same database.
        taken_at: ISO 8601, UTC.
        source: Host and database, never a password.
    """

    tenants: tuple[TenantSample, ...]
    seed: int
    taken_at: str
    source: str

    def spend(self, reservation_ids: frozenset[str]) -> Sample:
        """Return the sample with these reservations no longer cancellable."""
        return replace(
            self,
            tenants=tuple(
                replace(
                    tenant,
                    reservations=tuple(
                        replace(reservation, cancellable=False)
                        if reservation.reservation_id in reservation_ids
                        else reservation
                        for reservation in tenant.reservations
                    ),
                )
                for tenant in self.tenants
            ),
        )
