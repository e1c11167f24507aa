"""The real k6, run natively."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tartware_loadtest.errors import InputError, RefusedError
from tartware_loadtest.runners import session
from tartware_loadtest.runners.engine import Engine, Origin
from tartware_loadtest.runners.interface import Ending, EngineRequest, Progress, StopRequest, silent
from tartware_loadtest.runners.native import NativeRunner
from tartware_loadtest.runners.watch import Limits
from tests.runners.conftest import (
    CANARY,
    STEADY,
    MakeRequest,
    Target,
    command_line,
    counts,
    once,
    processes_in,
)

pytestmark = pytest.mark.k6

LEAK = """
import http from 'k6/http';
export const options = { vus: 1, iterations: 3 };
export function setup() { console.log(`token ${__ENV.API_TOKEN}`); }
export default function () {
  console.error('Bearer ' + __ENV.API_TOKEN);
  http.post(__ENV.TARGET, 'x', { headers: { Authorization: `Bearer ${__ENV.API_TOKEN}` } });
  if (__ITER === 2) { throw new Error(encodeURIComponent(__ENV.API_TOKEN)); }
}
"""
HUNG_SOON = Limits(silence=1.5, hung_grace=0.3)


def test_run_is_measured_and_told(engine: Engine, target: Target, make_request: MakeRequest) -> None:
    request = make_request(STEADY % "3s", environment={"TARGET": target.url})
    told: list[Progress] = []
    outcome = NativeRunner(engine).run(request, told.append, StopRequest())
    sent = counts(request)["http_reqs"]["count"]
    assert (outcome.ending, outcome.exit_code, outcome.signal_number) == (Ending.FINISHED, 0, None)
    assert outcome.last == told[-1]
    assert outcome.last.completed == sent == len(target.agents)
    assert outcome.last.api.startswith("127.0.0.1:")
    assert outcome.version == engine.version
    assert outcome.started_at < outcome.ended_at
    assert outcome.cpu_seconds is not None
    assert outcome.cpu_seconds > 0
    assert outcome.wait_seconds is not None
    assert outcome.peak_bytes is not None
    assert outcome.peak_bytes > 10_000_000
    assert set(counts(request)["http_req_duration"]) >= {"p(50)", "p(95)", "p(99.9)", "count", "max"}
    assert "running (" in request.log.read_text(encoding="utf-8")
    assert processes_in(request.bundle) == []


def test_secret_is_nowhere(engine: Engine, target: Target, make_request: MakeRequest) -> None:
    request = make_request(LEAK, environment={"TARGET": target.url}, arguments=("--http-debug=full",))
    outcome = NativeRunner(engine).run(request, silent, StopRequest())
    log = request.log.read_text(encoding="utf-8")
    written = log + request.summary.read_text(encoding="utf-8") + repr(outcome)
    assert outcome.exit_code == 0
    assert "token ***" in log
    assert "Authorization: Bearer ***" in log
    assert any("Bearer ***" in line for line in outcome.log_tail)
    assert CANARY.split("/")[0] not in written


def test_secret_is_not_on_the_command_line(engine: Engine, target: Target, make_request: MakeRequest) -> None:
    request = make_request(STEADY % "2s", environment={"TARGET": target.url})
    seen: list[str] = []

    def look() -> None:
        seen.extend(command_line(pid) for pid in processes_in(request.bundle))

    NativeRunner(engine).run(request, once(look), StopRequest())
    assert len(seen) == 1
    assert "--summary-export" in seen[0]
    assert CANARY not in seen[0]


def test_variables_and_files_of_the_user_change_nothing(
    engine: Engine,
    target: Target,
    make_request: MakeRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name, value in {
        "K6_ITERATIONS": "500",
        "K6_VUS": "7",
        "K6_SUMMARY_MODE": "disabled",
        "K6_NO_THRESHOLDS": "true",
        "K6_NEW_MACHINE_READABLE_SUMMARY": "true",
        "COMMAND_TARGET_RATE": "9",
        "TARTWARE_LT_TOKEN": "mine",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    for directory in (tmp_path / "config" / "k6", tmp_path / ".config" / "k6"):
        directory.mkdir(parents=True)
        (directory / "config.json").write_text(json.dumps({"userAgent": "intruder"}), encoding="utf-8")
    script = """
    import http from 'k6/http';
    export const options = { iterations: 2, thresholds: { http_reqs: ['count>100'] } };
    export default function () {
      const foreign = Object.keys(__ENV).filter((k) => /^(COMMAND_|TARTWARE_LT)/.test(k));
      console.log(`foreign:${foreign.join()} probe:${__ENV.TARTWARE_PROBE_URL}`);
      http.post(__ENV.TARGET, 'x');
    }"""
    request = make_request(script, environment={"TARGET": target.url})
    outcome = NativeRunner(engine).run(request, silent, StopRequest())
    assert outcome.exit_code == 99
    assert len(target.agents) == 2
    assert not any("intruder" in agent for agent in target.agents)
    assert "foreign: probe:http://127.0.0.1:" in request.log.read_text(encoding="utf-8")
    assert counts(request)["http_reqs"]["count"] == 2


def test_probe_url_is_k6s_own_api(engine: Engine, make_request: MakeRequest) -> None:
    script = """
    import http from 'k6/http';
    import { sleep } from 'k6';
    export const options = { iterations: 1 };
    export default function () {
      sleep(0.5);
      console.log('vus ' + http.get(__ENV.TARTWARE_PROBE_URL).json('data.attributes.vus-max'));
    }"""
    request = make_request(script)
    NativeRunner(engine).run(request, silent, StopRequest())
    assert "vus 1" in request.log.read_text(encoding="utf-8")


def test_stop_ends_k6_with_its_summary(engine: Engine, target: Target, make_request: MakeRequest) -> None:
    request = make_request(STEADY % "60s", environment={"TARGET": target.url})
    stop = StopRequest()
    outcome = NativeRunner(engine).run(request, once(lambda: stop.ask("enough")), stop)
    assert (outcome.ending, outcome.exit_code) == (Ending.STOPPED, 105)
    assert counts(request)["http_reqs"]["count"] > 0
    assert processes_in(request.bundle) == []


def test_stop_before_the_start_leaves_nothing(
    engine: Engine, target: Target, make_request: MakeRequest
) -> None:
    stop = StopRequest()
    stop.ask("never mind")
    request = make_request(STEADY % "60s", environment={"TARGET": target.url})
    outcome = NativeRunner(engine).run(request, silent, stop)
    assert outcome.ending is Ending.STOPPED
    assert processes_in(request.bundle) == []


def test_stopped_process_counts_as_hung(engine: Engine, target: Target, make_request: MakeRequest) -> None:
    request = make_request(STEADY % "60s", environment={"TARGET": target.url})

    def freeze() -> None:
        for pid in processes_in(request.bundle):
            os.kill(pid, signal.SIGSTOP)

    outcome = NativeRunner(engine, limits=HUNG_SOON).run(request, once(freeze), StopRequest())
    assert (outcome.ending, outcome.exit_code) == (Ending.HUNG, None)
    assert outcome.signal_number == signal.SIGKILL
    assert "no sign of life" in outcome.log_tail[-1]
    assert outcome.last is not None
    assert processes_in(request.bundle) == []


def test_run_that_does_not_end_counts_as_hung_and_keeps_its_summary(
    engine: Engine, target: Target, make_request: MakeRequest
) -> None:
    request = make_request(STEADY % "60s", environment={"TARGET": target.url}, planned=1.0, grace=0.5)
    outcome = NativeRunner(engine, limits=Limits(hung_grace=30.0)).run(request, silent, StopRequest())
    assert (outcome.ending, outcome.exit_code) == (Ending.HUNG, 105)
    assert counts(request)["http_reqs"]["count"] > 0


@pytest.mark.parametrize(
    ("number", "code_and_signal"), [(signal.SIGKILL, (None, signal.SIGKILL)), (signal.SIGTERM, (105, None))]
)
def test_signal_from_elsewhere_is_told_apart(
    engine: Engine,
    target: Target,
    make_request: MakeRequest,
    number: signal.Signals,
    code_and_signal: tuple[int | None, int | None],
) -> None:
    request = make_request(STEADY % "60s", environment={"TARGET": target.url})

    def strike() -> None:
        for pid in processes_in(request.bundle):
            os.kill(pid, number)

    outcome = NativeRunner(engine).run(request, once(strike), StopRequest())
    assert outcome.ending is Ending.KILLED
    assert (outcome.exit_code, outcome.signal_number) == code_and_signal


def test_broken_script_leaves_its_reason_and_no_old_summary(
    engine: Engine, make_request: MakeRequest
) -> None:
    request = make_request("throw new Error('mixed up'); export default function () {}")
    request.summary.parent.mkdir()
    request.summary.write_text("{}", encoding="utf-8")
    outcome = NativeRunner(engine).run(request, silent, StopRequest())
    assert (outcome.ending, outcome.exit_code, outcome.last) == (Ending.FINISHED, 107, None)
    assert any("mixed up" in line for line in outcome.log_tail)
    assert not request.summary.exists()


def test_taken_port_is_replaced(
    engine: Engine, target: Target, make_request: MakeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = make_request(STEADY % "1s", environment={"TARGET": target.url})
    with socket.socket() as taken:
        taken.bind((session.LOOPBACK, 0))
        taken.listen()
        ports = [taken.getsockname()[1], session.free_port()]
        monkeypatch.setattr(session, "free_port", lambda: ports.pop(0))
        outcome = NativeRunner(engine).run(request, silent, StopRequest())
    assert outcome.exit_code == 0
    assert ports == []
    assert counts(request)["http_reqs"]["count"] == len(target.agents)


def test_listener_that_fails_leaves_nothing(
    engine: Engine, target: Target, make_request: MakeRequest
) -> None:
    request = make_request(STEADY % "60s", environment={"TARGET": target.url})

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        NativeRunner(engine).run(request, once(fail), StopRequest())
    assert processes_in(request.bundle) == []


def test_engine_that_ignores_sigint_is_killed(
    fake_engine: Callable[[str], Engine], make_request: MakeRequest
) -> None:
    deaf = fake_engine(
        "trap '' INT; i=0; while true; do i=$((i+1));"
        'echo "running (00m0$i.0s), 1/1 VUs, $i complete and 0 interrupted iterations"; sleep 0.2; done'
    )
    stop = StopRequest()
    request = make_request("", grace=0.5)
    outcome = NativeRunner(deaf).run(request, once(lambda: stop.ask("enough")), stop)
    assert (outcome.ending, outcome.signal_number) == (Ending.STOPPED, signal.SIGKILL)
    assert processes_in(request.bundle) == []


def test_falsifying_argument_starts_nothing(engine: Engine, make_request: MakeRequest) -> None:
    request = make_request(STEADY % "1s", arguments=("--vus", "1"))
    with pytest.raises(InputError):
        NativeRunner(engine).run(request, silent, StopRequest())
    assert not request.log.exists()


def test_unwritable_run_directory_is_refused(engine: Engine, make_request: MakeRequest) -> None:
    request = make_request(STEADY % "1s")
    request.summary.parent.touch()
    with pytest.raises(RefusedError, match="summary"):
        NativeRunner(engine).run(request, silent, StopRequest())


def test_missing_binary_is_no_success(make_request: MakeRequest) -> None:
    gone = Engine(Path("/nonexistent/k6"), "2.2.0", Origin.FLAG)
    with pytest.raises(RefusedError, match="/nonexistent/k6"):
        NativeRunner(gone).run(make_request(""), silent, StopRequest())


def test_bundle_that_is_gone_is_refused(engine: Engine, make_request: MakeRequest) -> None:
    request: EngineRequest = make_request("")
    (request.bundle / "entry.js").unlink()
    request.bundle.rmdir()
    with pytest.raises(RefusedError):
        NativeRunner(engine).run(request, silent, StopRequest())
