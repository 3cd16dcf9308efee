"""Serial ports: which are there, and which of them is the one we had."""

from __future__ import annotations

from dataclasses import dataclass

from serial.tools import list_ports as pyserial_ports
from serial.tools.list_ports_common import ListPortInfo

from firmware_io.arguments import instance
from firmware_io.errors import PortError


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A serial port of this computer.

    Attributes
    ----------
    address : str
        What to open: a device name or any URL that pyserial knows.
    description, manufacturer : str
        As the device calls itself.
    vendor_id, product_id : int or None
        USB ids.
    serial_number : str
        USB serial number, empty when there is none.
    location : str
        Where on the USB tree it is plugged in; tells devices without a serial number apart.
    """

    address: str
    description: str = ""
    manufacturer: str = ""
    vendor_id: int | None = None
    product_id: int | None = None
    serial_number: str = ""
    location: str = ""

    @property
    def identity(self) -> str:
        """A name for the machine that stays the same under another device name."""
        if self.vendor_id is None or self.product_id is None:
            return self.address
        return f"{self.vendor_id:04x}:{self.product_id:04x}:{self.serial_number or self.location}"


def list_ports() -> list[Port]:
    """Serial ports of this computer that may be a machine, sorted by address; USB devices come first."""
    found = [_port(info) for info in pyserial_ports.comports() if info.vid is not None or info.hwid not in ("", "n/a")]
    return sorted(found, key=lambda port: (port.vendor_id is None, port.address))


def find_port(address: str) -> Port:
    """What is known of the port at `address`; for a URL only its address."""
    instance(address, str, "address", "as in '/dev/ttyUSB0'; list_ports() finds them", PortError)
    return next((port for port in list_ports() if port.address == address), Port(address=address))


def find_again(port: Port) -> Port | None:
    """The same device under whatever name it has now, by vendor, product and serial number.

    Without a serial number the place on the USB tree decides; a device without USB ids, or a URL, is found under
    its own address only. None when it is absent, or when several could be meant.
    """
    instance(port, Port, "port", "find_port(address) makes one", PortError)
    here = list_ports()
    if port.vendor_id is None:
        if "://" in port.address:
            return port
        return next((other for other in here if other.address == port.address), None)
    same = [p for p in here if (p.vendor_id, p.product_id) == (port.vendor_id, port.product_id)]
    exact = [p for p in same if p.serial_number == port.serial_number]
    if not port.serial_number and len(exact) > 1:
        exact = [p for p in exact if p.location == port.location]
    return exact[0] if len(exact) == 1 else None


def _port(info: ListPortInfo) -> Port:
    return Port(
        address=info.device,
        description=info.description or "",
        manufacturer=info.manufacturer or "",
        vendor_id=info.vid,
        product_id=info.pid,
        serial_number=info.serial_number or "",
        location=info.location or "",
    )
