"""The commands of the program as a tree, and their help as a terminal of 80 columns shows it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any
from unittest.mock import patch

from typer.main import get_command

from tartware_loadtest.cli.app import app

__all__ = ["all_commands", "flags_of", "help_of"]

COLUMNS = 80


def all_commands() -> dict[tuple[str, ...], Any]:
    """Return each command and group by the words that name it; the program itself by none."""
    return dict(_below((), get_command(app)))


def _below(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _below((*words, name), child)


def help_of(words: tuple[str, ...]) -> str:
    """Return what ``--help`` prints. (Typer's test runner would force another width than a terminal has.)"""
    with patch.dict(os.environ, {"COLUMNS": str(COLUMNS)}), redirect_stdout(io.StringIO()) as out:
        get_command(app).main([*words, "--help"], prog_name="tartware-lt", standalone_mode=False)
    return out.getvalue().strip("\n") + "\n"


def flags_of(command: Any) -> set[str]:
    """Return the spellings of its options."""
    found = {"--help"}
    for parameter in command.params:
        found |= {*parameter.opts, *parameter.secondary_opts}
    return {flag for flag in found if flag.startswith("-")}
