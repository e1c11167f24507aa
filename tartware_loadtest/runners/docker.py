"""Runs k6 in a container of the local Docker daemon."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.docker_client import (
    NOT_STARTED,
    Container,
    ask,
    client_path,
    engine_exit,
    mount,
    refusal,
)
from tartware_loadtest.runners.engine import PINNED_VERSION, check_version, parse_version
from tartware_loadtest.runners.environment import PROXY_VARIABLES, clean, engine_variables
from tartware_loadtest.runners.interface import EngineOutcome, EngineRequest, Listener, StopRequest
from tartware_loadtest.runners.journal import Journal
from tartware_loadtest.runners.options import run_arguments
from tartware_loadtest.runners.process import Child
from tartware_loadtest.runners.session import run_session
from tartware_loadtest.runners.supervise import Finished, Output, Supervisor
from tartware_loadtest.runners.watch import Limits

__all__ = ["IMAGE", "DockerRunner", "Pull"]

IMAGE = f"grafana/k6:{PINNED_VERSION}"

_BUNDLE = "/tartware/bundle"
_SUMMARY = "/tartware/summary"


class Pull(Enum):
    """When Docker asks the registry for the image."""

    MISSING = "missing"
    NEVER = "never"


class DockerRunner:
    """Runs k6 from an image, in the host's network.

    With the host's network the container's 127.0.0.1 is the host's own, so a target on loopback (the sandbox,
    a forwarded port) is reached as natively; on Docker's bridge it would be the container itself. It runs as
    the calling user, so it can read the private files of the bundle, and the summary is the caller's.

    Args:
        image: An image whose entry point is k6.
        pull: Whether a missing image may be pulled.
        limits: How long to wait for what.
    """

    def __init__(
        self, *, image: str = IMAGE, pull: Pull = Pull.MISSING, limits: Limits | None = None
    ) -> None:
        self._image = image
        self._pull = pull
        self._limits = limits or Limits()

    def version(self, stop: StopRequest | None = None) -> str:
        """Return the version of the k6 in the image, which is pulled if it must be.

        Raises:
            RefusedError: No Docker, no daemon, no image, or no k6 in it that can be used.
            KeyboardInterrupt: ``stop`` was asked while the image was pulled.
        """
        flags = ("run", "--rm", "--network", "none", "--pull", self._pull.value, self._image)
        answer = ask(client_path(), *flags, "version", "--json", stop=stop or StopRequest())
        if answer.code in NOT_STARTED:
            raise refusal(self._image, answer.err)
        version = parse_version(answer.out) if answer.code == 0 else None
        if version is None:
            raise RefusedError(f"The image {self._image} does not say a k6 version: it holds no k6.")
        check_version(version, f"the image {self._image}")
        return version

    def run(self, request: EngineRequest, listener: Listener, stop: StopRequest) -> EngineOutcome:
        """Run k6 to its end, or until ``stop`` is asked; leave no container behind.

        Raises:
            InputError: An argument would falsify the run.
            RefusedError: The container could not be started.
            KeyboardInterrupt: ``stop`` was asked while the image was pulled.
        """

        def attempt(output: Output, journal: Journal) -> tuple[Finished, str]:
            version = self.version(stop)
            with self._container(request, output) as container:
                supervisor = Supervisor(container.client, output, limits=self._limits, controls=container)
                finished = supervisor.follow(request, listener, stop)
            if finished.exit.code in NOT_STARTED and not output.load_began and not stop.asked():
                raise refusal(self._image, "\n".join(journal.tail))
            return replace(finished, exit=engine_exit(finished.exit)), version

        outcome = run_session(request, stop, attempt)
        # What was measured is the client: the container's own use is the daemon's to know.
        return replace(outcome, cpu_seconds=None, peak_bytes=None)

    @contextmanager
    def _container(self, request: EngineRequest, output: Output) -> Iterator[Container]:
        docker = client_path()
        name = f"tartware-lt-{secrets.token_hex(6)}"
        variables = engine_variables(request, output.api)
        arguments = run_arguments(
            request.entry,
            api=output.api,
            summary=f"{_SUMMARY}/{request.summary.name}",
            extra=request.arguments,
        )
        with Child(
            [docker, *self._run_flags(name, request, list(variables)), *arguments],
            cwd=request.bundle,
            environment={**clean(os.environ), **variables},
            on_line=output.line,
            # The client passes it on to the container, which SIGKILL would leave running.
            death_signal=signal.SIGTERM,
        ) as client:
            container = Container(docker, name, client)
            try:
                yield container
            finally:
                container.remove()

    def _run_flags(self, name: str, request: EngineRequest, variables: list[str]) -> list[str]:
        proxies = [proxy for proxy in PROXY_VARIABLES if proxy in os.environ]
        return [
            *("run", "--rm", "--name", name),
            *("--network", "host"),
            *("--user", f"{os.getuid()}:{os.getgid()}"),
            *("--pull", self._pull.value),
            # Our own log is free of secrets; the daemon's would not be.
            *("--log-driver", "none"),
            *("--workdir", _BUNDLE),
            *("--mount", mount(request.bundle, _BUNDLE, "readonly")),
            *("--mount", mount(request.summary.parent, _SUMMARY)),
            *(flag for variable in (*variables, *proxies) for flag in ("--env", variable)),
            self._image,
        ]
