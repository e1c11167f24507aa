from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

pytestmark = pytest.mark.sandbox

PROGRAM = "from tartware_loadtest.cli.app import main; main()"


def lt(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "sandbox", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("cli") / "sandbox"
    started = lt("up", "--dir", directory, "--fault-slow", "0.5:300", "-o", "json")
    assert started.returncode == 0, started.stderr
    shown = json.loads(started.stdout)
    assert shown["started"] is True
    assert "tartware-lt bootstrap" in started.stderr
    yield directory
    ended = lt("down", "--purge", "--dir", directory)
    assert ended.returncode == 0, ended.stderr
    assert not directory.exists()


def environment(home: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (home / "sandbox.env").read_text().splitlines())


def test_up_again_says_that_it_is_up(home: Path) -> None:
    again = lt("up", "--dir", home)

    assert (again.returncode, again.stdout) == (0, "")
    assert "already up" in again.stderr


def test_the_env_file_holds_what_a_run_needs(home: Path) -> None:
    values = environment(home)

    assert set(values) == {"GATEWAY_BASE_URL", "API_TOKEN", "DATABASE_URL"}
    assert httpx.get(values["GATEWAY_BASE_URL"] + "/health").status_code == 200
    assert values["DATABASE_URL"].startswith("postgresql://tartware_app:")


def test_status_shows_the_parts_and_what_it_is_not(home: Path) -> None:
    text = lt("status", "--dir", home)
    answer = json.loads(lt("status", "--dir", home, "-o", "json").stdout)

    assert text.returncode == 0
    assert "not Tartware" in text.stderr
    assert answer["up"] is True
    assert set(answer["parts"]) == {"gateway", "consumer", "postgres"}
    assert answer["backlog"]["pending"] == 0
    assert answer["drain_rate"] == 500
    assert answer["carries"] > 0
    assert not {"jwt_secret", "admin_token", "password", "admin_dsn", "app_dsn"} & set(answer)


def test_status_of_nothing_is_refused(tmp_path: Path) -> None:
    result = lt("status", "--dir", tmp_path)

    assert result.returncode == 4
    assert "Traceback" not in result.stderr
    assert "sandbox up" in result.stderr


def test_a_token_as_long_and_of_whom_it_is_asked(home: Path) -> None:
    def claims(*arguments: object) -> dict[str, Any]:
        printed = lt("token", "--dir", home, *arguments).stdout.strip()
        decoded: dict[str, Any] = jwt.decode(printed, options={"verify_signature": False})
        return decoded

    admin, other = claims("--ttl", 60), claims("--user", "staff", "--issuer", "elsewhere")

    assert admin["exp"] - admin["iat"] == 60
    assert other["iss"] == "elsewhere"
    assert admin["sub"] != other["sub"]
    assert lt("token", "--dir", home, "--user", "ghost").returncode == 2


def test_logs_of_one_part_or_of_all(home: Path) -> None:
    assert "Listening" in lt("logs", "gateway", "--dir", home).stdout
    assert "ready to accept connections" in lt("logs", "--dir", home).stdout


def test_faults_are_shown_set_and_reset(home: Path) -> None:
    assert json.loads(lt("faults", "show", "--dir", home).stdout)["plan"] == {
        "slow": {"share": 0.5, "ms": 300.0}
    }
    plan = home / "plan.json"
    plan.write_text('{"timeouts": 0.04}')
    assert json.loads(lt("faults", "set", f"@{plan}", "--dir", home).stdout)["plan"] == {"timeouts": 0.04}
    plan.unlink()
    assert json.loads(lt("faults", "reset", "--dir", home).stdout)["plan"] == {}
    refused = lt("faults", "set", '{"slow": 7}', "--dir", home)
    assert refused.returncode == 2
    assert "slow.share" in refused.stderr


def test_a_run_is_accounted_for(home: Path) -> None:
    values = environment(home)
    headers = {"authorization": f"Bearer {values['API_TOKEN']}"}
    with httpx.Client(base_url=values["GATEWAY_BASE_URL"], headers=headers) as client:
        tenant = json.loads(lt("status", "--dir", home, "-o", "json").stdout)
        assert tenant["users"]
        import psycopg  # noqa: PLC0415 -- the tenant's id is all it is for

        with psycopg.connect(values["DATABASE_URL"]) as connection:
            row = connection.execute("SELECT id::text FROM tenants WHERE slug = 'sandbox-2'").fetchone()
        assert row
        guest = {"first_name": "A", "last_name": "B", "email": "a@b.example"}
        for number in range(3):
            answer = client.post(
                "/v1/commands/guest.register/execute",
                json={"tenant_id": row[0], "payload": guest},
                headers={"idempotency-key": f"ab12ab12-0000-4000-8000-{number:012d}"},
            )
            assert answer.status_code == 202

    answer_json = json.loads(lt("account", "ab12ab12", "--wait", 10, "--dir", home, "-o", "json").stdout)
    text = lt("account", "ab12ab12", "--dir", home)

    total = {name: answer_json[name] for name in ("dispatched", "applied", "failed", "lost", "open")}
    assert total == {"dispatched": 3, "applied": 3, "failed": 0, "lost": 0, "open": 0}
    assert "guest.register" in text.stderr
    assert lt("account", "nothing", "--dir", home).returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--rows", 3),
        ("--tenants", 0),
        ("--defects", "laziness"),
        ("--retry-schedule-ms", "soon"),
        ("--rate-limit", "often"),
        ("--faults", "{"),
        ("--fault-capacity", "4"),
        ("--age", "X"),
        ("--postgres", "oracle"),
        ("--nonsense",),
    ],
)
def test_wrong_use_ends_with_2_and_no_traceback(tmp_path: Path, arguments: tuple[object, ...]) -> None:
    result = lt("up", "--dir", tmp_path / "none", *arguments)

    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "none" / "state.json").exists()


def test_down_of_nothing_is_no_error(tmp_path: Path) -> None:
    assert lt("down", "--dir", tmp_path / "none").returncode == 0
