"""Serial ports: which are there, and which of them is the one we had."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A serial port of this computer.

    Attributes
    ----------
    address : str
        What to open: a device name or any URL that pyserial knows.
    description, manufacturer : str
    vendor_id, product_id : int or None
        USB ids.
    serial_number : str
        USB serial number, empty when there is none.
    """

    address: str
    description: str = ""
    manufacturer: str = ""
    vendor_id: int | None = None
    product_id: int | None = None
    serial_number: str = ""


def list_ports() -> list[Port]:
    """Serial ports of this computer that may be a machine, sorted by address."""
    raise NotImplementedError


def find_again(port: Port) -> Port | None:
    """The same device under whatever name it has now, by vendor, product and serial number; None if absent."""
    raise NotImplementedError
