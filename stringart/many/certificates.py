"""The certificate of a cluster: one file that every computer of it has, and nobody else.

An open Dask scheduler runs any program that anybody sends it. With the certificate both sides of every connection show
that they belong together, and all that goes between them is encrypted (TLS, as Dask does it).
"""

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stringart.errors import MissingExtraError, StringartError
from stringart.files import make_folder, read_text, write_atomically
from stringart.folders import config_folder

if TYPE_CHECKING:
    import distributed

_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----\n", re.S)
_LARGEST_BYTES = 10**6


class CertificateError(StringartError):
    """A certificate that is not there or cannot be used."""


def certificate_file() -> Path:
    """Return the file of this computer's cluster, among what the user sets."""
    return config_folder() / "cluster.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a computer of a cluster shows, and by what it knows the others.

    Parameters
    ----------
    key, certificate, authority : str
        PEM texts: the secret, what is shown, and what all of the cluster are signed by.
    """

    key: str
    certificate: str
    authority: str

    @property
    def text(self) -> str:
        """All three, as they lie in a file."""
        return self.key + self.certificate + self.authority

    @property
    def security(self) -> "distributed.Security":
        """The same in Dask's words, for scheduler, workers and clients alike."""
        import distributed

        roles = ("client", "scheduler", "worker")
        shown = {f"tls_{role}_cert": self.certificate for role in roles}
        keys = {f"tls_{role}_key": self.key for role in roles}
        return distributed.Security(require_encryption=True, tls_ca_file=self.authority, **shown, **keys)


def read_certificate(path: Path) -> Certificate:
    """Return the certificate of a file.

    Raises
    ------
    CertificateError
        If it is not there, is none, or its time is over.
    """
    from cryptography import x509

    text = read_text(path, CertificateError, _LARGEST_BYTES)
    blocks = [(match[1], match[0]) for match in _PEM.finditer(text.rstrip() + "\n")]
    kinds = ["key" if kind.endswith("PRIVATE KEY") else kind for kind, _ in blocks]
    if kinds != ["key", "CERTIFICATE", "CERTIFICATE"]:
        raise _none(path)
    try:
        ends = min(x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc for _, pem in blocks[1:])
    except ValueError:
        raise _none(path) from None
    if ends < datetime.datetime.now(datetime.UTC):
        raise CertificateError(
            f"the certificate '{path}' ended on {ends:%Y-%m-%d}", "stringart cluster start --new-certificate"
        )
    return Certificate(key=blocks[0][1], certificate=blocks[1][1], authority=blocks[2][1])


def _none(path: Path) -> CertificateError:
    return CertificateError(
        f"'{path}' is not a cluster's certificate: a key and two certificates", "copy the file again from the computer "
        "that runs stringart cluster start"
    )  # fmt: skip


def make_certificate(path: Path) -> Certificate:
    """Make a certificate and write it, for this user's eyes only.

    Raises
    ------
    MissingExtraError
        If the packages for it are not there.
    OutputError
        If it cannot be written.
    """
    try:
        import trustme
    except ImportError:
        raise MissingExtraError("a cluster of many computers", "batch") from None
    authority = trustme.CA(organization_name="stringart", organization_unit_name="a cluster of one user")
    leaf = authority.issue_cert("stringart-cluster", organization_name="stringart")  # Dask goes by the authority alone
    made = Certificate(
        key=leaf.private_key_pem.bytes().decode(),
        certificate=leaf.cert_chain_pems[0].bytes().decode(),
        authority=authority.cert_pem.bytes().decode(),
    )
    keep_certificate(made, path)
    return made


def keep_certificate(certificate: Certificate, path: Path) -> None:
    """Write a certificate for this user's eyes only.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    make_folder(path.parent)
    write_atomically(path, certificate.text.encode(), mode=0o600)


def certificate_for(scheduler: str, given: Path | None) -> "distributed.Security | None":
    """Return what a scheduler asks for: the file that is given, what Dask's own settings say, or this computer's file.

    Parameters
    ----------
    scheduler : str
        Its address; only one that begins with ``tls://`` asks for anything.
    given : Path, optional

    Raises
    ------
    CertificateError
        If there is none.
    """
    import dask

    if not scheduler.startswith("tls://"):
        return None
    if given is None and dask.config.get("distributed.comm.tls.ca-file", None):
        return None
    path = given or certificate_file()
    if not path.exists():
        raise CertificateError(
            f"the scheduler '{scheduler}' asks for its certificate, and '{path}' does not exist",
            "copy it from the scheduler's computer, and name it: --certificate cluster.pem",
        )
    return read_certificate(path).security
