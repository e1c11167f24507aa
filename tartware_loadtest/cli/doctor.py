"""``tartware-lt doctor``: the checks of a run, without its load."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tartware_loadtest.cli import options
from tartware_loadtest.cli.engine import Where, confirm_target, make_runner, skipped_checks, stop_on_signals
from tartware_loadtest.cli.options import OutputFormat, with_settings

if TYPE_CHECKING:
    from tartware_loadtest.config.loader import Loaded

__all__ = ["EPILOG", "doctor"]

EPILOG = "Example: tartware-lt doctor --profile peak --skip-check capacity"


@with_settings("profile", "config", "env_file", "target", "data", "k6")
def doctor(
    *,
    loaded: Loaded,
    on: Annotated[Where, typer.Option("--on", help="Where k6 would run.")] = Where.NATIVE,
    skip_check: Annotated[
        list[str] | None, typer.Option("--skip-check", help="Leave a check out; may be repeated.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; needs --allow-host.")] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help="A host that canaries may be sent to.")
    ] = None,
    output: options.OutputFlag = OutputFormat.TEXT,
) -> None:
    """Make the checks of a run: capacity, token, gateway, canaries, rate limit. Exits 4 if one fails.

    The canaries are real commands, one of each kind for each tenant; leave them out with
    --skip-check canary.
    """
    from tartware_loadtest.cli.console import stderr, write_data
    from tartware_loadtest.cli.live import LiveView, ProgressFormat
    from tartware_loadtest.run.job import Job, RunOptions
    from tartware_loadtest.run.preparation import preflight, prepare_plan
    from tartware_loadtest.runners.interface import StopRequest
    from tartware_loadtest.runners.machine import this_machine
    from tartware_loadtest.sampling.writers.data_file import read_data_file

    sample = read_data_file(Path(loaded.settings.data))
    plan = prepare_plan(loaded, sample, this_machine())
    confirm_target(loaded.settings, plan, yes=yes, allowed=allow_host)
    stop = StopRequest()
    view = LiveView(stderr(), loaded.settings, ProgressFormat.PLAIN)
    with stop_on_signals(stop):
        runner = make_runner(on, loaded.settings.generator.k6, stop)
        job = Job(loaded, runner, RunOptions(skip=skipped_checks(skip_check)), view, stop)
        checked = preflight(job, plan, sample)
    if output is OutputFormat.JSON:
        checks = [{**asdict(check), "state": check.state.value} for check in checked.checks]
        write_data(json.dumps({"checks": checks}, indent=2) + "\n")
