"""``tartware-lt verdict``: judge summaries or a run directory, offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tartware_loadtest.cli import options
from tartware_loadtest.cli.options import OutputFormat, settings_from
from tartware_loadtest.errors import ExitCode, InputError

if TYPE_CHECKING:
    from tartware_loadtest.verdict.facts import Facts
    from tartware_loadtest.verdict.judge import Verdict

__all__ = ["EPILOG", "verdict"]

EPILOG = "Example: tartware-lt verdict summary.json --profile peak --junit junit.xml"


def verdict(
    paths: Annotated[
        list[Path], typer.Argument(metavar="SUMMARY|RUN...", help="k6 summaries, or one run directory.")
    ],
    *,
    profile: options.ProfileFlag = None,
    config: options.ConfigFlag = None,
    env_file: options.EnvFileFlag = None,
    rate: options.RateFlag = None,
    read_rate: options.ReadRateFlag = None,
    duration: options.DurationFlag = None,
    slo: options.SloFlag = None,
    expect_rate: Annotated[
        float | None,
        typer.Option("--expect-rate", min=0.001, max=1e9, help="Requests per second that were asked for."),
    ] = None,
    skip_check: Annotated[
        list[str] | None,
        typer.Option("--skip-check", help="generator-health: trust a generator that was not probed."),
    ] = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Also write JUnit XML here.")] = None,
    advisory: Annotated[bool, typer.Option("--advisory", help="Exit 0 for FAIL and INVALID.")] = False,
    output: options.OutputFlag = OutputFormat.TEXT,
) -> None:
    """Judge k6 summaries (several are the shards of one run) or a run directory again.

    A summary of another script is judged by http_req_failed, command_duration_ms or http_req_duration, and
    the rate; without an expected rate it is INVALID.
    """
    from tartware_loadtest.cli.engine import skipped_checks

    skip = skipped_checks(skip_check)
    chosen = (profile, config, env_file, rate, read_rate, duration, slo, expect_rate, skip_check)
    if len(paths) == 1 and paths[0].is_dir():
        from tartware_loadtest.history.directory import RunDirectory
        from tartware_loadtest.run.conclusion import judge_again

        if any(value is not None for value in chosen):
            raise InputError(
                "A run directory is judged by what its run was asked for.",
                hint="Leave out the flags that say otherwise, or name its summary/local.json.",
            )
        judged, facts, record = judge_again(RunDirectory(paths[0]))
        name, seconds = f"tartware-lt {record['profile']}", float(record["engine"]["seconds"])
    else:
        from tartware_loadtest.run.summaries import judge_summaries

        files = [path for path in paths if not path.is_dir()]
        if len(files) != len(paths):
            raise InputError("Summaries and a run directory cannot be judged together.")
        named = profile is not None or rate is not None
        loaded = settings_from(
            profile=profile,
            config=config,
            env_file=env_file,
            slo=slo,
            rate=rate,
            read_rate=read_rate,
            duration=duration,
        )
        judged, facts, seconds = judge_summaries(
            files,
            loaded.settings,
            profile_named=named,
            expected_rate=expect_rate,
            trust_generator="generator-health" in skip,
        )
        name = f"tartware-lt {loaded.settings.profile_name}"
    _show(judged, facts, output)
    if junit is not None:
        from tartware_loadtest.files import write_atomically
        from tartware_loadtest.reports.junit import junit as junit_xml

        write_atomically(junit, junit_xml(judged, name=name, seconds=seconds), mode=0o644)
    raise typer.Exit(ExitCode.PASS if advisory else judged.state.exit_code)


def _show(judged: Verdict, facts: Facts, output: OutputFormat) -> None:
    from tartware_loadtest.cli.console import stderr, write_data
    from tartware_loadtest.reports.document import facts_document, verdict_document
    from tartware_loadtest.reports.terminal import print_verdict

    print_verdict(stderr(), judged, facts)
    if output is OutputFormat.JSON:
        document = {"verdict": verdict_document(judged), "facts": facts_document(facts)}
        write_data(json.dumps(document, indent=2) + "\n")
