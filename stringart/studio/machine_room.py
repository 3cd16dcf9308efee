"""The machine console's side of the server: what the page may ask, and all that it has to be shown after a reload."""

import asyncio
import dataclasses
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from stringart.errors import MachineError, StringartError
from stringart.machine.kinematics import to_plane
from stringart.machine.own_profile import ProfileAnswers, answers_of, keep_answers, save_place
from stringart.machine.placement import fit_place, to_board
from stringart.machine.profile import Profile
from stringart.machine.profile_files import load_profile, profile_names
from stringart.plan.model import Plan
from stringart.studio.console import JOB_UNDER_WAY, MachineProcess
from stringart.studio.hub import Hub
from stringart.studio.project import CURRENT, Project
from stringart.studio.worker import Worker

_LOG_LINES, _RAW_LINES = 120, 200
_REST_MM = 1.5  # a homed machine stands off its switches by so much
_MOST_JOG_MM, _MOST_FEED_MM_MIN = 500.0, 20_000.0
_PLAIN = ("disconnect", "reconnect", "home", "unlock", "cancel_jog", "pause", "hold", "resume", "step", "stop")


class MachineRoom:
    """One machine for all pages."""

    def __init__(self, hub: Hub, project: Project, helper: Worker) -> None:
        self._hub, self._project, self._helper = hub, project, helper
        self.console = MachineProcess(self._heard)
        self._log: deque[dict[str, object]] = deque(maxlen=_LOG_LINES)
        self._profile: Profile | None = None
        self._plan: Plan | None = None
        self._kept = ""
        self._touched: dict[int, tuple[float, float]] = {}
        self._raw: deque[str] = deque(maxlen=_RAW_LINES)
        hub.update(machine_raw=[], machine_answers=None)
        hub.update(machine={"connected": False}, machine_job=None, machine_log=[], machine_busy="", machine_fit=None,
                   machine_stops=0, machine_profiles=profile_names(), machine_ports=[])  # fmt: skip

    # --- what the process tells ---

    def _heard(self, kind: str, payload: Any) -> None:
        if kind == "snapshot":
            self._hub.update(machine=payload | {"board_mm": self._on_board(payload.get("work_position"))})
        elif kind == "stopped":
            port = (
                f"handed to the port in {payload['ms']:.1f} ms" if payload["connected"] else "no machine is connected"
            )
            self._note("EmergencyStop", f"emergency stop, {port}", payload["at_s"])
        elif kind == "raw":
            self._raw.extend(payload)
            self._hub.update(machine_raw=list(self._raw))
        elif kind == "event":
            text = payload.get("text") or payload.get("reason") or payload.get("meaning") or _words(payload["kind"])
            if payload.get("prompt"):
                text = f"{text}: {payload['prompt']}"
            self._note(payload["kind"], str(text))

    def _note(self, kind: str, text: str, at_s: float | None = None) -> None:
        self._log.append({"kind": kind, "text": text, "at_s": at_s or time.time()})
        self._hub.update(machine_log=list(self._log))

    def _on_board(self, axes: list[float] | None) -> list[float] | None:
        """Where the tool is in the board's frame, and its height over the board."""
        if axes is None or len(axes) < 2 or self._profile is None:
            return None
        try:
            axes = list(self._profile.axes.of(axes))
        except MachineError:  # it is another machine
            return None
        x, y = to_board(self._profile.board, [to_plane(self._profile, axes)])[0]
        height = axes[2] - self._profile.board.surface_z_mm if len(axes) > 2 else 0.0
        return [float(x), float(y), height]

    # --- what the page asks ---

    def emergency_stop(self) -> None:
        """Stop the machine now; what any page asked for before it hears of this is refused."""
        self.console.emergency_stop()
        self._hub.update(machine_stops=self.console.stops)

    async def ask(self, what: str, arguments: object = None) -> None:
        """Carry out a request of the page; a long one is shown as what the machine is busy with."""
        arguments = arguments if isinstance(arguments, dict) else {}
        asked = _ASKED.get(what)
        if asked is None and what not in _PLAIN:
            raise MachineError(f"the console does not know '{str(what)[:20]}'")
        if what in ("home", "check", "prepare", "connect", "start", "tour"):
            self._hub.update(machine_busy=what)
        try:
            if asked is not None:
                await asked(self, **arguments)
            else:
                await self.console.ask(what)
        except TypeError as error:
            raise MachineError(f"the request '{what}' is not complete: {error}") from error
        finally:
            if self._hub.state["machine_busy"] == what:
                self._hub.update(machine_busy="")

    async def ports(self) -> None:
        """Look which ports are there."""
        self._hub.update(machine_ports=await self.console.ask("ports"))

    async def connect(self, port: str) -> None:
        """Open a port, or the simulator."""
        if not isinstance(port, str) or not port or len(port) > 200:
            raise MachineError("which port?", "choose one, or the simulator")
        await self.console.ask("connect", port=port)

    async def _choose(self, profile: str, id: str) -> None:
        """Take a plan and a profile, of which the board's place can be found and a job made."""
        if profile not in profile_names():
            raise MachineError("this profile is not known", "choose one of the list")
        path = self._project.plan_path(id)
        if not path.is_file():
            raise StringartError("there is no plan to wind yet", "design one first")
        data = await asyncio.to_thread(path.read_bytes)
        plan = await asyncio.to_thread(Plan.from_bytes, data)
        kept = self._project.plan_path(f"wound-{plan.sha256[:16]}")
        rules = load_profile(profile)
        if kept.stem != self._kept or self._profile is None or rules.sha256 != self._profile.sha256:
            await asyncio.to_thread(plan.save, kept)
            self._plan, self._profile, self._kept, self._touched = plan, rules, kept.stem, {}
            self._hub.update(machine_fit=None)

    async def prepare(self, profile: str, id: str = CURRENT) -> None:
        """Make and prove a plan's job for a machine; until it is there, none can be started."""
        self._refuse_under_way()
        await self._choose(profile, id)
        self._hub.update(machine_job=None)  # one that was prepared before is not what was asked for
        kept = self._project.plan_path(self._kept)
        job = await self._helper.result("machine_job", plan_path=str(kept), profile=profile)
        text, after_s = job.pop("text"), job.pop("after_s")
        told = await self.console.ask("load", name=job["name"], text=text, profile=profile, after_s=after_s)
        self._hub.update(machine_job=job | told | {"plan": kept.stem})

    async def answers(self, profile: str) -> None:
        """Tell the page what a profile says to the wizard's questions."""
        self._hub.update(machine_answers=answers_of(load_profile(str(profile))))

    async def keep_profile(self, **answers: Any) -> None:
        """Make a profile of the user's own, or change it."""
        try:
            x_mm, y_mm, z_mm = ((float(answers[key][0]), float(answers[key][1])) for key in ("x_mm", "y_mm", "z_mm"))
            asked = ProfileAnswers(
                name=str(answers.get("name")), base=str(answers.get("base", "grbl")), x_mm=x_mm, y_mm=y_mm, z_mm=z_mm,
                tool_mm=float(answers["tool_mm"]), pin_mm=float(answers["pin_mm"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, IndexError):
            raise MachineError("an answer is no number", "every question needs one, in millimetres") from None
        path = await asyncio.to_thread(keep_answers, asked)
        self._hub.update(machine_profiles=profile_names(), machine_answers=None)
        self._drop_outdated_job()
        self._note("Kept", f"the profile '{asked.name}' is kept in {path}")

    async def tour(self, pins: Any) -> None:
        """Go over pins at the safe height, no wrap."""
        if not isinstance(pins, list) or not pins or not all(type(pin) is int for pin in pins) or len(pins) > 60:
            raise MachineError("a tour goes over 1 to 60 pins, each a number")
        _, profile = self._job_of_now()
        check_whereabouts(self._hub.state["machine"], profile)
        await self.console.ask("tour", pins=pins)
        self._note("Toured", f"the tool went over pins {', '.join(map(str, pins))}")

    async def command(self, line: str) -> None:
        """Send one line to the controller, as it is; its answer goes into the log."""
        if not isinstance(line, str) or not line.strip() or len(line) > 200:
            raise MachineError("which line?", "write one command of the controller, as in $$")
        said = await self.console.ask("command", line=line)
        self._note("Said", f"{line.strip()}: {' | '.join(said) or 'ok'}")

    async def raw(self, on: bool) -> None:
        """Show, or no longer, every line both ways."""
        self._raw.clear()
        self._hub.update(machine_raw=[])
        await self.console.ask("raw", on=on is True)

    async def start(self, again: bool = False, thread: str = "") -> None:
        """Begin, or go on."""
        job, profile = self._job_of_now()
        check_whereabouts(self._hub.state["machine"], profile)
        source = str(self._project.plan_path(job["plan"]))
        meta = {"source": source, "machine": job["profile"], "profile": profile.sha256, "wraps": job["wraps"]}
        await self.console.ask("start", again=again is True, thread=str(thread), meta=meta)

    def _job_of_now(self) -> tuple[Mapping[str, Any], Profile]:
        """Return the prepared job and its profile, which is as it was when the job was made: also the board's place."""
        job, profile = self._hub.state["machine_job"], self._profile
        if job is None or profile is None:
            raise MachineError("no job is prepared", "choose a plan and prepare it")
        if self._drop_outdated_job():
            raise MachineError(
                f"the profile '{profile.name}' has changed since this job was prepared", "prepare the job again"
            )
        return job, profile

    def _drop_outdated_job(self) -> bool:
        """Forget the prepared job where its profile has changed, by whatever hand; not one that is under way."""
        job, profile = self._hub.state["machine_job"], self._profile
        if job is None or profile is None or self._is_under_way:
            return False
        is_of_now = (job["profile"], job["plan"]) == (profile.name, self._kept)
        if is_of_now and profile.name in profile_names() and load_profile(profile.name).sha256 == profile.sha256:
            return False
        self._hub.update(machine_job=None)
        return True

    @property
    def _is_under_way(self) -> bool:
        return bool(self._hub.state["machine"].get("under_way"))

    def _refuse_under_way(self) -> None:
        if self._is_under_way:
            raise MachineError(*JOB_UNDER_WAY)

    async def check(self) -> None:
        """Let the controller read the job."""
        self._job_of_now()
        report = await self.console.ask("check")
        if report["problems"]:
            raise MachineError(
                f"the controller refuses the job: {report['problems'][0]}", "check the profile's dialect"
            )
        lines = report["lines_checked"]
        read = f"the controller has read all {lines} lines and takes them"
        self._note(
            "Checked",
            read if report["done_by_controller"] else f"the controller cannot check; {lines} lines are proved",
        )

    async def jog(self, axes: object, feed_mm_min: float = 1500) -> None:
        """Move by a few millimetres."""
        await self.console.ask("jog", axes=_axes(axes), feed_mm_min=min(max(float(feed_mm_min), 10), _MOST_FEED_MM_MIN))

    async def work_zero(self, axes: object) -> None:
        """Say where the tool is."""
        await self.console.ask("work_zero", axes=_axes(axes, 100_000.0))

    async def override(self, what: str, percent: int) -> None:
        """Feed override."""
        if what not in ("feed", "rapid") or not 10 <= percent <= 200:
            raise MachineError("the feed can be set from 10 to 200 %")
        await self.console.ask("override", what=what, percent=int(percent))

    async def back(self, wraps: int = 1) -> None:
        """Step back."""
        await self.console.ask("step_back", wraps=max(int(wraps), 1))

    # --- the board's place ---

    async def touch(self, pin: int, profile: str = "", id: str = CURRENT) -> None:
        """The tool is at this pin now, of the plan of the job or of one that is chosen."""
        if profile and self._hub.state["machine_job"] is None:
            await self._choose(profile, id)
        machine = self._hub.state["machine"]
        position = machine.get("work_position")
        if self._plan is None or self._profile is None:
            raise MachineError("no job is prepared", "choose a plan and prepare it")
        if position is None:
            raise MachineError("the controller does not say where it is", "home it, or set where it is")
        if machine.get("machine_state") != "idle":
            raise MachineError(
                f"the tool is not at rest: the machine is in '{machine.get('machine_state')}'", "wait until it stands"
            )
        if not 0 <= int(pin) < len(self._plan.pins):
            raise MachineError(f"there is no pin {pin}: they are numbered 0 to {len(self._plan.pins) - 1}")
        touched = self._touched | {int(pin): to_plane(self._profile, position)}
        self._show_fit(touched)
        self._touched = touched  # only what could be fitted

    async def untouch(self, pin: int) -> None:
        """Take the touch of one pin back."""
        touched = {other: place for other, place in self._touched.items() if other != int(pin)}
        if touched:
            self._show_fit(touched)
        else:
            self._hub.update(machine_fit=None)
        self._touched = touched

    async def forget_touches(self) -> None:
        """Begin touching anew."""
        self._touched = {}
        self._hub.update(machine_fit=None)

    def _show_fit(self, touched: Mapping[int, tuple[float, float]]) -> None:
        assert self._plan is not None
        assert self._profile is not None
        fit = fit_place(self._plan.pins.xy_mm, touched, self._profile.board)
        self._hub.update(machine_fit={
            "touched": {str(pin): residual for pin, residual in fit.residuals_mm.items()}, "rms_mm": fit.rms_mm,
            "center_mm": list(fit.place.center_mm), "rotation_deg": fit.place.rotation_deg, "scale": fit.place.scale,
        })  # fmt: skip

    async def keep_place(self) -> None:
        """Prove a job for the fitted place, then keep the place in the user's profile."""
        self._refuse_under_way()
        if len(self._touched) < 2 or self._plan is None or self._profile is None:
            raise MachineError(
                f"{len(self._touched)} pins were touched; a place needs 2 at least",
                "touch another one, far from the first",
            )
        fit = fit_place(self._plan.pins.xy_mm, self._touched, self._profile.board)
        plan_path, profile = str(self._project.plan_path(self._kept)), self._profile.name
        await self._helper.result(
            "machine_job", plan_path=plan_path, profile=profile, place=dataclasses.asdict(fit.place)
        )  # raises where it cannot be wound there: then the place before stays, and its job
        self._refuse_under_way()  # the proof took seconds
        await asyncio.to_thread(save_place, profile, fit.place)
        self._note("Located", f"the board's place is kept in the profile '{profile}'")
        await self.prepare(profile, self._kept)


def check_whereabouts(machine: Mapping[str, Any], profile: Profile) -> None:
    """Refuse to start a job where nobody knows where the tool is, or where it is outside the travel.

    Raises
    ------
    MachineError
    """
    if not machine.get("connected"):
        raise MachineError("no machine is connected", "connect one first")
    position = machine.get("work_position")
    if not machine.get("position_known") or position is None:
        raise MachineError(
            "the machine does not know where it is, so it cannot find the board",
            "home it, or move the tool to X0 Y0 by hand and say so",
        )
    limits = (profile.limits.x_mm, profile.limits.y_mm, profile.limits.z_mm)
    for number, (value, (low, high)) in enumerate(zip(profile.axes.of(position), limits, strict=False)):
        if profile.rotary and number == 1:
            continue  # an angle
        if not low - _REST_MM <= value <= high + _REST_MM:
            letter = (profile.axes.x, profile.axes.y, profile.axes.z)[number]
            raise MachineError(
                f"{letter} stands at {value:g} mm, outside its travel of {low:g} to {high:g} mm",
                "move it inside, or correct [limits] of the profile",
            )


_ASKED: dict[str, Callable[..., Awaitable[None]]] = {
    "answers": MachineRoom.answers, "keep_profile": MachineRoom.keep_profile, "tour": MachineRoom.tour,
    "command": MachineRoom.command, "raw": MachineRoom.raw,
    "ports": MachineRoom.ports, "connect": MachineRoom.connect, "prepare": MachineRoom.prepare,
    "start": MachineRoom.start, "check": MachineRoom.check, "jog": MachineRoom.jog, "work_zero": MachineRoom.work_zero,
    "override": MachineRoom.override, "back": MachineRoom.back, "touch": MachineRoom.touch,
    "forget_touches": MachineRoom.forget_touches, "untouch": MachineRoom.untouch, "keep_place": MachineRoom.keep_place,
}  # fmt: skip


def _words(kind: str) -> str:
    """``JobStarted`` as people say it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize()


def _axes(axes: object, most_mm: float = _MOST_JOG_MM) -> dict[str, float]:
    if not isinstance(axes, dict) or not axes or not set(axes) <= {"x", "y", "z"}:
        raise MachineError("a move names the axes x, y or z")
    for value in axes.values():
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most_mm:
            raise MachineError(f"a move of '{str(value)[:20]}' mm is outside {-most_mm:g} to {most_mm:g} mm")
    return {axis: float(value) for axis, value in axes.items()}
