"""What every test stands on: nothing of the developer's machine reaches it, and nothing of it stays."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tartware_loadtest.runners.k6 import cache_directory, find_or_install
from tests.support.gateway import Gateway, serve
from tests.support.runs import FinishedRun, run_once
from tests.support.traffic import Traffic, run_twice

# How long an example takes says more of the machine than of the code.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

_GOLDEN = Path(__file__).with_name("golden")
_GUIDE = (
    "GATEWAY_BASE_URL",
    "API_TOKEN",
    "TENANT_IDS",
    "PROPERTY_IDS",
    "ROOM_TYPE_IDS",
    "RESERVATION_IDS",
    "GUEST_IDS",
    "HOUSEKEEPING_TASK_IDS",
    "HOUSEKEEPING_STAFF_IDS",
    "COMMAND_TARGET_RATE",
    "READ_RATE",
    "TEST_DURATION",
)
_TERMINAL = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "COLUMNS", "LINES")


def pytest_configure() -> None:
    # A shell that starts the suite in the background has Ctrl-C ignored in it and in all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden anew, then look at the diff"
    )


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give each test a home, a cache and a working directory of its own; only the installed k6 is shared."""
    for name in tuple(os.environ):
        foreign = name.startswith(("K6_", "TARTWARE_")) and name != "TARTWARE_LT_K6"
        if foreign or name in _GUIDE or name in _TERMINAL:
            monkeypatch.delenv(name)
    installed = cache_directory()
    base = tmp_path_factory.mktemp("isolated")
    cache, here = base / "home" / ".cache" / "tartware-lt", base / "here"
    cache.mkdir(parents=True)
    here.mkdir()
    if installed.is_dir():
        (cache / "k6").symlink_to(installed, target_is_directory=True)
    monkeypatch.setenv("HOME", str(base / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache.parent))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(base / "home" / ".config"))
    monkeypatch.chdir(here)


@pytest.fixture(scope="session")
def k6() -> Path:
    """The k6 that a run would use; installed if there is none."""
    return find_or_install().path


@pytest.fixture(scope="session")
def traffic(k6: Path, tmp_path_factory: pytest.TempPathFactory) -> Traffic:
    """Two runs of one small bundle, and everything that was sent."""
    return run_twice(k6, tmp_path_factory.mktemp("traffic"))


@pytest.fixture(scope="session")
def finished(k6: Path, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """A run of the tool itself, to look at; whoever changes something in it takes a copy."""
    return run_once(k6, tmp_path_factory.mktemp("finished"))


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A server that accepts each command and answers each read, and remembers what it was sent."""
    with serve() as server:
        yield server


Golden = Callable[[str, str], None]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return a function that holds a text against a file of ``tests/golden``."""

    def check(name: str, actual: str) -> None:
        path = _GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.write_text(actual, encoding="utf-8")
        assert actual == path.read_text(encoding="utf-8")

    return check
