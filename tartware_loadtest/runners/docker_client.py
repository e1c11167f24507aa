"""Speaks to Docker through its command line, and reads what it answers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.environment import clean
from tartware_loadtest.runners.interface import StopRequest
from tartware_loadtest.runners.process import Child, Exit

__all__ = ["NOT_STARTED", "Answer", "Container", "ask", "client_path", "engine_exit", "mount", "refusal"]

NOT_STARTED = (125, 126, 127)
"""Exit codes of ``docker run`` that are Docker's own and not the program's."""

_SHORT_SECONDS = 30.0
_TICK_SECONDS = 0.1
_CLIENT_FAILED = 125
_SIGNAL_BASE = 128
_LAST_SIGNAL = 64
_NO_IMAGE = ("no such image", "unable to find image", "manifest", "pull access")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one ``docker`` command said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Container:
    """One container by its name, which works even when the client that started it is gone."""

    docker: str
    name: str
    client: Child

    def interrupt(self) -> None:
        """Send k6 the one SIGINT; if there is no container yet, stop the client before it makes one."""
        if ask(self.docker, "kill", "--signal", "INT", self.name).code != 0:
            self.client.interrupt()

    def kill(self) -> None:
        """Remove the container and end its client."""
        self.remove()
        self.client.kill()

    def remove(self) -> None:
        """Remove it, running or not, there or not."""
        ask(self.docker, "rm", "--force", self.name)


def client_path() -> str:
    """Return the path of the ``docker`` command.

    Raises:
        RefusedError: There is none.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise RefusedError(
            "There is no docker command on PATH.",
            hint="Install Docker, or use --on native, which installs k6 itself.",
        )
    return str(Path(docker).absolute())


def ask(docker: str, *arguments: str, stop: StopRequest | None = None) -> Answer:
    """Run one short ``docker`` command; with ``stop`` it may take as long as a pull takes.

    Raises:
        KeyboardInterrupt: ``stop`` was asked.
    """
    deadline = time.monotonic() + (_SHORT_SECONDS if stop is None else float("inf"))
    with subprocess.Popen(  # noqa: S603  # an argv list, no shell, no secrets
        [docker, *arguments],
        env=clean(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            while True:
                try:
                    out, err = process.communicate(timeout=_TICK_SECONDS)
                except subprocess.TimeoutExpired:
                    if stop is not None and stop.asked():
                        raise KeyboardInterrupt from None
                    if time.monotonic() > deadline:
                        return Answer(_CLIENT_FAILED, "", "the Docker daemon does not answer")
                else:
                    return Answer(
                        process.returncode, out.decode(errors="replace"), err.decode(errors="replace")
                    )
        finally:
            process.kill()


def mount(source: Path, target: str, *options: str) -> str:
    """Return the value of ``--mount`` for a directory; unlike ``-v`` it never makes a missing one as root."""
    fields = ("type=bind", f"source={source.resolve()}", f"target={target}", *options)
    # Docker reads this as one line of CSV.
    return ",".join('"' + text.replace('"', '""') + '"' if set(text) & set(',"') else text for text in fields)


def engine_exit(end: Exit) -> Exit:
    """Return the engine's end for its client's: a container that died by signal N ends with 128 + N."""
    code = end.code
    if code is None:
        return end
    if code == _CLIENT_FAILED:  # the daemon went away under the container
        return replace(end, code=None, signal_number=int(signal.SIGKILL))
    if _SIGNAL_BASE < code <= _SIGNAL_BASE + _LAST_SIGNAL:
        return replace(end, code=None, signal_number=code - _SIGNAL_BASE)
    return end


def refusal(image: str, said: str) -> RefusedError:
    """Return the error for a container that did not start, with a hint that fits what Docker said."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and "'docker run --help'" not in line]
    lowered = said.lower()
    if "permission denied" in lowered and "connect" in lowered:
        hint = "Your user may not use Docker: add it to the group docker."
    elif "cannot connect" in lowered or "does not answer" in lowered:
        hint = "Start the Docker daemon or set DOCKER_HOST, or use --on native."
    elif any(words in lowered for words in _NO_IMAGE):
        hint = f"Run `docker pull {image}`, or load the image from a file."
    else:
        hint = f"Try `docker run --rm {image} version`."
    reason = lines[-1] if lines else "it gave no reason"
    return RefusedError(f"Docker could not start {image}: {reason}", hint=hint)
