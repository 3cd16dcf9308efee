"""Events on their way to whoever listens: told one after the other, by one thread."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator

from firmware_io.events import Event

Listener = Callable[[Event], None]


class Listeners:
    """Who hears what happens.

    Attributes
    ----------
    put : callable
        Takes an event, from any thread.
    """

    def __init__(self) -> None:
        self._outbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._all: list[Listener] = []
        self._streams: list[queue.SimpleQueue[Event | None]] = []
        self.put = self._outbox.put

    def add(self, listener: Listener) -> Callable[[], None]:
        """Call it with every event; calling the result ends that."""
        self._all.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._all.remove(listener)

        return end

    def deliver(self, failed: Callable[[Exception], None]) -> None:
        """Tell what has happened; a listener that fails hears no more, and ``failed`` is told why."""
        while not self._outbox.empty():
            event = self._outbox.get()
            for listener in tuple(self._all):
                try:
                    listener(event)
                except Exception as error:  # it was to watch the machine, and does not any more
                    self._all.remove(listener)
                    failed(error)

    def stream(self, timeout_s: float | None, until: tuple[type[Event], ...]) -> EventStream:
        """Events from now on."""
        heard: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._streams.append(heard)
        return EventStream(heard, self.add(heard.put), timeout_s, until)

    def end_streams(self) -> None:
        """Nothing more will come."""
        for heard in self._streams:
            heard.put(None)


class EventStream:
    """Events from the moment of its making, as an iterator; see :meth:`firmware_io.Session.events`."""

    def __init__(
        self,
        heard: queue.SimpleQueue[Event | None],
        end: Callable[[], None],
        timeout_s: float | None,
        until: tuple[type[Event], ...] = (),
    ) -> None:
        self._queue, self._end = heard, end
        self._timeout_s, self._until, self._over = timeout_s, until, False

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        try:
            event = None if self._over else self._queue.get(timeout=self._timeout_s)
        except queue.Empty:
            event = None
        if event is None:
            self._end()
            raise StopIteration
        self._over = isinstance(event, self._until)
        return event
