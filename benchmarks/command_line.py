"""How long whole commands take, and how much memory the demo: ``python benchmarks/command_line.py``.

Each figure is that of a fresh process; the least of several runs is the one that the machine's other work touched
least. The elevation files are those of shared/data beside the project.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TILES = [DATA / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")]
PROGRAM = ["-m", "cn_planner.cli.main"]
LINK = [
    "link",
    "--from",
    "42.09322,1.8082,10",
    "--to",
    "41.92,1.75,10",
    "--freq-mhz",
    "5800",
]


def run(words: list[str], cache: str | None = None) -> tuple[float, float, float]:
    """Return seconds, seconds of the processor, and peak MB (1e6 bytes) of one process and those that it waited for."""
    environment = os.environ | ({"XDG_CACHE_HOME": cache} if cache else {})
    before = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - before
    assert process.returncode == 0, words
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def starts(folder: str) -> None:
    """Print how long a command takes that reads nothing, and one link; in turn, so that other work weighs on all."""
    plain = []
    for packed in TILES:
        with zipfile.ZipFile(packed) as archive:
            plain.append(archive.extract(archive.namelist()[0], folder))
    copies = [shutil.copy(packed, folder) for packed in TILES]
    cases = {
        "python -c pass": lambda _: run(["-c", "pass"]),
        "--help": lambda _: run([*PROGRAM, "--help"]),
        "link, 20 km, .hgt": lambda _: run([*PROGRAM, *LINK, "--dem", *plain], f"{folder}/cache"),
        "link, zipped, the first": lambda n: run([*PROGRAM, *LINK, "--dem", *copies], f"{folder}/cache{n}"),
        "link, zipped, the next": lambda n: run([*PROGRAM, *LINK, "--dem", *copies], f"{folder}/cache{n}"),
    }
    time.sleep(2.5)  # a file that was just made is not kept
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    for n in range(7):
        for name, case in cases.items():
            took[name].append(case(n)[:2])
    for name, each in took.items():
        seconds = sorted(one for one, _ in each)
        print(f"{name}: least {seconds[0]:.2f} s, median {seconds[3]:.2f} s; processor {min(c for _, c in each):.2f} s")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        if TILES[0].exists():
            starts(folder)
        else:
            print("shared/data is not beside the project")
    with tempfile.TemporaryDirectory() as folder:
        for name, cache in (("first use", f"{folder}/cache"), ("kernels compiled", f"{folder}/cache")):
            seconds, _, peak = run([*PROGRAM, "demo", "--out", f"{folder}/demo", "--date", "2026-11-25"], cache)
            print(f"demo, {name}: {seconds:.1f} s, {peak:.0f} MB (bars 90 s at first, then 30 s; 500 MB)")


if __name__ == "__main__":
    main()
