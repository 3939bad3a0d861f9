"""How long the first use takes on a fresh install: every process with a compile cache that was empty at the start.

Run: ``python benchmarks/first_use.py``. Bars: the first line-of-sight map within 15 s, all models ready within
120 s, a first plan within 1.1 times its limit and 10 s. Maps are of shared/data/bench, cases of
shared/data/propagation beside the project. What the program tells meanwhile is printed, so that it is seen that it
says what it does.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
PROFILES = DATA / "propagation" / "profiles.npz"
EXAMPLE = Path(__file__).resolve().parents[1] / "resources" / "examples" / "bergueda"
LINE_OF_SIGHT_S, ALL_S = 15.0, 120.0
LIMIT_S = 60.0
PLAN_S = 1.1 * LIMIT_S + 10.0


def run(words: list[str], cache: str) -> tuple[float, str, str]:
    """Return how long a process takes, s, what it tells of its engine, and what it prints."""
    environment = os.environ | {"XDG_CACHE_HOME": cache}
    before = time.perf_counter()
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, env=environment, check=False)
    seconds = time.perf_counter() - before
    assert done.returncode == 0, done.stderr
    return seconds, next((line for line in done.stderr.splitlines() if "engine" in line), ""), done.stdout


def few(golden: Path, folder: Path) -> str:
    """Write the first three cases of a golden file, and return where."""
    with golden.open(newline="") as file:
        rows = list(csv.DictReader(file))[:3]
    path = folder / golden.name
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def main() -> int:
    """Print the figures; return 1 where a bar is not kept."""
    dem = DATA / "bench" / "utm30.tif"
    if not dem.exists():
        print("shared/data is not beside the project")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cache, out = str(folder / "cache"), str(folder / "out.tif")
        command = ["-m", "cn_planner.cli.main"]
        tower = ["--dem", str(dem), "--site", "44.27,-71.3,20", "--rx-height", "5", "--radius-km", "8", "--out", out]
        sight, said, _ = run([*command, "coverage", *tower, "--model", "los"], cache)
        print(f"first line-of-sight map: {sight:5.1f} s (at most {LINE_OF_SIGHT_S:.0f} s)   told: {said!r}")
        again, *_ = run([*command, "coverage", *tower, "--model", "los"], cache)
        print(f"  the same again:        {again:5.1f} s")
        every = sight
        maps = (
            ("fresnel", "--freq-mhz", "5800"),
            ("min-height", "--freq-mhz", "5800"),
            ("p526", "--freq-mhz", "5800"),
            ("free-space", "--freq-mhz", "5800"),
        )
        for model in maps:
            seconds, *_ = run([*command, "coverage", *tower, "--model", *model], cache)
            print(f"  map, {model[0]:18} {seconds:5.1f} s")
            every += seconds
        golden = DATA / "propagation"
        batch = (
            ("itm", golden / "itm_p2p.csv", ["--profiles", str(PROFILES)]),
            ("itm-area", golden / "itm_area.csv", []),
            ("p1812", golden / "p1812_py1812.csv",
             ["--profiles", str(PROFILES), "--clutter", str(golden / "p1812_clutter.npz")]),
        )  # fmt: skip
        for model, cases, files in batch:
            words = ["loss", "--model", model, "--cases", few(cases, folder), *files, "--out", str(folder / "out.csv")]
            seconds, *_ = run([*command, *words], cache)
            print(f"  batch, {model:16} {seconds:5.1f} s")
            every += seconds
        print(f"all models, one after the other: {every:5.1f} s (at most {ALL_S:.0f} s)")
        own = str(folder / "window")
        window, *_ = run(["-c", "from cn_planner.session.engine import make_engine_ready as f; f()"], own)
        print(f"the window's own, beside it:     {window:5.1f} s (at most {ALL_S:.0f} s)")
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
        words = [*command, "plan", str(next(folder.glob("*.cnplan.gpkg"))), "--time-limit", f"{LIMIT_S:.0f}", "--json"]
        plan, _, told = run(words, str(folder / "planner"))
        gap = json.loads(told)["gap"]
        print(f"a first plan, its limit {LIMIT_S:.0f} s:     {plan:5.1f} s (at most {PLAN_S:.0f} s), gap {gap:.1%}")
    return int(sight > LINE_OF_SIGHT_S or every > ALL_S or window > ALL_S or plan > PLAN_S)


if __name__ == "__main__":
    sys.exit(main())
