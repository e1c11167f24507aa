"""Rows of IDs for each kind of command, from the sample. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TypeVar

from tartware_loadtest.sampling.sample import Sample, TenantSample

__all__ = ["Pools", "build_pools"]

Row = tuple[str, ...]
Pools = Mapping[str, Sequence[Row]]

T = TypeVar("T")


def build_pools(sample: Sample) -> Pools:
    """Return the rows by pool: tenants, stays, reservations, cancellable, tasks.

    Tenants take turns, so that each gets its share however unequal the samples are. A stay is joined with
    a guest of its own tenant.
    """
    return {
        "tenants": [(tenant.tenant_id,) for tenant in sample.tenants],
        "stays": _turns([list(_stays(tenant)) for tenant in sample.tenants]),
        "reservations": _turns([list(_reservations(tenant, only=False)) for tenant in sample.tenants]),
        "cancellable": _turns([list(_reservations(tenant, only=True)) for tenant in sample.tenants]),
        "tasks": _turns(
            [
                [(tenant.tenant_id, task.task_id, task.staff_id) for task in tenant.tasks]
                for tenant in sample.tenants
            ]
        ),
    }


def _stays(tenant: TenantSample) -> Iterator[Row]:
    if not tenant.stays or not tenant.guests:
        return
    for index in range(max(len(tenant.stays), len(tenant.guests))):
        stay = tenant.stays[index % len(tenant.stays)]
        guest = tenant.guests[index % len(tenant.guests)]
        yield tenant.tenant_id, stay.property_id, stay.room_type_id, guest


def _reservations(tenant: TenantSample, *, only: bool) -> Iterator[Row]:
    for reservation in tenant.reservations:
        if reservation.cancellable or not only:
            yield tenant.tenant_id, reservation.property_id, reservation.guest_id, reservation.reservation_id


def _turns(lists: Sequence[Sequence[T]]) -> list[T]:
    return [row for turn in zip_longest(*lists) for row in turn if row is not None]
