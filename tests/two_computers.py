"""Two computers on one: two network namespaces and a cable; two addresses of loopback where that is not permitted."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

STRINGART = str(Path(sys.executable).with_name("stringart"))


class Running:
    """A command that runs, and what it has said."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process, self._lines, self._more = process, list[str](), threading.Condition()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                with self._more:
                    self._lines.append(line.rstrip("\n"))
                    self._more.notify_all()

    @property
    def said(self) -> str:
        return "\n".join(self._lines)

    def wait_for(self, pattern: str, times: int = 1, limit_s: float = 400) -> "re.Match[str]":
        """Return the match, as soon as it was said so often."""
        with self._more:
            assert self._more.wait_for(lambda: len(re.findall(pattern, self.said)) >= times, limit_s), self.said
        found = list(re.finditer(pattern, self.said))
        return found[times - 1]

    def workers(self) -> "list[psutil.Process]":
        """Processes that make pieces."""
        try:
            children = psutil.Process(self.process.pid).children(recursive=True)
            return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        except psutil.NoSuchProcess:
            return []

    def ended(self, limit_s: float = 400) -> int:
        """Return the exit status, when all that was said is read."""
        status = self.process.wait(limit_s)
        self._reading.join(limit_s)
        return status


class Computer:
    """One of the two: its address, its settings, what runs on it."""

    def __init__(self, address: str, namespace: str | None, folder: Path) -> None:
        self.address, self.folder = address, folder
        self._before = ["ip", "netns", "exec", namespace] if namespace else []
        self._begun: list[subprocess.Popen[str]] = []
        folder.mkdir()

    def begin(self, *words: str, env: dict[str, str] | None = None) -> Running:
        """Run stringart there."""
        whole = os.environ | {"STRINGART_CONFIG_DIR": str(self.folder / "config")} | (env or {})
        command = [*self._before, STRINGART, *words]
        self._begun.append(
            subprocess.Popen(
                command, cwd=self.folder, env=whole, stderr=subprocess.PIPE, text=True, start_new_session=True
            )
        )
        return Running(self._begun[-1])

    def end(self) -> None:
        for process in self._begun:
            if process.poll() is None:
                process.kill()
            process.wait()


def _cable(names: tuple[str, str]) -> bool:
    """Two namespaces joined by a cable; False where that is not permitted."""
    first, second = names
    commands = [
        *(f"ip netns add {name}" for name in names),
        f"ip link add {first} type veth peer name {second}",
        *(f"ip link set {name} netns {name}" for name in names),
        *(f"ip -n {name} addr add 10.77.0.{number}/24 dev {name}" for number, name in enumerate(names, 1)),
        *(f"ip -n {name} link set {what} up" for name in names for what in ("lo", name)),
    ]
    try:
        return all(subprocess.run(command.split(), capture_output=True).returncode == 0 for command in commands)
    except OSError:
        return False


@contextmanager
def two_computers(folder: Path) -> Iterator[tuple[Computer, Computer]]:
    """Yield two computers that see each other."""
    names = (f"sa{os.getpid()}", f"sb{os.getpid()}")
    has_cable = _cable(names)
    where = (
        [("10.77.0.1", names[0]), ("10.77.0.2", names[1])] if has_cable else [("127.0.0.1", None), ("127.0.0.2", None)]
    )
    computers = [Computer(address, name, folder / f"computer{k}") for k, (address, name) in enumerate(where, 1)]
    try:
        yield computers[0], computers[1]
    finally:
        for computer in computers:
            computer.end()
        if has_cable or Path("/run/netns", names[0]).exists():
            for name in names:
                subprocess.run(["ip", "netns", "del", name], capture_output=True)


def until(condition: Callable[[], object], what: str, limit_s: float = 400) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)  # to ask for processes takes a tenth of that
