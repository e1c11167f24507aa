"""Two runs on one target falsify each other, so there is one at a time on a machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.preflight.exclusive import exclusive

HOLDER = """
import sys
from tartware_loadtest.preflight.exclusive import exclusive
with exclusive(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(url: str) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold a target."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_a_target_that_another_process_loads_is_refused() -> None:
    with held("http://h:1/api"):
        with (
            pytest.raises(RefusedError, match="Another run of tartware-lt is loading h:1") as caught,
            exclusive("http://h:1"),
        ):
            pass
        assert "Wait for it" in caught.value.hint


def test_another_target_is_free() -> None:
    with held("http://h:1"), exclusive("http://h:2"):
        pass


def test_the_target_is_free_again_when_its_holder_was_killed() -> None:
    with held("http://h:1") as process:
        process.kill()
        process.wait()
        with exclusive("http://h:1"):
            pass


def test_the_target_is_free_again_after_the_block() -> None:
    with exclusive("http://h:1"):
        pass
    with exclusive("http://h:1"):
        pass


def test_without_a_place_for_locks_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)
    with exclusive("http://h:1"):
        pass
