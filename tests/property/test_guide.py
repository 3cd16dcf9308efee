"""Whatever keys are pressed: the place stays in the plan, and what the journal keeps is where the guide stands."""

import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st
from sample_plans import random_plan

from stringart.hand.guide import Guide, Phase
from stringart.hand.progress import ProgressStore

PLAN = random_plan((5, 0, 3, 1))
COMMANDS = st.lists(
    st.one_of(
        st.sampled_from(["next", "next", "next", "back", "pause", "resume", "spool"]),
        st.integers(1, len(PLAN.steps)),
    ),
    max_size=40,
)


def _give(guide, command, now_s):
    if isinstance(command, int):
        return guide.jump(command, now_s)
    calls = {"next": guide.next, "back": guide.back, "resume": guide.resume}
    return calls[command](now_s) if command in calls else guide.pause() if command == "pause" else guide.new_spool()


@settings(max_examples=40)  # every example writes to the disk and waits for it
@given(COMMANDS, st.floats(0.1, 2000))
def test_any_keys_leave_a_legal_place_that_the_journal_gives_back(commands, pace_s):
    with tempfile.TemporaryDirectory() as folder:
        store = ProgressStore(folder)
        guide = Guide(PLAN, spool_mm=1e5)
        with store.open(PLAN) as progress:
            for number, command in enumerate(commands):
                if _give(guide, command, number * pace_s):
                    progress.record(guide.place)
                view = guide.view()
                assert 0 <= view.done <= view.total
                assert (view.phase is Phase.DONE) == (view.done == view.total) == (view.step is None)
                assert view.left_s >= 0
                assert 0 <= view.layer_done <= view.layer_total
                assert 0 <= view.spool_left_mm <= 1e5
        with store.open(PLAN) as progress:
            again = Guide(PLAN, progress.place, spool_mm=1e5)
            assert (again.place, again.phase) == (guide.place, guide.phase)
