"""What is refused before the first load ends with 4, and nothing of it reached the gateway."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.cli import command, token_for, tool, write_inputs
from tests.support.gateway import Answer, Gateway, Seen, accept
from tests.support.k6 import free_port

pytestmark = pytest.mark.k6

HTML = Answer(200, "<html>welcome</html>", media="text/html; charset=utf-8")
LIMITED = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "900"}


@pytest.fixture(autouse=True)
def inputs(k6: Path) -> None:
    """Lie in the working directory; k6 is there already."""
    assert k6.exists()
    write_inputs(Path())


def run(*arguments: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
    given = token_for(3600) if token is None else token
    return tool("run", "--profile", "tiny", *arguments, env={"API_TOKEN": given})


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    text = " ".join(done.stderr.split())
    assert done.returncode == 4, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in text
    assert "hint: " in text
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    ("token", "words"),
    [
        pytest.param(token_for(-60), "the token expired", id="expired"),
        pytest.param(token_for(3600), "but the run takes 25.0 h", id="too-short"),
        pytest.param("", "API_TOKEN is not set", id="absent"),
        pytest.param("two words", "blanks or control characters", id="blanks"),
    ],
)
def test_a_token_that_cannot_last_is_refused_before_any_command(
    gateway: Gateway, token: str, words: str
) -> None:
    done = run("--target", gateway.url, "--duration", "25h", token=token)
    assert_refused(done, "No load was sent", words)
    assert gateway.commands == ()
    record = json.loads(next(Path("runs").glob("*/run.json")).read_text(encoding="utf-8"))
    assert record["status"] == "failed"
    assert words in record["error"]


def test_a_gateway_that_is_down_is_refused() -> None:
    assert_refused(run("--target", f"http://127.0.0.1:{free_port()}"), "refused", "GATEWAY_BASE_URL")


@pytest.mark.parametrize(
    ("answer", "words"),
    [(HTML, "HTML instead of JSON"), (Answer(500), "answered 500")],
    ids=["html", "broken"],
)
def test_what_is_no_healthy_gateway_is_refused(gateway: Gateway, answer: Answer, words: str) -> None:
    gateway.behave = lambda _: answer
    assert_refused(run("--target", gateway.url), words)
    assert gateway.commands == ()


def test_tls_to_a_plain_port_is_refused(gateway: Gateway) -> None:
    assert_refused(run("--target", gateway.url.replace("http:", "https:")), "TLS failed", "verify_tls")


@pytest.mark.parametrize(
    "arguments",
    [(), ("--yes",), ("--yes", "--allow-host", "other.example"), ("--allow-host", "gateway.invalid")],
    ids=["nothing", "yes-alone", "another-host", "host-alone"],
)
def test_a_target_elsewhere_is_not_loaded_unless_it_was_confirmed(arguments: tuple[str, ...]) -> None:
    done = run("--target", "http://gateway.invalid", *arguments)
    assert_refused(done, "gateway.invalid is not this machine", "--yes --allow-host gateway.invalid", "GB to")
    assert not Path("runs").exists()


def test_a_name_that_begins_like_loopback_is_no_loopback() -> None:
    assert_refused(run("--target", "http://127.0.0.1.invalid"), "is not this machine")


def test_a_confirmed_target_is_asked() -> None:
    done = run("--target", "http://gateway.invalid", "--yes", "--allow-host", "gateway.invalid")
    assert_refused(done, "http://gateway.invalid/health")


def test_a_refused_canary_stops_the_run_with_its_cause(gateway: Gateway) -> None:
    def behave(seen: Seen) -> Answer:
        if seen.command == "billing.payment.capture":
            return Answer(403, '{"code":"TENANT_ROLE_INSUFFICIENT"}')
        return accept(seen)

    gateway.behave = behave
    assert_refused(run("--target", gateway.url), "canary: ", "TENANT_ROLE_INSUFFICIENT", "role")
    assert len(gateway.commands) == 14


@pytest.mark.parametrize("before", [0, 250], ids=["whole", "where-the-body-is-cut"])
def test_a_token_that_an_answer_echoes_is_nowhere(gateway: Gateway, before: int) -> None:
    token = token_for(3600)
    echo = json.dumps({"detail": "x" * before + f"Bearer {token}"})
    gateway.behave = lambda seen: Answer(401, echo) if seen.command else accept(seen)
    done = run("--target", gateway.url, token=token)
    assert done.returncode == 4
    left = [path.read_text(encoding="utf-8") for path in Path("runs").rglob("*") if path.is_file()]
    assert "Bearer ***" in " ".join(done.stderr.split())
    for text in (*left, done.stderr):
        assert token[:20] not in text


def test_a_rate_limit_below_the_plan_is_refused(gateway: Gateway) -> None:
    gateway.behave = lambda seen: Answer(accept(seen).status, headers=LIMITED)
    done = run("--target", gateway.url)
    assert_refused(done, "lets 1,000 requests a minute through", "API_GATEWAY_DISABLE_RATE_LIMIT")
    assert len(gateway.commands) == 14


def test_a_machine_that_is_too_small_is_refused(gateway: Gateway) -> None:
    done = run("--target", gateway.url, "--rate", "1000000")
    assert_refused(done, "capacity: k6 needs", "--ignore-capacity")
    assert gateway.commands == ()


def test_a_k6_that_is_none_is_refused(gateway: Gateway) -> None:
    assert_refused(run("--target", gateway.url, "--k6", "/bin/true"), "/bin/true")
    assert gateway.seen == ()


def test_doctor_makes_the_checks_and_sends_no_load(gateway: Gateway) -> None:
    arguments = ("doctor", "--profile", "tiny", "--target", gateway.url, "-o", "json")
    done = tool(*arguments, env={"API_TOKEN": token_for(3600)})
    assert done.returncode == 0, done.stderr
    checks = {check["name"]: check["state"] for check in json.loads(done.stdout)["checks"]}
    assert set(checks.values()) == {"ok"}
    assert {"capacity", "token", "gateway", "canary", "rate-limit"} <= set(checks)
    assert len(gateway.commands) == 14
    assert not Path("runs").exists()


def test_what_the_canaries_cancelled_is_never_cancelled_again(gateway: Gateway) -> None:
    before = Path("loadtest-data.json").read_text(encoding="utf-8").count('"cancellable": true')
    done = tool("doctor", "-p", "tiny", "--target", gateway.url, env={"API_TOKEN": token_for(3600)})
    assert done.returncode == 0, done.stderr
    after = Path("loadtest-data.json").read_text(encoding="utf-8").count('"cancellable": true')
    assert before - after == 2


@contextmanager
def asked_for_the_host() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start a run at a terminal, up to the question; yield it with the terminal's other end."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [command(), "run", "--profile", "tiny", "--target", "http://gateway.invalid"],
        env={**os.environ, "API_TOKEN": token_for(3600)},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stderr is not None
            said = ""
            while "Type the host name" not in said:
                said += process.stderr.read(1)
            assert "This run writes" in said
            yield process, ours
        finally:
            process.kill()
            os.close(theirs)
            os.close(ours)


@pytest.mark.parametrize("typed", ["wrong.example", "", "yes"])
def test_only_the_host_name_itself_confirms_a_target(typed: str) -> None:
    with asked_for_the_host() as (process, terminal):
        os.write(terminal, f"{typed}\n".encode())
        assert process.wait(timeout=60) == 4
        assert process.stderr is not None
        assert f"{typed!r} is not 'gateway.invalid': no load was sent" in process.stderr.read()
    assert not Path("runs").exists()


def test_the_host_name_confirms_the_target() -> None:
    with asked_for_the_host() as (process, terminal):
        os.write(terminal, b"gateway.invalid\n")
        assert process.wait(timeout=60) == 4
        assert process.stderr is not None
        assert "http://gateway.invalid/health" in process.stderr.read()
    assert len(list(Path("runs").iterdir())) == 1


def test_ctrl_c_at_the_question_ends_as_interrupted() -> None:
    with asked_for_the_host() as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    assert not Path("runs").exists()
