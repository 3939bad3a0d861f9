"""Runs of edits without end, for the test that kills them: each says the number of an edit once it is committed.

For each line of standard input one run is started: a process of its own, forked from this one, which has everything
loaded. It says its process number first; when it was killed, this one says so.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cn_planner.model import edits
from cn_planner.model.plan import Household
from cn_planner.storage.plan_file import PlanFile


def say(words: object) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def edit(path: Path) -> None:
    """Edit until killed."""
    with PlanFile.open(path) as file:
        say(os.getpid())
        while True:
            number = file.version
            if number % 7 == 5:
                file.undo()
            elif number % 7 == 6:
                file.redo()
            else:
                home = Household(f"h{number % 40}", f"edit {number}", -1.0, 36.0 + number * 1e-5)
                file.commit(edits.put(file.plan, [home]))
            say(file.version)


def main() -> None:
    """Start a run for each line that comes in."""
    for _line in sys.stdin:
        run = os.fork()
        if run == 0:
            edit(Path(sys.argv[1]))
        os.waitpid(run, 0)
        say("killed")


if __name__ == "__main__":
    main()
