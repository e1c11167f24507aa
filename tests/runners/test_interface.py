from __future__ import annotations

import signal
import threading
import time
from types import FrameType

from tartware_loadtest.runners.interface import StopRequest


def test_only_the_first_reason_counts() -> None:
    stop = StopRequest()
    assert not stop.asked()
    assert not stop.wait(0.0)
    stop.ask("Ctrl-C", signal_number=2)
    stop.ask("later")
    assert stop.asked()
    assert stop.wait(60.0)
    assert (stop.reason, stop.signal_number) == ("Ctrl-C", 2)


def test_waiting_thread_is_woken() -> None:
    stop = StopRequest()
    threading.Timer(0.1, stop.ask, ("enough",)).start()
    assert stop.wait(60.0)


def test_signal_handler_may_ask_while_its_own_thread_waits() -> None:
    stop = StopRequest()

    def handler(_number: int, _frame: FrameType | None) -> None:
        stop.ask("signal")

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        started = time.monotonic()
        while not stop.asked():  # as many chances as possible to be interrupted in the middle of wait()
            stop.wait(0.0)
            assert time.monotonic() - started < 30
    finally:
        signal.signal(signal.SIGALRM, before)
