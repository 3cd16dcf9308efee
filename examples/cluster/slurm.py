"""Workers as jobs of Slurm, and a batch on all of them.

    python examples/cluster/slurm.py PHOTOS PLANS 20

Begins 20 jobs of one worker each from the node that it is run on, with ``pip install dask-jobqueue``; other queues
(PBS, SGE, LSF, HTCondor) have a class each there. Home must be the same on all nodes, as it usually is: Python and the
certificate lie there. ``stringart cluster start`` makes the certificate once.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from dask_jobqueue import SLURMCluster
from distributed import Security

from stringart.many.certificates import certificate_file

ROLES = ("scheduler", "worker", "client")


def cluster(file: Path, **settings: Any) -> SLURMCluster:
    """Return a cluster without workers yet; ``settings`` are those of your queue, as in queue="long"."""
    shown = {f"tls_{role}_{what}": str(file) for role in ROLES for what in ("cert", "key")}
    security = Security(require_encryption=True, tls_ca_file=str(file), **shown)
    usual = {"cores": 1, "processes": 1, "memory": "2GB", "walltime": "04:00:00"}
    scheduler = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
    return SLURMCluster(protocol="tls://", security=security, scheduler_options=scheduler, **usual | settings)


def main() -> None:
    """Begin all, make the plans, and end all."""
    photos, plans, jobs = sys.argv[1:]
    with cluster(certificate_file()) as running:
        running.scale(jobs=int(jobs))
        names = [str(path) for path in sorted(Path(photos).iterdir())]
        address = running.scheduler_address
        subprocess.run(
            ["stringart", "batch", *names, "-o", plans, "--scheduler", address, "--patience", "600"], check=True
        )


if __name__ == "__main__":
    main()
