"""The first answer of a controller on an open port: at which rate, in which dialect, or none at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from firmware_io.detect import NAME_QUERY, detect_firmware, speaks_another
from firmware_io.engine.engine import Engine
from firmware_io.errors import PortError, ProtocolError, SilentError
from firmware_io.events import IN_HOLD, MachineState
from firmware_io.options import SessionOptions
from firmware_io.transport import SerialTransport

_CONNECT_PATIENCE_S = 15.0
_NAME_PATIENCE_S = 0.4
_BAUD_FIRST_S, _BAUD_EACH_S, _BAUD_NOISE_S = 0.7, 0.12, 0.6
_NOISE_BYTES = 3
_BOOT_S = 1.7  # of an Uno
_BY_ITSELF = (*IN_HOLD, MachineState.RUN, MachineState.HOME, MachineState.SLEEP)


class FirstContact:
    """How a session comes in touch with a controller, once for each opening of its port.

    Parameters
    ----------
    options : SessionOptions
    changed : threading.Condition
        Told after every turn of the session's thread.

    Attributes
    ----------
    baud : int
        The rate at which the controller is spoken to.
    """

    _transport: SerialTransport
    _engine: Engine
    _address: str

    def __init__(self, options: SessionOptions, changed: threading.Condition) -> None:
        self._options, self._changed = options, changed
        self.baud = options.baud

    def detect(self, transport: SerialTransport) -> tuple[str, bytes]:
        """Which firmware answers, at whatever rate, and what was heard of it; raises ProtocolError if none does."""
        others = self._options.other_bauds
        for baud in (self.baud, *others) if others else ():
            transport.set_baud(baud)
            waits_s = (_BAUD_NOISE_S, _BAUD_NOISE_S) if baud != self._options.baud else (_BOOT_S, _BAUD_NOISE_S)
            try:
                found = detect_firmware(transport, waits_s[0], patience_s=waits_s[1])
            except ProtocolError:
                continue
            self.baud = baud
            return found
        transport.set_baud(self._options.baud)
        return detect_firmware(transport, self._options.boot_wait_s)

    def establish(self, transport: SerialTransport, engine: Engine, address: str, may_be_silent: bool) -> None:
        """Wait for an answer that can be read, while the session's thread listens.

        Raises
        ------
        PortError, ProtocolError, SilentError
        """
        self._transport, self._engine, self._address = transport, engine, address
        patience_s = self._options.boot_wait_s + _CONNECT_PATIENCE_S
        asked_s = time.monotonic() + self._options.silence_s - _NAME_PATIENCE_S
        if self._options.other_bauds:
            self._find_baud(_BAUD_FIRST_S, _BAUD_EACH_S)
        self._wait_for(lambda: self._in_touch() or self._hears_noise(), max(asked_s - time.monotonic(), 0.0))
        if self._hears_noise() and self._options.other_bauds:
            self._find_baud(0.0, _BAUD_NOISE_S)
        if not self._in_touch():
            if self._own_name not in ("marlin", "lines"):  # Marlin tells its name, grbl refuses the line; neither moves
                self._transport.write(NAME_QUERY)
            if not self._wait_for(self._in_touch, _NAME_PATIENCE_S) and not self._engine.greeting:
                self._say_silent(may_be_silent)
            elif self._hears_noise():
                raise ProtocolError(
                    f"what comes from {self._address} at {self.baud} baud cannot be read",
                    "the controller speaks at another rate: write it as baud under [machine] in the profile",
                )
            elif not self._wait_for(self._in_touch, patience_s - self._options.silence_s):
                raise ProtocolError(
                    f"the controller at {self._address} does not answer within {patience_s:g} s",
                    f"does it speak {self._own_name}? check that, power, cable and baud rate",
                )
        if self._engine.gone:
            raise PortError(self._engine.gone, self._engine.gone_hint)
        if (other := self._misfit()) and not self._engine.connected:
            raise ProtocolError(
                f"the controller at {self._address} speaks the dialect of {other}, not that of {self._own_name}",
                f"choose a machine profile (or --firmware) for {other}",
            )

    def _find_baud(self, first_s: float, each_s: float) -> None:
        """Where nothing comes that can be read, try other rates on the open port."""
        if self._wait_for(lambda: self._reads() or self._hears_noise(), first_s) and self._reads():
            return
        for baud in (*self._options.other_bauds, self._options.baud):
            with self._changed:
                self._engine.greeting = b""
            self._transport.set_baud(baud)
            self.baud = baud
            self._transport.write(NAME_QUERY if self._own_name == "marlin" else b"?")
            if self._wait_for(self._reads, each_s):
                return

    def _reads(self) -> bool:
        """Whether something came that can be read."""
        return self._in_touch() or (len(self._engine.greeting) >= _NOISE_BYTES and not self._hears_noise())

    def _hears_noise(self) -> bool:
        """Whether bytes come of which hardly one is a letter of a controller's."""
        heard = self._engine.greeting
        strange = sum(byte >= 0x7F or (byte < 0x20 and byte not in b"\r\n\t") for byte in heard)
        return len(heard) >= _NOISE_BYTES and 3 * strange > len(heard)

    def _in_touch(self) -> bool:
        """Whether it answers, or stands or moves by itself: a held one answers no lines."""
        state = self._engine.status.state if self._engine.status is not None else MachineState.UNKNOWN
        return self._engine.connected or state in _BY_ITSELF or bool(self._engine.gone) or self._misfit() is not None

    def _say_silent(self, may_be_silent: bool) -> None:
        self._engine.position.doubt("the controller says nothing")
        if not may_be_silent:
            raise SilentError(
                f"the controller at {self._address} says nothing ({self._options.silence_s:g} s)",
                "after a limit alarm (ALARM:1 or 2) it hears nothing but a reset: python -m firmware_io reset; "
                "else check power, cable and baud rate",
            )

    @property
    def _own_name(self) -> str:
        return self._engine.core.firmware or "grbl"

    def _misfit(self) -> str | None:
        return speaks_another(self._own_name, self._engine.greeting)

    def _wait_for(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)
