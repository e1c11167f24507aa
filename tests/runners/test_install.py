"""Installing k6: from an archive of a local server, with a `go` that is a shell script, and once for real."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners import install
from tartware_loadtest.runners.archive import Archive, fetch_binary, pinned_archive, pinned_checksums
from tartware_loadtest.runners.engine import PINNED_VERSION, Origin
from tartware_loadtest.runners.golang import find_toolchain
from tartware_loadtest.runners.installing import InstallProgress, Step, StepFailed, Work, unheard
from tartware_loadtest.runners.interface import StopRequest
from tests.runners.conftest import eventually, running

K6 = b"""#!/bin/sh
echo '{"version":"v2.2.0"}'
"""
NAME = f"k6-v{PINNED_VERSION}-linux-amd64.tar.gz"
NOWHERE = "http://127.0.0.1:1"
GO_CACHES = ("GOCACHE", "GOMODCACHE")

GO = """#!/bin/sh
case "$1" in
  env) echo go%(version)s ;;
  list) echo one; echo two ;;
  build)
    echo one >&2
    %(build)s
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho "{\\\\"version\\\\":\\\\"v2.2.0\\\\"}"\\n' > "$2"; chmod 755 "$2"
    echo two >&2 ;;
esac
"""


def tarball(member: str = f"k6-v{PINNED_VERSION}-linux-amd64/k6", content: bytes = K6) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as bundle:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        bundle.addfile(info, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve a directory like the release page; yield its address and the directory of the pinned version."""
    root = tmp_path / "releases"
    files = root / f"v{PINNED_VERSION}"
    files.mkdir(parents=True)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", files
        server.shutdown()
        thread.join()


@pytest.fixture
def pin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Return a function that pins one archive as the one for this machine."""

    def pin_content(content: bytes) -> None:
        pinned = Archive(NAME, hashlib.sha256(content).hexdigest())
        monkeypatch.setattr(install, "pinned_archive", lambda: pinned)

    return pin_content


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that puts a fake `go` first on PATH."""

    def put(build: str = ":", version: str = "1.99.0") -> Path:
        directory = tmp_path / "go-bin"
        directory.mkdir(exist_ok=True)
        binary = directory / "go"
        binary.write_text(GO % {"build": build, "version": version}, encoding="utf-8")
        binary.chmod(0o755)
        monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")
        return binary

    return put


@pytest.fixture
def no_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "pinned_archive", lambda: None)


def left_in(cache: Path) -> list[str]:
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*"))


WHOLE = [PINNED_VERSION, f"{PINNED_VERSION}/k6"]


def test_release_archive_is_installed(
    tmp_path: Path, releases: tuple[str, Path], pin: Callable[[bytes], None]
) -> None:
    url, files = releases
    (files / NAME).write_bytes(tarball())
    pin(tarball())
    told: list[InstallProgress] = []
    made = install.install(tmp_path / "cache", listener=told.append, releases=url)
    assert (made.origin, made.version) == (Origin.DOWNLOADED, "2.2.0")
    assert made.path == tmp_path / "cache" / PINNED_VERSION / "k6"
    assert left_in(tmp_path / "cache") == WHOLE
    assert told[0].step is Step.DOWNLOAD
    assert told[0].total == len(tarball())
    assert told[-1].step is Step.CHECK


@pytest.mark.parametrize(
    "case",
    [
        (b"<html>Sign in to the network</html>", "another checksum"),
        (None, "404"),
        (tarball(member="somewhere/k6"), "holds no"),
        (b"not packed at all", "holds no"),
    ],
    ids=["portal", "missing", "member", "broken"],
)
def test_archive_that_is_not_the_pinned_one_is_thrown_away(
    tmp_path: Path,
    releases: tuple[str, Path],
    pin: Callable[[bytes], None],
    go: Callable[..., Path],
    case: tuple[bytes | None, str],
) -> None:
    served, reason = case
    url, files = releases
    go()
    pin(served if served is not None and reason == "holds no" else tarball())
    if served is not None:
        (files / NAME).write_bytes(served)
    told: list[InstallProgress] = []
    made = install.install(tmp_path / "cache", listener=told.append, releases=url)
    assert made.origin is Origin.BUILT
    assert left_in(tmp_path / "cache") == WHOLE
    assert [reason in news.detail for news in told if news.failed] == [True]


def test_zip_of_other_systems_is_unpacked(tmp_path: Path, releases: tuple[str, Path]) -> None:
    url, files = releases
    name = f"k6-v{PINNED_VERSION}-macos-arm64.zip"
    with zipfile.ZipFile(files / name, "w") as bundle:
        bundle.writestr(f"k6-v{PINNED_VERSION}-macos-arm64/k6", K6)
    pinned = Archive(name, hashlib.sha256((files / name).read_bytes()).hexdigest())
    binary = fetch_binary(pinned, tmp_path, Work(unheard, StopRequest()), releases=url)
    assert binary.read_bytes() == K6
    assert os.access(binary, os.X_OK)


def test_download_is_called_off(tmp_path: Path, releases: tuple[str, Path]) -> None:
    url, files = releases
    (files / NAME).write_bytes(tarball())
    stop = StopRequest()
    stop.ask("enough")
    with pytest.raises(KeyboardInterrupt):
        fetch_binary(Archive(NAME, ""), tmp_path, Work(unheard, stop), releases=url)


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", f"k6-v{PINNED_VERSION}-linux-amd64.tar.gz"),
        ("linux", "aarch64", f"k6-v{PINNED_VERSION}-linux-arm64.tar.gz"),
        ("darwin", "x86_64", f"k6-v{PINNED_VERSION}-macos-amd64.zip"),
        ("darwin", "arm64", f"k6-v{PINNED_VERSION}-macos-arm64.zip"),
    ],
)
def test_archives_are_pinned_by_platform(system: str, machine: str, name: str) -> None:
    found = pinned_archive(system, machine)
    assert found is not None
    assert found.name == name
    assert len(bytes.fromhex(found.sha256)) == 32


@pytest.mark.parametrize(("system", "machine"), [("linux", "riscv64"), ("freebsd14", "x86_64")])
def test_other_platforms_have_no_archive(system: str, machine: str) -> None:
    assert pinned_archive(system, machine) is None


def test_every_pinned_archive_is_of_the_pinned_version() -> None:
    assert all(name.startswith(f"k6-v{PINNED_VERSION}-") for name in pinned_checksums())


@pytest.mark.usefixtures("no_archive")
def test_build_is_told_package_by_package(tmp_path: Path, go: Callable[..., Path]) -> None:
    go(build="sleep 0.5")
    told: list[InstallProgress] = []
    made = install.install(tmp_path / "cache", listener=told.append)
    assert made.origin is Origin.BUILT
    assert left_in(tmp_path / "cache") == WHOLE
    assert InstallProgress(Step.BUILD, 1, 2, "one") in told


@pytest.mark.usefixtures("no_archive")
def test_go_of_the_package_is_taken_where_the_one_on_path_is_too_old(
    tmp_path: Path, go: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = go()
    package = tmp_path / "site" / "go"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    shutil.copy(new, package / "bin" / "go")
    go(version="1.19.8", build="exit 1")
    spec = importlib.util.spec_from_file_location(
        "go", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    assert install.install(tmp_path / "cache").origin is Origin.BUILT


@pytest.mark.usefixtures("no_archive")
def test_without_any_way_all_ways_are_named(
    tmp_path: Path, go: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    go(version="1.19.8")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(RefusedError, match=r"no release archive .* no Go 1\.25") as caught:
        install.install(tmp_path / "cache")
    for way in ("PATH", "--k6", "tartware-loadtest[engine]", "--on docker"):
        assert way in caught.value.hint
    assert left_in(tmp_path / "cache") == []


@pytest.mark.usefixtures("no_archive")
def test_failing_build_says_why(tmp_path: Path, go: Callable[..., Path]) -> None:
    go(build="echo 'link: no space left' >&2; exit 1")
    with pytest.raises(RefusedError, match=r"go build failed: .*no space left"):
        install.install(tmp_path / "cache")
    assert left_in(tmp_path / "cache") == []


@pytest.mark.usefixtures("no_archive")
def test_build_that_makes_another_version_is_refused(tmp_path: Path, go: Callable[..., Path]) -> None:
    binary = go()
    binary.write_text(binary.read_text().replace("v2.2.0", "v2.1.0"))
    with pytest.raises(RefusedError, match=r"says that it is k6 2\.1\.0"):
        install.install(tmp_path / "cache")
    assert left_in(tmp_path / "cache") == []


def compiler(marker: Path) -> str:
    """Return a build step that starts a compiler, which does not end."""
    return f"sleep 300 & echo $$ $! > {marker}.new; mv {marker}.new {marker}; wait"


def recorded(marker: Path) -> list[int]:
    """Return the processes of `go` and of its compiler."""
    return [int(pid) for pid in marker.read_text().split()]


@pytest.mark.usefixtures("no_archive")
def test_build_that_is_called_off_leaves_nothing(tmp_path: Path, go: Callable[..., Path]) -> None:
    marker = tmp_path / "compiler"
    go(build=compiler(marker))
    stop = StopRequest()

    def listener(news: InstallProgress) -> None:
        if news.step is Step.BUILD:
            eventually(marker.exists) if news.done else None
            stop.ask("enough") if news.done else None

    with pytest.raises(KeyboardInterrupt):
        install.install(tmp_path / "cache", listener=listener, stop=stop)
    assert left_in(tmp_path / "cache") == []
    eventually(lambda: not any(running(pid) for pid in recorded(marker)))


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, None), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_command_that_is_interrupted_leaves_nothing(
    tmp_path: Path, go: Callable[..., Path], number: signal.Signals, code: int | None
) -> None:
    marker = tmp_path / "compiler"
    go(build=compiler(marker))
    program = (
        "from tartware_loadtest.runners import install; install.pinned_archive = lambda: None;"
        "from tartware_loadtest.cli.k6 import app; app(['install', '--force'])"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        eventually(marker.exists)
        process.send_signal(number)
        process.wait()
    cache = tmp_path / "cache" / "tartware-lt" / "k6"
    go_pid, compiler_pid = recorded(marker)
    eventually(lambda: not running(go_pid))
    if number is signal.SIGKILL:  # nobody can clean up after that; but nothing looks like a k6
        os.kill(compiler_pid, signal.SIGKILL)
        assert not (cache / PINNED_VERSION).exists()
    else:
        assert left_in(cache) == []
        eventually(lambda: not running(compiler_pid))
    assert process.returncode == code if code is not None else process.returncode != 0


def test_two_installations_at_once_do_not_disturb_each_other(
    tmp_path: Path, releases: tuple[str, Path], pin: Callable[[bytes], None]
) -> None:
    url, files = releases
    (files / NAME).write_bytes(tarball())
    pin(tarball())
    both = threading.Barrier(2)
    made = []

    def listener(news: InstallProgress) -> None:
        if news.step is Step.CHECK:
            both.wait()

    def run() -> None:
        made.append(install.install(tmp_path / "cache", listener=listener, releases=url))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert made[0] == made[1]
    assert left_in(tmp_path / "cache") == WHOLE


def test_abandoned_directories_are_removed(
    tmp_path: Path, releases: tuple[str, Path], pin: Callable[[bytes], None]
) -> None:
    url, files = releases
    (files / NAME).write_bytes(tarball())
    pin(tarball())
    old, fresh = tmp_path / "cache" / ".install-old", tmp_path / "cache" / ".install-fresh"
    for directory in (old, fresh):
        directory.mkdir(parents=True)
        (directory / "k6").touch()
    os.utime(old, (0, 0))
    install.install(tmp_path / "cache", releases=url)
    assert not old.exists()
    assert fresh.exists()


def test_unwritable_cache_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(RefusedError, match="cannot be installed in") as caught:
        install.install(tmp_path / "cache")
    assert "XDG_CACHE_HOME" in caught.value.hint


def test_full_disk_is_named_and_leaves_nothing(
    tmp_path: Path, pin: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(tarball())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(install, "fetch_binary", full)
    with pytest.raises(RefusedError, match="No space left on device"):
        install.install(tmp_path / "cache")
    assert left_in(tmp_path / "cache") == []


def test_server_that_is_not_there_is_a_reason_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="could not be downloaded"):
        fetch_binary(Archive(NAME, ""), tmp_path, Work(unheard, StopRequest()), releases=NOWHERE)


@pytest.fixture(scope="session")
def go_caches() -> dict[str, str]:
    """The developer's Go caches, asked for before the test gets a home of its own."""
    go = find_toolchain((1, 25), os.environ)
    assert go is not None
    said = subprocess.run([go.binary, "env", "-json", *GO_CACHES], capture_output=True, check=True)
    return dict(json.loads(said.stdout))


@pytest.mark.k6
def test_real_build_makes_the_pinned_k6(
    tmp_path: Path, go_caches: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, directory in go_caches.items():
        monkeypatch.setenv(name, directory)
    made = install.install(tmp_path / "cache", releases=NOWHERE)
    assert (made.origin, made.version) == (Origin.BUILT, PINNED_VERSION)
    assert left_in(tmp_path / "cache") == WHOLE
