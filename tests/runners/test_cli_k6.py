"""``tartware-lt k6``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tartware_loadtest.cli.k6 import app
from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners import build, install
from tartware_loadtest.runners.engine import PINNED_VERSION
from tartware_loadtest.runners.installing import StepFailed, Work
from tartware_loadtest.runners.k6 import cached_path

K6 = """#!/bin/sh
echo '{"version":"v2.2.0"}'
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache, and nothing on PATH."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("TARTWARE_LT_K6", raising=False)
    return cached_path()


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Count builds, which are instant."""
    done: list[Path] = []

    def fake(directory: Path, _: Work) -> Path:
        binary = directory / "k6"
        binary.write_text(K6, encoding="utf-8")
        binary.chmod(0o700)
        done.append(binary)
        return binary

    monkeypatch.setattr(install, "pinned_archive", lambda: None)
    monkeypatch.setattr(install, "build_binary", fake)
    return done


def test_install_installs_once(cache: Path, builds: list[Path]) -> None:
    first = CliRunner().invoke(app, ["install"])
    assert first.exit_code == 0
    assert first.stdout == f"k6 2.2.0 at {cache} (from cache)\n"
    assert "Checking" in first.stderr
    assert CliRunner().invoke(app, ["install"]).stdout == first.stdout
    assert len(builds) == 1


def test_install_force_installs_again(cache: Path, builds: list[Path]) -> None:
    for _ in range(2):
        assert CliRunner().invoke(app, ["install", "--force"]).exit_code == 0
    assert len(builds) == 2
    assert cache.stat().st_mode & 0o777 == 0o755


@pytest.mark.usefixtures("builds")
def test_install_replaces_a_broken_one(cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"half a k6")
    result = CliRunner().invoke(app, ["install", "-o", "json"])
    assert json.loads(result.stdout)["version"] == "2.2.0"


@pytest.mark.usefixtures("cache", "builds")
def test_reasons_to_give_up_a_way_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path, __: Work) -> Path:
        raise StepFailed("the compiler is on holiday")

    monkeypatch.setattr(install, "build_binary", fail)
    result = CliRunner().invoke(app, ["install"])
    assert isinstance(result.exception, RefusedError)
    assert "Building from source: the compiler is on holiday" in result.stderr


@pytest.mark.usefixtures("builds")
def test_version_is_data_on_stdout(cache: Path) -> None:
    CliRunner().invoke(app, ["install"])
    result = CliRunner().invoke(app, ["version", "-o", "json"])
    assert json.loads(result.stdout) == {
        "path": str(cache),
        "version": "2.2.0",
        "origin": "cache",
        "pinned": PINNED_VERSION,
    }
    assert result.stderr == ""


def test_version_of_a_named_binary(tmp_path: Path) -> None:
    binary = tmp_path / "my-k6"
    binary.write_text(K6, encoding="utf-8")
    binary.chmod(0o755)
    result = CliRunner().invoke(app, ["version", "--k6", str(binary)])
    assert result.stdout == f"k6 2.2.0 at {binary} (from --k6)\n"


@pytest.mark.usefixtures("cache")
def test_version_without_any_k6_says_what_to_do() -> None:
    result = CliRunner().invoke(app, ["version"])
    assert isinstance(result.exception, RefusedError)
    assert "tartware-lt k6 install" in result.exception.hint


@pytest.mark.parametrize("command", ["install", "version"])
def test_help_has_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"tartware-lt k6 {command}" in result.stdout


def test_build_is_of_the_module_that_go_mod_names() -> None:
    assert build.MODULE == "go.k6.io/k6/v2"
