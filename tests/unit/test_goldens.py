"""Nothing that is written changes unseen: see `goldens`."""

import json

import goldens


def test_what_is_written_is_what_was_written() -> None:
    kept, now = json.loads(goldens.FILE.read_text("utf-8")), goldens.hashes()
    assert len(now) > 60
    assert {name: (kept.get(name), now.get(name)) for name in {*kept, *now} if kept.get(name) != now.get(name)} == {}
