"""What many pieces cost: 100 photos on the local cluster, against the same ones made one after another in one process.

    python tests/benchmarks/many_pieces.py [--photos 100] [--lines 2000] [--quality normal] [--side PIXELS]
                                            [--alone 60] [--kills 20] [--elsewhere] [--keep DIR]

The photos are crops and tones of the examples and of scikit-image's samples. Prints CPU seconds a plan, begun and warm,
the memory of every process over time; ``--kills`` kills workers at random moments, ``--elsewhere`` works through a
scheduler with two workers, of which one is killed and another one added. Plans are compared byte for byte. Other
options are those of ``stringart batch``: ``--pins 120``.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import skimage.data
from PIL import Image, ImageOps

STRINGART = str(Path(sys.executable).with_name("stringart"))
EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLES = ("astronaut", "camera", "chelsea", "coffee", "rocket", "coins", "moon", "page", "clock")


tell = partial(print, flush=True)


def make_photos(folder: Path, count: int, largest_px: int) -> list[Path]:
    """Write crops of pictures in different tones."""
    chance = random.Random(1)
    pictures = [Image.fromarray(getattr(skimage.data, name)()) for name in SAMPLES]
    pictures += [Image.open(file) for file in sorted(EXAMPLES.glob("*.jpg"))]
    made = []
    for number in range(count):
        picture = pictures[number % len(pictures)].convert("RGB")
        side = chance.randint(min(picture.size) * 2 // 3, min(picture.size))
        left, top = (chance.randint(0, length - side) for length in picture.size)
        crop = ImageOps.autocontrast(picture.crop((left, top, left + side, top + side)))
        crop.thumbnail((largest_px, largest_px))
        gamma = chance.uniform(0.7, 1.4)
        toned = crop.point(lambda v, gamma=gamma: round(255 * (v / 255) ** gamma))
        made.append(folder / f"{number:03}.png")
        toned.save(made[-1])
    return made


def ran(words: list[str], watch: bool = False) -> tuple[float, float, list[dict[int, int]]]:
    """Run a command; return CPU seconds with all children, seconds, and the memory of each process over time."""
    begin = time.monotonic()
    seen: list[dict[int, int]] = []
    with tempfile.TemporaryFile("w+") as told:
        child = subprocess.Popen([STRINGART, *words], stderr=told)
        while True:
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if watch:
                seen.append(memory_mb(child.pid))
            time.sleep(0.2)
        child.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        if child.returncode:
            sys.exit(f"{' '.join(words[:2])} ... ended with {child.returncode}:\n{told.read()}")
    return used.ru_utime + used.ru_stime, time.monotonic() - begin, seen


def memory_mb(pid: int) -> dict[int, int]:
    """Resident megabytes of a process and each of its children."""
    found = {}
    try:
        parent = psutil.Process(pid)
        for process in (parent, *parent.children()):
            found[process.pid] = process.memory_info().rss // 10**6
    except psutil.Error:
        pass
    return found


def warm_cpu_s(photos: list[Path], words: list[str], at_once: int = 1) -> float:
    """CPU seconds that the same plans take one after another in a warm process; with others like it beside, if told."""
    code = (
        "import sys, time, click\n"
        "from stringart.cli._design_options import design_options\n"
        "from stringart.many.work import SHOWN, Task, make\n"
        "from stringart.order.loaded import load_order, read_picture\n"
        "@click.command()\n@click.argument('photos', nargs=-1)\n@design_options\n"
        "def run(photos, order):\n"
        "    loaded = load_order(order)\n"
        "    def work(photo):\n"
        "        whole = {'is_judged': True, 'exports': (SHOWN,)}  # as a batch has it\n"
        "        make(Task(name='x', photo=read_picture(photo), loaded=loaded, **whole))\n"
        "    work(photos[0])\n"
        "    begin = time.process_time()\n"
        "    for photo in photos: work(photo)\n"
        "    print(time.process_time() - begin)\n"
        "run(standalone_mode=False)\n"
    )
    one = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command = [sys.executable, "-c", code, *map(str, photos), *words]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | one) for _ in range(at_once)
    ]
    return sum(float(child.communicate()[0]) for child in running) / at_once


def plans(folder: Path) -> dict[str, bytes]:
    """Return all plans of a folder."""
    return {
        path.name: path.read_bytes() for path in folder.glob("*.json") if not path.name.startswith((".", "pieces."))
    }


def kill_workers(photos: list[Path], out: Path, words: list[str], kills: int) -> int:
    """Run a batch and kill workers at random moments between its plans; return how many."""
    chance, done = random.Random(2), 0
    after = sorted(chance.randint(1, len(photos) - 5) for _ in range(kills))
    command = [STRINGART, "batch", *map(str, photos), "-o", str(out), "--verbose", *words]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    finished = 0
    for line in child.stderr:
        finished += f" of {len(photos)}: " in line
        while done < len(after) and after[done] <= finished:
            time.sleep(chance.uniform(0, 1.5))
            workers = [p for p in psutil.Process(child.pid).children() if "spawn_main" in " ".join(p.cmdline())]
            if workers:
                chance.choice(workers).send_signal(signal.SIGKILL)
                done += 1
    assert child.wait() == 0
    return done


def elsewhere(photos: list[Path], out: Path, words: list[str], folder: Path) -> None:
    """Run a batch through a scheduler; kill one of its two workers after a while, and add another."""
    where = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    host = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", *host, "--port", "0"]
    running = [subprocess.Popen([*scheduler, "--scheduler-file", str(where)], cwd="/", **quiet)]
    while not where.exists() or not where.read_bytes().endswith(b"}"):
        time.sleep(0.1)
    address = json.loads(where.read_bytes())["address"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", *host]
    running += [subprocess.Popen(worker, cwd="/", **quiet) for _ in range(2)]
    command = [STRINGART, "batch", *map(str, photos), "-o", str(out), "--scheduler", address, "--verbose", *words]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    for number, _ in enumerate(child.stderr):
        if number == len(photos):
            running[1].kill()
            running.append(subprocess.Popen(worker, cwd="/", **quiet))
    assert child.wait() == 0
    for process in running:
        process.kill()
        process.wait()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--lines", default="2000")
    parser.add_argument("--quality", default="normal")
    parser.add_argument("--side", type=int, default=4096, help="pixels of a photo's side at most")
    parser.add_argument("--alone", type=int, default=0, help="photos that one process makes for comparison; all")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--elsewhere", action="store_true")
    parser.add_argument("--keep", type=Path, help="a new folder that photos, plans and the contact sheet stay in")
    wanted, others = parser.parse_known_args()
    words = ["--lines", wanted.lines, "--quality", wanted.quality, "--importance", "none", "--no-defaults", *others]
    with tempfile.TemporaryDirectory() as name:
        folder = wanted.keep or Path(name)
        folder.mkdir(exist_ok=True)
        photos = make_photos(folder, wanted.photos, wanted.side)
        alone = photos[: wanted.alone or len(photos)]
        warm_s = warm_cpu_s(alone, words) / len(alone)
        idle, _, _ = ran(["batch", *map(str, photos[:2]), "-o", str(folder / "one"), "--workers", "2", *words])
        command = ["batch", *map(str, photos), "-o", str(folder / "out"), "--workers", "2", *words]
        cpu, seconds, seen = ran(command, watch=True)
        count = len(photos)
        start_up = idle - 2 * warm_s  # one photo for each worker
        tell(f"{count} photos: {seconds:.0f} s, {cpu:.1f} s CPU with all processes")
        tell(f"one warm process: {warm_s:.3f} s CPU a plan; start-up of the batch {start_up:.1f} s CPU")
        each = (cpu - start_up) / count
        tell(f"the batch: {each:.3f} s CPU a plan after its start-up, {each / warm_s - 1:+.1%}")
        for share in (0.1, 0.25, 0.5, 0.75, 0.95):
            tell(f"memory at {share:.0%}: {sorted(seen[int(share * len(seen))].values())} MB")
        tell("largest:", np.max([max(one.values()) for one in seen if one]), "MB")
        some = photos[:60]  # what other load of the computer does to such figures
        tell(f"the warm process again, {len(some)} of them: {warm_cpu_s(some, words) / len(some):.3f} s CPU a plan")
        tell(f"two such processes beside each other: {warm_cpu_s(some, words, 2) / len(some):.3f} s CPU a plan")
        calm = plans(folder / "out")
        assert len(calm) == count
        if wanted.kills:
            killed = kill_workers(photos, folder / "killed", words, wanted.kills)
            assert plans(folder / "killed") == calm
            tell(f"{killed} workers killed at random moments: all {count} plans are there, byte for byte")
        if wanted.elsewhere:
            elsewhere(photos, folder / "elsewhere", words, folder)
            assert plans(folder / "elsewhere") == calm
            tell(f"a scheduler and workers elsewhere, one killed, one added: all {count} plans, byte for byte")


if __name__ == "__main__":
    main()
