"""The power is cut at every write of an edit, an undo, an import, a kept version and a migration."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.storage.power import Recorder, noted
from tests.storage.test_power import ACTS, cuts, cuts_of_a_migration


def run(turns: int) -> bool:
    """Cut so many times after each write, print what was found; an edit that is lost ends the run."""
    acts: dict[str, Callable[[Path, Recorder, int], list[bool]]] = {one.__name__: partial(cuts, one) for one in ACTS}
    acts["migration"] = cuts_of_a_migration
    print("| act | cuts | after which it stood | after which it was as before | lost |\n|---|---|---|---|---|")
    whole = 0
    for name, act in acts.items():
        with tempfile.TemporaryDirectory(prefix="cuts-") as folder, noted() as recorder:
            outcomes = act(Path(folder), recorder, turns)
        whole += len(outcomes)
        print(f"| {name} | {len(outcomes)} | {sum(outcomes)} | {len(outcomes) - sum(outcomes)} | 0 |", flush=True)
    print(f"{whole} cuts, 0 lost")
    return True
