"""``tartware-lt sandbox``: the stand-in for a deployment, on this machine."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tartware_loadtest.errors import ExitCode, InputError, RefusedError

if TYPE_CHECKING:
    from tartware_loadtest.sandbox.accounting import Account
    from tartware_loadtest.sandbox.state import State

__all__ = ["app"]

app = typer.Typer(
    help="A stand-in for a Tartware deployment: PostgreSQL, gateway and consumer on this machine.",
    no_args_is_help=True,
)
faults_app = typer.Typer(help="Show, set or reset the faults of a running sandbox.", no_args_is_help=True)
app.add_typer(faults_app, name="faults")

_Dir = Annotated[Path, typer.Option("--dir", help="The sandbox's directory: state, logs and data.")]
_Output = Annotated[Literal["text", "json"], typer.Option("--output", "-o", help="json: on stdout.")]
_DIR = Path(".tartware/sandbox")


@app.command(epilog="Example: tartware-lt sandbox up --rows 100000 --fault-slow 0.06:800")
def up(
    *,
    directory: _Dir = _DIR,
    tenants: Annotated[int, typer.Option(help="Usable tenants; three that are none come on top.")] = 4,
    rows: Annotated[int, typer.Option(help="Rows in each big table, up to 10 million.")] = 2_000,
    seed: Annotated[int, typer.Option(help="The same number makes the same rows.")] = 1,
    port: Annotated[int, typer.Option(help="The gateway's port; 0 takes a free one.")] = 0,
    postgres: Annotated[
        Literal["auto", "system", "embedded"], typer.Option(help="Which PostgreSQL to start.")
    ] = "auto",
    dsn: Annotated[
        str, typer.Option(envvar="TARTWARE_SANDBOX_DSN", help="An empty database to use instead.")
    ] = "",
    age: Annotated[Literal["H", "S"], typer.Option(help="Generation of the gateway.")] = "H",
    drain_rate: Annotated[float, typer.Option(help="Commands a second that are applied; 0: none.")] = 500.0,
    defects: Annotated[str, typer.Option(help="Of: housekeeping,blocking-retries,loss-on-rejoin.")] = "",
    retry_schedule_ms: Annotated[str, typer.Option(help="Waits between attempts, for the defects.")] = (
        "1000,5000,30000"
    ),
    session_timeout_ms: Annotated[
        int, typer.Option(help="Blocked for longer, a consumer rejoins, for the defects.")
    ] = 30_000,
    rate_limit: Annotated[
        str, typer.Option(help="off, default (the age's own) or a number a minute; at H off, at S default.")
    ] = "",
    token_ttl: Annotated[float, typer.Option(help="Seconds that tokens live.")] = 3_600.0,
    faults: Annotated[str | None, typer.Option(help="A plan of faults: JSON, or @FILE.")] = None,
    fault_slow: Annotated[str | None, typer.Option(metavar="SHARE:MS", help="Slow answers.")] = None,
    fault_errors: Annotated[
        str | None, typer.Option(metavar="SHARE[:STATUS[:COMMAND]]", help="Error answers.")
    ] = None,
    fault_answer_200: Annotated[str | None, typer.Option(metavar="SHARE", help="200 instead of 202.")] = None,
    fault_timeouts: Annotated[str | None, typer.Option(metavar="SHARE", help="Never answered.")] = None,
    fault_drop_connections: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Cut without an answer.")
    ] = None,
    fault_rate_limit: Annotated[str | None, typer.Option(metavar="A_MINUTE", help="Limit requests.")] = None,
    fault_latency: Annotated[
        str | None, typer.Option(metavar="BASE_MS[:JITTER_MS]", help="Latency of every command.")
    ] = None,
    fault_capacity: Annotated[
        str | None, typer.Option(metavar="SLOTS:SERVICE_MS", help="A queue before so many slots.")
    ] = None,
    fault_token: Annotated[
        str | None, typer.Option(metavar="SECONDS", help="Refuse all tokens after that long.")
    ] = None,
    output: _Output = "text",
) -> None:
    """Start PostgreSQL, gateway and consumer in the background, and seed the data."""
    _need_extra()
    from tartware_loadtest.sandbox.credentials import write_environment
    from tartware_loadtest.sandbox.fault_flags import faults_from_flags
    from tartware_loadtest.sandbox.lifecycle import bring_up
    from tartware_loadtest.sandbox.options import Options
    from tartware_loadtest.sandbox.schema import Seed

    options = Options(
        seed=Seed(tenants, rows, seed),
        port=port,
        postgres=postgres,
        dsn=dsn,
        age=age,
        drain_rate=drain_rate,
        defects=_defects(defects),
        retry_schedule_ms=_schedule(retry_schedule_ms),
        session_timeout_ms=session_timeout_ms,
        rate_limit=_limit(rate_limit),
        token_ttl_s=token_ttl,
        faults=faults_from_flags(
            faults,
            {
                "slow": fault_slow,
                "errors": fault_errors,
                "answer_200": fault_answer_200,
                "timeouts": fault_timeouts,
                "drop_connections": fault_drop_connections,
                "rate_limit": fault_rate_limit,
                "latency": fault_latency,
                "capacity": fault_capacity,
                "token": fault_token,
            },
        ),
    )
    progress = _Progress()
    state, started = bring_up(directory, options, progress)
    path = write_environment(directory, state, token_ttl) if started else directory / "sandbox.env"
    if started:
        _welcome(state, path, time.monotonic() - progress.began)
    else:
        _say(f"The sandbox is already up at {state.url}; what this command asked for was not looked at.")
    if output == "json":
        from tartware_loadtest.sandbox.state import public

        typer.echo(json.dumps({**public(state), "started": started, "env_file": str(path)}, indent=2))


@app.command(epilog="Example: tartware-lt sandbox down --purge")
def down(
    *,
    directory: _Dir = _DIR,
    purge: Annotated[bool, typer.Option("--purge", help="Remove the data too.")] = False,
) -> None:
    """Stop exactly the processes that `up` started; the data stay unless --purge is given."""
    _need_extra()
    from tartware_loadtest.sandbox.lifecycle import bring_down

    if bring_down(directory, purge=purge) is None:
        _say(f"There is no sandbox in {directory}.")
    else:
        _say(
            "The sandbox is down, its data are removed."
            if purge
            else "The sandbox is down, its data are kept."
        )


@app.command(epilog="Example: tartware-lt sandbox status -o json")
def status(*, directory: _Dir = _DIR, output: _Output = "text") -> None:
    """Show each part, the backlog, and what this sandbox can carry. Exits 4 unless every part runs."""
    from dataclasses import asdict

    from tartware_loadtest.sandbox.state import public
    from tartware_loadtest.sandbox.status import NOT_TARTWARE, look

    state = _state(directory)
    found = look(state)
    if output == "json":
        typer.echo(
            json.dumps({**public(state), "up": found.up, **asdict(found), "note": NOT_TARTWARE}, indent=2)
        )
    else:
        for part, runs in found.parts.items():
            _say(f"{part:<10} {'runs' if runs else 'DOWN'}")
        if found.backlog:
            backlog = found.backlog
            _say(f"backlog    {backlog.pending} commands, the oldest {backlog.oldest_s:.1f} s old")
            _say(f"commands   {backlog.accepted} accepted, {backlog.failed} failed or lost after the 202")
        _say(f"drains     at most {found.drain_rate:g} commands/s")
        _say(f"carries    about {found.carries} commands/s on this machine")
        _say(NOT_TARTWARE)
    if not found.up:
        raise typer.Exit(ExitCode.REFUSED)


@app.command(epilog="Example: tartware-lt sandbox logs gateway -f")
def logs(
    part: Annotated[
        Literal["gateway", "consumer", "postgres"] | None, typer.Argument(help="Which part; all by default.")
    ] = None,
    *,
    directory: _Dir = _DIR,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until interrupted.")] = False,
) -> None:
    """Print the logs on stdout."""
    paths = [directory / f"{name}.log" for name in ([part] if part else ["postgres", "gateway", "consumer"])]
    if not any(path.exists() for path in paths):
        raise InputError(f"There are no logs in {directory}.", hint="Run `tartware-lt sandbox up` first.")
    places = dict.fromkeys(paths, 0)
    while True:
        for path, place in places.items():
            with suppress(FileNotFoundError), path.open("rb") as file:
                file.seek(place)
                typer.echo(file.read().decode(errors="replace"), nl=False)
                places[path] = file.tell()
        if not follow:
            return
        time.sleep(0.3)


@app.command(epilog="Example: API_TOKEN=$(tartware-lt sandbox token --ttl 60)")
def token(
    *,
    directory: _Dir = _DIR,
    ttl: Annotated[float, typer.Option(help="Seconds that it lives; negative: it has expired.")] = 3_600.0,
    user: Annotated[
        str, typer.Option(help="admin, manager, staff, viewer, nomodules, inactive, outsider.")
    ] = ("admin"),
    issuer: Annotated[str | None, typer.Option(help="Another issuer than the gateway's.")] = None,
) -> None:
    """Print an access token on stdout."""
    from tartware_loadtest.sandbox.credentials import token_for

    typer.echo(token_for(_state(directory), user, ttl, issuer))


@app.command(epilog="Example: tartware-lt sandbox account runs/20260101T120000Z-demo-1a2b3c4d --wait 60")
def account(
    run: Annotated[str, typer.Argument(help="A run's eight hexadecimal digits, or its directory.")],
    *,
    directory: _Dir = _DIR,
    wait: Annotated[float, typer.Option(help="Seconds to wait until nothing is open.")] = 0.0,
    output: _Output = "text",
) -> None:
    """Count in the database what became of a run's commands, by their identity."""
    from dataclasses import asdict

    import psycopg

    from tartware_loadtest.sandbox.accounting import resolve_run, wait_for_drain

    state, digits = _state(directory), resolve_run(run)
    progress = _Progress()
    try:
        with psycopg.connect(state.admin_dsn, connect_timeout=5) as connection:
            counted = wait_for_drain(connection, digits, wait, lambda now: progress(_open(now)))
    except psycopg.OperationalError as error:
        raise RefusedError(
            "The sandbox's database does not answer.", hint="Run `tartware-lt sandbox up`."
        ) from error
    if output == "json":
        commands = {name: asdict(count) for name, count in counted.commands.items()}
        total = asdict(counted.total)
        answer = {"run_id": digits, **total, "commands": commands, "reasons": counted.reasons}
        typer.echo(json.dumps(answer, indent=2))
    else:
        _print_account(counted)


@faults_app.command("show", epilog="Example: tartware-lt sandbox faults show")
def show_faults(*, directory: _Dir = _DIR) -> None:
    """Print the plan in force, and exactly what was injected since it was set."""
    _call(directory, "GET")


@faults_app.command("set", epilog="""Example: tartware-lt sandbox faults set '{"timeouts": 0.04}'""")
def set_faults(
    plan: Annotated[str, typer.Argument(help="JSON, or @FILE.")], *, directory: _Dir = _DIR
) -> None:
    """Put a plan in force, in place of the one before, and count from zero."""
    from tartware_loadtest.sandbox.fault_flags import read_faults

    _call(directory, "PUT", read_faults(plan))


@faults_app.command("reset", epilog="Example: tartware-lt sandbox faults reset")
def reset_faults(*, directory: _Dir = _DIR) -> None:
    """End all faults."""
    _call(directory, "PUT", {})


def _call(directory: Path, method: str, body: dict[str, Any] | None = None) -> None:
    from tartware_loadtest.sandbox.status import admin_call

    typer.echo(json.dumps(admin_call(_state(directory), method, body), indent=2))


def _need_extra() -> None:
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("granian", "jwt", "orjson")):
        raise RefusedError(
            "The sandbox needs packages that are not installed.",
            hint="pip install 'tartware-loadtest[sandbox]' (and [postgres] where there is no PostgreSQL).",
        )


def _state(directory: Path) -> State:
    _need_extra()
    from tartware_loadtest.sandbox.state import read_state

    state = read_state(directory)
    if state is None:
        raise RefusedError(
            f"There is no sandbox in {directory}.",
            hint="Run `tartware-lt sandbox up` first, or name its --dir.",
        )
    return state


def _defects(text: str) -> tuple[Any, ...]:
    from typing import get_args

    from tartware_loadtest.sandbox.consumer.settings import Defect

    found = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in found:
        if name not in get_args(Defect):
            raise InputError(f"--defects has no {name!r}; it knows {', '.join(get_args(Defect))}.")
    return found


def _schedule(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(wait) for wait in text.split(",") if wait.strip())
    except ValueError as error:
        raise InputError(f"--retry-schedule-ms {text!r} is no list of whole numbers.") from error


def _limit(text: str) -> str:
    if text not in {"", "off", "default"} and not (text.isdecimal() and int(text) > 0):
        raise InputError(f"--rate-limit {text!r} is neither off, default nor a number.")
    return text


def _welcome(state: State, path: Path, seconds: float) -> None:
    where = f"age {state.age}, PostgreSQL: {state.database}"
    _say(f"The sandbox is up at {state.url} ({where}; {seconds:.1f} s). It is a stand-in, not Tartware.")
    _say(f"Address, token and database are in {path}. Next:")
    _say(f"  set -a; . {path}; set +a")
    _say("  tartware-lt bootstrap --profile demo --cancellable 300")
    _say("  tartware-lt run --profile demo")


def _print_account(counted: Account) -> None:
    heads = ("dispatched", "applied", "failed", "lost", "open")
    _say(f"{'command':<28}" + "".join(f"{head:>11}" for head in heads))
    for name, count in [*counted.commands.items(), ("all", counted.total)]:
        _say(f"{name:<28}" + "".join(f"{getattr(count, head):>11}" for head in heads))
    for reason, number in counted.reasons.items():
        _say(f"{number:>8}  {reason}")


def _open(counted: Account) -> str:
    return f"{counted.total.open} commands are open"


class _Progress:
    """One line a second at most, and none in the first two: a quick start needs no play-by-play."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self._next = self.began + 2

    def __call__(self, step: str) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 1
            _say(f"{step} … ({now - self.began:.0f} s)")


def _say(text: str) -> None:
    typer.echo(text, err=True)
