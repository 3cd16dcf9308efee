"""What a file's own photo and ``options()`` make, once for all that look at it."""

import pytest

from stringart.search.pipeline import design_events


@pytest.fixture(scope="module")
def events(request, photo):
    """All that is told of the plain search."""
    return list(design_events(photo, request.module.options()))


@pytest.fixture(scope="module")
def plain(events):
    """Its plan."""
    return events[-1].plan
