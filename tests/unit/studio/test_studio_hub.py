import json

from stringart.studio.hub import MAX_BACKLOG, Hub, OpenPage


def test_a_page_that_does_not_read_is_hung_up_on_and_the_others_hear_everything() -> None:
    hub, slow, quick = Hub(), OpenPage(), OpenPage()
    hub.pages |= {slow, quick}
    heard = []
    for number in range(MAX_BACKLOG + 5):
        hub.update(number=number)
        heard.append(json.loads(quick.backlog.get_nowait())["state"]["number"])
    assert heard == list(range(MAX_BACKLOG + 5))
    assert slow not in hub.pages
    assert slow.backlog.get_nowait() is None  # hang up; what it has not read is dropped
    assert slow.backlog.empty()
    assert json.loads(hub.everything())["state"] == {"number": MAX_BACKLOG + 4}  # what it gets when it comes back
