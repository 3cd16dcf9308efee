"""A connection to one controller: opened, watched by a thread of its own, remembered, closed."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from firmware_io.arguments import instance, seconds
from firmware_io.awake import Awake
from firmware_io.detect import NAME_QUERY, detect_firmware, speaks_another
from firmware_io.engine.engine import Engine
from firmware_io.errors import JobError, PortError, ProtocolError, SilentError
from firmware_io.events import Event, JobHalted, MachineState, Noticed, Position, StatusReported
from firmware_io.listeners import EventStream, Listeners
from firmware_io.lock import MachineLock
from firmware_io.memory import Memory, Remembered, doubt_of_greeting, is_at_zero
from firmware_io.network import is_network
from firmware_io.notify import Notifier
from firmware_io.options import SessionOptions
from firmware_io.ports import Port, find_again, find_port
from firmware_io.protocol.base import ProtocolCore
from firmware_io.protocol.grbl import GrblProtocol
from firmware_io.protocol.lines import LineProtocol
from firmware_io.protocol.marlin import MarlinProtocol
from firmware_io.runner import JobState
from firmware_io.snapshot import Snapshot, snapshot_of
from firmware_io.transport import SerialTransport
from firmware_io.wirelog import WireLog

_CONNECT_PATIENCE_S = 15.0
_NAME_PATIENCE_S = 0.4
_STATUS_PATIENCE_S = 2.0
_BAUD_FIRST_S, _BAUD_EACH_S, _BAUD_NOISE_S = 0.7, 0.12, 0.6
_NOISE_BYTES = 3
_BOOT_S = 1.7  # of an Uno
_FAILURES = 2  # of this program itself: after the first one it stops in good order
_FAILED_HINT = "please report this; look at the machine before you resume"
_FAMILY = ("grbl", "grblhal", "fluidnc")
BUSY_STATES = (JobState.RUNNING, JobState.PAUSING, JobState.STOPPING)
HELD_STATES = (MachineState.HELD, MachineState.DOOR, MachineState.TOOL, MachineState.WAITING)
_BY_ITSELF = (*HELD_STATES, MachineState.HOLDING, MachineState.RUN, MachineState.HOME, MachineState.SLEEP)


class Connection:
    """A connection to one controller; what is asked of it, :class:`firmware_io.Session` knows."""

    def __init__(self, port: Port, firmware: str, options: SessionOptions) -> None:
        self.port, self.options = port, options
        self._firmware = firmware
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._wake = threading.Event()
        self._listeners = Listeners()
        self._closing = self._emergency = False
        self._failures = 0
        self._may_be_silent = False
        self.baud = options.baud
        self._awake: Awake | None = None
        self._log = WireLog(options.wire_log) if options.wire_log is not None else None
        shared = "://" in port.address and not is_network(port.address)  # the simulator's machines are this process's
        self._machine_lock = None if shared else MachineLock(port.identity)
        self._memory = None if options.memory is None else Memory(options.memory, port.identity)
        self._remembered: Remembered | None = None
        self._last_seen: Position | None = None
        self._stands_unseen = False
        self._listeners.add(Notifier(options.notify_command, self._notice))
        self._thread: threading.Thread | None = None

    # --- opening and closing ---
    @classmethod
    def open(
        cls, port: str, *, firmware: str = "auto", options: SessionOptions | None = None, silent: bool = False
    ) -> Self:
        """Open a port, find out what answers, and lock the machine for this process.

        Parameters
        ----------
        port : str
            ``/dev/ttyUSB0``, ``COM3``, ``socket://HOST:23`` (telnet), ``ws://HOST:81``, ``sim://grbl``, or any other
            address that pyserial opens.
        firmware : str
            ``"grbl"``, ``"grblhal"``, ``"fluidnc"``, ``"marlin"``, ``"lines"`` for a home-made one that talks as the
            options' manners say, or ``"auto"`` to ask the controller.
        options : SessionOptions, optional
        silent : bool
            Open it although nothing answers (for a reset).

        Returns
        -------
        Session
            In touch with the controller. A machine that moves or holds (from before) is left alone; look at
            :meth:`snapshot`.

        Raises
        ------
        PortError, LockError, ProtocolError, SilentError
        """
        if not isinstance(port, str):
            raise PortError(
                f"a port should be a str, not {port!r:.60}", "as in '/dev/ttyUSB0'; list_ports() finds them"
            )
        if firmware not in ("auto", "marlin", "lines", *_FAMILY):
            raise PortError(
                f"the firmware '{firmware}' is not known", "known are grbl, grblhal, fluidnc, marlin, lines, auto"
            )
        if options is not None:
            instance(options, SessionOptions, "options", error=PortError)
        session = cls(find_port(port), firmware, options or SessionOptions())
        session._may_be_silent = silent
        try:
            session._connect(position_kept=True)
        except BaseException:
            session._give_back()
            raise
        return session

    def _connect(self, position_kept: bool) -> None:
        self._failures = 0
        self._transport = SerialTransport(self.port.address, self.options.baud, self._wake.set, self._log)
        try:
            heard, firmware = b"", self._firmware
            if firmware == "auto":
                firmware, heard = self._detect()
            self._make_engine(firmware, heard, position_kept)
        except BaseException:
            self._transport.close()
            raise
        self._thread = threading.Thread(target=self._run_for_ever, name=f"drive {self.port.address}", daemon=True)
        self._thread.start()
        self._wait_for_touch()

    def _detect(self) -> tuple[str, bytes]:
        """Which firmware answers, at whatever rate; and what was heard of it."""
        others = self.options.other_bauds
        for baud in (self.baud, *others) if others else ():
            self._transport.set_baud(baud)
            waits_s = (_BAUD_NOISE_S, _BAUD_NOISE_S) if baud != self.options.baud else (_BOOT_S, _BAUD_NOISE_S)
            try:
                found = detect_firmware(self._transport, waits_s[0], patience_s=waits_s[1])
            except ProtocolError:
                continue
            self.baud = baud
            return found
        self._transport.set_baud(self.options.baud)
        return detect_firmware(self._transport, self.options.boot_wait_s)

    def _make_engine(self, firmware: str, heard: bytes, position_kept: bool) -> None:
        core: ProtocolCore
        if firmware == "marlin":
            core = MarlinProtocol(acknowledgement_timeout_s=self.options.acknowledgement_timeout_s)
        elif firmware == "lines":
            core = LineProtocol(self.options.manners, boot_wait_s=self.options.boot_wait_s)
        else:
            grbl = GrblProtocol(acknowledgement_timeout_s=self.options.acknowledgement_timeout_s)
            grbl.firmware = firmware
            core = grbl
        self._engine = Engine(
            self._transport,
            core,
            self.port.address,
            self._listeners.put,
            poll_s=self.options.poll_s,
            path_tolerance_mm=self.options.path_tolerance_mm,
            verify_steps=self.options.verify_steps,
            greets=is_network(self.port.address),
        )
        self._engine.position.kept = self._engine.position.known = position_kept
        self._engine.hear(heard, time.monotonic())

    def _wait_for_touch(self) -> None:
        patience_s = self.options.boot_wait_s + _CONNECT_PATIENCE_S
        asked_s = time.monotonic() + self.options.silence_s - _NAME_PATIENCE_S
        if self.options.other_bauds:
            self._find_baud(_BAUD_FIRST_S, _BAUD_EACH_S)
        self._wait_for(lambda: self._in_touch() or self._hears_noise(), max(asked_s - time.monotonic(), 0.0))
        if self._hears_noise() and self.options.other_bauds:
            self._find_baud(0.0, _BAUD_NOISE_S)
        if not self._in_touch():
            if self._own_name not in ("marlin", "lines"):  # Marlin tells its name, grbl refuses the line; neither moves
                self._transport.write(NAME_QUERY)
            if not self._wait_for(self._in_touch, _NAME_PATIENCE_S) and not self._engine.greeting:
                self._say_silent()
            elif self._hears_noise():
                raise ProtocolError(
                    f"what comes from {self.port.address} at {self.baud} baud cannot be read",
                    "the controller speaks at another rate: write it as baud under [machine] in the profile",
                )
            elif not self._wait_for(self._in_touch, patience_s - self.options.silence_s):
                raise ProtocolError(
                    f"the controller at {self.port.address} does not answer within {patience_s:g} s",
                    f"does it speak {self._own_name}? check that, power, cable and baud rate",
                )
        if self._engine.gone:
            raise PortError(self._engine.gone, self._engine.gone_hint)
        if (other := self._misfit()) and not self._engine.connected:
            raise ProtocolError(
                f"the controller at {self.port.address} speaks the dialect of {other}, not that of {self._own_name}",
                f"choose a machine profile (or --firmware) for {other}",
            )
        self._recall()

    def _find_baud(self, first_s: float, each_s: float) -> None:
        """Where nothing comes that can be read, try other rates on the open port."""
        if self._wait_for(lambda: self._reads() or self._hears_noise(), first_s) and self._reads():
            return
        for baud in (*self.options.other_bauds, self.options.baud):
            with self._lock:
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

    def _say_silent(self) -> None:
        self._engine.position.doubt("the controller says nothing")
        if not self._may_be_silent:
            raise SilentError(
                f"the controller at {self.port.address} says nothing ({self.options.silence_s:g} s)",
                "after a limit alarm (ALARM:1 or 2) it hears nothing but a reset: python -m firmware_io reset; "
                "else check power, cable and baud rate",
            )

    # --- from one session to the next ---
    def _recall(self) -> None:
        """Compare the controller with what the last session left; from here on this one is under way."""
        engine = self._engine
        greeted = engine.greets and engine.core.restarted
        if self._memory is None and not greeted:
            return
        self._wait_for(lambda: engine.status is not None or not engine.connected, _STATUS_PATIENCE_S)
        past, status = self._memory.read() if self._memory is not None else None, engine.status
        self._last_seen = past.work_position if past is not None else None
        self._stands_unseen = past is None and status is not None and is_at_zero(_told(status))
        if engine.position.known and status is not None and not engine.core.vouches:
            told = _told(status)
            doubt = past.doubt(told, engine.core.shift) if past is not None else doubt_of_greeting(told) * greeted
            if doubt:
                with self._lock:
                    engine.position.doubt(doubt)
        self._remember(standing=False)

    def _remember(self, *, standing: bool, anew: bool = False) -> None:
        """Leave a record: where it stands, or that a session is under way."""
        engine = self._engine
        status = engine.status if standing and not engine.gone else None
        seen = engine.status.work_position if engine.status is not None else None
        now = Remembered(
            known=engine.position.known,
            machine_position=_told(status) if status is not None else None,
            shift=engine.core.shift,
            work_position=seen or (self._remembered.work_position if self._remembered is not None else None),
        )
        known_before = self._remembered.known if self._remembered is not None else None
        if self._memory is not None and (standing or anew or now.known is not known_before):
            self._memory.write(now)
        self._remembered = now

    @property
    def is_open(self) -> bool:
        """Whether the port is there."""
        return not self._lost()

    @property
    def last_seen(self) -> Position | None:
        """Where the tool was last seen, by this session or, with a memory, by the one before."""
        return self._last_seen

    @property
    def stands_unseen(self) -> bool:
        """Whether it stands at its zero, and neither an earlier session nor this one has said that the tool is there.

        So does a controller that was just switched on, wherever the tool is.
        """
        return self._stands_unseen and not self._engine.position.was_set

    @property
    def _own_name(self) -> str:
        return self._engine.core.firmware or "grbl"

    def _misfit(self) -> str | None:
        return speaks_another(self._own_name, self._engine.greeting)

    def reconnect(self, timeout_s: float = 60.0) -> None:
        """After a disconnection: wait until the same device is there again, under whatever name, and open it.

        Moves nothing and resumes nothing; raises PortError when it does not come back in time.
        """
        kept = self._engine.position.kept
        self._stop_thread()
        self._transport.close()
        deadline_s = time.monotonic() + timeout_s
        while True:
            port = find_again(self.port)
            if port is not None:
                self.port = port
                try:
                    self._closing = False
                    return self._connect(position_kept=kept)
                except PortError:
                    self._stop_thread()
            if time.monotonic() > deadline_s:
                raise PortError(f"the device at {self.port.address} did not come back within {timeout_s:g} s")
            time.sleep(0.2)

    def close(self) -> None:
        """Close the port. A running job is stopped by feed hold first."""
        self._end_job("the session was closed")
        self._give_back()

    def _end_job(self, why: str) -> None:
        if self._thread is not None and self._engine.runner.state in BUSY_STATES and not self._engine.gone:
            with self._lock:
                self._engine.stop()
                self._wake.set()
            self._wait_for(lambda: self._engine.runner.state not in BUSY_STATES, 20.0)
        with self._lock:
            self._engine.runner.end("stopped", why)

    def _give_back(self) -> None:
        self._stop_thread()
        if hasattr(self, "_transport"):
            if self._remembered is not None:
                self._remember(standing=True)
            self._transport.close()
        self._deliver()
        self._listeners.end_streams()
        if self._awake is not None:
            self._awake.release()
            self._awake = None
        if self._machine_lock is not None:
            self._machine_lock.release()
        if self._log is not None:
            self._log.close()

    def _stop_thread(self) -> None:
        self._closing = True
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- the thread ---
    def _run_for_ever(self) -> None:
        while not self._closing and self._failures < _FAILURES:
            with self._changed:
                try:
                    again_s = self._turn()
                except Exception as error:  # whatever it is, the machine must not go on with nobody at the wheel
                    again_s = self._failed(error)
                self._changed.notify_all()
            self._deliver()
            self._wake.wait(max(0.0, min(again_s - time.monotonic(), 0.05)))
            self._wake.clear()

    def _turn(self) -> float:
        if self._emergency:
            self._emergency = False
            if self._engine.reset_goes_out:
                self._engine.emergency(time.monotonic())
            self._transport.unblock()
        again_s = self._engine.pump(time.monotonic())
        self._mind_sleep()
        if self._remembered is not None and self._remembered.known is not self._engine.position.known:
            self._remember(standing=False)
        return again_s

    def _failed(self, error: Exception) -> float:
        """Stop in good order after an exception of our own or of a listener; after a second one, at any price."""
        self._failures += 1
        reason = f"firmware_io itself failed: {_described(error)}"
        if self._failures < _FAILURES:
            try:
                self._engine.fail(reason, _FAILED_HINT)
                return time.monotonic()
            except Exception as again:  # not even that
                self._failures = _FAILURES
                reason += f"; then {_described(again)}"
        try:
            self._engine.abandon(reason, _FAILED_HINT)
        except Exception as last:
            self._listeners.put(
                JobHalted(reason=f"{reason}; then {_described(last)}", hint=_FAILED_HINT, kind="failed")
            )
        return time.monotonic()

    def _mind_sleep(self) -> None:
        """Let the computer sleep when the job is over."""
        if self._awake is not None and not self._engine.runner.active:
            self._awake.release()
            self._awake = None

    def _deliver(self) -> None:
        self._listeners.deliver(self._failed_listener)

    def _failed_listener(self, error: Exception) -> None:
        with self._changed:
            self._failed(error)
            self._changed.notify_all()

    def _notice(self, text: str) -> None:
        self._listeners.put(Noticed(text=text))
        self._wake.set()

    def _wait_for(self, condition: Callable[[], bool], timeout_s: float | None) -> bool:
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)

    # --- looking ---
    def snapshot(self) -> Snapshot:
        """The whole state now."""
        with self._lock:
            return snapshot_of(self._engine)

    def events(self, timeout_s: float | None = None, *, until: tuple[type[Event], ...] = ()) -> EventStream:
        """Events from now on, as an iterator: made before :meth:`Session.start`, none of the job's is missed.

        It ends at close, after an event of a kind in `until`, or when nothing came for `timeout_s`.
        """
        kinds = until if isinstance(until, tuple) else (until,)
        if not all(isinstance(kind, type) and issubclass(kind, Event) for kind in kinds):
            raise JobError(
                f"until should be kinds of events, not {until!r:.60}", "as in until=(JobFinished, JobHalted)"
            )
        return self._listeners.stream(seconds(timeout_s, "timeout_s"), kinds)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event, in the session's thread; calling the result ends it.

        A listener may ask for things (`pause`, `hold` ...) but must not wait: the thread that it would wait for is
        its own. Use :meth:`events` for that.
        """
        if not callable(listener):
            raise JobError(f"listener should be a function of one event, not {listener!r:.60}")
        return self._listeners.add(listener)

    def status(self, timeout_s: float = 3.0) -> StatusReported:
        """Ask where the machine is and what it does; raises ProtocolError when it does not answer."""
        with self._changed:
            self._check_port()
            before = self._engine.status
            self._engine.poll.soon()
            self._wake.set()
            if not self._changed.wait_for(lambda: self._engine.status is not before or self._lost(), timeout_s):
                raise ProtocolError(
                    f"the controller does not answer within {timeout_s:g} s", "is it homing, or locked?"
                )
            self._check_port()
            status = self._engine.status
        if status is None:
            raise ProtocolError("the controller restarted while it was asked")
        return status

    # --- small things ---
    def _lost(self) -> bool:
        return bool(self._engine.gone) or self._closing

    def _check_port(self) -> None:
        if self._engine.gone:
            raise PortError(self._engine.gone, self._engine.gone_hint)
        if self._closing:
            raise PortError("the session is closed", "open another: Session.open(port)")


def _told(status: StatusReported) -> Position | None:
    """The position that a restart sets to zero; Marlin tells no other than the work position."""
    return status.machine_position or status.work_position


def _described(error: BaseException) -> str:
    """An exception in one line, with the place where it came from."""
    places = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(places[-1].filename).name}, line {places[-1].lineno})" if places else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{where}"
