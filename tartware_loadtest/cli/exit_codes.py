"""The one place that ends the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from tartware_loadtest.errors import ExitCode, TartwareError
from tartware_loadtest.printable import printable

__all__ = ["end", "guarded"]


def end(code: ExitCode) -> NoReturn:
    """End the process with a code of the table."""
    raise SystemExit(int(code))


def guarded(main: Callable[[], object]) -> NoReturn:
    """Run the program; turn what it raises into a message and an exit code.

    A user's mistake never shows a traceback; a defect of ours always does.
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
    except BrokenPipeError:
        # The reader of our output went away; what would be flushed at exit has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        end(ExitCode.PASS)
    except OSError as error:
        _say(f"error: {error.strerror or error}: {error.filename or 'the system said no'}")
        _say("hint: make room on the disk, or choose a place that you may write to.")
        end(ExitCode.ENGINE)
    end(ExitCode.PASS)


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr)  # noqa: T201 - the last word of the program
