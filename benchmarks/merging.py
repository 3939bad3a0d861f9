"""Random pairs of edit runs brought together, held to the contract: ``benchmarks/merging.py [PAIRS] [ROUNDS]``.

Then so many pairs of people who work on copies of one file for ten rounds, undo, and bring both together now and then.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from merge_examples import hold, run_of_edits, start
from merge_rounds import hold_rounds


def main() -> None:
    pairs, rounds = (int(sys.argv[n]) if len(sys.argv) > n else (10_000, 200)[n - 1] for n in (1, 2))
    began, conflicts, clashing = time.process_time(), 0, 0
    for seed in range(pairs):
        draw = random.Random(1_000_000 + seed)  # noqa: S311 - not for secrets
        base = run_of_edits(start(), draw, draw.randrange(3))
        found = hold(base, *(run_of_edits(base, draw, draw.randrange(1, 9)) for _ in range(2)))
        conflicts += len(found.conflicts)
        clashing += bool(found.conflicts)
    print(f"{pairs} pairs held, {clashing} of them with {conflicts} conflicts: {time.process_time() - began:.0f} s")
    met = 0
    for seed in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            met += hold_rounds(Path(folder), seed, 10)
    print(f"{rounds} pairs of people held, who met {met} times")


if __name__ == "__main__":
    main()
