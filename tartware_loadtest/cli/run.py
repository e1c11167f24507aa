"""``tartware-lt run``: the whole job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from tartware_loadtest.cli import options
from tartware_loadtest.cli.engine import Where, confirm_target, make_runner, skipped_checks, stop_on_signals
from tartware_loadtest.cli.options import OutputFormat, with_settings
from tartware_loadtest.errors import ExitCode

if TYPE_CHECKING:
    from tartware_loadtest.config.loader import Loaded
    from tartware_loadtest.run.job import Job

__all__ = ["EPILOG", "run"]

EPILOG = (
    "Example: tartware-lt run --profile demo. What follows -- goes to k6. "
    "Exit codes: 0 PASS, 1 FAIL, 2 wrong use, 3 INVALID, 4 refused before the load, 5 engine broke."
)


@with_settings(
    "profile",
    "config",
    "env_file",
    "target",
    "rate",
    "read_rate",
    "duration",
    "slo",
    "dialect",
    "age",
    "data",
    "runs",
    "seed",
    "k6",
)
def run(
    context: typer.Context,
    *,
    loaded: Loaded,
    on: Annotated[Where, typer.Option("--on", help="Where k6 runs.")] = Where.NATIVE,
    skip_check: Annotated[
        list[str] | None, typer.Option("--skip-check", help="Leave a check out, or all; recorded.")
    ] = None,
    ignore_capacity: Annotated[
        bool, typer.Option("--ignore-capacity", help="Go on although this machine is too small; recorded.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; needs --allow-host.")] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help="A host that may be loaded; may be repeated.")
    ] = None,
    advisory: Annotated[
        bool, typer.Option("--advisory", help="Print the verdict, but exit 0 for FAIL and INVALID; recorded.")
    ] = False,
    progress: Annotated[
        str, typer.Option("--progress", help="auto, plain, json (lines on stderr) or none.")
    ] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the verdict.")] = False,
    output: options.OutputFlag = OutputFormat.TEXT,
) -> None:
    """Check, render, run, judge and report: ends in one verdict and one exit code."""
    from tartware_loadtest.cli.console import stderr
    from tartware_loadtest.cli.live import LiveView, progress_format
    from tartware_loadtest.planning.plan import Plan
    from tartware_loadtest.run.job import Job, RunOptions
    from tartware_loadtest.runners.interface import StopRequest
    from tartware_loadtest.runners.options import check_arguments

    check_arguments(context.args)
    skip = skipped_checks(skip_check)

    class View(LiveView):
        def planned(self, plan: Plan) -> None:
            confirm_target(loaded.settings, plan, yes=yes, allowed=allow_host)

    for conflict in loaded.conflicts:
        stderr().print(f"conflict: {conflict}", style="yellow", soft_wrap=True, markup=False)
    stop = StopRequest()
    with stop_on_signals(stop):
        job = Job(
            loaded,
            make_runner(on, loaded.settings.generator.k6, stop),
            RunOptions(skip, ignore_capacity, advisory, tuple(context.args), on.value),
            View(stderr(), loaded.settings, progress_format(progress, quiet=quiet)),
            stop,
        )
        code = _run(job, output)
    raise typer.Exit(code)


def _run(job: Job, output: OutputFormat) -> ExitCode:
    from tartware_loadtest.cli.console import stderr, write_data
    from tartware_loadtest.reports.document import facts_document, verdict_document
    from tartware_loadtest.reports.terminal import print_verdict
    from tartware_loadtest.run.flow import run_load_test

    result = run_load_test(job)
    print_verdict(stderr(), result.verdict, result.facts)
    stderr().print(f"evidence: {result.directory / 'evidence.md'}", soft_wrap=True, markup=False)
    if output is OutputFormat.JSON:
        document = {
            "run_directory": str(result.directory),
            "exit_code": int(result.exit_code),
            "verdict": verdict_document(result.verdict),
            "facts": facts_document(result.facts),
        }
        write_data(json.dumps(document, indent=2) + "\n")
    return result.exit_code
