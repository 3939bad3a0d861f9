"""A run of edits without end, for the test that kills it: says the number of each edit once it is committed."""

from __future__ import annotations

import sys
from pathlib import Path

from cn_planner.model import edits
from cn_planner.model.plan import Household
from cn_planner.storage.plan_file import PlanFile


def main() -> None:
    """Edit until killed."""
    with PlanFile.open(Path(sys.argv[1])) as file:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            number = file.version
            if number % 7 == 5:
                file.undo()
            elif number % 7 == 6:
                file.redo()
            else:
                home = Household(f"h{number % 40}", f"edit {number}", -1.0, 36.0 + number * 1e-5)
                file.commit(edits.put(file.plan, [home]))
            sys.stdout.write(f"{file.version}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
