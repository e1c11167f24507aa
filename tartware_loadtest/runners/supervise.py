"""Follows one engine process to its end, the same way for every runner on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from tartware_loadtest.runners.interface import Ending, EngineRequest, Listener, Progress, StopRequest
from tartware_loadtest.runners.journal import Journal
from tartware_loadtest.runners.process import Child, Exit
from tartware_loadtest.runners.progress import ProgressReader, Stage
from tartware_loadtest.runners.schedule import ScheduleSampler
from tartware_loadtest.runners.watch import Limits, Watch

__all__ = ["Controls", "Finished", "Output", "Supervisor"]

_ABORTED_BY_SIGNAL = 105


class Controls(Protocol):
    """How an engine is ended; a child ends itself, a container through its daemon."""

    def interrupt(self) -> None:
        """Send the one SIGINT that makes k6 end well."""
        ...

    def kill(self) -> None:
        """End it for certain."""
        ...


class Output:
    """Takes the lines of an engine from the reader threads.

    Attributes:
        api: ``host:port`` of k6's REST API.
        lines: How many lines it has printed on standard output.
    """

    def __init__(self, journal: Journal, api: str) -> None:
        self.api = api
        self.lines = 0
        self._journal = journal
        self._reader = ProgressReader(api)

    def line(self, raw: bytes, stream: str) -> None:
        """Keep one line, and read progress from it."""
        line = self._journal.write(raw, stream=stream)
        if stream == "out":
            self.lines += 1
            if line.strip():
                self._reader.feed(line.decode(errors="replace"))

    @property
    def last(self) -> Progress | None:
        """The newest progress."""
        return self._reader.last

    @property
    def load_began(self) -> bool:
        """Whether requests may have been sent."""
        return self._reader.stage in (Stage.RUNNING, Stage.TEARDOWN)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a supervisor leaves.

    Attributes:
        ended_by_us: Why we ended it; None if it ended otherwise.
        exit: How it ended.
        complaint: Why it counts as hung.
        wait_seconds: Time its threads waited for a CPU.
    """

    ended_by_us: Ending | None
    exit: Exit
    complaint: str = ""
    wait_seconds: float | None = None

    @property
    def ending(self) -> Ending:
        """How the engine came to its end."""
        if self.ended_by_us is not None:
            return self.ended_by_us
        foreign = self.exit.signal_number is not None or self.exit.code == _ABORTED_BY_SIGNAL
        return Ending.KILLED if foreign else Ending.FINISHED


class Supervisor:
    """Looks after one child from the thread that started it.

    Args:
        child: The engine, or the client that stands for it.
        output: Where its lines arrive.
        limits: How long to wait for what.
        controls: How to end it.
        sampler: Reads its use of the CPU; None where that cannot be read.
    """

    def __init__(
        self,
        child: Child,
        output: Output,
        *,
        limits: Limits,
        controls: Controls,
        sampler: ScheduleSampler | None = None,
    ) -> None:
        self._child = child
        self._output = output
        self._limits = limits
        self._controls = controls
        self._sampler = sampler
        self._ending: Ending | None = None
        self._complaint = ""
        self._kill_at = float("inf")
        self._told: Progress | None = None

    def follow(self, request: EngineRequest, listener: Listener, stop: StopRequest) -> Finished:
        """Follow it to its end; returns when the process is gone and its output is read."""
        now = time.monotonic()
        watch = Watch(
            started=now,
            planned=request.planned_seconds,
            grace=request.grace_seconds,
            silence=self._limits.silence,
        )
        sample_at = now
        while self._child.poll() is None:
            if now >= sample_at:
                sample_at = now + self._limits.sample
                self._sample(watch, now)
            self._tell(listener)
            self._decide(watch, now, stop, request.grace_seconds)
            time.sleep(self._limits.tick)
            now = time.monotonic()
        self._child.close()
        self._tell(listener)
        return self._finished()

    def _sample(self, watch: Watch, now: float) -> None:
        if self._sampler is not None:
            self._sampler.sample()
        watch.observe(now, lines=self._output.lines, load_began=self._output.load_began, cpu=self._cpu())

    def _cpu(self) -> float | None:
        return self._sampler.run_seconds if self._sampler is not None else None

    def _tell(self, listener: Listener) -> None:
        progress = self._output.last
        if progress is not None and progress != self._told:
            self._told = progress
            listener(progress)

    def _decide(self, watch: Watch, now: float, stop: StopRequest, grace: float) -> None:
        if self._ending is None:
            if stop.asked():
                self._end(Ending.STOPPED, now + grace)
            elif complaint := watch.complaint(now, self._cpu()):
                self._complaint = complaint
                self._end(Ending.HUNG, now + self._limits.hung_grace)
        elif now >= self._kill_at:
            self._kill_at = float("inf")
            self._controls.kill()

    def _end(self, ending: Ending, kill_at: float) -> None:
        self._ending, self._kill_at = ending, kill_at
        self._controls.interrupt()

    def _finished(self) -> Finished:
        return Finished(
            ended_by_us=self._ending,
            exit=self._child.wait(),
            complaint=self._complaint,
            wait_seconds=self._sampler.wait_seconds if self._sampler is not None else None,
        )
