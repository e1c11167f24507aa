"""``tartware-lt plan``: what a profile needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from tartware_loadtest.cli import options
from tartware_loadtest.cli.options import OutputFormat, with_settings
from tartware_loadtest.errors import ExitCode

if TYPE_CHECKING:
    from tartware_loadtest.config.loader import Loaded

__all__ = ["EPILOG", "plan"]

EPILOG = "Example: tartware-lt plan --profile peak"


@with_settings("profile", "config", "env_file", "target", "rate", "read_rate", "duration", "data")
def plan(
    *,
    loaded: Loaded,
    output: options.OutputFlag = OutputFormat.TEXT,
) -> None:
    """Show what a profile needs: virtual users, CPU, memory, data; and whether it fits this machine.

    Exits 4 if it does not fit.
    """
    from dataclasses import asdict

    from tartware_loadtest.cli.console import stderr, write_data
    from tartware_loadtest.run.preparation import prepare_plan
    from tartware_loadtest.run.sample import sample_or_none
    from tartware_loadtest.runners.machine import this_machine

    made = prepare_plan(loaded, sample_or_none(loaded.settings), this_machine())
    if output is OutputFormat.JSON:
        scenarios = [{**asdict(scenario), "offered": dict(scenario.offered)} for scenario in made.scenarios]
        figures = [asdict(figure) for figure in made.figures]
        document = {"fits": made.fits, "figures": figures, "scenarios": scenarios}
        write_data(json.dumps(document, indent=2) + "\n")
    else:
        from tartware_loadtest.reports.terminal import plan_table

        title = f"profile {loaded.settings.profile_name} against {loaded.settings.target.base_url}"
        stderr().print(title, soft_wrap=True, markup=False)
        stderr().print(plan_table(made))
    if not made.fits:
        raise typer.Exit(ExitCode.REFUSED)
