"""Arduino sketches on a simulated Uno: compiled with Arduino's own core, run on simavr, a turntable round it."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from shutil import which
from threading import Thread

CORE = Path("/usr/share/arduino/hardware/arduino/avr")
SKETCHES = Path(__file__).parent.parent / "examples" / "arduino"
#: A small fast board, so that 300 wraps take seconds: 800 steps a turn, no ramp, a servo of a millisecond.
FAST = ("-DSTEPS_PER_TURN=800UL", "-DSLOW_US=8", "-DFAST_US=8", "-DRAMP_STEPS=1", "-DNEEDLE_MS=1")
_BOARD = (
    "-mmcu=atmega328p", "-DF_CPU=16000000L", "-DARDUINO=10819", "-DARDUINO_AVR_UNO", "-DARDUINO_ARCH_AVR", "-Os",
    "-ffunction-sections", "-fdata-sections", f"-I{CORE}/cores/arduino", f"-I{CORE}/variants/standard",
    f"-I{CORE}/libraries/EEPROM/src", "-fno-threadsafe-statics",
)  # fmt: skip
_OF_CORE = (
    "wiring.c", "wiring_digital.c", "hooks.c", "main.cpp", "HardwareSerial.cpp", "HardwareSerial0.cpp", "Print.cpp",
    "Stream.cpp", "abi.cpp",
)  # fmt: skip


def missing() -> str:
    """Which Debian packages are not there; empty if all are."""
    there = {
        "gcc-avr": which("avr-g++"), "gcc": which("gcc"), "arduino-core-avr": CORE.is_dir(),
        "libsimavr-dev": Path("/usr/include/simavr/sim_avr.h").exists(),
    }  # fmt: skip
    return " ".join(name for name, found in there.items() if not found)


def build(folder: Path) -> Callable[[str, Path], Path]:
    """Compile the bench and Arduino's core; the result compiles a sketch of ours, with a folder for its headers."""
    source = Path(__file__).parent / "arduino" / "bench.c"
    jobs = [
        ["gcc", "-O2", "-Wall", "-Werror", str(source), "-o", str(folder / "bench"), "-lsimavr"],
        *(_of_core(folder, name) for name in _OF_CORE),
    ]  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_run, jobs))

    def compile_sketch(name: str, headers: Path) -> Path:
        object_file, firmware = folder / f"{name}.o", folder / f"{name}.elf"
        _run([
            "avr-g++", *_BOARD, *FAST, f"-I{headers}", "-std=gnu++11", "-Wall", "-Wextra", "-Werror", "-fno-exceptions",
            "-x", "c++", "-include", "Arduino.h", "-c", str(SKETCHES / name / f"{name}.ino"), "-o", str(object_file),
        ])  # fmt: skip
        parts = [str(folder / f"{part}.o") for part in _OF_CORE]
        _run(["avr-gcc", "-mmcu=atmega328p", "-Wl,--gc-sections", str(object_file), *parts, "-o", str(firmware)])
        return firmware

    return compile_sketch


def _of_core(folder: Path, name: str) -> list[str]:
    kind = ["avr-gcc", "-std=gnu11"] if name.endswith(".c") else ["avr-g++", "-std=gnu++11", "-fno-exceptions"]
    return [*kind, *_BOARD, "-w", "-c", str(CORE / "cores" / "arduino" / name), "-o", str(folder / f"{name}.o")]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]


class Bench:
    """A board that runs a sketch; what it does comes as lines (see tests/arduino/bench.c)."""

    def __init__(self, folder: Path, firmware: Path) -> None:
        self._process = subprocess.Popen(
            [str(folder / "bench"), str(firmware)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self.events: list[tuple[str, int]] = []
        self.port = ""
        self.expect("port")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    def tell(self, text: str) -> None:
        """Obey a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")

    def take(self, timeout_s: float = 300.0) -> str:
        """The next thing that happens: its first word, or the line that the sketch says."""
        while True:
            word, _, rest = self._lines.get(timeout=timeout_s).strip().partition(" ")
            if word == "port":
                self.port = rest
            elif word in ("out", "in", "cut", "count"):
                self.events.append((word, int(rest)))
            elif word == "said":
                return rest
            elif word != "unplugged":
                continue  # of simavr
            return word

    def expect(self, what: str) -> None:
        """Wait until something happens, or is said by the sketch."""
        while not self.take().startswith(what):
            pass

    def count(self) -> int:
        """Steps so far."""
        self.tell("count")
        self.expect("count")
        return self.events[-1][1]

    def wraps(self, pins: int, steps: int) -> list[tuple[int, int]]:
        """(pin, side) of each time that the needle went out and came in, from the motor's steps alone."""
        with_in = zip(self.events, self.events[1:], strict=False)
        pairs = [(a[1], b[1]) for a, b in with_in if (a[0], b[0]) == ("out", "in")]
        # the needle stands in the gap after pin 0 where counting begins
        gaps = [(round(at * pins / steps), round(back * pins / steps)) for at, back in pairs]
        return [(max(at, back) % pins, back - at) for at, back in gaps]

    def close(self) -> None:
        """Switch it off."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(300.0)
        self._reader.join(10)
        self._process.stdout.close()
