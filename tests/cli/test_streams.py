"""Disks that are full, directories that are read-only, readers that go away, terminals without colour."""

from __future__ import annotations

import json
import os
import pty
import resource
import subprocess
from pathlib import Path

import pytest

from tests.support.cli import command, token_for, tool, write_inputs
from tests.support.gateway import Gateway
from tests.support.runs import FinishedRun

SAMPLE = Path(__file__).parents[1] / "golden" / "k6-2.2" / "exported.json"
FAILING = f"verdict {SAMPLE} --expect-rate 100 --skip-check generator-health -o json"


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line as a user types it; ``LT`` is the tool."""
    return subprocess.run(
        ["bash", "-c", line.replace("LT", command())],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_reader_that_goes_away_does_not_turn_a_list_into_a_failure() -> None:
    done = shell("LT config show -o json | true; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize("redirection", ["", "2>&1"], ids=["data", "data-and-words"])
def test_a_reader_that_goes_away_does_not_turn_a_failure_into_a_pass(redirection: str) -> None:
    done = shell(f"LT {FAILING} {redirection} | true; echo ${{PIPESTATUS[0]}}")
    assert done.stdout == "1\n"
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("redirection", [">/dev/full", "2>/dev/full", ">/dev/full 2>&1"])
def test_output_to_a_full_disk_ends_with_5_and_never_with_a_verdict(redirection: str) -> None:
    done = shell(f"LT {FAILING.replace('100 ', '1 ')} {redirection}; echo $?")
    assert done.stdout.splitlines()[-1] == "5"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("redirection", [">&-", "2>&-"])
def test_a_stream_that_was_closed_changes_nothing(redirection: str) -> None:
    assert shell(f"LT {FAILING} {redirection}; exit $?").returncode == 1


def on_a_full_disk(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tool where no file can grow beyond 8 KB; measuring coverage would, so it stays out."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.run(
        [command(), *arguments],
        env={**plain, "API_TOKEN": token_for(3600)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
    )


def test_a_full_disk_leaves_the_old_file_whole() -> None:
    write_inputs(Path())
    tool("render", "--profile", "demo", "--out", "o")
    before = {path.name: path.read_bytes() for path in Path("o").iterdir()}
    done = on_a_full_disk("render", "--profile", "demo", "--rate", "999", "--out", "o")
    assert done.returncode == 5, done.stderr
    assert "what was there before is untouched" in done.stderr
    assert {path.name: path.read_bytes() for path in Path("o").iterdir()} == before


@pytest.mark.k6
def test_a_run_on_a_full_disk_is_refused_before_the_load_and_spends_nothing(
    k6: Path, gateway: Gateway
) -> None:
    write_inputs(Path())
    data = Path("loadtest-data.json").read_bytes()
    target = ("--target", gateway.url, "--k6", str(k6), "--skip-check", "canary")
    done = on_a_full_disk("run", "--profile", "tiny", *target)
    assert done.returncode == 4, done.stderr
    assert "No load was sent: Cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert Path("loadtest-data.json").read_bytes() == data
    assert gateway.commands == ()
    assert [path for path in Path().rglob(".*") if path.is_file()] == []


@pytest.mark.k6
def test_a_runs_directory_that_cannot_be_made_is_refused_before_anything_is_sent(
    k6: Path, gateway: Gateway
) -> None:
    write_inputs(Path())
    Path("file").touch()
    arguments = ("--target", gateway.url, "--k6", str(k6), "--runs", "file/runs")
    done = tool("run", "--profile", "tiny", *arguments, env={"API_TOKEN": token_for(3600)})
    assert done.returncode == 2
    assert "Cannot make the run directory file/runs" in done.stderr
    assert gateway.seen == ()


def test_a_directory_of_runs_that_only_may_be_read_is_named() -> None:
    done = shell(f"LT {FAILING} --junit /proc/junit.xml")
    assert done.returncode == 2
    assert "Cannot write /proc/junit.xml" in done.stderr


def at_a_terminal(**environment: str) -> str:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [command(), *FAILING.split()],
        env={**os.environ, "TERM": "xterm-256color", **environment},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        said += chunk
    os.close(ours)
    assert process.wait() == 1
    return said.decode()


def test_a_terminal_has_colours_unless_no_color_is_set() -> None:
    assert "\x1b[" in at_a_terminal()
    assert "\x1b[3" not in at_a_terminal(NO_COLOR="1")
    assert "\x1b[4" not in at_a_terminal(NO_COLOR="1")


def test_a_file_has_no_colours() -> None:
    assert "\x1b" not in shell(f"LT {FAILING}").stderr


@pytest.mark.k6
def test_runs_are_listed_and_shown_from_their_directories(finished: FinishedRun) -> None:
    runs = finished.directory.parent
    rows = json.loads(tool("runs", "list", "--runs", str(runs), "-o", "json").stdout)
    assert [(row["run"], row["verdict"], row["modified"]) for row in rows] == [
        (str(finished.directory), finished.record["verdict"]["state"], [])
    ]
    assert f"tiny         {finished.directory}" in tool("runs", "list", "--runs", str(runs)).stdout
    shown = tool("runs", "show", str(finished.directory))
    assert f"run_id      {finished.record['run_id']}" in shown.stdout
    assert f"verdict     {finished.record['verdict']['state']}" in shown.stdout
    assert json.loads(tool("runs", "show", str(finished.directory), "-o", "json").stdout) == finished.record


def test_no_runs_are_said_on_stderr() -> None:
    done = tool("runs", "list")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no runs in runs\n")
    assert tool("runs", "list", "-o", "json").stdout == "[]\n"
