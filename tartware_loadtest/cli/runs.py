"""``tartware-lt runs``: what was run before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tartware_loadtest.cli.options import OutputFlag, OutputFormat, RunsFlag, settings_from

__all__ = ["app"]

app = typer.Typer(help="List and show the runs that were made.", no_args_is_help=True)


@app.command("list", epilog="Example: tartware-lt runs list -o json")
def list_runs(*, runs: RunsFlag = None, output: OutputFlag = OutputFormat.TEXT) -> None:
    """List the run directories, the newest first."""
    from tartware_loadtest.cli.console import write_data
    from tartware_loadtest.history.directory import list_records

    base = Path(settings_from(runs=runs).settings.runs)
    rows = [_row(path, record) for path, record in list_records(base)]
    if output is OutputFormat.JSON:
        write_data(json.dumps(rows, indent=2) + "\n")
        return
    if not rows:
        typer.echo(f"no runs in {base}", err=True)
    for row in rows:
        mark = "  MODIFIED" if row["modified"] else ""
        write_data(f"{row['verdict'] or row['status']:<9} {row['profile']:<12} {row['run']}{mark}\n")


@app.command(epilog="Example: tartware-lt runs show runs/20261122T160000Z-peak-1a2b3c4d")
def show(
    run: Annotated[Path, typer.Argument(help="Run directory.")], *, output: OutputFlag = OutputFormat.TEXT
) -> None:
    """Show one run: its verdict as it was judged then, and what it was made from."""
    from tartware_loadtest.cli.console import write_data
    from tartware_loadtest.history.directory import RunDirectory
    from tartware_loadtest.printable import printable

    record = RunDirectory(run).read_record()
    if output is OutputFormat.JSON:
        write_data(json.dumps(record, indent=2) + "\n")
        return
    for key in ("status", "profile", "target", "run_id", "started_at", "ended_at", "error"):
        if record.get(key):
            write_data(f"{key:<11} {printable(str(record[key]))}\n")
    verdict = record.get("verdict")
    if verdict:
        write_data(f"{'verdict':<11} {verdict['state']}\n")
        for one in verdict["criteria"]:
            write_data(f"  {one['state']:<8} {one['criterion']}: {one['observed']}\n")


def _row(path: Path, record: dict[str, Any]) -> dict[str, Any]:
    return {
        "run": str(path),
        "profile": record.get("profile", "?"),
        "status": record.get("status", "?"),
        "started_at": record.get("started_at"),
        "verdict": (record.get("verdict") or {}).get("state"),
        "modified": record.get("modified", []),
    }
