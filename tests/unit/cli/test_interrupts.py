"""Ctrl-C at any moment ends a command once, and says nothing of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import FunctionType

import pytest

from stringart.interrupts import end_on_interrupt

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.fixture(autouse=True)
def _handler_of_before() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


class PressesWhenItGoes:
    def __del__(self) -> None:
        press()


def press_in_a_destructor() -> None:
    PressesWhenItGoes()


def press_twice() -> None:
    try:
        press()
    finally:
        press()


def press_in_the_compiler() -> None:
    FunctionType(press.__code__, {"__name__": "numba.core.compiler", "os": os, "signal": signal})()


@pytest.mark.parametrize("how", [press, press_twice, press_in_a_destructor, press_in_the_compiler])
def test_a_command_ends_at_ctrl_c(how: Callable[[], None]) -> None:
    end_on_interrupt()

    def command() -> None:
        how()
        time.sleep(10)  # where it may not end at once, it ends as soon as it may

    with pytest.raises(KeyboardInterrupt):
        command()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_command_in_the_background_of_a_shell_goes_on() -> None:
    code = (
        "from stringart.interrupts import end_on_interrupt; end_on_interrupt(); "
        "import os; os.kill(os.getpid(), 2); print('here')"
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    signal.signal(signal.SIGINT, before)
    assert done.stdout == b"here\n"
