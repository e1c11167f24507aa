"""``tartware-lt``: registers the commands."""

from __future__ import annotations

from typing import Annotated

import typer

from tartware_loadtest import __version__
from tartware_loadtest.cli import (
    bootstrap,
    config,
    doctor,
    k6,
    plan,
    render,
    report,
    run,
    runs,
    sandbox,
    verdict,
)
from tartware_loadtest.cli.exit_codes import guarded

__all__ = ["app", "main"]

# Without Rich's markup, --help needs no Rich, which costs more to import than all the rest.
app = typer.Typer(
    name="tartware-lt",
    help="Show that a Tartware PMS deployment carries a command load: one verdict, one exit code, "
    "one evidence document.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Begin with: tartware-lt sandbox up, then bootstrap and run --profile demo.",
)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"tartware-lt {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


app.command("bootstrap", epilog=bootstrap.EPILOG)(bootstrap.bootstrap)
app.command("doctor", epilog=doctor.EPILOG)(doctor.doctor)
app.command("plan", epilog=plan.EPILOG)(plan.plan)
app.command("render", epilog=render.EPILOG)(render.render)
app.command(
    "run",
    epilog=run.EPILOG,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": False},
)(run.run)
app.command("verdict", epilog=verdict.EPILOG)(verdict.verdict)
app.command("report", epilog=report.EPILOG)(report.report)
app.add_typer(runs.app, name="runs")
app.add_typer(config.app, name="config")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(k6.app, name="k6")


def main() -> None:
    """Run the command line and end the process."""
    guarded(app)
