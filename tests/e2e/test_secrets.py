"""A whole run with a canary for a token: it may be in the memory of two processes, and nowhere else."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest

from tests.e2e.tool import Tool, finish, wait_for_load

pytestmark = [pytest.mark.sandbox, pytest.mark.k6]


def holders(needle: bytes, places: list[Path]) -> list[str]:
    """Return the files below ``places`` that hold the needle."""
    found = []
    for place in places:
        for path in place.rglob("*"):
            try:
                if path.is_file() and needle in path.read_bytes():
                    found.append(str(path))
            except OSError:
                continue
    return found


def command_lines() -> bytes:
    lines = b""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines += path.read_bytes() + b"\n"
        except OSError:
            continue
    return lines


@pytest.mark.parametrize("ending", ["finished", "refused"])
def test_token_is_in_no_file_no_argument_and_no_output(tool: Tool, ending: str, tmp_path: Path) -> None:
    arguments = ["--ttl", "7000"] if ending == "finished" else ["--user", "staff"]
    owner = tool.with_token(*arguments)
    token = owner.environment["API_TOKEN"]
    # The signature is the part that nothing but this very token has.
    needle = token.rsplit(".", 1)[1].encode()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    owner = Tool(tool.home, {**owner.environment, "TMPDIR": str(temporary)})

    process = owner.start("--profile", "brief", "--runs", str(tmp_path / "runs"))
    said = wait_for_load(process)
    seen = b""
    for _ in range(5):
        seen += command_lines()
        time.sleep(0.2)
    done = finish(process, said)
    shown = owner.run("config", "show", "-o", "json")

    assert done.code == (0 if ending == "finished" else 4), done.stderr
    assert needle not in seen
    assert needle.decode() not in done.stderr + str(done.document) + shown.stderr + str(shown.document)
    assert holders(needle, [tmp_path / "runs", temporary, Path(tempfile.gettempdir()) / "tartware-lt"]) == []
    assert holders(needle, [path for path in tool.home.iterdir() if path.is_dir()]) == []
