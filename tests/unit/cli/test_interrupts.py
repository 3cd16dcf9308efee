"""Ctrl-C at any moment of a job ends it once, and says nothing of its own."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from stringart.cli._progress import interruptible

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.fixture(autouse=True)
def _handler_of_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
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


@pytest.mark.parametrize("how", [press, press_twice, press_in_a_destructor])
def test_a_job_ends_at_ctrl_c(how: Callable[[], None]) -> None:
    seen = []

    def job() -> Iterator[int]:
        for k in range(4):
            if k == 2:
                how()
            yield k

    with pytest.raises(KeyboardInterrupt):
        seen.extend(k for k in interruptible(job()))
    assert seen == [0, 1]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_job_that_ends_by_itself_gives_ctrl_c_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    assert list(interruptible(iter("abc"))) == ["a", "b", "c"]
    assert signal.getsignal(signal.SIGINT) is before
