"""Reads the documentation's pages: blocks, tables, links."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "CodeBlock", "anchors", "blocks", "links", "page", "pages", "rows", "section", "tracked"]

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)
_NOT_WALKED = {"runs", "build", "dist", "node_modules"}


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced block: its language and its text."""

    language: str
    text: str


def tracked() -> list[Path]:
    """Return the files of the repository: those of git, or all of an unpacked archive."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        return [
            ROOT / name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()
        ]
    return list(_walk(ROOT))


def _walk(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        if path.name in _NOT_WALKED or (path.name.startswith(".") and path.name != ".ci"):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def pages() -> list[Path]:
    """Return every Markdown page for people: what tests keep as expected output is none."""
    return [
        path for path in tracked() if path.suffix == ".md" and "tests" not in path.relative_to(ROOT).parts
    ]


def page(name: str) -> str:
    """Return the text of a page, named from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one of the same or a higher level."""
    level = heading.split(" ", 1)[0]
    assert f"\n{heading}\n" in f"\n{text}", f"there is no heading {heading!r}"
    rest = f"\n{text}".split(f"\n{heading}\n", 1)[1]
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row, heads and rules left out; backquotes are taken off."""
    found = []
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        is_head = following.startswith(("| ---", "| :"))
        if line.startswith("|") and not is_head and not line.startswith(("| ---", "| :")):
            found.append([cell.strip(" `") for cell in line.strip()[1:-1].split("|")])
    return found


def blocks(text: str) -> list[CodeBlock]:
    """Return the fenced blocks."""
    return [CodeBlock(match["language"], match["text"]) for match in _FENCE.finditer(text)]


def links(text: str) -> list[str]:
    """Return the targets of links and pictures outside code."""
    return [match["target"] for match in _LINK.finditer(_FENCE.sub("", text))]


def anchors(text: str) -> set[str]:
    """Return the anchors that a forge makes of the headings."""
    found = set()
    for match in _HEADING.finditer(_FENCE.sub("", text)):
        kept = re.sub(r"[^\w\- ]", "", match["text"].lower())
        found.add(kept.replace(" ", "-"))
    return found
