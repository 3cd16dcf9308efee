"""OctoPrint's virtual printer on a pseudo-terminal; runs in an environment that has OctoPrint, and nothing of ours.

Prints the device's name. Every move that the printer performs is appended to the file given as argument. Lines on
standard input are debug commands of the virtual printer (``!!DEBUG:...`` without the prefix), or ``lose_ok``.
"""

import copy
import os
import sys
import tempfile
import threading
import tty

from octoprint.plugins.virtual_printer import VirtualPrinterPlugin, virtual


class Settings:
    """What the virtual printer asks of OctoPrint's settings."""

    def __init__(self, changes):
        self.values = copy.deepcopy(VirtualPrinterPlugin().get_settings_defaults())
        self.values.update(changes)

    def get(self, path, **_):
        value = self.values
        for key in path:
            value = value[key]
        return value

    def get_int(self, path):
        return int(self.get(path))

    def get_float(self, path):
        return float(self.get(path))

    def get_boolean(self, path):
        return bool(self.get(path))

    def global_get_basefolder(self, _name):
        return tempfile.mkdtemp()


class NoPlugins:
    """A plugin manager without plugins."""

    def get_hooks(self, _name):
        return {}


class Profiles:
    """A printer profile that is never looked at closely."""

    def get_current_or_default(self):
        return {
            "volume": {"width": 500, "depth": 500, "height": 100, "formFactor": "rectangular"},
            "extruder": {"count": 1},
        }


def main(record_path):  # noqa: C901  (a script)
    virtual.plugin_manager = NoPlugins
    record = open(record_path, "a", buffering=1)  # noqa: SIM115, PTH123  (kept open for good)
    perform = virtual.VirtualPrinter._performMove

    def recorded(self, line):
        record.write(line + "\n")
        perform(self, line)

    virtual.VirtualPrinter._performMove = recorded
    kinds = ["resend", "checksum_mismatch"]
    errors = [f"{number}:{kinds[number % 2]}" for number in range(40, 400, 7)] + ["111:missing_lineno"]
    settings = Settings({"sendBusy": True, "busyInterval": 0.5, "simulated_errors": errors, "throttle": 0.0})
    printer = virtual.VirtualPrinter(settings, Profiles(), tempfile.mkdtemp(), read_timeout=0.5)
    master, slave = os.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)

    def to_printer():
        while True:
            for line in os.read(master, 4096).splitlines(keepends=True):
                while line:  # it reads one line for each write
                    line = line[printer.write(line) :]

    def to_host():
        while True:
            line = printer.readline()
            if line:
                os.write(master, line.rstrip(b"\n") + b"\n")

    for work in (to_printer, to_host):
        threading.Thread(target=work, daemon=True).start()
    for command in sys.stdin:
        if command.strip() == "lose_ok":
            printer._prepared_oks.append(None)
        else:
            printer._debugTrigger(command.strip())
    os._exit(0)


main(sys.argv[1])
