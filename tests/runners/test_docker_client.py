"""What needs no daemon."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.docker import DockerRunner
from tartware_loadtest.runners.docker_client import ask, engine_exit, mount, refusal
from tartware_loadtest.runners.interface import StopRequest
from tartware_loadtest.runners.process import Exit


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, (0, None)),
        (99, (99, None)),
        (105, (105, None)),
        (107, (107, None)),
        (255, (255, None)),
        (137, (None, signal.SIGKILL)),
        (143, (None, signal.SIGTERM)),
        (125, (None, signal.SIGKILL)),
    ],
)
def test_exit_code_of_the_client_is_read_as_the_engines(
    code: int, expected: tuple[int | None, int | None]
) -> None:
    end = engine_exit(Exit(code=code, signal_number=None, cpu_seconds=0.0, peak_bytes=0))
    assert (end.code, end.signal_number) == expected


def test_death_of_the_client_stays_one() -> None:
    end = Exit(code=None, signal_number=9, cpu_seconds=0.0, peak_bytes=0)
    assert engine_exit(end) == end


@pytest.mark.parametrize(
    ("directory", "expected"),
    [
        ("/a/b", "type=bind,source=/a/b,target=/t,readonly"),
        ("/a,b", 'type=bind,"source=/a,b",target=/t,readonly'),
        ('/a"b:c', 'type=bind,"source=/a""b:c",target=/t,readonly'),
    ],
)
def test_any_directory_can_be_mounted(directory: str, expected: str) -> None:
    assert mount(Path(directory), "/t", "readonly") == expected


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("docker: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "Start"),
        ("permission denied while trying to connect to the Docker daemon socket", "group docker"),
        ("Unable to find image 'x' locally\ndocker: Error response from daemon: no such host", "docker pull"),
        ("docker: Error response from daemon: manifest for x not found", "docker pull"),
        ("docker: Error response from daemon: exec: k6: not found", "docker run --rm"),
        ("", "docker run --rm"),
    ],
)
def test_refusal_comes_with_a_hint_that_fits(said: str, hint: str) -> None:
    error = refusal("grafana/k6:2.2.0", f"{said}\n\nRun 'docker run --help' for more information\n")
    assert hint in error.hint
    assert "grafana/k6:2.2.0" in error.message
    assert (said.splitlines() or ["no reason"])[-1] in error.message


def test_machine_without_docker_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedError, match="no docker command") as caught:
        DockerRunner().version()
    assert "--on native" in caught.value.hint


def test_long_pull_is_called_off(tmp_path: Path) -> None:
    slow = tmp_path / "docker"
    slow.write_text("#!/bin/sh\nexec sleep 300\n", encoding="utf-8")
    slow.chmod(0o755)
    stop = StopRequest()
    stop.ask("enough")
    with pytest.raises(KeyboardInterrupt):
        ask(str(slow), "run", stop=stop)
