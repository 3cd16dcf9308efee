"""The state that every page sees, and the pages that see it.

A page gets the whole state when it connects, then every part that changes: so a reload or a second tab loses nothing.
A page that does not read is cut off before its backlog grows; it comes back and gets the whole state again.
"""

import asyncio
import json
from typing import Any

MAX_BACKLOG = 400


class OpenPage:
    """One connected page: what it still has to be sent, and the piece that is wound on it."""

    def __init__(self) -> None:
        self.piece = ""
        self.backlog: asyncio.Queue[str | bytes | None] = asyncio.Queue(MAX_BACKLOG)

    def send(self, message: str | bytes) -> bool:
        """Put a message into the backlog; False if the page does not keep up."""
        try:
            self.backlog.put_nowait(message)
        except asyncio.QueueFull:
            return False
        return True


class Hub:
    """All pages and the state that they share.

    It beats: a page that hears no beat knows that what it shows is old, and a request that comes with an old beat was
    asked for before the connection failed.
    """

    def __init__(self) -> None:
        self.beat = 0
        self.state: dict[str, Any] = {}
        self.pages: set[OpenPage] = set()

    def update(self, **parts: object) -> None:
        """Change parts of the state and tell every page."""
        self.state.update(parts)
        self.tell(json.dumps({"type": "state", "state": parts}, ensure_ascii=False, default=float))

    def tell(self, message: str | bytes) -> None:
        """Send a message to every page."""
        for page in tuple(self.pages):
            if not page.send(message):
                self.pages.discard(page)
                while not page.backlog.empty():
                    page.backlog.get_nowait()
                page.backlog.put_nowait(None)  # its sender hangs up

    def next_beat(self) -> None:
        """Let every page know that the connection is alive."""
        self.beat += 1
        self.tell(json.dumps({"type": "beat", "beat": self.beat}))

    def everything(self) -> str:
        """The whole state, for a page that connects."""
        return json.dumps(
            {"type": "state", "whole": True, "beat": self.beat, "state": self.state}, ensure_ascii=False, default=float
        )
