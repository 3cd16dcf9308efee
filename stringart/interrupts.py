"""Ctrl-C ends what runs once, wherever it is, and never where an exception would be swallowed.

In the callbacks of numba's compiler a KeyboardInterrupt is lost, or ends in a SystemError: there it waits.
"""

import _thread
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN_S = 0.01


def end_on_interrupt() -> None:
    """Let Ctrl-C end the program from now on, unless it was begun with Ctrl-C ignored, as a shell does with ``&``."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


@contextmanager
def whole_interrupts() -> Iterator[None]:
    """Let every Ctrl-C of the block be a KeyboardInterrupt; handlers of one's own, and other threads, are left alone.

    A generator enters it anew at each step: what its caller does in between is the caller's.
    """
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if not _swallows_exceptions(frame):
        raise KeyboardInterrupt
    _thread.start_new_thread(_press_again, ())  # not `threading`: we may stand in the middle of its own locks


def _end(number: int, frame: FrameType | None) -> None:
    if _swallows_exceptions(frame):
        _thread.start_new_thread(_press_again, ())  # not `threading`: we may stand in the middle of its own locks
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one while we end would hide the exit status
    raise KeyboardInterrupt


def _press_again() -> None:
    time.sleep(_AGAIN_S)
    if hasattr(signal, "pthread_kill"):  # wakes the main thread where it waits
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _swallows_exceptions(frame: FrameType | None) -> bool:
    """Whether we are in the compiler's callbacks or a destructor: there an exception is lost, or ends in a crash."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(("numba.", "llvmlite.")) or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False
