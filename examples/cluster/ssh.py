"""Workers begun by ssh, and a batch on all of them.

    python examples/cluster/ssh.py PHOTOS PLANS first.example second.example third.example

The first computer runs the scheduler, each other one a worker. What is needed before: ssh to each without a password,
the same Python environment at the same place, with ``pip install asyncssh``, and the certificate at the same place:
``stringart cluster start`` makes it once, scp copies it.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import dask
from dask.distributed import SSHCluster

from stringart.many.certificates import certificate_file

ROLES = ("scheduler", "worker", "client")


def with_certificate(file: Path) -> dict[str, Any]:
    """Return Dask's settings for a file that lies at the same place on all: only its name is sent."""
    shown = {f"distributed.comm.tls.{role}.{what}": str(file) for role in ROLES for what in ("cert", "key")}
    return {"distributed.comm.require-encryption": True, "distributed.comm.tls.ca-file": str(file), **shown}


def begin(hosts: list[str], file: Path, **connect_options: Any) -> SSHCluster:
    """Return the running cluster; ``connect_options`` are those of ``asyncssh.connect``."""
    with dask.config.set(with_certificate(file)):
        return SSHCluster(
            hosts,
            connect_options=connect_options,
            worker_options={"nthreads": 1, "protocol": "tls://"},
            scheduler_options={"protocol": "tls://", "dashboard": False},
        )


def main() -> None:
    """Begin all, make the plans, and end all."""
    photos, plans, *hosts = sys.argv[1:]
    with begin(hosts, certificate_file()) as cluster:
        names = [str(path) for path in sorted(Path(photos).iterdir())]
        subprocess.run(
            ["stringart", "batch", *names, "-o", plans, "--scheduler", cluster.scheduler_address], check=True
        )


if __name__ == "__main__":
    main()
