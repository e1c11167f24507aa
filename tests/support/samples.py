"""Samples whose IDs say what they are, and settings without anything of the machine."""

from __future__ import annotations

from typing import Any

from tartware_loadtest.config.loader import Flags, load_settings
from tartware_loadtest.config.models import Settings
from tartware_loadtest.planning.plan import Machine, Plan, make_plan
from tartware_loadtest.sampling.sample import Reservation, Sample, Stay, Task, TenantSample
from tartware_loadtest.scenario.bundle import Bundle, build_bundle
from tartware_loadtest.scenario.pools import build_pools

__all__ = ["BIG", "bundle_of", "plan_of", "sample_of", "settings_of", "uid"]

BIG = Machine(64, 512 * 1024**3)
_KINDS = {"tenant": 1, "property": 2, "room_type": 3, "guest": 4, "reservation": 5, "task": 6, "staff": 7}


def uid(kind: str, tenant: int, number: int = 0) -> str:
    """Return an ID that names its kind, its tenant and its number."""
    return f"{_KINDS[kind]:08x}-{tenant:04x}-4000-8000-{number:012x}"


def _tenant(tenant: int, rows: int, cancellable: int) -> TenantSample:
    return TenantSample(
        tenant_id=uid("tenant", tenant),
        stays=tuple(Stay(uid("property", tenant, n), uid("room_type", tenant, n)) for n in range(rows)),
        guests=tuple(uid("guest", tenant, n) for n in range(rows + 1)),
        reservations=tuple(
            Reservation(
                uid("reservation", tenant, n),
                uid("property", tenant, 100 + n),
                uid("guest", tenant, 100 + n),
                cancellable=n < cancellable,
            )
            for n in range(max(rows, cancellable))
        ),
        tasks=tuple(Task(uid("task", tenant, n), uid("staff", tenant, n)) for n in range(rows)),
    )


def sample_of(*, tenants: int = 2, rows: int = 3, cancellable: int = 2) -> Sample:
    """Return a sample with the same number of rows for each tenant."""
    return Sample(
        tenants=tuple(_tenant(tenant, rows, cancellable) for tenant in range(tenants)),
        seed=1,
        taken_at="2026-11-22T16:00:00+00:00",
        source="localhost:5432/tartware",
    )


def settings_of(profile: str | None = "demo", *slos: str, **values: Any) -> Settings:
    """Return settings; ``profile__steady=3`` sets ``profile.steady``."""
    given = {name.replace("__", "."): (value, "test") for name, value in values.items()}
    return load_settings(Flags(values=given, slos=slos, profile=profile), environment={}).settings


def plan_of(settings: Settings, sample: Sample | None = None) -> Plan:
    """Return the plan on a machine that is large enough for everything."""
    cancellable = None if sample is None else sum(tenant.cancellable for tenant in sample.tenants)
    return make_plan(settings, cancellable, BIG)


def bundle_of(settings: Settings, sample: Sample | None = None) -> Bundle:
    """Return the rendered bundle."""
    chosen = sample or sample_of()
    return build_bundle(settings, plan_of(settings, chosen), build_pools(chosen))
