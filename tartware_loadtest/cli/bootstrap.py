"""``tartware-lt bootstrap``: sample IDs that belong together and write them where a run finds them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from tartware_loadtest.cli.options import ConfigFlag, OutputFlag, OutputFormat, ProfileFlag

if TYPE_CHECKING:
    from tartware_loadtest.config.loader import Loaded
    from tartware_loadtest.sampling.needs import Pool
    from tartware_loadtest.sampling.report import Report
    from tartware_loadtest.sampling.sampler import Outcome, Request

__all__ = ["EPILOG", "bootstrap"]

EPILOG = (
    "Example: PGHOST=db.internal PGUSER=reader PGPASSWORD=… tartware-lt bootstrap --tenants 3 --profile peak"
)


_ConnectionString = Annotated[
    str | None,
    typer.Option(
        help="Where the database is; before DATABASE_URL, PG* variables and the configuration. Visible to "
        "others on this machine: prefer a variable where it holds a password.",
        metavar="STRING",
        show_default=False,
    ),
]
_InsecureTls = Annotated[bool, typer.Option("--insecure-tls", help="Encrypt without verifying the server.")]
_StatementTimeout = Annotated[
    float, typer.Option(min=0.1, help="Seconds that one query may take.", metavar="SECONDS")
]
_Tenants = Annotated[int, typer.Option(min=1, max=100, help="How many tenants to find.", metavar="N")]
_TenantId = Annotated[
    list[UUID] | None,
    typer.Option(help="Exactly this tenant; may be repeated.", metavar="UUID", show_default=False),
]
_PerTenant = Annotated[
    int, typer.Option(min=1, max=10_000, help="Size of each pool of each tenant.", metavar="N")
]
_Cancellable = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=1_000_000,
        help="Reservations of each tenant that a run may cancel; --per-tenant if not given.",
        metavar="N",
        show_default=False,
    ),
]
_Seed = Annotated[int, typer.Option(min=0, help="Repeats the sample on the same data.", metavar="N")]
_WindowRows = Annotated[
    int, typer.Option(min=100, max=100_000, help="Rows that one query reads at most.", metavar="N")
]
_EnvFile = Annotated[
    Path, typer.Option(help="Dotenv file; what bootstrap does not own stays as it is.", metavar="FILE")
]
_Data = Annotated[
    Path | None,
    typer.Option(
        help="Data file that a run reads; loadtest-data.json if not configured.",
        metavar="FILE",
        show_default=False,
    ),
]
_Kustomization = Annotated[
    Path | None,
    typer.Option(
        help="Also renew the literals of this kustomization.yaml, or write one.",
        metavar="FILE",
        show_default=False,
    ),
]
_GatewayUrl = Annotated[
    str | None,
    typer.Option(help="Set GATEWAY_BASE_URL in what is written.", metavar="URL", show_default=False),
]
_CancelRate = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Cancels per second for the warnings, instead of the profile's.",
        metavar="RATE",
        show_default=False,
    ),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")]
_Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Warnings and errors only.")]


def bootstrap(
    *,
    connection_string: _ConnectionString = None,
    insecure_tls: _InsecureTls = False,
    statement_timeout: _StatementTimeout = 15.0,
    tenants: _Tenants = 3,
    tenant_id: _TenantId = None,
    per_tenant: _PerTenant = 25,
    cancellable: _Cancellable = None,
    seed: _Seed = 1,
    window_rows: _WindowRows = 2000,
    env_file: _EnvFile = Path(".env.loadtest"),
    data: _Data = None,
    kustomization: _Kustomization = None,
    gateway_url: _GatewayUrl = None,
    profile: ProfileFlag = None,
    config: ConfigFlag = None,
    cancel_rate: _CancelRate = None,
    dry_run: _DryRun = False,
    quiet: _Quiet = False,
    output: OutputFlag = OutputFormat.TEXT,
) -> None:
    """Sample real IDs from the deployment's database into .env.loadtest, the data file and a kustomization.

    Reads only, in read-only transactions and small bounded queries. What belongs together is sampled
    together: a tenant's bookable room types, guests, reservations with their guests, tasks with staff.
    """
    from tartware_loadtest.sampling.limits import Limits
    from tartware_loadtest.sampling.report import Report
    from tartware_loadtest.sampling.sampler import Request
    from tartware_loadtest.sampling.writers.files import Files, write_all

    loaded = _settings(profile, config, env_file, gateway_url)
    files = Files(env_file, data or Path(loaded.settings.data), kustomization, gateway_url)
    targets = files.open(touch=not dry_run)
    request = Request(
        tenants=tenants,
        tenant_ids=tuple(str(each) for each in tenant_id or ()),
        per_tenant=per_tenant,
        cancellable=cancellable,
        seed=seed,
        pools=_pools(loaded),
        limits=Limits(window_rows=window_rows),
    )
    database = _Database(connection_string, loaded.database, insecure_tls, statement_timeout)
    outcome = database.sample(request, _silent if quiet else _tell)
    outputs = files.render(targets, outcome.sample)
    if not dry_run:
        write_all(outputs)
    report = Report(outcome, files.report(outputs), _warnings(outcome, loaded, cancel_rate), dry_run)
    _show(report, quiet=quiet, as_json=output is OutputFormat.JSON)
    if not quiet and not loaded.token:
        _tell("next: put the token into API_TOKEN (environment or dotenv file), then tartware-lt run")


@dataclass(frozen=True, slots=True)
class _Database:
    connection_string: str | None
    dsn: str | None
    insecure_tls: bool
    statement_timeout: float

    def sample(self, request: Request, tell: Callable[[str], None]) -> Outcome:
        from datetime import UTC, datetime

        from tartware_loadtest.sampling.connection import connection_settings
        from tartware_loadtest.sampling.database import open_database
        from tartware_loadtest.sampling.sampler import take_sample

        settings = connection_settings(
            connection_string=self.connection_string,
            environ=os.environ,
            dsn=self.dsn,
            insecure_tls=self.insecure_tls,
        )
        tell(f"sampling {settings.source} (named by {settings.named_by}), seed {request.seed}")
        with open_database(settings, statement_timeout=self.statement_timeout) as database:
            return take_sample(database, request, now=datetime.now(UTC), progress=tell)


def _settings(profile: str | None, config: Path | None, env_file: Path, gateway_url: str | None) -> Loaded:
    from tartware_loadtest.config.loader import Flags, load_settings
    from tartware_loadtest.sampling.writers.variables import check_url

    # A flag stands above the file's own value, which it may be there to mend.
    values = {"target.base_url": (check_url(gateway_url), "--gateway-url")} if gateway_url else {}

    dotenv = env_file if env_file.is_file() else None
    return load_settings(Flags(values=values, profile=profile, config=config, env_file=dotenv))


def _pools(loaded: Loaded) -> frozenset[Pool]:
    from tartware_loadtest.sampling.needs import pools_for

    return pools_for(name for name, weight in loaded.settings.mix.items() if weight)


def _warnings(outcome: Outcome, loaded: Loaded, cancel_rate: float | None) -> tuple[str, ...]:
    from tartware_loadtest.sampling.warnings import pool_warnings
    from tartware_loadtest.sampling.writers.variables import capped

    settings = loaded.settings
    share = settings.mix.get("reservation.cancel", 0) / sum(settings.mix.values())
    rate = settings.profile.command_rate * share if cancel_rate is None else cancel_rate
    return (
        *outcome.shortages,
        *pool_warnings(outcome.sample, rate, settings.profile.total_seconds),
        *capped(outcome.sample),
    )


def _show(report: Report, *, quiet: bool, as_json: bool) -> None:
    for line in report.lines():
        if not quiet or report.dry_run or line.startswith("warning: "):
            _tell(line)
    if as_json:
        typer.echo(json.dumps(report.document(), indent=2))


def _tell(line: str) -> None:
    typer.echo(line, err=True)


def _silent(_line: str) -> None:
    pass
