"""Takes the sample: finds tenants, reads their pools, and says what is missing and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling.database import Database
from tartware_loadtest.sampling.limits import Limits
from tartware_loadtest.sampling.needs import ALL_POOLS, Pool, commands_fed_by
from tartware_loadtest.sampling.pools import PoolReader, TenantPools
from tartware_loadtest.sampling.sample import Sample
from tartware_loadtest.sampling.schema import Table, inspect
from tartware_loadtest.sampling.tenants import candidates, named

__all__ = ["Outcome", "Request", "take_sample"]


@dataclass(frozen=True, slots=True)
class Request:
    """What to sample.

    Attributes:
        tenants: How many tenants to find, where none are named.
        tenant_ids: Exactly these tenants; none of them is passed over.
        per_tenant: Wanted size of each pool of each tenant.
        cancellable: Wanted reservations of each tenant that a run may cancel; ``per_tenant`` where not given.
        seed: Repeats the sample on the same data.
        pools: What the commands of the mix need.
        limits: Bounds of the work.
    """

    tenants: int = 3
    tenant_ids: tuple[str, ...] = ()
    per_tenant: int = 25
    cancellable: int | None = None
    seed: int = 1
    pools: frozenset[Pool] = ALL_POOLS
    limits: Limits = field(default_factory=Limits)

    @property
    def wanted(self) -> Mapping[Pool, int]:
        """Wanted size of each pool of one tenant."""
        sizes = dict.fromkeys(self.pools, self.per_tenant)
        if Pool.CANCELLABLE in sizes and self.cancellable is not None:
            sizes[Pool.CANCELLABLE] = self.cancellable
        return sizes


@dataclass(frozen=True, slots=True)
class Outcome:
    """The sample, and what a user should know about how it came about.

    Attributes:
        sample: The tuples.
        passed_over: Why each tenant that was looked at and not taken has too little.
        shortages: Pools that are smaller than was asked for, with the filters that took the rest.
    """

    sample: Sample
    passed_over: tuple[str, ...]
    shortages: tuple[str, ...]


def take_sample(
    database: Database, request: Request, *, now: datetime, progress: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Sample the pools of the wanted tenants.

    Args:
        database: An open database.
        request: What to sample.
        now: The instant that the sample bears and from which stays are counted.
        progress: Is told of each tenant as it is read.

    Raises:
        InputError: Tables or columns are missing, a named tenant is no use, or a needed pool is empty.
        RefusedError: A query ran into the statement timeout, or the server failed.
    """
    moment = now.astimezone(UTC)
    tables = inspect(database, request.pools)
    wanted = request.wanted
    reader = PoolReader(
        tables=tables,
        pools=frozenset(pool for pool, size in wanted.items() if size),
        per_tenant=request.per_tenant,
        cancellable=wanted.get(Pool.CANCELLABLE, 0),
        seed=request.seed,
        limits=request.limits,
        today=moment.date(),
    )
    taken, passed_over = _choose(database, request, tables, reader, progress)
    _require_cancellable(reader, taken)
    sample = Sample(
        tenants=tuple(pools.tenant for pools in taken),
        seed=request.seed,
        taken_at=moment.isoformat(timespec="seconds"),
        source=database.source,
    )
    return Outcome(sample, tuple(passed_over), tuple(_shortages(request, taken)))


def _choose(
    database: Database,
    request: Request,
    tables: Mapping[str, Table],
    reader: PoolReader,
    progress: Callable[[str], None],
) -> tuple[list[TenantPools], list[str]]:
    taken: list[TenantPools] = []
    passed_over: list[str] = []
    tenants = (
        named(database, tables, request.tenant_ids)
        if request.tenant_ids
        else candidates(database, tables, request.seed, request.limits, request.tenants)
    )
    for tenant_id in tenants:
        pools = reader.read(database, tenant_id)
        missing = [pool for pool in pools.empty if pool is not Pool.CANCELLABLE]
        if missing:
            told = f"tenant {tenant_id}: {'; '.join(_emptiness(pools, pool) for pool in missing)}"
            if request.tenant_ids:
                raise InputError(f"Nothing to sample: {told}.", hint=_EMPTY_HINT)
            passed_over.append(told)
            progress(f"passed over {told}")
        else:
            taken.append(pools)
            progress(f"tenant {tenant_id}: {_sizes(pools)}")
        if len(taken) >= request.tenants and not request.tenant_ids:
            break
        if len(taken) + len(passed_over) >= max(request.limits.tenants_tried, request.tenants):
            break
    if not taken:
        listed = "\n".join(f"  {told}" for told in passed_over)
        raise InputError(
            f"{database.source}: none of the {len(passed_over)} tenants looked at has what the commands need:"
            f"\n{listed}",
            hint=_EMPTY_HINT,
        )
    return taken, passed_over


_EMPTY_HINT = "Name another tenant with --tenant-id, seed the deployment, or take the command out of the mix."


def _require_cancellable(reader: PoolReader, taken: list[TenantPools]) -> None:
    if Pool.CANCELLABLE not in reader.pools or any(pools.tenant.cancellable for pools in taken):
        return
    told = "\n".join(
        f"  tenant {pools.tenant.tenant_id}: {_emptiness(pools, Pool.CANCELLABLE)}" for pools in taken
    )
    raise InputError(
        f"No tenant has a reservation that a command may cancel:\n{told}",
        hint="Seed PENDING or CONFIRMED reservations, or leave cancels out with --cancellable 0.",
    )


def _emptiness(pools: TenantPools, pool: Pool) -> str:
    return f"no {pool} for {', '.join(commands_fed_by([pool]))} ({pools.accounts[pool]})"


def _shortages(request: Request, taken: list[TenantPools]) -> Iterator[str]:
    if not request.tenant_ids and len(taken) < request.tenants:
        yield f"{len(taken)} of {request.tenants} tenants have what the commands need"
    for pools in taken:
        for pool, size in request.wanted.items():
            # One property has at most two bookable room types: few stays are how hotels are, not a shortage.
            if pool is not Pool.STAYS and pools.sizes[pool] < size:
                yield (
                    f"tenant {pools.tenant.tenant_id}: {pools.sizes[pool]:,} of {size:,} {pool} "
                    f"({pools.accounts[pool]})"
                )


def _sizes(pools: TenantPools) -> str:
    return ", ".join(f"{pools.sizes[pool]:,} {pool}" for pool in sorted(pools.accounts))
