"""The page of commands is the program's own help, and what the pages tell people to type exists."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.commands import all_commands, flags_of, help_of
from tests.docs.pages import ROOT, blocks, page, pages

_PAGE = "docs/reference/commands.md"
_UPDATE = os.environ.get("TARTWARE_LT_UPDATE_DOCS") == "1"
_COMMANDS = all_commands()


def _marked(words: tuple[str, ...]) -> re.Pattern[str]:
    name = re.escape(" ".join(("tartware-lt", *words)))
    return re.compile(rf"(<!-- help: {name} -->\n```text\n)(.*?)(```\n<!-- /help -->)", re.DOTALL)


@pytest.mark.parametrize("words", _COMMANDS, ids=lambda words: " ".join(words) or "tartware-lt")
def test_help_block_equals_the_help_of_the_command(words: tuple[str, ...]) -> None:
    text = page(_PAGE)
    found = _marked(words).search(text)
    assert found, f"{_PAGE} has no block for {' '.join(words) or 'the program itself'}"
    if _UPDATE:
        updated = text[: found.start(2)] + help_of(words) + text[found.end(2) :]
        (ROOT / _PAGE).write_text(updated, encoding="utf-8")
        found = _marked(words).search(updated)
        assert found
    assert found[2] == help_of(words)


def test_page_has_no_block_for_a_command_that_does_not_exist() -> None:
    named = set(re.findall(r"<!-- help: tartware-lt ?(.*?) -->", page(_PAGE)))
    assert named == {" ".join(words) for words in _COMMANDS}


def test_help_is_the_same_from_the_installed_program() -> None:
    program = Path(sys.executable).with_name("tartware-lt")
    result = subprocess.run(
        [program, "run", "--help"],
        env={**os.environ, "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip("\n") + "\n" == help_of(("run",))


def _typed() -> list[tuple[str, str]]:
    """Return each line of the pages on which somebody types ``tartware-lt``, continued lines joined."""
    found = []
    for path in pages():
        for block in blocks(path.read_text(encoding="utf-8")):
            if block.language not in {"sh", "console", "yaml"}:
                continue
            for line in block.text.replace("\\\n", " ").splitlines():
                typed = re.search(r"(?:^\s*(?:run: )?(?:\$ )?|[A-Z]+=\S+ )(tartware-lt .*)", line)
                if typed:
                    found.append((path.relative_to(ROOT).as_posix(), typed[1]))
    return found


@pytest.mark.parametrize(("where", "line"), _typed())
def test_command_line_in_a_page_names_what_exists(where: str, line: str) -> None:
    arguments = shlex.split(re.split(r"\s(?:\|\|?|&&|>|#)", line)[0])[1:]
    words: tuple[str, ...] = ()
    while arguments and (*words, arguments[0]) in _COMMANDS:
        words = (*words, arguments.pop(0))
    assert words or arguments[:1] == ["--version"], f"{where}: {line}"
    options = [argument.split("=")[0] for argument in arguments if argument.startswith("-")]
    known = flags_of(_COMMANDS[words])
    assert set(options) <= known, f"{where}: {line}"
