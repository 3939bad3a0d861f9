"""The gap of the optimiser on the published instances, at given time limits, against its own bound and the reference.

Usage: planning.py INSTANCES_FOLDER [--kinds tiny,village,valley,district] [--seconds 30,120] [--goal A|B]
                   [--threads N] [--only NAME]
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from pathlib import Path

from cn_planner.planning.instance import read_instance
from cn_planner.planning.optimise import optimise


def references(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    table = folder / "reference.csv"
    if not table.is_file():
        return {}
    return {(row["instance"], row["goal"]): row for row in csv.DictReader(table.read_text().splitlines())}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kinds", default="tiny,village,valley,district")
    parser.add_argument("--seconds", default="30")
    parser.add_argument("--goal", choices=["A", "B"], default="A")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="", help="part of an instance's name")
    words = parser.parse_args()
    known = references(words.folder)
    print("instance seconds status cost served bound gap_pct stopped_by reference", flush=True)
    for kind in words.kinds.split(","):
        for limit in (float(s) for s in words.seconds.split(",")):
            worst = 0.0
            for path in sorted(words.folder.glob(f"{kind}-*.json.gz")):
                name = path.name.removesuffix(".json.gz")
                row = known.get((name, words.goal), {})
                if words.only not in name or (words.goal == "B" and not row):
                    continue
                budget = float(row["budget"]) if words.goal == "B" else None
                start = time.perf_counter()
                solution = optimise(read_instance(path), budget=budget, time_limit_s=limit, threads=words.threads)
                took = time.perf_counter() - start
                worst = max(worst, solution.gap or 0.0)
                bound = solution.lower_bound if budget is None else solution.upper_bound
                gap = None if solution.gap is None else round(100.0 * solution.gap, 2)
                print(
                    name, round(took, 1), solution.status.value, json.dumps(solution.cost),
                    json.dumps(solution.served_weight), json.dumps(bound), gap, solution.stopped_by.value,
                    row.get("best_bound", ""), flush=True,
                )  # fmt: skip
            print(f"{kind} at {limit:g} s: worst gap {100.0 * worst:.2f} %", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
