"""Links lead somewhere, named targets exist, and nothing of one machine stands in the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, blocks, links, page, pages, tracked

# In pieces, so that this file does not hold what it forbids.
_MACHINE = re.compile("/" + r"work/|/" + r"root/|/tmp/" + "b")
_REGISTRY = re.compile(
    r"py" + r"pi\.(?:org|python)|python" + r"hosted\.org|proxy\.go" + r"lang\.org|registry\.npm" + r"js"
    r"|://[\w.-]*(?:artifactory|nexus|mirror)[\w.-]*/"
)
_PAGES = pages()


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", _PAGES, ids=_name)
def test_relative_links_resolve(path: Path) -> None:
    broken = []
    for link in links(path.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("path", _PAGES, ids=_name)
def test_make_targets_exist(path: Path) -> None:
    known = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    code = "\n".join(block.text for block in blocks(text)) + "\n".join(re.findall(r"`([^`\n]+)`", text))
    assert set(re.findall(r"^make ([a-z]+)", code, re.MULTILINE)) <= known


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in links(page("docs/README.md"))}
    written = {path for path in _PAGES if path.is_relative_to(index.parent) and path != index}
    assert not written - linked


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for pattern in (_MACHINE, _REGISTRY):
            found += [f"{_name(path)}: {match[0]}" for match in pattern.finditer(text)]
    assert not found
