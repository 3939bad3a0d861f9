"""How long whole commands take, and how much memory the demo: ``python benchmarks/command_line.py``.

Each figure is that of a fresh process; the least of several runs is the one that the machine's other work touched
least. The elevation files are those of shared/data beside the project.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TILES = [DATA / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")]
LINK = [
    "link",
    "--dem",
    *map(str, TILES),
    "--from",
    "42.09322,1.8082,10",
    "--to",
    "41.92,1.75,10",
    "--freq-mhz",
    "5800",
]


def run(words: list[str], cache: str | None = None) -> tuple[float, float]:
    """Return seconds and peak MB (1e6 bytes) of one process."""
    environment = os.environ | ({"XDG_CACHE_HOME": cache} if cache else {})
    before = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "cn_planner.cli.main", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - before
    assert process.returncode == 0, words
    return seconds, usage.ru_maxrss * 1024 / 1e6


def main() -> None:
    for name, words, times, bar in (("--help", ["--help"], 7, 0.3), ("link, 20 km", LINK, 7, 0.6)):
        if name != "--help" and not TILES[0].exists():
            print(f"{name}: shared/data is not beside the project")
            continue
        runs = sorted(run(words)[0] for _ in range(times))
        print(f"{name}: least {runs[0]:.2f} s, median {runs[len(runs) // 2]:.2f} s (bar {bar} s)")
    with tempfile.TemporaryDirectory() as folder:
        for name, cache in (("first use", f"{folder}/cache"), ("kernels compiled", f"{folder}/cache")):
            seconds, peak = run(["demo", "--out", f"{folder}/demo", "--date", "2026-11-25"], cache)
            print(f"demo, {name}: {seconds:.1f} s, {peak:.0f} MB (bars 90 s at first, then 30 s; 500 MB)")


if __name__ == "__main__":
    main()
