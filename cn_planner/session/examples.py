"""Real places with open data to learn on: shipped as plans, copied where they are opened: nothing can be lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from cn_planner import paths
from cn_planner.session.project import SUFFIX, Project

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = {
    "bergueda": "Berguedà, Catalonia",
    "andoain": "Andoain, Basque Country",
    "gulu": "Gulu, Uganda",
}
"""By key: the place, whose name is the same in every language. Made by tools/examples.py."""


def open_example(key: str, folder: Path) -> Project:
    """Open an example in a folder; where it is not there yet it is copied from those that are shipped.

    Raises
    ------
    FileError
        Where it cannot be read.
    OSError
        Where it cannot be written.
    """
    plan = folder / f"{key}{SUFFIX}"
    if not plan.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # The plan comes last: one that stands there has its ground.
        for path in sorted((paths.resources() / "examples" / key).iterdir(), key=lambda one: one.name.endswith(SUFFIX)):
            shutil.copyfile(path, folder / path.name)
    return Project.open(plan)
