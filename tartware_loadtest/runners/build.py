"""Builds k6 from the pinned Go module."""

from __future__ import annotations

import os
import shutil
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tartware_loadtest.resources import k6_directory
from tartware_loadtest.runners.golang import Toolchain, build_environment, find_toolchain, required_go
from tartware_loadtest.runners.installing import InstallProgress, Step, StepFailed, Work
from tartware_loadtest.runners.process import Child

__all__ = ["MODULE", "build_binary"]

MODULE = "go.k6.io/k6/v2"

_TICK_SECONDS = 0.1
_TAIL_LINES = 8
_STALE = "{{if .Stale}}{{.ImportPath}}{{end}}"


@dataclass(slots=True)
class _Said:
    """What ``go`` has printed so far; written by reader threads."""

    fetched: int = 0
    built: int = 0
    current: str = ""
    out: list[str] = field(default_factory=list)
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL_LINES))

    def line(self, raw: bytes, stream: str) -> None:
        text = raw.decode(errors="replace").strip()
        if stream == "out":
            self.out.append(text)
        elif text.startswith("go: downloading "):
            self.fetched += 1
            self.current = text.removeprefix("go: downloading ").partition(" ")[0]
        elif text:
            self.built += 1
            self.current = text
            self.tail.append(text)


def build_binary(directory: Path, work: Work) -> Path:
    """Build the pinned k6 in ``directory``.

    Raises:
        StepFailed: There is no Go that is new enough, or it could not fetch or build.
    """
    source = k6_directory() / "engine"
    oldest = required_go(source / "go.mod")
    temporary = directory / "tmp"
    temporary.mkdir()
    environment = build_environment(os.environ, temporary)
    toolchain = find_toolchain(oldest, environment)
    if toolchain is None:
        raise StepFailed(f"there is no Go {'.'.join(map(str, oldest))} or newer to build it with")
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(source / name, directory / name)
    go = _Go(toolchain, directory, environment, work)
    packages = go.run(Step.FETCH, ["list", "-deps", "-trimpath", "-f", _STALE, MODULE])
    total = sum(1 for line in packages.out if line)
    binary = directory / "k6"
    go.run(
        Step.BUILD,
        ["build", "-v", "-trimpath", "-ldflags", "-s -w", "-o", str(binary), MODULE],
        total=total,
    )
    return binary


@dataclass(frozen=True, slots=True)
class _Go:
    """Runs ``go`` in the working directory of one installation."""

    toolchain: Toolchain
    directory: Path
    environment: dict[str, str]
    work: Work

    def run(self, step: Step, arguments: Sequence[str], *, total: int | None = None) -> _Said:
        said = _Said()
        told = InstallProgress(step, 0, total)
        self.work.tell(told)
        # Leaving the block kills what `go` has started, too: compilers and linker are in its process group.
        with Child(
            [str(self.toolchain.binary), *arguments],
            cwd=self.directory,
            environment=self.environment,
            on_line=said.line,
        ) as child:
            while (end := child.poll()) is None:
                self.work.go_on()
                done = said.fetched if step is Step.FETCH else said.built
                news = InstallProgress(step, done, total, said.current)
                if news != told:
                    told = news
                    self.work.tell(news)
                time.sleep(_TICK_SECONDS)
        if end.code != 0:
            raise StepFailed(f"go {arguments[0]} failed: {' / '.join(said.tail) or 'it said nothing'}")
        return said
