from __future__ import annotations

import pytest

from tartware_loadtest.errors import InputError
from tartware_loadtest.runners.options import check_arguments, run_arguments


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--tag", "build=7"),
        ("--tag=build=7", "-v"),
        ("-o", "json=raw.json", "--out=csv=raw.csv"),
        ("--dns", "ttl=0", "--insecure-skip-tls-verify"),
        ("-ojson=raw.json",),
        ("--http-debug",),
    ],
)
def test_harmless_options_pass(arguments: tuple[str, ...]) -> None:
    check_arguments(arguments)


FALSIFYING = [
    "--vus",
    "-u",
    "-u10",
    "-u=10",
    "-vu10",
    "--vus=10",
    "--duration",
    "-d",
    "--iterations",
    "-i",
    "--stage",
    "-s",
    "--rps",
    "--config",
    "-c",
    "--address",
    "-a",
    "-e",
    "-eAPI_TOKEN=x",
    "--env",
    "--no-thresholds",
    "--no-summary",
    "--summary-mode=full",
    "--summary-export=x",
    "--system-tags",
    "--execution-segment",
    "--execution-segment-sequence",
    "--no-setup",
    "--throw",
    "-w",
    "--quiet",
    "-q",
    "-vq",
    "--paused",
    "-p",
    "--linger",
    "-l",
    "--log-output=none",
    "--log-format=raw",
    "--new-machine-readable-summary",
    "--help",
]


@pytest.mark.parametrize("argument", FALSIFYING)
def test_options_that_falsify_the_run_are_refused_with_a_way_out(argument: str) -> None:
    with pytest.raises(InputError, match="would falsify the run") as caught:
        check_arguments((argument, "1"))
    assert caught.value.hint


@pytest.mark.parametrize("arguments", [("x.js",), ("--tag", "a=b", "x.js"), ("-",), ("--tag=a=b", "x")])
def test_a_second_script_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="is not an option"):
        check_arguments(arguments)


def test_a_second_double_dash_is_refused() -> None:
    with pytest.raises(InputError):
        check_arguments(("--", "--vus", "1"))


def test_arguments_of_the_run_stand_before_the_script() -> None:
    made = run_arguments("entry.js", api="127.0.0.1:1", summary="/s.json", extra=("-v",), config="/c.json")
    assert made[0] == "run"
    assert made[-2:] == ["-v", "entry.js"]
    assert made[made.index("--config") + 1] == "/c.json"
    assert made[made.index("--address") + 1] == "127.0.0.1:1"
    assert made[made.index("--summary-export") + 1] == "/s.json"
    assert "--summary-mode=compact" in made
