"""What the plan file promises: opens in under 1 s with 10,000 homes, commits an edit in under 3 ms and 100 KB.

    python benchmarks/plan_file.py [FOLDER]

FOLDER is on the disk to be measured (by default the folder for temporary files). A commit waits for the disk four times
(journal, its header, the file, the folder), so the disk's own time for one wait is printed beside it.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.plan import Household, Link, Plan, Site
from cn_planner.storage.plan_file import PlanFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.model.history import Edit

HOMES = 10_000
IMPORT = 26_946
EDITS = 300


def homes(count: int) -> list[Household]:
    """Return so many homes, scattered."""
    return [
        Household(f"home-{n:05}", f"House {n}", -1.0 - (n * 7919 % 10007) * 1e-5, 36.0 + (n * 104729 % 10009) * 1e-5)
        for n in range(count)
    ]


def plan_of(count: int) -> Plan:
    """Return a plan with so many homes, 30 sites and their links."""
    sites = [Site(f"site-{n:02}", f"Hill {n}", -1.0 - n * 1e-2, 36.0 + n * 1e-2) for n in range(30)]
    links = [Link(f"link-{n:02}", f"site-{n:02}", f"site-{n + 1:02}") for n in range(29)]
    return edits.put(Plan(), [*sites, *links, *homes(count)]).plan


def seconds(work: Callable[[], object]) -> float:
    """Return how long a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def written_bytes() -> int:
    """Return what this process has handed to write calls so far; 0 where the system does not say."""
    counters = Path("/proc/self/io")
    if not counters.exists():
        return 0
    return int(dict(line.split(": ") for line in counters.read_text().splitlines())["wchar"])


def one_wait(folder: Path) -> float:
    """Return the median time of bringing one page to this disk."""
    path = folder / "wait"
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    times = []
    for _ in range(50):
        os.write(handle, bytes(4096))
        times.append(seconds(lambda: os.fsync(handle)))
    os.close(handle)
    path.unlink()
    return statistics.median(times)


def say(what: str, value: float, unit: str, promise: str = "") -> None:
    """Print a line."""
    print(f"{what:<58}{value:>10.2f} {unit:<4}{promise}")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        folder = Path(name)
        path = folder / "bench.cnplan.gpkg"
        say("the disk: one wait (fsync of a page)", one_wait(folder) * 1e3, "ms")
        plan = plan_of(HOMES)
        say(f"create, {HOMES} homes", seconds(lambda: PlanFile.create(path, plan).close()), "s")
        say("size", path.stat().st_size / 1e6, "MB")
        say("open", min(seconds(lambda: PlanFile.open(path).close()) for _ in range(5)), "s", "promised: 1")

        with PlanFile.open(path) as file:
            kinds: dict[str, Callable[[int], Edit]] = {
                "move a home": lambda n: edits.put(
                    file.plan, [replace(file.plan.households[f"home-{n:05}"], latitude=-1.5)]
                ),
                "add a home": lambda n: edits.put(file.plan, [Household(f"new-{n:05}", "New", -1.0, 36.0)]),
                "move a site with two links": lambda n: edits.put(
                    file.plan, [replace(file.plan.sites["site-10"], latitude=-1.5 - n * 1e-6)]
                ),
                "change a setting": lambda n: edits.change_section(file.plan, "costs", labour_day=float(n)),
            }
            for kind, make in kinds.items():
                times, sizes = [], []
                for n in range(EDITS):
                    edit, before = make(n + 1), written_bytes()
                    times.append(seconds(lambda edit=edit: file.commit(edit)))
                    sizes.append(written_bytes() - before)
                say(f"commit: {kind}, median", statistics.median(times) * 1e3, "ms", "promised: 3")
                say(f"commit: {kind}, 95 of 100 within", sorted(times)[int(0.95 * EDITS)] * 1e3, "ms")
                say(f"commit: {kind}, most written", max(sizes) / 1e3, "KB", "promised: 100")
            say("undo, median", statistics.median(seconds(file.undo) for _ in range(EDITS)) * 1e3, "ms")
        say(
            f"open, with {EDITS * len(kinds)} steps",
            min(seconds(lambda: PlanFile.open(path).close()) for _ in range(5)),
            "s",
        )

        path = folder / "import.cnplan.gpkg"
        with PlanFile.create(path, plan_of(0)) as file:
            many = edits.put(file.plan, homes(IMPORT))
            say(f"commit: import {IMPORT} homes", seconds(lambda: file.commit(many)), "s")
            say("size", path.stat().st_size / 1e6, "MB")
            served = [replace(home, server="site-01") for home in file.plan.households.values()]
            size = path.stat().st_size
            change = edits.put(file.plan, served, msg("serve all"))
            say("commit: change every home", seconds(lambda: file.commit(change)), "s")
            say("size of that step, with what the rows grew", (path.stat().st_size - size) / 1e6, "MB")
            say("undo of it", seconds(file.undo), "s")
            say("undo of the import", seconds(file.undo), "s")
            say("redo of the import", seconds(file.redo), "s")
        say(f"open, {IMPORT} homes", min(seconds(lambda: PlanFile.open(path).close()) for _ in range(3)), "s")


if __name__ == "__main__":
    main()
