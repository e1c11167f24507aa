"""Every command explains itself, with an example, and without starting anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from tartware_loadtest import __version__
from tartware_loadtest.cli.app import app
from tests.support.cli import tool


def commands(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    children = getattr(node, "commands", None)
    if children is None:
        yield path
        return
    for name, child in children.items():
        yield from commands(child, (*path, name))


COMMANDS = list(commands(typer.main.get_command(app)))


def test_the_spine_of_commands_is_there() -> None:
    names = {" ".join(path) for path in COMMANDS}
    assert {"bootstrap", "doctor", "plan", "render", "run", "verdict", "report"} <= names
    assert {"config show", "runs list", "runs show", "k6 install", "k6 version", "sandbox up"} <= names


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_has_an_example_that_names_the_command(path: tuple[str, ...]) -> None:
    done = tool(*path, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    text = " ".join(done.stdout.split())
    assert re.search(rf"Examples?: .*tartware-lt {' '.join(path)}", text), done.stdout


@pytest.mark.parametrize("group", [(), ("config",), ("runs",), ("k6",), ("sandbox",)], ids=" ".join)
def test_help_of_a_group_lists_its_commands(group: tuple[str, ...]) -> None:
    done = tool(*group, "--help")
    assert done.returncode == 0
    for path in COMMANDS:
        if path[: len(group)] == group:
            assert re.search(rf"^  {path[len(group)]}\b", done.stdout, re.MULTILINE), path


def test_the_version_is_said() -> None:
    assert tool("--version").stdout == f"tartware-lt {__version__}\n"
