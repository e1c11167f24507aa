"""Becomes another program that the kernel ends when its parent ends.

Run as a script: ``python -I -S _guard.py PARENT SIGNAL PROGRAM [ARGUMENT…]``. The process id stays the same.
It is a program of its own because the alternative, a ``preexec_fn``, runs Python between fork and exec in a
process that has threads.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _become(parent: int, death_signal: int, argv: list[str]) -> None:
    # A shell's background job ignores SIGINT, and an ignored signal stays ignored in the next program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415  # takes longer to import than everything else here

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # it ended before the line above: no signal would come any more
            sys.exit(1)
    try:
        os.execv(argv[0], argv)  # noqa: S606  # no shell is what is wanted
    except OSError as error:
        sys.stderr.write(f"cannot start {argv[0]}: {error.strerror}\n")
        sys.exit(127)


if __name__ == "__main__":
    _become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
