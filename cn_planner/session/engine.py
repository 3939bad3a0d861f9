"""What computes, made ready: its machine code is made once a version of the program, by a process of its own.

The compiler is Python that holds all threads of its process; in that of the window no hand could move anything
meanwhile.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.model.items import Items
from cn_planner.progress import silent
from cn_planner.propagation.kernel import cache_folder

if TYPE_CHECKING:
    from cn_planner.progress import CancelToken, Progress

_MADE = "made"
_LOOK_S = 0.1


def make_ready(*, progress: Progress = silent, cancel: CancelToken | None = None) -> None:
    """Have all kernels of the window compiled where they are not yet, and load those that follow the hand.

    Where no other process can be started, or no cache be written, they are compiled here.

    Raises
    ------
    CancelledError
    """
    folder = cache_folder()
    if folder is not None and not (folder / _MADE).exists():
        progress(0.0, msg("Preparing the engine; the first time this takes a minute"))
        _make_beside(cancel)
    from cn_planner.session.live import warm_up

    warm_up(progress=progress, cancel=cancel)


def _make_beside(cancel: CancelToken | None) -> None:
    # -P: what lies in the folder that the program was started from is none of its modules.
    words = [sys.executable, "-P", "-c", "from cn_planner.session.engine import make; make()"]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own words
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except OSError:
        return
    try:
        while process.poll() is None:
            if cancel is not None:
                cancel.check()
            try:
                process.wait(_LOOK_S)
            except subprocess.TimeoutExpired:
                continue
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def make() -> None:
    """Compile every kernel that the window needs, by using it on the sample valley, and say so in the cache."""
    from cn_planner.coverage.outline import outlines
    from cn_planner.planning.instance import parse_instance
    from cn_planner.planning.milp import Model
    from cn_planner.planning.network import network_of
    from cn_planner.planning.root import Limits, Root
    from cn_planner.planning.search import Searcher
    from cn_planner.session.live import warm_up
    from cn_planner.session.sample import open_sample

    warm_up()
    searcher = Searcher(network_of(parse_instance(_TINY)), budget=None)
    searcher.run(chains=1, steps=8, last_start=None, deadline=None, cancel=None, watch=lambda _done: None)
    root = Root(Model(searcher.network, searcher.network.goal, whole_homes=False))
    root.run(Limits(rounds=1, steps=100))
    with tempfile.TemporaryDirectory() as name, open_sample(Path(name)) as project:
        here = project.snapshot()
        first = next(iter(here.plan.used_sites.values()), None) or next(iter(here.plan.sites.values()))
        tower = replace(first, mast_height_m=12.0, sectors=())
        alone = replace(here.plan, sites=Items([tower]), links=Items())
        outlines(alone, here.surface, here.catalogue, here.law)
    folder = cache_folder()
    if folder is not None:
        (folder / _MADE).touch()


_TINY = {
    "heights_m": [6, 12],
    "sites": [{"id": "a", "role": "gateway", "cost": [1, 2]}, {"id": "b", "role": "candidate", "cost": [1, 2]}],
    "homes": [{"id": "x"}, {"id": "y"}],
    "serve": [[0, 0, 0], [1, 1, 1]],
    "links": [[0, 1, 0, 0, 1.0]],
    "sector": {"cost": 1, "homes": 9, "max_per_site": 3},
    "max_hops": 3,
    "cover": 1.0,
}
"""The least that can be searched; see `planning.instance`."""
