from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tartware_loadtest.runners.process import CANNOT_START, Child
from tartware_loadtest.runners.schedule import ScheduleSampler
from tests.runners.conftest import eventually, processes_in, running


class Lines:
    def __init__(self) -> None:
        self.out: list[bytes] = []
        self.err: list[bytes] = []

    def __call__(self, line: bytes, stream: str) -> None:
        (self.out if stream == "out" else self.err).append(line)


def shell(script: str, lines: Lines, tmp_path: Path, **environment: str) -> Child:
    return Child(["/bin/sh", "-c", script], cwd=tmp_path, environment=environment, on_line=lines)


def test_both_streams_are_read_to_the_end(tmp_path: Path) -> None:
    lines = Lines()
    with shell("echo out; echo err >&2; printf tail; exit 3", lines, tmp_path) as child:
        end = child.wait()
    assert (end.code, end.signal_number) == (3, None)
    assert lines.out == [b"out\n", b"tail"]
    assert lines.err == [b"err\n"]
    assert end.cpu_seconds >= 0
    assert end.peak_bytes > 100_000


def test_flood_on_both_streams_does_not_block(tmp_path: Path) -> None:
    lines = Lines()
    script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo $i 0123456789; echo $i >&2; done"
    with shell(script, lines, tmp_path) as child:
        child.wait()
    assert len(lines.out) == len(lines.err) == 20000


def test_environment_and_directory_are_the_callers_alone(tmp_path: Path) -> None:
    lines = Lines()
    with shell("/usr/bin/env; pwd", lines, tmp_path, ONLY="this") as child:
        child.wait()
    names = {line.partition(b"=")[0] for line in lines.out[:-1]}
    assert b"ONLY" in names
    assert names <= {b"ONLY", b"PWD", b"SHLVL", b"_", b"OLDPWD", b"LC_CTYPE"}
    assert lines.out[-1].decode().strip() == str(tmp_path)


def test_child_has_a_session_of_its_own_and_private_files(tmp_path: Path) -> None:
    with shell("touch made; exec sleep 60", Lines(), tmp_path) as child:
        assert os.getsid(child.pid) == child.pid
        eventually((tmp_path / "made").exists)
        assert (tmp_path / "made").stat().st_mode & 0o077 == 0


def test_leaving_the_block_kills_the_whole_group(tmp_path: Path) -> None:
    lines = Lines()
    with shell("sleep 60 & echo $!; wait", lines, tmp_path) as child:
        eventually(lambda: lines.out)
    end = child.poll()
    assert end is not None
    assert end.signal_number == signal.SIGKILL
    eventually(lambda: not running(int(lines.out[0])))
    eventually(lambda: processes_in(tmp_path) == [])


def test_interrupt_is_sent_once(tmp_path: Path) -> None:
    lines = Lines()
    script = "trap 'echo hit' INT; echo ready; while true; do sleep 0.1; done"
    with shell(script, lines, tmp_path) as child:
        eventually(lambda: b"ready\n" in lines.out)
        child.interrupt()
        eventually(lambda: b"hit\n" in lines.out)
        child.interrupt()
        os.kill(child.pid, signal.SIGUSR1)
        assert child.wait().signal_number == signal.SIGUSR1
    assert lines.out.count(b"hit\n") == 1


def test_interrupt_reaches_a_child_of_a_process_that_ignores_it(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Child(["/bin/sleep", "60"], cwd=tmp_path, environment={}, on_line=Lines()) as child:
            command = Path(f"/proc/{child.pid}/cmdline")
            eventually(lambda: command.read_bytes().startswith(b"/bin/sleep"))
            child.interrupt()
            assert child.wait().signal_number == signal.SIGINT
    finally:
        signal.signal(signal.SIGINT, before)


def test_orders_to_an_ended_child_reach_nobody(tmp_path: Path) -> None:
    with shell("exit 0", Lines(), tmp_path) as child:
        child.wait()
        child.interrupt()
        child.kill()
    end = child.poll()
    assert end is not None
    assert end.code == 0


@pytest.mark.parametrize("content", [None, b"\x7fELF but not really"])
def test_program_that_cannot_be_executed_says_so(tmp_path: Path, content: bytes | None) -> None:
    program = tmp_path / "program"
    if content is not None:
        program.write_bytes(content)
        program.chmod(0o755)
    lines = Lines()
    with Child([str(program)], cwd=tmp_path, environment={}, on_line=lines) as child:
        assert child.wait().code == CANNOT_START
    assert b"cannot start" in lines.err[0]


def test_run_queue_of_a_busy_child_is_read(tmp_path: Path) -> None:
    with shell("while true; do :; done", Lines(), tmp_path) as child:
        sampler = ScheduleSampler(child.pid)

        def busy() -> bool:
            sampler.sample()
            return (sampler.run_seconds or 0) > 0.05

        eventually(busy)
    before = sampler.run_seconds, sampler.wait_seconds
    assert None not in before
    sampler.sample()
    assert (sampler.run_seconds, sampler.wait_seconds) == before


def test_run_queue_of_nobody_is_unknown() -> None:
    sampler = ScheduleSampler(999999999)
    sampler.sample()
    assert (sampler.run_seconds, sampler.wait_seconds) == (None, None)


def test_guard_gives_up_when_its_parent_is_gone_already(tmp_path: Path) -> None:
    guard = Path(sys.modules[Child.__module__].__file__ or "").with_name("_guard.py")
    marker = tmp_path / "ran"
    lines = Lines()
    nobody = "999999999"
    argv = [sys.executable, "-I", "-S", str(guard), nobody, "9", "/usr/bin/touch", str(marker)]
    with Child(argv, cwd=tmp_path, environment={}, on_line=lines) as child:
        assert child.wait().code == 1
    assert not marker.exists()
