"""``tartware-lt k6``: install the engine, and say which one a run would use."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from tartware_loadtest.errors import ExitCode

if TYPE_CHECKING:
    from tartware_loadtest.runners.engine import Engine
    from tartware_loadtest.runners.installing import InstallListener

__all__ = ["app", "progress_on_stderr"]

app = typer.Typer(help="Install k6, and say which one a run would use.", no_args_is_help=True)


class OutputFormat(Enum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


_Output = Annotated[OutputFormat, typer.Option("-o", "--output", help="How to write the answer on stdout.")]


@app.command(epilog="Example: tartware-lt k6 install --force")
def install(
    force: Annotated[bool, typer.Option("--force", help="Install it again even if it is there.")] = False,
    output: _Output = OutputFormat.TEXT,
) -> None:
    """Install the pinned k6 into the cache: the official release, else a build from source (2-4 minutes)."""
    from tartware_loadtest.runners.engine import Origin, inspect
    from tartware_loadtest.runners.install import install as install_engine
    from tartware_loadtest.runners.k6 import cache_directory, cached, cached_path

    engine = None if force else cached()
    if engine is None:
        with _ends_on_sigterm(), progress_on_stderr() as listener:
            install_engine(cache_directory(), listener=listener)
        engine = inspect(cached_path(), Origin.CACHE)
    _answer(engine, output)


@app.command(epilog="Example: tartware-lt k6 version -o json")
def version(
    k6: Annotated[Path | None, typer.Option("--k6", help="Look at this binary.", show_default=False)] = None,
    output: _Output = OutputFormat.TEXT,
) -> None:
    """Say which k6 a run would use: --k6, TARTWARE_LT_K6, PATH, or the one in the cache."""
    from tartware_loadtest.errors import RefusedError
    from tartware_loadtest.runners.k6 import find

    engine = find(k6)
    if engine is None:
        raise RefusedError("There is no k6 yet.", hint="Run `tartware-lt k6 install`; a run does so itself.")
    _answer(engine, output)


def _answer(engine: Engine, output: OutputFormat) -> None:
    from tartware_loadtest.runners.engine import PINNED_VERSION

    facts = {
        "path": str(engine.path),
        "version": engine.version,
        "origin": engine.origin.value,
        "pinned": PINNED_VERSION,
    }
    if output is OutputFormat.JSON:
        typer.echo(json.dumps(facts))
    else:
        typer.echo(f"k6 {facts['version']} at {facts['path']} (from {facts['origin']})")


@contextmanager
def _ends_on_sigterm() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that a build is killed and its directory removed."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(int(ExitCode.TERMINATED))

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def progress_on_stderr() -> Iterator[InstallListener]:
    """Show an installation: a bar on a terminal, one line a step elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from tartware_loadtest.runners.installing import InstallProgress, Step

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("k6", total=None)
        current: Step | None = None

        def tell(news: InstallProgress) -> None:
            nonlocal current
            if news.step is not current:
                current = news.step
                if not console.is_terminal:  # a log file gets one line a step instead of a bar
                    console.print(f"{news.step.value} …", highlight=False)
            if news.failed:
                console.print(f"{news.step.value}: {news.detail}", highlight=False, soft_wrap=True)
            progress.update(task, description=news.step.value, completed=news.done, total=news.total)

        yield tell
