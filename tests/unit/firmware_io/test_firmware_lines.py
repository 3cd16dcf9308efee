"""The protocol of home-made firmwares, byte by byte and on a clock of our own."""

import pytest

from firmware_io import Acknowledged, AcknowledgementOverdue, JobError, LineProtocol, Link, Manners, Rejected
from firmware_io.events import Booted, Capabilities, StatusReported, StrayAcknowledgement

SKETCH = Manners(
    greeting="hello", ask="?", place="at {place}", remembers=True, stop="!", patience_s=20.0, line_bytes=12
)


def ready(manners: Manners = SKETCH) -> LineProtocol:
    core = LineProtocol(manners, boot_wait_s=2.5)
    core.fence(0.0)
    if manners.ask:
        assert core.data_to_send() == b"?\n"
        core.receive(b"at 7\r\n", 0.1)
    else:
        core.tick(3.0)
    assert core.link is Link.READY
    return core


def kinds(events: list) -> list[type]:
    return [type(event) for event in events]


def test_it_is_asked_where_it_stands_and_says_it_or_that_it_does_not_know():
    core = LineProtocol(SKETCH)
    core.fence(0.0)
    events = [*core.receive(b"at", 0.1), *core.receive(b" none\n", 0.2)]
    assert Capabilities in kinds(events)
    assert [e.work_position for e in events if isinstance(e, StatusReported)] == [None]
    core.ask_status(1.0)
    assert [e.work_position for e in core.receive(b"at 41\n", 1.1)] == [(41.0,)]


def test_one_line_is_on_its_way_and_its_word_is_its_proof():
    core = ready()
    core.send("5 1", 1.0, "token")
    assert core.data_to_send() == b"5 1\n"
    assert not core.fits("6 1")
    assert kinds(core.receive(b"okay\nbusy\n", 2.0)).count(Acknowledged) == 0, "a longer word is another word"
    (done,) = core.receive(b"ok\n", 3.0)
    assert isinstance(done, Acknowledged)
    assert done.line.token == "token"
    assert kinds(core.receive(b"ok\n", 3.1)) == [StrayAcknowledgement]


def test_a_refusal_is_told_in_the_firmwares_own_words_and_holds_the_rest_back():
    core = ready()
    core.send("900 1", 1.0)
    (refused,) = core.receive(b"error: there is no such pin\n", 1.1)
    assert isinstance(refused, Rejected)
    assert refused.meaning == "error: there is no such pin"
    assert core.link is Link.HALTED
    core.forgive()
    assert core.fits("9 1")


def test_silence_ends_patience_and_any_word_renews_it():
    core = ready()
    core.send("5 1", 1.0)
    assert core.tick(20.0) == []
    core.receive(b"busy\n", 20.5)
    assert core.tick(40.0) == []
    assert kinds(core.tick(40.6)) == [AcknowledgementOverdue]
    assert core.link is Link.SILENT


def test_a_greeting_in_mid_line_is_a_restart_and_at_the_opening_of_the_port_only_a_greeting():
    core = ready()
    core.send("5 1", 1.0)
    (booted,) = core.receive(b"hello\n", 1.2)
    assert isinstance(booted, Booted)
    assert [line.text for line in booted.lost_lines] == ["5 1"]
    fresh = LineProtocol(SKETCH)
    fresh.fence(0.0)
    assert Booted not in kinds(fresh.receive(b"hello\n", 0.5))
    assert fresh.link is Link.LISTENING


def test_a_firmware_without_a_question_gets_its_time_to_boot_and_tells_no_place():
    core = ready(Manners())
    core.ask_status(4.0)
    (status,) = core.tick(4.1)
    assert isinstance(status, StatusReported)
    assert status.work_position == ()


def test_what_it_cannot_do_is_refused_in_one_line():
    core = ready()
    with pytest.raises(JobError, match=r"has 13 characters, this firmware reads 12"):
        core.send("1234567890 -1", 1.0)
    with pytest.raises(JobError, match="cannot be jogged"):
        core.jog_lines(" X1", 100.0, False)
    with pytest.raises(JobError, match="no override of feed"):
        core.override("feed", 50)
    assert core.kill_bytes == b"!"
