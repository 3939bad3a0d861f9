"""``python -m cn_planner``, and where a bundle begins: a helper's work, the command line, or the window."""

from __future__ import annotations

import sys

from cn_planner.helpers import as_helper, give_back_libraries


def start() -> None:
    """Do what the words ask."""
    give_back_libraries()
    status = as_helper(sys.argv[1:])
    if status is not None:
        sys.exit(status)
    from cn_planner.cli.main import main

    main()


if __name__ == "__main__":
    start()
