"""Show how much the program bears, in tables for docs/reliability.md.

    python3 run.py reliability kills [--count 1000] [--seed S]
    python3 run.py reliability cuts [--count 3]
    python3 run.py reliability full-disk [--count 120]
    python3 run.py reliability commit [--count 500]
    python3 run.py reliability hours [--count 4000] [--seed S]

Kills are spread over the acts; cuts are so many after each write; a full disk is tried at so many sizes; hours are acts
of a busy person. The end is 0 where nothing was found.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # what every room's tests share

USUAL = {"kills": 1000, "cuts": 3, "full-disk": 120, "commit": 500, "hours": 4000}


def main() -> int:
    """Do what the words say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("what", choices=USUAL)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    asked = parser.parse_args()
    count = asked.count or USUAL[asked.what]
    if asked.what == "kills":
        from .kills import run as kills

        fine = kills(count, asked.seed)
    elif asked.what == "cuts":
        from .cuts import run as cuts

        fine = cuts(count)
    elif asked.what == "full-disk":
        from .full_disk import run as full_disk

        fine = full_disk(count)
    elif asked.what == "commit":
        from .commit_cost import run as commit

        fine = commit(count)
    else:
        from .hours import run as hours

        fine = hours(count, asked.seed)
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
