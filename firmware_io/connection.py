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
from firmware_io.engine.engine import Engine
from firmware_io.errors import JobError, PortError, ProtocolError
from firmware_io.events import Event, JobHalted, Noticed, Position, StatusReported
from firmware_io.first_contact import FirstContact
from firmware_io.listeners import EventStream, Listeners
from firmware_io.lock import MachineLock
from firmware_io.memory import Memory
from firmware_io.network import is_network
from firmware_io.notify import Notifier
from firmware_io.options import SessionOptions
from firmware_io.ports import Port, find_again, find_port
from firmware_io.protocol.base import ProtocolCore
from firmware_io.protocol.grbl import GrblProtocol
from firmware_io.protocol.lines import LineProtocol
from firmware_io.protocol.marlin import MarlinProtocol
from firmware_io.snapshot import Snapshot, snapshot_of
from firmware_io.transport import SerialTransport
from firmware_io.visit_record import VisitRecord
from firmware_io.wirelog import WireLog

_STATUS_PATIENCE_S = 2.0
_FAILURES = 2  # of this program itself: after the first one it stops in good order
_FAILED_HINT = "please report this; look at the machine before you resume"
_FAMILY = ("grbl", "grblhal", "fluidnc")


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
        self._contact = FirstContact(options, self._changed)
        self._may_be_silent = False
        self._awake: Awake | None = None
        self._log = WireLog(options.wire_log) if options.wire_log is not None else None
        shared = "://" in port.address and not is_network(port.address)  # the simulator's machines are this process's
        self._machine_lock = None if shared else MachineLock(port.identity)
        self._visit = VisitRecord(None if options.memory is None else Memory(options.memory, port.identity))
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
                firmware, heard = self._contact.detect(self._transport)
            self._make_engine(firmware, heard, position_kept)
        except BaseException:
            self._transport.close()
            raise
        self._thread = threading.Thread(target=self._run_for_ever, name=f"drive {self.port.address}", daemon=True)
        self._thread.start()
        self._contact.establish(self._transport, self._engine, self.port.address, self._may_be_silent)
        if self._visit.knows_better(self._engine):
            self._wait_for(lambda: self._engine.status is not None or not self._engine.connected, _STATUS_PATIENCE_S)
            with self._lock:
                self._visit.begin(self._engine)

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

    @property
    def is_open(self) -> bool:
        """Whether the port is there."""
        return not self._lost()

    @property
    def baud(self) -> int:
        """The rate at which the controller is spoken to."""
        return self._contact.baud

    @property
    def last_seen(self) -> Position | None:
        """Where the tool was last seen, by this session or, with a memory, by the one before."""
        return self._visit.last_seen

    @property
    def stands_unseen(self) -> bool:
        """Whether it stands at its zero, and neither an earlier session nor this one has said that the tool is there.

        So does a controller that was just switched on, wherever the tool is.
        """
        return self._visit.stands_at_zero and not self._engine.position.was_set

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
                raise PortError(
                    f"the device at {self.port.address} did not come back within {timeout_s:g} s",
                    "look at its cable and its power, then open it again",
                )
            time.sleep(0.2)

    def close(self) -> None:
        """Close the port. A running job is stopped by feed hold first."""
        self._end_job("the session was closed")
        self._give_back()

    def _end_job(self, why: str) -> None:
        if self._thread is not None and self._engine.runner.state.busy and not self._engine.gone:
            with self._lock:
                self._engine.stop()
                self._wake.set()
            self._wait_for(lambda: not self._engine.runner.state.busy, 20.0)
        with self._lock:
            self._engine.runner.end("stopped", why)

    def _give_back(self) -> None:
        self._stop_thread()
        if hasattr(self, "_transport"):
            if hasattr(self, "_engine"):
                self._visit.end(self._engine)
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
            # A pump that runs while the reset is being written has drawn its consequences by itself, before it took the
            # answer for a restart; else they are drawn here, before others may write: of what is prepared, nothing goes
            if self._engine.reset_goes_out:
                self._engine.emergency(time.monotonic())
            self._transport.unblock()
        again_s = self._engine.pump(time.monotonic())
        self._mind_sleep()
        self._visit.follow(self._engine)
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
            raise ProtocolError(
                "the controller restarted while it was asked",
                "its position may be lost: home, or say where the tool is",
            )
        return status

    # --- small things ---
    def _lost(self) -> bool:
        return bool(self._engine.gone) or self._closing

    def _check_port(self) -> None:
        if self._engine.gone:
            raise PortError(self._engine.gone, self._engine.gone_hint)
        if self._closing:
            raise PortError("the session is closed", "open another: Session.open(port)")


def _described(error: BaseException) -> str:
    """An exception in one line, with the place where it came from."""
    places = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(places[-1].filename).name}, line {places[-1].lineno})" if places else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{where}"
