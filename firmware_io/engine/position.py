"""Whether the controller's idea of where the tool is can be believed, and why not."""

from __future__ import annotations

from firmware_io.events import Position
from firmware_io.offsets import OffsetKeeper


class PositionTrust:
    """What is known of the controller's position.

    Parameters
    ----------
    offsets : OffsetKeeper
        Forgets the offset with the position.
    """

    def __init__(self, offsets: OffsetKeeper) -> None:
        self._offsets = offsets
        self.kept = True  # the controller's idea of its position has not been in doubt
        self.known = True  # ... or was established again
        self.was_set = False  # ... in this session: homed, or told
        self.why_not = ""  # why it is not known

    def establish(self) -> None:
        """Note that the controller was homed, or told where the tool is."""
        self.known = self.was_set = True
        self.why_not = ""

    def doubt(self, why: str) -> None:
        """Note that what the controller says of its position cannot be believed."""
        self.kept = self.known = self.was_set = False
        self.why_not = why
        self._offsets.forget()

    def take_for_granted(self) -> None:
        """A job begins where the tool is: from here on its position counts as known, and as kept."""
        self.kept = self.known = True
        self.why_not = ""

    def believe(self, place: Position | None) -> None:
        """Take the word of a controller that keeps its place through restarts."""
        if place is None:
            self.doubt("the board itself does not know where it stands")
        else:
            self.establish()
            self.kept = True
