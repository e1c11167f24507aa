from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from tartware_loadtest.cli.bootstrap import EPILOG, bootstrap
from tartware_loadtest.errors import InputError, RefusedError
from tartware_loadtest.sampling.writers.data_file import read_data_file
from tartware_loadtest.sampling.writers.dotenv import read_dotenv
from tartware_loadtest.sampling.writers.variables import ID_VARIABLES
from tartware_loadtest.sandbox.temporary import TemporaryDatabase

pytestmark = pytest.mark.postgres

app = typer.Typer(add_completion=False)
app.command(epilog=EPILOG)(bootstrap)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("DATABASE_URL", *os.environ):
        if name.startswith("PG") or name == "DATABASE_URL":
            monkeypatch.delenv(name, raising=False)
    return work


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=environ)


def files(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def test_the_guides_own_call(seeded: TemporaryDatabase, place: Path) -> None:
    result = run(
        "--env-file", ".env.loadtest", "--kustomization", "kustomization.yaml", DATABASE_URL=seeded.app_dsn
    )
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert files(place) == [".env.loadtest", "kustomization.yaml", "loadtest-data.json"]
    variables = read_dotenv((place / ".env.loadtest").read_text())
    sample = read_data_file(place / "loadtest-data.json")
    assert set(variables) == set(ID_VARIABLES)
    assert variables["TENANT_IDS"].split(",") == [tenant.tenant_id for tenant in sample.tenants]
    assert len(sample.tenants) == 3
    literals = yaml.safe_load((place / "kustomization.yaml").read_text())["configMapGenerator"][0]["literals"]
    assert literals == [f"{name}={variables[name]}" for name in ID_VARIABLES]
    for name in files(place):
        assert (place / name).stat().st_mode & 0o777 == 0o600
    assert "75 cancellable reservations last 750 ms at 100 cancels/s" in result.stderr
    assert "put the token into API_TOKEN" in result.stderr
    assert ".env.loadtest created" in result.stderr


def test_the_seed_repeats_the_files(seeded: TemporaryDatabase, place: Path) -> None:
    run("--connection-string", seeded.app_dsn, "--seed=3")
    first = (place / ".env.loadtest").read_text()
    again = run(f"--connection-string={seeded.app_dsn}", "--seed", "3")
    assert (place / ".env.loadtest").read_text() == first
    assert ".env.loadtest is up to date" in again.stderr
    run("--connection-string", seeded.app_dsn, "--seed=4")
    assert (place / ".env.loadtest").read_text() != first


def test_what_is_not_ours_stays(seeded: TemporaryDatabase, place: Path) -> None:
    (place / ".env.loadtest").write_text(
        "API_TOKEN=aaa.bbb.ccc\n# rate\nCOMMAND_TARGET_RATE=500 \nTENANT_IDS=x\n"
    )
    result = run("--gateway-url", "https://gw.example", "--profile=peak", DATABASE_URL=seeded.app_dsn)
    text = (place / ".env.loadtest").read_text()
    assert text.startswith("API_TOKEN=aaa.bbb.ccc\n# rate\nCOMMAND_TARGET_RATE=500 \nTENANT_IDS=")
    assert "GATEWAY_BASE_URL=https://gw.example\n" in text
    assert "at 2,000 cancels/s" in result.stderr
    assert "API_TOKEN" not in result.stderr
    assert "aaa.bbb.ccc" not in result.output


def test_dry_run_writes_nothing_and_shows_no_secret(seeded: TemporaryDatabase, place: Path) -> None:
    before = (
        "TENANT_IDS=11111111-1111-4111-8111-111111111111\nGATEWAY_BASE_URL=https://u:pw@old\nAPI_TOKEN=secret"
    )
    (place / ".env.loadtest").write_text(before)
    result = run(
        *("--dry-run", "--gateway-url", "http://new", "-o", "json", "--kustomization", "deep/k.yaml"),
        DATABASE_URL=seeded.app_dsn,
    )
    assert result.exit_code == 0, result.output
    assert (place / ".env.loadtest").read_text() == before
    assert files(place) == [".env.loadtest"]
    assert "  - TENANT_IDS=11111111-1111-4111-8111-111111111111 (1 IDs)\n  + TENANT_IDS=" in result.stderr
    assert "  - GATEWAY_BASE_URL=…\n  + GATEWAY_BASE_URL=http://new\n" in result.stderr
    assert "loadtest-data.json would be created" in result.stderr
    assert "dry run: nothing was written" in result.stderr
    assert "secret" not in result.output
    assert "pw" not in result.output
    summary = json.loads(result.stdout)
    assert summary["dry_run"] is True
    assert [file["state"] for file in summary["files"]] == ["updated", "created", "created"]
    assert summary["tenants"][0]["cancellable"] == 25


def test_quiet_json(seeded: TemporaryDatabase) -> None:
    result = run("-q", "-o", "json", "--cancel-rate", "0", DATABASE_URL=seeded.app_dsn)
    assert result.stderr == ""
    summary = json.loads(result.stdout)
    assert summary["warnings"] == []
    assert len(summary["passed_over"]) <= 1
    assert summary["files"][0]["changed"] == list(ID_VARIABLES)
    assert summary["source"].startswith("127.0.0.1:")


def test_the_configuration_names_database_mix_and_data(seeded: TemporaryDatabase, place: Path) -> None:
    (place / "tartware-lt.yaml").write_text(
        f"database: {seeded.app_dsn}\ndata: other.json\nmix: {{reservation.create: 1, guest.register: 1}}\n"
    )
    result = run("--tenants", "2", "--per-tenant", "5")
    assert result.exit_code == 0, result.output
    sample = read_data_file(place / "other.json")
    assert [len(tenant.guests) for tenant in sample.tenants] == [5, 5]
    assert not any(tenant.reservations or tenant.tasks for tenant in sample.tenants)
    assert "named by the configuration" in result.stderr


def test_named_tenants(seeded: TemporaryDatabase, place: Path) -> None:
    with psycopg.connect(seeded.admin_dsn) as admin:
        rows = admin.execute("SELECT id::text FROM tenants WHERE name LIKE '%usable%' LIMIT 2").fetchall()
    ids = [row[0] for row in rows]
    result = run("--tenant-id", ids[1].upper(), f"--tenant-id={ids[0]}", DATABASE_URL=seeded.app_dsn)
    assert result.exit_code == 0, result.output
    assert [tenant.tenant_id for tenant in read_data_file(place / "loadtest-data.json").tenants] == ids[::-1]
    assert run("--tenant-id", "abc", DATABASE_URL=seeded.app_dsn).exit_code == 2


def spoil(place: Path) -> dict[str, tuple[list[str], str]]:
    (place / "broken.yaml").write_text("configMapGenerator: [")
    (place / "directory").mkdir()
    (place / "binary").write_bytes(b"\xff")
    return {
        "kustomization": (["--kustomization", "broken.yaml"], "broken YAML"),
        "directory": (["--data", "directory"], "no regular file"),
        "same": (["--data", ".env.loadtest"], "same file"),
        "url": (["--gateway-url", "gw"], "not of the form"),
        "binary": (["--kustomization", "binary"], "UTF-8"),
        "profile": (["--profile", "nope"], "nope"),
        "database": ([], "No database was named"),
    }


@pytest.mark.parametrize(
    "case", ["kustomization", "directory", "same", "url", "binary", "profile", "database"]
)
def test_a_mistake_is_found_before_the_database_is_asked(case: str, place: Path) -> None:
    arguments, said = spoil(place)[case]
    before = files(place)
    # Nobody listens there: whoever asks first, fails otherwise.
    environ = {} if case == "database" else {"DATABASE_URL": "postgresql://u:hidden-word@127.0.0.1:1/x"}
    result = run(*arguments, **environ)
    assert isinstance(result.exception, InputError), result.exception
    assert said in result.exception.message
    assert files(place) == before


def test_nothing_is_half_written(
    seeded: TemporaryDatabase, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(DATABASE_URL="postgresql://u:hidden-word@127.0.0.1:1/x")
    assert isinstance(result.exception, RefusedError)
    assert "hidden-word" not in f"{result.exception}{result.output}"
    assert files(place) == []

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    result = run(DATABASE_URL=seeded.app_dsn)
    assert "No space left on device" in str(result.exception)
    assert files(place) == []


def test_help_is_complete_and_fast_to_import() -> None:
    told = run("--help", COLUMNS="200").output
    for flag in (
        "--connection-string",
        "--insecure-tls",
        "--tenant-id",
        "--kustomization",
        "--dry-run",
        "--profile",
    ):
        assert flag in told
    assert "Example:" in told
    code = "import sys, tartware_loadtest.cli.bootstrap; print({'psycopg', 'yaml'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"
