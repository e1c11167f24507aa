"""One tenant's pools: the tuples that a command may use, and what became of the rows that were looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from tartware_loadtest.sampling import questions
from tartware_loadtest.sampling.database import Database
from tartware_loadtest.sampling.limits import Limits
from tartware_loadtest.sampling.needs import Pool
from tartware_loadtest.sampling.probe import Probe, probe
from tartware_loadtest.sampling.questions import Question
from tartware_loadtest.sampling.sample import Reservation, Stay, Task, TenantSample
from tartware_loadtest.sampling.schema import Table
from tartware_loadtest.sampling.walk import Walk
from tartware_loadtest.scenario.stay import FIRST_DAY, NIGHTS, SPREAD_DAYS

__all__ = ["CANCELLABLE_STATUSES", "LAST_DAY", "PoolReader", "TenantPools"]

CANCELLABLE_STATUSES = ("PENDING", "CONFIRMED")
"""The statuses that both ages let be cancelled."""

_SLACK_DAYS = 2
LAST_DAY = FIRST_DAY + SPREAD_DAYS - 1 + NIGHTS + _SLACK_DAYS
"""Days from today to the last day that a rate must cover: two more than the last stay needs, because a run
may start on a later day than the sample was taken."""


@dataclass(frozen=True, slots=True)
class TenantPools:
    """A tenant's tuples, with the account of each pool: why there are not more."""

    tenant: TenantSample
    accounts: Mapping[Pool, str]
    sizes: Mapping[Pool, int]

    @property
    def empty(self) -> tuple[Pool, ...]:
        """The pools that were asked for and are empty."""
        return tuple(pool for pool in self.accounts if not self.sizes[pool])


@dataclass(frozen=True, slots=True)
class PoolReader:
    """Reads the pools of one tenant after another.

    Attributes:
        tables: The tables as they were found.
        pools: What to read.
        per_tenant: Wanted size of each pool.
        cancellable: Wanted reservations to cancel, apart from those of the reservations' pool.
        seed: Chooses among the rows.
        limits: Bounds of the work.
        today: The day from which stays are counted, UTC.
    """

    tables: Mapping[str, Table]
    pools: frozenset[Pool]
    per_tenant: int
    cancellable: int
    seed: int
    limits: Limits
    today: date

    def read(self, database: Database, tenant_id: str) -> TenantPools:
        """Read all pools of one tenant in one transaction.

        Raises:
            RefusedError: A query ran into the statement timeout; names it.
        """
        tenant = TenantSample(tenant_id)
        accounts: dict[Pool, str] = {}
        with database.transaction(tenant_id):
            if Pool.STAYS in self.pools:
                stays = self._stays(database, tenant_id)
                tenant = replace(tenant, stays=stays.found[: self.per_tenant])
                accounts[Pool.STAYS] = stays.account(len({stay.property_id for stay in tenant.stays}))
            if Pool.GUESTS in self.pools:
                guests = self._simple(database, tenant_id, questions.GUESTS, "id")
                tenant = replace(tenant, guests=guests.found[: self.per_tenant])
                accounts[Pool.GUESTS] = guests.account(len(guests.found))
            if self.pools & {Pool.RESERVATIONS, Pool.CANCELLABLE}:
                tenant, told = self._with_reservations(database, tenant)
                accounts.update(told)
            if Pool.TASKS in self.pools:
                tasks, account = self._tasks(database, tenant_id)
                tenant = replace(tenant, tasks=tasks)
                accounts[Pool.TASKS] = account
        return TenantPools(tenant, accounts, _sizes(tenant))

    def _walk(self, tenant_id: str, question: Question, need: int, **parameters: object) -> Walk:
        seed = f"{self.seed}:{tenant_id}:{question.table}"
        return Walk(question, self.tables, tenant_id, seed, self.limits, need, parameters)

    def _simple(self, database: Database, tenant_id: str, question: Question, column: str) -> Probe[str]:
        return probe(
            database,
            self._walk(tenant_id, question, self.per_tenant),
            lambda row: str(row[column]),
            lambda found: found >= self.per_tenant,
        )

    def _stays(self, database: Database, tenant_id: str) -> Probe[Stay]:
        walk = self._walk(
            tenant_id,
            questions.STAYS,
            self.per_tenant,
            rate_codes=list(questions.RATE_CODES),
            first_day=self.today + timedelta(days=FIRST_DAY),
            last_day=self.today + timedelta(days=LAST_DAY),
        )
        return probe(
            database,
            walk,
            lambda row: Stay(row["id"], row["room_type_id"]),
            lambda found: found >= self.per_tenant,
        )

    def _with_reservations(
        self, database: Database, tenant: TenantSample
    ) -> tuple[TenantSample, dict[Pool, str]]:
        cancels = self.cancellable if Pool.CANCELLABLE in self.pools else 0
        others = self.per_tenant if Pool.RESERVATIONS in self.pools else 0

        open_ones = 0

        def take(row: dict[str, Any]) -> _Live:
            nonlocal open_ones
            live = _Live(row["id"], row["property_id"], row["guest_id"], row["status"])
            open_ones += live.open
            return live

        def enough(found: int) -> bool:
            return found >= cancels + others and open_ones >= cancels

        walk = self._walk(tenant.tenant_id, questions.RESERVATIONS, cancels + others)
        read = probe(database, walk, take, enough)
        chosen = [live for live in read.found if live.open][:cancels]
        set_apart = {live.reservation_id for live in chosen}
        rest = [live for live in read.found if live.reservation_id not in set_apart][:others]
        told = {Pool.RESERVATIONS: read.account(len(read.found))} if others else {}
        if cancels:
            statuses = Counter(live.status for live in read.found if not live.open)
            told[Pool.CANCELLABLE] = read.account(sum(live.open for live in read.found), statuses)
        reservations = (
            *(live.reservation(cancellable=True) for live in chosen),
            *(live.reservation(cancellable=False) for live in rest),
        )
        return replace(tenant, reservations=reservations), told

    def _tasks(self, database: Database, tenant_id: str) -> tuple[tuple[Task, ...], str]:
        staff = self._simple(database, tenant_id, questions.STAFF, "user_id")
        members = staff.found[: self.per_tenant]
        staffed = 0

        def take(row: dict[str, Any]) -> tuple[str, str | None]:
            nonlocal staffed
            staffed += bool(members or row["staff_id"])
            return row["id"], row["staff_id"]

        walk = self._walk(tenant_id, questions.TASKS, self.per_tenant)
        read = probe(database, walk, take, lambda _: staffed >= self.per_tenant)
        tasks = tuple(
            Task(task_id, member or members[position % len(members)])
            for position, (task_id, member) in enumerate(read.found)
            if member or members
        )
        without = len(read.found) - len(tasks)
        account = read.account(len(tasks), {"without a member of staff": without} if without else None)
        if without:
            account += f" ({staff.account(0)})"
        return tasks[: self.per_tenant], account


@dataclass(frozen=True, slots=True)
class _Live:
    reservation_id: str
    property_id: str
    guest_id: str
    status: str

    @property
    def open(self) -> bool:
        return self.status in CANCELLABLE_STATUSES

    def reservation(self, *, cancellable: bool) -> Reservation:
        return Reservation(self.reservation_id, self.property_id, self.guest_id, cancellable)


def _sizes(tenant: TenantSample) -> dict[Pool, int]:
    return {
        Pool.STAYS: len(tenant.stays),
        Pool.GUESTS: len(tenant.guests),
        Pool.RESERVATIONS: len(tenant.reservations),
        Pool.CANCELLABLE: tenant.cancellable,
        Pool.TASKS: len(tenant.tasks),
    }
