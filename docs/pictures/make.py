"""Draw the end of a run as the terminal shows it: ``python docs/pictures/make.py RUN_DIR`` prints an SVG.

The text is judged anew from the run directory and printed by the code that ``tartware-lt run`` uses, 80
columns wide; the same directory gives the same bytes. ``--out FILE`` writes a file instead.
"""  # noqa: INP001 - a script beside its picture, not a package

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tartware_loadtest.history.directory import RunDirectory
from tartware_loadtest.preflight.check import Check, CheckState
from tartware_loadtest.reports.terminal import check_lines, print_verdict
from tartware_loadtest.run.conclusion import judge_again

COLUMNS = 80
THEME = TerminalTheme(
    background=(24, 26, 31),
    foreground=(214, 217, 223),
    normal=[
        (24, 26, 31),
        (224, 108, 117),
        (74, 158, 66),
        (224, 184, 96),
        (97, 160, 224),
        (190, 130, 215),
        (86, 182, 194),
        (255, 255, 255),
    ],
)
# Rich's own frame loads a font from elsewhere; a picture in a repository must not.
FRAME = """\
<svg class="{unique_id}" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-family: ui-sans-serif, "DejaVu Sans", Arial, sans-serif; font-size: 16px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw(directory: Path) -> str:
    """Return the SVG of a finished run."""
    verdict, facts, record = judge_again(RunDirectory(directory))
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
    )
    console.print(Text(f"$ tartware-lt run --profile {record['profile']}", style="bold"))
    for check in record["preflight"]:
        console.print(check_lines(_check(check)))
    print_verdict(console, verdict, facts)
    console.print(f"evidence: {Path('runs') / directory.resolve().name / 'evidence.md'}", markup=False)
    title = f"tartware-lt run --profile {record['profile']}: {verdict.state.value}"
    svg = console.export_svg(title=title, theme=THEME, code_format=FRAME, unique_id="tartware-lt")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _check(document: dict[str, Any]) -> Check:
    return Check(document["name"], CheckState(document["state"]), document["detail"], document["fix"])


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description="Draw the end of a run as an SVG.")
    parser.add_argument("run", type=Path, help="run directory")
    parser.add_argument("--out", type=Path, help="write here instead of printing")
    arguments = parser.parse_args()
    svg = draw(arguments.run)
    if arguments.out:
        arguments.out.write_text(svg, encoding="utf-8")
    else:
        sys.stdout.write(svg)


if __name__ == "__main__":
    main()
