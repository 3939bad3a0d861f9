"""What an edit costs until it is on the disk, with synchronous = EXTRA and, for comparison, with less."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from plan_examples import many_homes

from cn_planner.model import edits
from cn_planner.model.plan import Household, Plan
from cn_planner.storage.plan_file import PlanFile

MOST_MS = 5.0


def cost_ms(count: int, synchronous: str) -> list[float]:
    """Return how long so many edits of a plan of 500 homes took, ms each."""
    took = []
    with (
        tempfile.TemporaryDirectory(prefix="commit-") as folder,
        PlanFile.create(Path(folder) / "a.cnplan.gpkg", Plan()) as file,
    ):
        file.commit(edits.put(file.plan, many_homes(500)))
        file._open_connection.execute(f"PRAGMA synchronous = {synchronous}")
        for number in range(count):
            edit = edits.put(file.plan, [Household(f"h{number % 40}", f"edit {number}", -1.0, 36.0)])
            begun = time.perf_counter()
            file.commit(edit)
            took.append(1000.0 * (time.perf_counter() - begun))
    return took


def sync_ms(count: int) -> float:
    """Return what half of the disk's own syncs of one page take no longer than, ms."""
    took = []
    with tempfile.NamedTemporaryFile(prefix="commit-") as file:
        for _ in range(count):
            file.write(bytes(4096))
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            took.append(1000.0 * (time.perf_counter() - begun))
    return statistics.median(took)


def run(count: int) -> bool:
    """Print what edits cost; return whether half of them cost no more than is asked."""
    print("| synchronous | edits | median ms | 95 of 100, ms | most, ms |\n|---|---|---|---|---|")
    middle: dict[str, float] = {}
    for word in ("OFF", "NORMAL", "FULL", "EXTRA"):
        took = sorted(cost_ms(count, word))
        middle[word] = statistics.median(took)
        print(f"| {word} | {count} | {middle[word]:.2f} | {took[int(0.95 * count)]:.2f} | {took[-1]:.2f} |", flush=True)
    print(f"a sync of one page by itself: {sync_ms(count):.2f} ms; an edit has four with EXTRA, three with FULL")
    return middle["EXTRA"] < MOST_MS
