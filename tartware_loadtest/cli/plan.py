"""``tartware-lt plan``: what a profile needs."""

from __future__ import annotations

import json

import typer

from tartware_loadtest.cli import options
from tartware_loadtest.cli.options import OutputFormat, settings_from
from tartware_loadtest.errors import ExitCode

__all__ = ["EPILOG", "plan"]

EPILOG = "Example: tartware-lt plan --profile peak"


def plan(
    *,
    profile: options.ProfileFlag = None,
    config: options.ConfigFlag = None,
    env_file: options.EnvFileFlag = None,
    target: options.TargetFlag = None,
    rate: options.RateFlag = None,
    read_rate: options.ReadRateFlag = None,
    duration: options.DurationFlag = None,
    data: options.DataFlag = None,
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

    loaded = settings_from(
        profile=profile,
        config=config,
        env_file=env_file,
        target=target,
        rate=rate,
        read_rate=read_rate,
        duration=duration,
        data=data,
    )
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
