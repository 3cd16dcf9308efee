"""Hold, release, and the orderly stop: what is braked first, and when the job is over."""

from __future__ import annotations

import math
from enum import Enum

from firmware_io.engine.polling import STANDING, StatusPoll
from firmware_io.events import HELD_STATES, MachineState
from firmware_io.offsets import OffsetKeeper
from firmware_io.protocol.base import Link, ProtocolCore
from firmware_io.runner import JobState, Runner

_HOLD_PATIENCE_S = 15.0
_HOLD_SEEN_S = 1.0  # by then a status tells of a hold
_RELEASE_AGAIN_S = 0.5


class Braking(Enum):
    """Stages of an orderly stop."""

    NO = "no"
    HOLDING = "holding"  # a feed hold was sent
    RESETTING = "resetting"  # the queue is thrown away
    DRAINING = "draining"  # Marlin: the planner runs empty


class Brakes:
    """What stops the machine, for a while or for good.

    Parameters
    ----------
    core : ProtocolCore
    runner : Runner
        Ends its job once the machine stands.
    poll : StatusPoll
    offsets : OffsetKeeper
    """

    def __init__(self, core: ProtocolCore, runner: Runner, poll: StatusPoll, offsets: OffsetKeeper) -> None:
        self._core, self._runner, self._poll, self._offsets = core, runner, poll, offsets
        self.stage = Braking.NO
        self.held_by_us = self.hold_asked = False
        self._release_wanted = self._hold_fresh = False
        self._hold_s = self._sent_s = self._last_release_s = -math.inf
        self._why = ("stopped", "", "")

    @property
    def free(self) -> bool:
        """Whether no stop is under way."""
        return self.stage is Braking.NO

    def hold(self) -> None:
        """Feed hold now; on Marlin, no more lines."""
        self._release_wanted, self._hold_fresh, self.hold_asked = False, True, True
        self.held_by_us = not self._core.can_hold
        self._core.hold()

    def release(self) -> None:
        """End a hold, once the machine stands."""
        self._release_wanted = True
        self.held_by_us = self.hold_asked = False

    def stop(self, kind: str, reason: str, hint: str) -> None:
        """Brake, throw the controller's queue away, end the job."""
        if not self.free or not self._runner.active:
            return
        core, runner = self._core, self._runner
        if runner.unit is None and core.machine_state is MachineState.IDLE and not core.in_flight:
            runner.end(kind, reason, hint)
            return
        self._why = (kind, reason, hint)
        runner.state = JobState.STOPPING
        self.stage = Braking.HOLDING if core.can_hold else Braking.DRAINING
        self._sent_s = -math.inf
        self._release_wanted = False

    def let_go(self) -> None:
        """The stop is over, however it came about."""
        self.stage = Braking.NO

    def pump(self, now_s: float) -> None:
        """Do what the stop needs next, and release what is to be released."""
        if self.stage is Braking.HOLDING:
            self._by_hold(now_s)
        elif self.stage is Braking.RESETTING:
            self._by_reset(now_s)
        elif self.stage is Braking.DRAINING:
            self._by_draining(now_s)
        self._pump_release(now_s)

    def _pump_release(self, now_s: float) -> None:
        if self._hold_fresh:
            self._hold_fresh, self._hold_s = False, now_s
        if not self._release_wanted:
            return
        state = self._core.machine_state
        if state in HELD_STATES:
            if now_s - self._last_release_s > _RELEASE_AGAIN_S:
                self._last_release_s = now_s
                self._core.release()
                self._poll.by(now_s + 0.2)
        elif state is not MachineState.HOLDING and now_s - self._hold_s > _HOLD_SEEN_S:
            self._release_wanted = False

    def _by_hold(self, now_s: float) -> None:
        if self._sent_s == -math.inf:
            self._sent_s = now_s
            self._core.hold()
            self._poll.at(now_s)
            return
        standing = self._core.machine_state in STANDING and self._poll.status_s > self._sent_s
        if standing or now_s - self._sent_s > _HOLD_PATIENCE_S:
            self.stage = Braking.RESETTING
            self._sent_s = now_s
            if standing:
                self._offsets.keep()
            self._poll.status = None
            self._core.reset(now_s)

    def _by_reset(self, now_s: float) -> None:
        fresh = self._poll.status is not None and self._poll.status_s > self._sent_s
        link = self._core.link
        again = link is Link.LOCKED or (link is Link.READY and not self._offsets.pending)
        if (again and fresh) or now_s - self._sent_s > _HOLD_PATIENCE_S:
            self._end()

    def _by_draining(self, now_s: float) -> None:
        if self._sent_s == -math.inf:
            self._sent_s = now_s
            self._core.brake()
            return
        if not self._core.bytes_in_flight or now_s - self._sent_s > _HOLD_PATIENCE_S:
            if self._poll.status_s < self._sent_s and now_s - self._sent_s < 2 * _HOLD_PATIENCE_S:
                self._core.forgive()
                self._core.ask_status(now_s)
                return
            self._end()

    def _end(self) -> None:
        self.let_go()
        self._runner.end(*self._why)
