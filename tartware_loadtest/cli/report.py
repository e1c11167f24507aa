"""``tartware-lt report``: the reports of a run, again and offline."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["EPILOG", "report"]

EPILOG = "Example: tartware-lt report runs/20261122T160000Z-peak-1a2b3c4d --format markdown > evidence.md"


class ReportFormat(Enum):
    """The forms of a report."""

    MARKDOWN = "markdown"
    JUNIT = "junit"
    JSON = "json"


def report(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    *,
    form: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="What to print.")
    ] = ReportFormat.MARKDOWN,
) -> None:
    """Judge a run directory again and print one report on stdout."""
    from tartware_loadtest.cli.console import write_data
    from tartware_loadtest.history.directory import RunDirectory
    from tartware_loadtest.reports.document import facts_document, verdict_document
    from tartware_loadtest.reports.junit import junit
    from tartware_loadtest.reports.markdown import evidence
    from tartware_loadtest.run.conclusion import judge_again

    judged, facts, record = judge_again(RunDirectory(run))
    record |= {"verdict": verdict_document(judged), "facts": facts_document(facts)}
    if form is ReportFormat.MARKDOWN:
        text = evidence(record)
    elif form is ReportFormat.JUNIT:
        text = junit(judged, name=f"tartware-lt {record['profile']}", seconds=record["engine"]["seconds"])
    else:
        text = json.dumps(record, indent=2) + "\n"
    write_data(text)
