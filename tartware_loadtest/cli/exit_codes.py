"""The one place that ends the process."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from tartware_loadtest.errors import ExitCode, TartwareError
from tartware_loadtest.printable import printable

__all__ = ["end", "guarded"]


def end(code: ExitCode) -> NoReturn:
    """End the process with a code of the table."""
    raise SystemExit(int(code))


def guarded(main: Callable[[], object]) -> NoReturn:
    """Run the program; turn what it raises into a message and an exit code.

    A user's mistake never shows a traceback; a defect of ours always does, and never ends with the code of
    a verdict.
    """
    try:
        main()
    except TartwareError as error:
        _say(f"error: {error.message}")
        if error.hint:
            _say(f"hint: {error.hint}")
        end(error.exit_code)
    except KeyboardInterrupt:
        _say("interrupted")
        end(ExitCode.INTERRUPTED)
    except OSError as error:
        _say(f"error: {error.strerror or error}: {error.filename or 'the system said no'}")
        _say("hint: make room on the disk, or choose a place that you may write to.")
        end(ExitCode.ENGINE)
    except Exception:  # noqa: BLE001 - a defect: Python would end with 1, which means FAIL
        _end_with_traceback()
    end(ExitCode.PASS)


def _end_with_traceback() -> NoReturn:
    _say(traceback.format_exc())
    end(ExitCode.ENGINE)


def _say(text: str) -> None:
    # Where even stderr is full or closed the exit code says it.
    with suppress(OSError, ValueError):
        print(printable(text), file=sys.stderr)  # noqa: T201 - the last word of the program
