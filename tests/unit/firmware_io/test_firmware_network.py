"""Controllers on a network: telnet and WebSockets, cut, half open and slow. Real sockets, virtual time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from firmware_gap_model import expected_word, physical_word, wrap_job
from network_bridges import Bridge, NetworkWire, WebSocketBridge, running

from firmware_io import (
    FirmwareError,
    JobState,
    Journal,
    MachineState,
    PortError,
    Session,
    SessionOptions,
    continue_in_place,
    read_journal,
)
from firmware_io.network import TelnetPort
from firmware_io.sim.lockstep import Bench
from firmware_io.sim.machine import SimulatedMachine

PINS = (1, 6, 3, 9, 0, 5, 11, 4, 8, 2, 7, 10)
KINDS = {"telnet": Bridge, "websocket": WebSocketBridge}


@pytest.fixture(params=sorted(KINDS))
def bridge(request: pytest.FixtureRequest) -> Iterator[Bridge]:
    made = KINDS[request.param](SimulatedMachine("fluidnc"))
    yield made
    made.close()


def bench_on(bridge: Bridge) -> Bench:
    bench = Bench(bridge.machine, wire=lambda _: NetworkWire(bridge), greets=True)
    bench.connect()
    bench.run(lambda: stands(bench), 60.0)
    return bench


def stands(bench: Bench) -> bool:
    status = bench.engine.status
    return status is not None and status.state is MachineState.IDLE and status.work_position is not None


def wind_until(bench: Bench, moment_s: float) -> bool:
    """Whether the job is still under way then."""
    bench.run(lambda: bench.machine.now >= moment_s or bench._rests())
    return not bench._rests()


def wind(bridge: Bridge, folder: Path, accidents: int, *, half_open: bool = False) -> int:
    """A whole job with so many accidents, resumed each time where the tool stands; how often it was resumed."""
    job, chance = wrap_job(PINS * 5), random.Random(accidents)
    path = folder / "journal"
    bench = bench_on(bridge)
    resumed = 0
    with Journal.create(path, job) as journal:
        bench.start(job, journal)
        while True:
            if resumed < accidents:
                cut_s = bridge.machine.now + chance.uniform(0.01, 1.5)
                if wind_until(bench, cut_s):
                    (bridge.lose_touch if half_open else bridge.hang_up)()
            if bench.run() is JobState.FINISHED:
                break
            assert journal.state.kind == ("silent" if half_open else "disconnected"), journal.state.reason
            bench.kill_engine()
            bridge.machine.advance_to(bridge.machine.now + chance.uniform(0.0, 3.0))
            bench = bench_on(bridge)
            assert bench.engine.position.kept, "a greeting is no restart"
            resumed += 1
            bench.start(job, journal, continue_in_place(bench.facts(job, journal)))
    assert read_journal(path).finished
    assert physical_word(bridge.machine.path) == expected_word(job)
    return resumed


def test_a_whole_job_with_fifty_disconnects_winds_every_wrap_once(bridge: Bridge, tmp_path: Path) -> None:
    assert wind(bridge, tmp_path, 50) >= 45  # a few moments fall between two lines, where nothing is under way


def test_a_connection_that_is_dead_and_not_closed_is_noticed_and_made_anew(bridge: Bridge, tmp_path: Path) -> None:
    assert wind(bridge, tmp_path, 8, half_open=True) >= 6


def test_a_slow_link_winds_the_same_and_is_no_accident(tmp_path: Path) -> None:
    machine = SimulatedMachine("grblhal", latency_s=1.2)
    bridge = Bridge(machine, latency_s=1.2)
    job = wrap_job(PINS)
    bench = bench_on(bridge)
    with Journal.create(tmp_path / "journal", job) as journal:
        bench.start(job, journal)
        assert bench.run() is JobState.FINISHED, bench.engine.runner.problem
    assert physical_word(machine.path) == expected_word(job)
    bridge.close()


# --- sessions, in real time ---

QUICK = SessionOptions(keep_awake=False, boot_wait_s=0.2, silence_s=20.0)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_who_connects_by_network_finds_the_position_that_the_controller_has(kind: str) -> None:
    with running(KINDS[kind](SimulatedMachine("fluidnc"))) as bridge:
        bridge.machine.at(0.5, lambda: bridge.machine.write(b"G1 X5 F60000\n"))
        with Session.open(bridge.address, options=QUICK) as session:
            session.wait_until_idle(300.0)
        with Session.open(bridge.address, options=QUICK) as session:
            assert session.snapshot().firmware in ("grbl", "fluidnc", "grblhal")
            assert session.status().machine_position[:2] == (5.0, 0.0)  # type: ignore[index]
            assert session.snapshot().position_known, session.snapshot().position_doubt
            with pytest.raises(FirmwareError, match=r"process .* is running the machine"):
                Session.open(bridge.address, options=QUICK)


def test_a_controller_that_greets_at_its_zero_may_have_restarted_and_is_not_believed(tmp_path: Path) -> None:
    with running(Bridge(SimulatedMachine("fluidnc"))) as bridge:
        with Session.open(bridge.address, options=QUICK) as session:
            assert "greets as after a restart" in session.snapshot().position_doubt
        remembering = replace(QUICK, memory=tmp_path)
        with Session.open(bridge.address, options=remembering) as session:
            session.set_work_position(x=10.0)
        with Session.open(bridge.address, options=remembering) as session:  # it stood there
            assert session.snapshot().position_known
            session.jog(x=5.0, feed_mm_min=60000.0)
            session.wait_until_idle(300.0)
        bridge.machine.at(bridge.machine.now, bridge.machine.reboot)
        with Session.open(bridge.address, options=remembering) as session:
            assert "has restarted since" in session.snapshot().position_doubt


def test_a_session_connects_again_by_itself_when_it_is_told_to() -> None:
    made = WebSocketBridge(SimulatedMachine("fluidnc"))
    with running(made) as bridge, Session.open(bridge.address, options=QUICK) as session:
        session.jog(x=5.0, feed_mm_min=60000.0)
        session.wait_until_idle(300.0)
        bridge.hang_up()
        session._wait_for(lambda: bool(session._engine.gone), 300.0)
        with pytest.raises(PortError, match="gone: the other end hung up") as caught:
            session.status()
        assert caught.value.hint == "bring the network back and reconnect"
        session.reconnect(300.0)
        assert session.snapshot().position_known
        assert session.status().machine_position[0] == 5.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("address", "said", "hint"),
    [
        ("socket://127.0.0.1:1", "nothing listens at 127.0.0.1, port 1", "Telnet/Enable"),
        ("ws://127.0.0.1:1/", "nothing listens at 127.0.0.1, port 1", "Telnet/Enable"),
        ("socket://no.such.host.invalid", "the name no.such.host.invalid is not known", "192.168"),
        ("socket://", "names no host", "socket://HOST:23"),
        ("socket://127.0.0.1:port", "cannot be opened", "socket://HOST:23"),
    ],
)
def test_a_bad_address_is_told_in_a_line(address: str, said: str, hint: str) -> None:
    with pytest.raises(PortError, match=said) as caught:
        Session.open(address, options=QUICK)
    assert hint in caught.value.hint


def test_what_is_no_websocket_is_called_so() -> None:
    with running(Bridge(SimulatedMachine("grbl"))) as bridge, pytest.raises(PortError, match="it is no WebSocket"):
        Session.open(bridge.address.replace("socket://", "ws://"), options=QUICK)


def test_telnet_commands_are_no_part_of_what_the_controller_says_however_they_are_cut() -> None:
    wire = b"ok\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0\r\n\xff\xf1<Idle>\xff\xff"
    for size in (1, 2, 3, len(wire)):
        port = object.__new__(TelnetPort)
        port._command = bytearray()
        said = b"".join(port._stream_of(wire[at : at + size]) for at in range(0, len(wire), size))
        assert said == b"ok\r\n<Idle>\xff"
