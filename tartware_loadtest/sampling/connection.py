"""Where the database is: flag, DATABASE_URL, PG* variables or configuration, with verified TLS by default."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tartware_loadtest.errors import InputError

__all__ = ["APPLICATION_NAME", "ConnectionSettings", "connection_settings"]

APPLICATION_NAME = "tartware-lt"
DEFAULT_DATABASE = "tartware"
"""The deployment's scripts connect to a database of this name, whoever the user is."""

CONNECT_TIMEOUT_SECONDS = 10
_NAMING_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE")
_SYSTEM_ROOTS_SINCE = 160000


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """A resolved database.

    Attributes:
        conninfo: What libpq gets; may hold a password, so it is neither shown nor compared in messages.
        source: ``host:port/dbname``, safe to show.
        named_by: The flag, variable or file that named it.
        password: The password in it, so that messages can be cleaned of it.
    """

    conninfo: str = field(repr=False)
    source: str
    named_by: str
    password: str = field(repr=False, default="")


def connection_settings(
    *,
    connection_string: str | None,
    environ: Mapping[str, str],
    dsn: str | None = None,
    insecure_tls: bool = False,
) -> ConnectionSettings:
    """Resolve the database: ``connection_string``, then DATABASE_URL, PG* variables, ``dsn``.

    A host that is not loopback is verified (``sslmode=verify-full``) unless an sslmode was given;
    ``insecure_tls`` encrypts without verifying, where no sslmode was given.

    Raises:
        InputError: None of them names a database, or the string cannot be parsed.
    """
    named_by, text = _choose(connection_string, environ, dsn)
    parameters = _parse(text, named_by)
    served = "service" in parameters or "PGSERVICE" in environ
    if not served and "PGDATABASE" not in environ:
        parameters.setdefault("dbname", DEFAULT_DATABASE)
    host = _effective(parameters, environ, "hostaddr", "") or _effective(parameters, environ, "host", "")
    if not _effective(parameters, environ, "sslmode", "") and (served or not _is_loopback(host)):
        parameters["sslmode"] = "require" if insecure_tls else "verify-full"
    if _effective(parameters, environ, "sslmode", "") == "verify-full":
        parameters.update(_roots(parameters, environ))
    parameters.setdefault("application_name", APPLICATION_NAME)
    parameters.setdefault("client_encoding", "UTF8")
    if "PGCONNECT_TIMEOUT" not in environ:
        parameters.setdefault("connect_timeout", str(CONNECT_TIMEOUT_SECONDS))
    return ConnectionSettings(
        conninfo=make_conninfo("", **parameters),
        source=_source(parameters, environ),
        named_by=named_by,
        password=_effective(parameters, environ, "password", ""),
    )


def _choose(connection_string: str | None, environ: Mapping[str, str], dsn: str | None) -> tuple[str, str]:
    if connection_string:
        return "--connection-string", connection_string
    if environ.get("DATABASE_URL"):
        return "DATABASE_URL", environ["DATABASE_URL"]
    if any(environ.get(name) for name in _NAMING_VARIABLES):
        return "PG* variables", ""
    if dsn:
        return "the configuration", dsn
    raise InputError(
        "No database was named.",
        hint="Set DATABASE_URL or PGHOST, PGUSER and PGPASSWORD, or pass --connection-string.",
    )


def _parse(text: str, named_by: str) -> dict[str, str]:
    try:
        return {key: str(value) for key, value in conninfo_to_dict(text).items() if value is not None}
    except psycopg.Error as error:
        # libpq's message may quote a piece of the string, and that piece may be the password.
        unknown = re.search(r'invalid URI query parameter: "([A-Za-z_]{1,40})"', str(error))
        detail = f': PostgreSQL knows no parameter "{unknown.group(1)}"' if unknown else ""
        raise InputError(
            f"The connection string from {named_by} cannot be parsed{detail}.",
            hint="Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=… (special characters "
            "percent-encoded), or host=… dbname=… user=….",
        ) from None


def _effective(parameters: Mapping[str, str], environ: Mapping[str, str], key: str, default: str) -> str:
    variable = {"dbname": "PGDATABASE"}.get(key, f"PG{key.upper()}")
    return parameters.get(key) or environ.get(variable) or default


def _is_loopback(hosts: str) -> bool:
    return all(_one_is_loopback(host.strip()) for host in hosts.split(","))


def _one_is_loopback(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _roots(parameters: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    own_roots = Path.home() / ".postgresql" / "root.crt"
    if _effective(parameters, environ, "sslrootcert", "") or own_roots.exists():
        return {}
    # The libpq in the binary wheel looks for the system's roots at a path of its own, which exists nowhere:
    # "system" would refuse every certificate. Python knows the real place.
    file = ssl.get_default_verify_paths().cafile
    if file:
        return {"sslrootcert": file}
    return {"sslrootcert": "system"} if pq.version() >= _SYSTEM_ROOTS_SINCE else {}


def _source(parameters: Mapping[str, str], environ: Mapping[str, str]) -> str:
    host = _effective(parameters, environ, "host", "") or _effective(parameters, environ, "hostaddr", "")
    service = parameters.get("service") or environ.get("PGSERVICE")
    if not host:
        host = f"service {service}" if service else "localhost"
    if ":" in host:
        host = f"[{host}]"
    port = _effective(parameters, environ, "port", "").strip(",") or "5432"
    return f"{host}:{port}/{_effective(parameters, environ, 'dbname', service or DEFAULT_DATABASE)}"
