"""``stringart cluster``: a scheduler and workers of one's own, on this and other computers."""

import threading
from pathlib import Path
from typing import Any

import click

from stringart import units
from stringart.cli._many import DEFAULT_MEMORY_BYTES, check_extra, say, warn_of_open, workers_for
from stringart.cli._params import Parsed

_PLACE = (
    click.option("--workers", type=click.IntRange(0, 1000), metavar="N", help="On this one.  [default: one a core]"),
    click.option(
        "--memory", "memory_bytes", type=Parsed(units.parse_bytes, "memory"), metavar="SIZE",
        help="Of each worker; a piece that needs more is given up.  [default: 2GB]",
    ),
    click.option("--host", metavar="ADDRESS", help="This computer's address, as the others see it."),
    click.option("--worker-ports", metavar="LOW:HIGH", help="Ports of the workers, two each.  [default: any]"),
)  # fmt: skip


def _place_options(command: Any) -> Any:
    for option in reversed(_PLACE):
        command = option(command)
    return command


@click.group()
def cluster() -> None:
    """Make many pieces on many computers: start on one, join on the others, then stringart batch --scheduler.

    stringart help cluster says what to install where, and how to keep others out.
    """


@cluster.command()
@_place_options
@click.option("--port", type=click.IntRange(0, 65535), default=8786, show_default=True, help="Of the scheduler.")
@click.option("--new-certificate", is_flag=True, help="Make another one: computers that have the old one are shut out.")
def start(port: int, new_certificate: bool, **place: Any) -> None:
    """Run a scheduler, and workers, and print the line for the other computers.

    The certificate is made once and kept; without it nobody can connect.
    """
    check_extra()
    from stringart.many.certificates import certificate_file, make_certificate, read_certificate
    from stringart.many.cluster import run_cluster

    file, here = certificate_file(), _place_of(**place)
    if new_certificate or not file.exists():
        certificate = make_certificate(file)
        say(f"a certificate is made, {file}: who has it can run any program on all these computers")
    else:
        certificate = read_certificate(file)
    try:
        run_cluster(here, port, certificate, file, say, threading.Event())
    except KeyboardInterrupt:
        say("the cluster is ended")


@cluster.command()
@click.argument("address")
@_place_options
@click.option("--certificate", type=click.Path(path_type=Path), metavar="FILE",
              help="The scheduler's, copied from its computer; kept for the next time.")  # fmt: skip
@click.option("--patience", "patience_s", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True,
              metavar="SECONDS", help="How long the scheduler may be silent.")  # fmt: skip
def join(address: str, certificate: Path | None, patience_s: float, **place: Any) -> None:
    """Give the scheduler at ADDRESS, as in tls://192.168.1.7:8786, workers of this computer, until it ends.

    A worker that ends is begun again. Ctrl-C ends them all; what they had begun is made by others.
    """
    check_extra()
    from stringart.many.certificates import certificate_file, certificate_for, keep_certificate, read_certificate
    from stringart.many.cluster import join_cluster

    if certificate is not None and not address.startswith("tls://"):
        raise click.UsageError("--certificate is of a scheduler tls://...")
    warn_of_open(address)
    certificate_for(address, certificate)
    found = read_certificate(certificate or certificate_file()) if address.startswith("tls://") else None
    if certificate is not None and found is not None and certificate.absolute() != certificate_file().absolute():
        keep_certificate(found, certificate_file())
        say(f"the certificate is kept for the next time, {certificate_file()}; {certificate} may be deleted")
    try:
        join_cluster(address, _place_of(**place), found, say, patience_s)
    except KeyboardInterrupt:
        say("the workers are ended")


def _place_of(workers: int | None, memory_bytes: int | None, host: str | None, worker_ports: str | None) -> Any:
    from stringart.many.cluster import Place

    memory_bytes = memory_bytes or DEFAULT_MEMORY_BYTES
    count = workers_for(memory_bytes) if workers is None else workers
    return Place(workers=count, memory_bytes=memory_bytes, host=host, worker_ports=worker_ports)
