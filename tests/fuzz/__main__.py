"""Give damaged files to every reader.

    python3 run.py fuzz --minutes 60 [--seed S] [--readers "csv homes" xlsx] [--inputs 20000] [--first 0]
    python3 run.py fuzz --again READER NUMBER --seed S [--keep FOLDER]

The time is the processor's, and it is shared between the readers; with --inputs each is given so many and then no more.
Each input that is neither read nor refused in words is printed with what makes it again. The end is 0 where there is
none.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # what every room's tests share

from . import engine
from .engine import Tally
from .readers import READERS


def main() -> int:
    """Do what the words say."""
    if sys.argv[1:2] == ["child"]:
        name, seed, start, stop, seconds, told = sys.argv[2:]
        return engine.child(name, int(seed), int(start), int(stop), float(seconds), told)
    if sys.argv[1:2] == ["again"]:
        return engine.again(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--readers", nargs="+", choices=list(READERS), default=list(READERS), metavar="READER")
    parser.add_argument("--inputs", type=int, default=10**9, help="of each reader, at most")
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first input: a long run may be cut in slices"
    )
    parser.add_argument("--again", nargs=2, metavar=("READER", "NUMBER"))
    parser.add_argument("--keep", type=Path, help="where the file of --again is put")
    asked = parser.parse_args()
    if asked.again:
        keep = None
        if asked.keep is not None:
            asked.keep.mkdir(parents=True, exist_ok=True)
            keep = lambda path: shutil.copy(path, asked.keep)  # noqa: E731
        return engine.again(asked.again[0], asked.seed, int(asked.again[1]), keep)
    print(f"seed {asked.seed}, {len(asked.readers)} readers", flush=True)
    tallies = {name: Tally() for name in asked.readers}
    following, end = dict.fromkeys(asked.readers, asked.first), asked.first + asked.inputs
    left = 60.0 * asked.minutes
    # The quick ones do not need their share: what they leave, the others have.
    for turn, share in enumerate((0.2, 0.4, 1.0)):
        open_ = [name for name in asked.readers if following[name] < end]
        for position, name in enumerate(open_):
            tally = tallies[name]
            before, known = tally.seconds, set(tally.findings)
            spend = share * left / (len(open_) - position) if share < 1.0 else left / (len(open_) - position)
            following[name] = engine.run(name, asked.seed, following[name], end, max(spend, 0.5), tally)
            left -= tally.seconds - before
            for one in sorted(set(tally.findings) - known):
                print(f'FINDING --again "{name}" {tally.first[one]} --seed {asked.seed}: {one}', flush=True)
            print(f"turn {turn} {line_of(name, tally)}", flush=True)
            if left <= 0.0:
                break
    return report(tallies)


def line_of(name: str, tally: Tally) -> str:
    """Return the row of a reader."""
    rate = tally.inputs / tally.seconds if tally.seconds else 0.0
    return (
        f"| {name} | {tally.inputs} | {tally.read} | {tally.refused} | {tally.held} | {sum(tally.wall.values())} | "
        f"{tally.findings.total()} | {rate:.0f} |"
    )


def report(tallies: dict[str, Tally]) -> int:
    """Print the table; return 1 where anything was found."""
    print("\n| reader | inputs | read | refused | held apart | of these at the wall | findings | a second |")
    print("|---|---|---|---|---|---|---|---|")
    whole = Tally()
    for name, tally in tallies.items():
        print(line_of(name, tally))
        whole.add({**vars(tally)})
    print(line_of("all", whole))
    for place, count in whole.wall.most_common(40):
        print(f"at the wall {count} times: {place}")
    for place, count in whole.findings.most_common():
        print(f"FOUND {count} times: {place}")
    return int(bool(whole.findings))


if __name__ == "__main__":
    sys.exit(main())
