from __future__ import annotations

import ssl
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tartware_loadtest.errors import ExitCode, InputError, RefusedError
from tartware_loadtest.sampling.connection import ConnectionSettings, connection_settings
from tartware_loadtest.sampling.database import _unreachable, open_database
from tartware_loadtest.sandbox.database import free_port
from tartware_loadtest.sandbox.temporary import TemporaryDatabase

SECRET = "s3cr%26t-Wört"  # noqa: S105 - a password that must not be seen


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def resolved(string: str | None = None, dsn: str | None = None, **environ: str) -> ConnectionSettings:
    return connection_settings(connection_string=string, environ=environ, dsn=dsn)


def parameters(settings: ConnectionSettings) -> dict[str, object]:
    return dict(conninfo_to_dict(settings.conninfo))


def test_precedence() -> None:
    everything = {"DATABASE_URL": "postgresql://url/db", "PGHOST": "variables", "PGDATABASE": "db"}
    assert resolved("host=flag dbname=db", "host=config dbname=db", **everything).source == "flag:5432/db"
    assert resolved(None, "host=config dbname=db", **everything).source == "url:5432/db"
    del everything["DATABASE_URL"]
    assert resolved(None, "host=config dbname=db", **everything).source == "variables:5432/db"
    assert resolved(None, "host=config port=6 dbname=db").source == "config:6/db"
    assert resolved(None, "host=config", PGPASSWORD="x", PGUSER="u").named_by == "the configuration"
    with pytest.raises(InputError, match="No database was named"):
        resolved(PGUSER="somebody")


@pytest.mark.parametrize(
    ("string", "environ", "source"),
    [
        ("", {"PGHOST": "db.internal", "PGUSER": "postgres"}, "db.internal:5432/tartware"),
        ("", {"PGHOST": "db.internal", "PGPORT": "6432", "PGDATABASE": "x"}, "db.internal:6432/x"),
        ("", {"PGSERVICE": "staging"}, "service staging:5432/staging"),
        ("postgresql://u@[::1]:5433/x", {}, "[::1]:5433/x"),
        ("host=/var/run/postgresql", {}, "/var/run/postgresql:5432/tartware"),
        ("dbname=x", {}, "localhost:5432/x"),
        ("postgresql://a,b/x", {}, "a,b:5432/x"),
    ],
)
def test_source(string: str, environ: dict[str, str], source: str) -> None:
    assert resolved(string or None, **environ).source == source


@pytest.mark.parametrize(
    "string",
    ["host=localhost", "host=127.0.0.1", "host=127.9.9.9", "host=/tmp", "postgresql://[::1]/x", "dbname=x"],
)
def test_loopback_needs_no_tls(string: str) -> None:
    assert "sslmode" not in parameters(resolved(string))


@pytest.mark.parametrize(
    "string",
    [
        "host=db.internal",
        "host=10.0.0.5",
        "host=localhost,db.internal",
        "service=x",
        "hostaddr=10.0.0.1 host=localhost",
    ],
)
def test_others_are_verified(string: str) -> None:
    found = parameters(resolved(string))
    assert found["sslmode"] == "verify-full"
    assert found["sslrootcert"] in (ssl.get_default_verify_paths().cafile, "system")


def test_an_explicit_sslmode_wins(home: Path) -> None:
    assert parameters(resolved("host=db sslmode=disable"))["sslmode"] == "disable"
    assert "sslmode" not in parameters(resolved("host=db", PGSSLMODE="prefer"))
    insecure = connection_settings(connection_string="host=db", environ={}, insecure_tls=True)
    assert parameters(insecure)["sslmode"] == "require"
    explicit = parameters(resolved("host=localhost sslmode=verify-full"))
    assert explicit["sslrootcert"] in (ssl.get_default_verify_paths().cafile, "system")
    both = connection_settings(connection_string="host=db sslmode=verify-ca", environ={}, insecure_tls=True)
    assert parameters(both)["sslmode"] == "verify-ca"
    assert parameters(resolved("host=db sslrootcert=/own.crt"))["sslrootcert"] == "/own.crt"
    assert "sslrootcert" not in parameters(resolved("host=db", PGSSLROOTCERT="/own.crt"))
    (home / ".postgresql").mkdir()
    (home / ".postgresql" / "root.crt").touch()
    assert "sslrootcert" not in parameters(resolved("host=db"))


def test_a_pooler_gets_no_parameter_that_it_refuses() -> None:
    found = parameters(resolved("host=db"))
    assert set(found) == {
        *(
            "host",
            "dbname",
            "sslmode",
            "sslrootcert",
            "application_name",
            "client_encoding",
            "connect_timeout",
        ),
    }
    assert found["application_name"] == "tartware-lt"
    assert "connect_timeout" not in parameters(resolved("host=db", PGCONNECT_TIMEOUT="3"))
    assert parameters(resolved("host=db connect_timeout=7"))["connect_timeout"] == "7"


@pytest.mark.parametrize(
    "string",
    [
        f"postgresql://user:{SECRET}@host:notaport/db?x",
        f"host=db password={SECRET} {SECRET}",
        f"postgresql://user:{SECRET}@host/db?schema=public",
        f"mysql://user:{SECRET}@host/db",
        f"password='{SECRET}",
    ],
)
def test_a_broken_string_is_never_echoed(string: str) -> None:
    with pytest.raises(InputError) as caught:
        resolved(None, DATABASE_URL=string)
    shown = f"{caught.value.message} {caught.value.hint} {caught.value!r}"
    assert SECRET not in shown
    assert "DATABASE_URL" in shown
    assert ("schema" in shown) == ("schema=" in string)


def test_settings_hide_the_password() -> None:
    settings = resolved("postgresql://user:hidden-word@db/x")
    assert "hidden-word" not in repr(settings)
    assert settings.password == "hidden-word"  # noqa: S105 - as above


def test_nobody_listens() -> None:
    port = free_port()
    with (
        pytest.raises(RefusedError, match=rf"Cannot connect to 127.0.0.1:{port}/tartware") as caught,
        open_database(resolved(f"host=127.0.0.1 port={port} user=u password=hidden-word")),
    ):
        pytest.fail("there is nobody")
    assert caught.value.exit_code is ExitCode.REFUSED
    assert "Check host, port and network" in caught.value.hint
    assert "hidden-word" not in caught.value.message


def test_a_message_that_holds_the_password_is_cleaned() -> None:
    settings = resolved("host=db password=hidden-word")
    said = psycopg.OperationalError("SSL error: certificate verify failed: hidden-word\n does not exist")
    error = _unreachable(said, settings)
    assert error.message.endswith("SSL error: certificate verify failed: *** does not exist")
    assert "PGSSLROOTCERT" in error.hint


@pytest.mark.postgres
def test_refused_logins_say_what_to_check(seeded: TemporaryDatabase) -> None:
    right = conninfo_to_dict(seeded.app_dsn)
    for changes, said, hint in (
        ({"password": "hidden-word"}, "password authentication failed", "PGPASSWORD"),
        ({"dbname": "elsewhere"}, 'database "elsewhere" does not exist', "PGDATABASE"),
        ({"sslmode": "require"}, "SSL", "sslmode=disable"),
    ):
        wrong = " ".join(f"{key}={value}" for key, value in {**right, **changes}.items())
        with pytest.raises(RefusedError) as caught, open_database(resolved(wrong)):
            pytest.fail("nobody should get in")
        assert said in caught.value.message
        assert hint in caught.value.hint
        assert "hidden-word" not in caught.value.message
