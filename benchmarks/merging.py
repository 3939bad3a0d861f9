"""Random pairs of edit runs brought together, held to the contract: ``benchmarks/merging.py [PAIRS]``."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from merge_examples import hold, run_of_edits, start


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    began, conflicts, clashing = time.process_time(), 0, 0
    for seed in range(pairs):
        draw = random.Random(1_000_000 + seed)  # noqa: S311 - not for secrets
        base = run_of_edits(start(), draw, draw.randrange(3))
        found = hold(base, *(run_of_edits(base, draw, draw.randrange(1, 9)) for _ in range(2)))
        conflicts += len(found.conflicts)
        clashing += bool(found.conflicts)
    print(f"{pairs} pairs held, {clashing} of them with {conflicts} conflicts: {time.process_time() - began:.0f} s")


if __name__ == "__main__":
    main()
