"""k6 in a container of a real daemon."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from tartware_loadtest.errors import InputError, RefusedError
from tartware_loadtest.runners.docker import IMAGE as OFFICIAL
from tartware_loadtest.runners.docker import DockerRunner, Pull
from tartware_loadtest.runners.engine import PINNED_VERSION, Engine
from tartware_loadtest.runners.interface import Ending, Progress, StopRequest, silent
from tartware_loadtest.runners.watch import Limits
from tests.runners.conftest import (
    CANARY,
    STEADY,
    MakeRequest,
    Target,
    command_line,
    counts,
    driven,
    eventually,
    once,
    processes_in,
)
from tests.runners.dockerd import IMAGE, daemon_with_image, docker

pytestmark = [pytest.mark.docker, pytest.mark.k6]

LEAK = """
import http from 'k6/http';
export const options = { vus: 1, iterations: 2, thresholds: { http_reqs: ['count>100'] } };
export default function () { console.error('Bearer ' + __ENV.API_TOKEN); http.post(__ENV.TARGET, 'x'); }
"""


@pytest.fixture(scope="module")
def host(engine: Engine) -> Iterator[str]:
    with daemon_with_image(engine.path) as address:
        yield address


@pytest.fixture(autouse=True)
def address(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if host:
        monkeypatch.setenv("DOCKER_HOST", host)


@pytest.fixture
def containers(host: str) -> Callable[[], list[str]]:
    """Return a function that lists the names of our containers, running or not."""

    def names() -> list[str]:
        flags = ("ps", "--all", "--filter", "name=tartware-lt-", "--format", "{{.Names}}")
        return docker(host, *flags).stdout.decode().split()

    return names


Names = Callable[[], list[str]]
RUNNER = DockerRunner(image=IMAGE, pull=Pull.NEVER)


def test_run_is_measured(target: Target, make_request: MakeRequest, containers: Names) -> None:
    request = make_request(STEADY % "3s", environment={"TARGET": target.url})
    told: list[Progress] = []
    outcome = RUNNER.run(request, told.append, StopRequest())
    assert (outcome.ending, outcome.exit_code) == (Ending.FINISHED, 0)
    assert outcome.last == told[-1]
    assert outcome.last.completed == counts(request)["http_reqs"]["count"] == len(target.agents)
    assert outcome.version == PINNED_VERSION
    assert (outcome.cpu_seconds, outcome.wait_seconds, outcome.peak_bytes) == (None, None, None)
    assert containers() == []


def test_results_belong_to_the_caller(
    target: Target, make_request: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = make_request(STEADY % "1s", environment={"TARGET": target.url})
    request.summary.parent.mkdir()
    caller = os.getuid()
    if caller == 0:  # another user than root and than the image's, who alone may read the bundle
        caller = 4711
        for path in (request.bundle, request.bundle / "entry.js", request.summary.parent):
            os.chown(path, caller, caller)
        monkeypatch.setattr(os, "getuid", lambda: caller)
        monkeypatch.setattr(os, "getgid", lambda: caller)
    outcome = RUNNER.run(request, silent, StopRequest())
    assert outcome.exit_code == 0
    assert request.summary.stat().st_uid == caller


def test_secret_is_in_no_log_and_on_no_command_line(
    host: str, target: Target, make_request: MakeRequest, containers: Names
) -> None:
    request = make_request(LEAK, environment={"TARGET": target.url})
    outcome = RUNNER.run(request, silent, StopRequest())
    assert outcome.exit_code == 99
    assert "Bearer ***" in request.log.read_text(encoding="utf-8")
    assert CANARY not in request.log.read_text(encoding="utf-8") + repr(outcome)
    seen: list[str] = []

    def look() -> None:
        seen.extend(command_line(pid) for pid in processes_in(request.bundle))
        seen.append(docker(host, "logs", *containers()).stdout.decode())

    (request.bundle / "entry.js").write_text(STEADY % "2s", encoding="utf-8")
    RUNNER.run(request, once(look), StopRequest())
    assert "--env API_TOKEN" in seen[0]
    assert CANARY not in "".join(seen)


def test_stop_ends_k6_with_its_summary(target: Target, make_request: MakeRequest, containers: Names) -> None:
    request = make_request(STEADY % "60s", environment={"TARGET": target.url})
    stop = StopRequest()
    outcome = RUNNER.run(request, once(lambda: stop.ask("enough")), stop)
    assert (outcome.ending, outcome.exit_code) == (Ending.STOPPED, 105)
    assert counts(request)["http_reqs"]["count"] > 0
    assert containers() == []


def test_killed_container_is_told_apart(
    host: str, target: Target, make_request: MakeRequest, containers: Names
) -> None:
    request = make_request(STEADY % "60s", environment={"TARGET": target.url})
    outcome = RUNNER.run(request, once(lambda: docker(host, "kill", *containers())), StopRequest())
    assert (outcome.ending, outcome.exit_code) == (Ending.KILLED, None)
    assert outcome.signal_number == signal.SIGKILL


def test_frozen_container_counts_as_hung(
    host: str, target: Target, make_request: MakeRequest, containers: Names
) -> None:
    request = make_request(STEADY % "60s", environment={"TARGET": target.url})
    runner = DockerRunner(image=IMAGE, pull=Pull.NEVER, limits=Limits(silence=1.5, hung_grace=0.3))
    outcome = runner.run(request, once(lambda: docker(host, "pause", *containers())), StopRequest())
    assert outcome.ending is Ending.HUNG
    assert "no sign of life" in outcome.log_tail[-1]
    assert containers() == []


def test_listener_that_fails_leaves_no_container(
    target: Target, make_request: MakeRequest, containers: Names
) -> None:
    request = make_request(STEADY % "60s", environment={"TARGET": target.url})

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        RUNNER.run(request, once(fail), StopRequest())
    assert containers() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_container_once_and_well(
    target: Target, make_request: MakeRequest, containers: Names, number: signal.Signals
) -> None:
    request = make_request(STEADY % "60s")
    with driven(IMAGE, request.bundle, target.url) as process:
        os.killpg(process.pid, number)
        out, _ = process.communicate()
    assert out.endswith(f"ended stopped 105 {int(number)}\n")
    assert counts(request)["http_reqs"]["count"] > 0
    assert containers() == []


def test_death_of_the_tool_is_the_end_of_the_container(
    target: Target, make_request: MakeRequest, containers: Names
) -> None:
    request = make_request(STEADY % "60s")
    with driven(IMAGE, request.bundle, target.url) as process:
        assert len(containers()) == 1
        process.kill()
        process.wait()
        eventually(lambda: containers() == [])


def test_missing_image_is_refused_with_the_way_to_get_it(make_request: MakeRequest) -> None:
    runner = DockerRunner(image="tartware-lt-test/none:1", pull=Pull.NEVER)
    with pytest.raises(RefusedError, match="none:1") as caught:
        runner.run(make_request(""), silent, StopRequest())
    assert "docker pull tartware-lt-test/none:1" in caught.value.hint


def test_daemon_that_is_down_is_refused(make_request: MakeRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    with pytest.raises(RefusedError, match="Cannot connect") as caught:
        RUNNER.run(make_request(""), silent, StopRequest())
    assert "--on native" in caught.value.hint


def test_falsifying_argument_starts_nothing(make_request: MakeRequest) -> None:
    with pytest.raises(InputError):
        RUNNER.run(make_request("", arguments=("--vus", "1")), silent, StopRequest())


def test_version_is_the_images() -> None:
    assert RUNNER.version() == PINNED_VERSION
    assert f"grafana/k6:{PINNED_VERSION}" == OFFICIAL
