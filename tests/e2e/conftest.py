"""A sandbox for the whole session, and the tool beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.e2e.tool import CONFIG, Tool


@pytest.fixture(scope="session")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    """The CLI beside a running sandbox, its environment file sourced."""
    home = tmp_path_factory.mktemp("e2e")
    home.chmod(0o755)
    (home / "tartware-lt.yaml").write_text(CONFIG)
    base = {
        k: v for k, v in os.environ.items() if not k.startswith(("API_TOKEN", "GATEWAY_", "DATABASE_", "PG"))
    }
    plain = Tool(home, base)
    up = plain.sandbox("up", "--rows", "20000", "--drain-rate", "1000", "--token-ttl", "7200")
    assert up.code == 0, up.stderr
    try:
        extra: dict[str, str] = {}
        for line in (home / "sandbox" / "sandbox.env").read_text().splitlines():
            name, found, value = line.partition("=")
            if found and not name.startswith("#"):
                extra[name] = value
        ready = Tool(home, {**base, **extra})
        ready.bootstrap()
        yield ready
    finally:
        plain.sandbox("down", "--purge")


@pytest.fixture(autouse=True)
def no_faults(tool: Tool) -> Iterator[None]:
    """Each test ends with a healthy sandbox."""
    yield
    tool.run("sandbox", "faults", "reset", "--dir", str(tool.home / "sandbox"))
