"""A Docker daemon for the tests: the machine's own if it answers, else one on a private socket."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tartware_loadtest.runners.process import Child
from tests.runners.conftest import eventually

IMAGE = "tartware-lt-test/k6:2.2.0"


def docker(host: str, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run one docker command against a daemon."""
    environment = {**os.environ, **({"DOCKER_HOST": host} if host else {})}
    return subprocess.run(
        ["docker", *arguments], env=environment, input=stdin, capture_output=True, check=False
    )


def _executable(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.mode = 0o755
    return info


def load_image(host: str, k6: Path) -> None:
    """Make an image like the official one of a static k6: other user, k6 as entry point."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tree:
        tree.add(k6, arcname="usr/bin/k6", filter=_executable)
    changes = ('ENTRYPOINT ["k6"]', "ENV PATH=/usr/bin", "USER 12345")
    flags = [flag for change in changes for flag in ("--change", change)]
    made = docker(host, "import", *flags, "-", IMAGE, stdin=packed.getvalue())
    assert made.returncode == 0, made.stderr.decode()


def _install() -> str:
    """Return the path of dockerd, installed from the distribution where it is missing."""
    if shutil.which("dockerd") is None and shutil.which("apt-get") is not None and os.geteuid() == 0:
        for command in (["update"], ["install", "-y", "--no-install-recommends", "docker.io"]):
            subprocess.run(["apt-get", "-qq", *command], check=True, capture_output=True)
    found = shutil.which("dockerd")
    if found is None:
        pytest.fail("The Docker tests need a Docker daemon, or root on Debian to install and start one.")
    return found


@contextmanager
def _private_daemon() -> Iterator[str]:
    dockerd = _install()
    with tempfile.TemporaryDirectory(prefix="lt-dockerd-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        host = f"unix://{root}/docker.sock"
        flags = ["--host", host, "--data-root", f"{root}/data", "--exec-root", f"{root}/exec"]
        flags += ["--pidfile", f"{root}/pid", "--iptables=false", "--ip6tables=false", "--bridge=none"]
        said: list[bytes] = []
        with Child(
            [dockerd, *flags],
            cwd=root,
            environment=dict(os.environ),
            on_line=lambda line, _: said.append(line),
            death_signal=signal.SIGTERM,
        ) as daemon:

            def ready() -> bool:
                assert daemon.poll() is None, b"".join(said[-5:]).decode()
                return docker(host, "info").returncode == 0

            eventually(ready)
            yield host
            os.kill(daemon.pid, signal.SIGTERM)
            eventually(daemon.poll)
        # The network namespace of the host stays mounted after the daemon has ended.
        subprocess.run(["umount", f"{root}/exec/netns/default"], capture_output=True, check=False)


@contextmanager
def daemon_with_image(k6: Path) -> Iterator[str]:
    """Give the address of a daemon that has the image, empty for the machine's own."""
    if shutil.which("docker") and docker("", "info").returncode == 0:
        load_image("", k6)
        try:
            yield ""
        finally:
            docker("", "rmi", "--force", IMAGE)
        return
    with _private_daemon() as host:
        load_image(host, k6)
        yield host
