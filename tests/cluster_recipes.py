"""The recipes for ssh and for Slurm, each in a process of its own: a real ssh server, a queue whose jobs run at once.

python tests/cluster_recipes.py ssh|slurm FOLDER
"""

import asyncio
import contextlib
import importlib.util
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import distributed

from stringart.many.certificates import Certificate, make_certificate, read_certificate

RECIPES = Path(__file__).parents[1] / "examples" / "cluster"


def recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, RECIPES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def works(address: str, certificate: Certificate) -> None:
    """A client with the certificate has something done; one without is not let in."""
    assert address.startswith("tls://")
    with distributed.Client(address, security=certificate.security, set_as_default=False, timeout=30) as client:
        assert client.submit(len, "four", pure=False).result(60) == 4


@contextmanager
def ssh_port() -> Iterator[int]:
    """An ssh server that lets everybody in and runs what it is asked to run."""
    import asyncssh

    class Everybody(asyncssh.SSHServer):  # type: ignore[misc, name-defined]
        def begin_auth(self, username: str) -> bool:
            return False

    running: set[int] = set()

    async def passed_on(lines: asyncio.StreamReader, to: "asyncssh.SSHWriter[str]") -> None:
        while line := await lines.readline():
            to.write(line.decode())

    async def run(process: "asyncssh.SSHServerProcess[str]") -> None:
        """An error here would end the connection and all that is asked of it later: a caller that went is none."""
        begun = await asyncio.create_subprocess_shell(
            process.command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        running.add(begun.pid)
        with contextlib.suppress(OSError):
            await asyncio.gather(passed_on(begun.stdout, process.stdout), passed_on(begun.stderr, process.stderr))
            process.exit(await begun.wait())
            running.discard(begun.pid)

    loop, ready = asyncio.new_event_loop(), threading.Event()
    server: list[object] = []

    async def serve() -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        server.append(await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Everybody, server_host_keys=[key], process_factory=run,
        ))  # fmt: skip
        ready.set()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop)
    assert ready.wait(300.0)
    try:
        yield server[0].get_port()  # type: ignore[attr-defined]
    finally:
        for pid in running:
            with contextlib.suppress(OSError):
                os.killpg(pid, 9)


def ssh(file: Path) -> None:
    options = {"known_hosts": None, "username": "x", "client_keys": None, "config": None}
    with ssh_port() as port, recipe("ssh").begin(["127.0.0.1"] * 2, file, port=port, **options) as cluster:
        works(cluster.scheduler_address, read_certificate(file))


SBATCH = """#!/bin/sh
cp "$1" "{jobs}.$$"  # as Slurm does: the caller takes its file away
setsid sh "{jobs}.$$" >/dev/null 2>&1 &
echo $! >>"{jobs}"
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/sh
kill -- "-$1"
"""


def slurm(file: Path) -> None:
    folder = file.parent
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        program = folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text.format(jobs=folder / "jobs"))
        program.chmod(0o755)
    os.environ["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    with recipe("slurm").cluster(file, queue="long", interface="lo") as cluster:
        script = cluster.job_script()
        assert re.search(r"^#SBATCH -p long$", script, re.M), script
        assert "BEGIN" not in script, "the key itself stands in the job's script"
        assert script.count(str(file)) == 3, script
        cluster.scale(jobs=1)
        works(cluster.scheduler_address, read_certificate(file))
    assert len((folder / "jobs").read_text().split()) == 1


if __name__ == "__main__":
    certificate_file = Path(sys.argv[2]) / "cluster.pem"
    make_certificate(certificate_file)
    {"ssh": ssh, "slurm": slurm}[sys.argv[1]](certificate_file)
    print("works", flush=True)
    os._exit(0)  # what the libraries leave open is theirs
