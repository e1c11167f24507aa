"""Finding k6, with shell scripts that say what a k6 would say."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.resources import k6_directory
from tartware_loadtest.runners import engine as engine_module
from tartware_loadtest.runners.engine import PINNED_VERSION, Engine, Origin, inspect, parse_version
from tartware_loadtest.runners.k6 import cache_directory, cached_path, find

JSON = """echo '{"go_arch":"amd64","go_os":"linux","go_version":"go1.26.8","version":"v%s"}'"""
TEXT_ONLY = """[ $# -eq 1 ] || { echo 'unknown flag: --json' >&2; exit 255; }
echo 'k6 v%s (commit/abc1234, go1.22.1, linux/amd64)'"""

Fake = Callable[[str], Engine]


def place(path: Path, version: str = "2.2.0") -> Path:
    """Put a k6 that says its version somewhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + JSON % version, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('{"version":"v2.2.0"}', "2.2.0"),
        ('{"version":"1.5.0"}', "1.5.0"),
        ('{"version":"v2.3.0-rc1"}', "2.3.0-rc1"),
        ("k6 v1.8.1 (go1.25.1, linux/arm64)\nExtensions:\n  xk6 v9.9.9", "1.8.1"),
        ("k6 v2.2.0-dev (commit/1234567890, go1.26, linux/amd64)", "2.2.0-dev"),
        ("", None),
        ("[]", None),
        ("{}", None),
        ("go version go1.26.8 linux/amd64", None),
        ("kubectl v1.30.0", None),
    ],
)
def test_versions_are_read_in_both_forms(said: str, version: str | None) -> None:
    assert parse_version(said) == version


@pytest.mark.parametrize("script", [JSON, TEXT_ONLY])
@pytest.mark.parametrize("version", ["1.5.0", "1.8.1", "2.0.0", "2.2.0"])
def test_known_versions_are_accepted(fake_engine: Fake, script: str, version: str) -> None:
    path = fake_engine(script % version).path
    assert inspect(path, Origin.FLAG) == Engine(path, version, Origin.FLAG)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (TEXT_ONLY % "0.49.0", r"0\.49\.0 .* too old"),
        (JSON % "1.4.2", r"1\.4\.2 .* too old"),
        (JSON % "3.0.0", r"3\.0\.0 .* does not know yet"),
        ("echo hello", "says? a k6 version|say a k6 version"),
        ("exit 1", "say a k6 version"),
        ("kill -9 $$", "say a k6 version"),
    ],
)
def test_others_are_refused_with_a_way_out(fake_engine: Fake, script: str, message: str) -> None:
    with pytest.raises(RefusedError, match=message) as caught:
        inspect(fake_engine(script).path, Origin.PATH)
    assert "from PATH" in caught.value.message
    assert "tartware-lt k6 install" in caught.value.hint


def test_silent_program_is_given_up(fake_engine: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_VERSION_TIMEOUT_SECONDS", 0.2)
    with pytest.raises(RefusedError, match="did not say its version"):
        inspect(fake_engine("exec sleep 60").path, Origin.FLAG)


def test_file_that_is_no_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k6"
    with pytest.raises(RefusedError, match="no k6 at"):
        inspect(path, Origin.FLAG)
    path.write_bytes(b"\x7fELF of another processor")
    with pytest.raises(RefusedError, match="not executable"):
        inspect(path, Origin.FLAG)
    path.chmod(0o755)
    with pytest.raises(RefusedError, match="cannot be run") as caught:
        inspect(path, Origin.FLAG)
    assert "another processor" in caught.value.hint


def test_order_is_flag_variable_path_cache(tmp_path: Path) -> None:
    flag = place(tmp_path / "flag" / "k6")
    variable = place(tmp_path / "variable" / "k6")
    on_path = place(tmp_path / "bin" / "k6")
    environment = {
        "TARTWARE_LT_K6": str(variable),
        "PATH": str(on_path.parent),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    in_cache = place(cached_path(environment))
    expected = [
        (flag, Origin.FLAG),
        (variable, Origin.VARIABLE),
        (on_path, Origin.PATH),
        (in_cache, Origin.CACHE),
    ]
    for path, origin in expected:
        explicit = flag if origin is Origin.FLAG else None
        assert find(explicit, environment=environment) == Engine(path, "2.2.0", origin)
        if origin is not Origin.FLAG:
            path.unlink()
            environment.pop("TARTWARE_LT_K6", None)
    assert find(environment=environment) is None


@pytest.mark.parametrize("where", ["flag", "variable", "path"])
def test_unusable_one_is_never_passed_over(tmp_path: Path, where: str) -> None:
    old = place(tmp_path / "bin" / "k6", "0.49.0")
    environment = {"PATH": "", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    place(cached_path(environment))
    if where == "variable":
        environment["TARTWARE_LT_K6"] = str(old)
    elif where == "path":
        environment["PATH"] = str(old.parent)
    with pytest.raises(RefusedError, match="too old"):
        find(old if where == "flag" else None, environment=environment)


def test_broken_cache_counts_as_empty(tmp_path: Path) -> None:
    environment = {"PATH": "", "XDG_CACHE_HOME": str(tmp_path)}
    cached_path(environment).parent.mkdir(parents=True)
    cached_path(environment).write_bytes(b"half")
    assert find(environment=environment) is None


def test_cache_follows_the_xdg_rules() -> None:
    assert cache_directory({"XDG_CACHE_HOME": "/x", "HOME": "/h"}) == Path("/x/tartware-lt/k6")
    assert cache_directory({"XDG_CACHE_HOME": "relative", "HOME": "/h"}) == Path("/h/.cache/tartware-lt/k6")
    assert cache_directory({"HOME": "/h"}) == Path("/h/.cache/tartware-lt/k6")
    assert cache_directory({}).is_absolute()


def test_version_is_asked_without_the_users_k6_settings(
    fake_engine: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K6_LOG_OUTPUT", "none")
    script = """[ -z "$K6_LOG_OUTPUT" ] && """ + JSON % "2.2.0"
    assert inspect(fake_engine(script).path, Origin.FLAG).version == "2.2.0"


def test_the_go_module_pins_the_same_version() -> None:
    go_mod = (k6_directory() / "engine" / "go.mod").read_text(encoding="utf-8")
    assert f"\tgo.k6.io/k6/v2 v{PINNED_VERSION} // indirect\n" in go_mod
    assert "\ntool go.k6.io/k6/v2\n" in go_mod


@pytest.mark.k6
def test_a_real_one_is_found(engine: Engine) -> None:
    assert os.access(engine.path, os.X_OK)
    assert inspect(engine.path, engine.origin) == engine
