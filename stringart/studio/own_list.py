"""The user's own threads on the page: the list that the command line reads, kept and edited here."""

import asyncio
from dataclasses import asdict

from stringart.errors import StringartError
from stringart.plan.model import Thread
from stringart.studio.hub import Hub
from stringart.studio.settings import changed, default_settings
from stringart.threads.own_threads import forget_thread, load_threads, save_thread


class OwnList:
    """The threads that the user has.

    Parameters
    ----------
    hub : Hub
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._tell()

    def _tell(self) -> None:
        try:
            self._hub.update(own_threads=[asdict(thread) for thread in load_threads()])
        except StringartError as error:  # a list that was spoilt by hand is left as it is
            self._hub.update(own_threads=[], own_threads_problem=str(error))

    async def keep(self, threads: object) -> None:
        """Put threads on the list; one of the same name takes the place of the other."""
        for thread in changed(default_settings(), {"threads": threads})["threads"]:
            await asyncio.to_thread(save_thread, Thread(**thread), replace=True)
        self._tell()

    async def forget(self, name: str) -> None:
        """Take a thread off the list."""
        await asyncio.to_thread(forget_thread, str(name))
        self._tell()
