"""What computes, made ready: its machine code is made once a version of the program, by processes of their own.

The compiler is Python that holds all threads of its process; in that of the window no hand could move anything
meanwhile.
"""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cn_planner.helpers import helper_words
from cn_planner.message import msg
from cn_planner.model.items import Items
from cn_planner.progress import ALONE, Run
from cn_planner.propagation.kernel import MACHINE_CODE, cache_folder, pack_whole

if TYPE_CHECKING:
    from cn_planner.message import Message

_LOOK_S = 0.1
_SAMPLE_S = 300.0
"""What the sample's plan is given while it is compiled for; it is done long before."""


def make_engine_ready(*, run: Run = ALONE) -> None:
    """Have all kernels of the window compiled where they are not yet, and load those that follow the hand.

    Where no other process can be started, or no cache be written, they are compiled here.

    Raises
    ------
    CancelledError
    """
    words = msg("Preparing the engine; the first time this takes a minute")
    _have(((make.__name__, ""), (make_search.__name__, "")), words, run)
    from cn_planner.session.live import warm_up

    warm_up(run=run)


def make_map_ready(model: str, *, run: Run = ALONE) -> None:
    """Have the kernels of a map compiled where they are not yet; for a map of the loss, all that is read off it too.

    Raises
    ------
    CancelledError
    """
    words = msg("Preparing this kind of map; the first time this takes half a minute")
    _have(((make_map.__name__, str(model)),), words, run)


def make_planner_ready(*, run: Run = ALONE) -> None:
    """Have the kernels of a plan compiled where they are not yet: that is not of the time that a plan is given.

    Raises
    ------
    CancelledError
    """
    words = msg("Preparing the engine; the first time this takes a minute")
    _have(((make_plan.__name__, ""), (make_search.__name__, "")), words, run)


def _have(makers: tuple[tuple[str, str], ...], words: Message, run: Run) -> None:
    """Have what is not made yet made by processes beside this one, all at once. A maker: its name, and what of."""
    folder = cache_folder()
    missing = () if folder is None else tuple(one for one in makers if not _mark(folder, *one).exists())
    if not missing:
        return
    run.progress(0.0, words)
    started: list[subprocess.Popen[bytes]] = []
    try:
        with suppress(OSError):  # where no process can be started
            started.extend(map(_beside, missing))
        for process in started:
            while process.poll() is None:
                if run.cancel is not None:
                    run.cancel.check()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_S)
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
            process.wait()


def _beside(maker: tuple[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own words
        helper_words(__name__, *filter(None, maker)),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )  # fmt: skip


def _mark(folder: Path, maker: str, of: str = "") -> Path:
    """Return the file of the cache that says that something is made."""
    return folder / "-".join(("made", maker, *([of] if of else [])))


def _said(maker: str, of: str = "") -> None:
    folder = cache_folder()
    if folder is not None:
        _mark(folder, maker, of).touch()


def make() -> None:
    """Compile every kernel that the window needs, by using it on the sample valley, and say so in the cache."""
    from cn_planner.service.outlines import outlines
    from cn_planner.session.live import warm_up
    from cn_planner.session.sample import open_sample

    warm_up()
    draw_ground_once()
    look_along_odd_paths_once()
    count_towers_once()
    with tempfile.TemporaryDirectory() as name, open_sample(Path(name)) as project:
        here = project.snapshot()
        first = next(iter(here.plan.used_sites.values()), None) or next(iter(here.plan.sites.values()))
        tower = replace(first, mast_height_m=12.0, sectors=())
        alone = replace(here.plan, sites=Items([tower]), links=Items())
        outlines(replace(here.study, plan=alone))
    _said(make.__name__)


def make_search() -> None:
    """Compile every kernel that searches for a network, by searching the least there is; say so in the cache."""
    from cn_planner.solver.instance import parse_instance
    from cn_planner.solver.milp import MilpModel
    from cn_planner.solver.network import network_of
    from cn_planner.solver.price_bound import PriceBound
    from cn_planner.solver.root import Root, RootLimits
    from cn_planner.solver.search import Searcher

    searcher = Searcher(network_of(parse_instance(_TINY)), budget=None)
    searcher.run(chains=1, steps=8, last_start=None, deadline=None, cancel=None, watch=lambda _done: None)
    network, goal = searcher.network, searcher.network.goal
    PriceBound(network, goal).run(1, None, None)
    root = Root(MilpModel(network, goal, whole_homes=False))
    root.run(RootLimits(rounds=1, iterations=100))
    give_channels_once()
    _said(make_search.__name__)


def draw_ground_once() -> None:
    """Draw the made-up hill in three dimensions, so that the kernels of that view are compiled."""
    import numpy as np

    from cn_planner.coverage.contour_kernels import HeightLines
    from cn_planner.coverage.ground_view import Camera, lay_view_ground, load_lookups, view_ground
    from cn_planner.drawing.ground_colours import GroundLook, dress_ground, tint_ground
    from cn_planner.session.live import hill

    surface, (latitude, longitude) = hill()
    ground = lay_view_ground(surface, latitude, longitude, reach_m=1_000.0)
    white = (255, 255, 255)
    look = GroundLook((white, white), (0.5, 1.0), white, white, white, white, white, white)
    camera = Camera(0.0, 0.0, ground.height_m(0.0, 0.0), distance_m=800.0)
    dress = dress_ground(ground, tint_ground(ground, look))
    lines = HeightLines(5.0, np.zeros(3), 1.0, 1.0)
    view_ground(ground, dress.for_camera(800.0), camera, (16, 9), fine=True, lines=lines)
    load_lookups(ground)


def look_along_odd_paths_once() -> None:
    """Look along a path that leaves its file, and below trees: a plain path needs none of these kernels."""
    import numpy as np

    from cn_planner.coverage.matrix import pair_matrix
    from cn_planner.session.live import hill
    from cn_planner.terrain.trees import TreeHeights

    one = np.zeros(1, np.int64)
    for trees, off in ((None, 0.1), (TreeHeights(()), 0.003)):
        surface, (latitude, longitude) = hill(trees)
        there = [latitude + off], [longitude + off]
        pair_matrix(surface, ([latitude], [longitude]), there, [12.0], [[5.0]], 5500.0, pairs=(one, one))


def count_towers_once() -> None:
    """Ask what nobody else would reach if a tower failed."""
    import numpy as np

    from cn_planner.coverage.masks import Masks

    Masks.of([np.ones(3, np.bool_)], (3,), 1).lost_if_fails(np.ones(3))


def give_channels_once() -> None:
    """Give channels to three who hear each other, on each a part of the others: it is proven that none is better.

    Of two all ways would be looked at.
    """
    import numpy as np

    from cn_planner.spectrum.channel_search import Interference, assign_channels

    once, all_three, either = np.ones((1, 3)), np.arange(3), np.arange(2)
    assign_channels(
        Interference(
            owner=all_three, wanted=once, noise=0.01 * once, needed=once, share=once, full=np.ones(3),
            heard=1.0 - np.eye(3), power=np.ones((3, 1)), weight=np.ones(3), width=np.zeros(2, np.int64),
            leak=0.5 + 0.5 * np.eye(2), choices=(either, either, either), dislike=np.zeros(2), enough=0.0 * once,
        )
    )  # fmt: skip


def make_plan() -> None:
    """Compile every other kernel that a plan needs, by planning the sample valley, and say so in the cache."""
    from cn_planner.session.network import plan_network
    from cn_planner.session.sample import open_sample

    with tempfile.TemporaryDirectory() as name, open_sample(Path(name)) as project:
        plan_network(project.snapshot(), cover=0.5, time_limit_s=_SAMPLE_S)
    _said(make_plan.__name__)


def make_map(model: str) -> None:
    """Compile the kernels of one map, by making it of a made-up hill, and say so in the cache."""
    import numpy as np

    from cn_planner.coverage.chance_kernels import sight_of_cells
    from cn_planner.coverage.coverage_map import map_ground
    from cn_planner.coverage.grid import CoverageSite, lay_ground
    from cn_planner.coverage.map_job import MapJob
    from cn_planner.coverage.map_models import GROUND_MAPS, model_named
    from cn_planner.coverage.received import Quantity, TowerRadio
    from cn_planner.links.conditions import Conditions
    from cn_planner.session.live import hill

    surface, (latitude, longitude) = hill()
    ground = lay_ground(surface, [CoverageSite("", latitude, longitude, 12.0)], 900.0)
    which = model_named(model)
    show = Quantity.PROBABILITY if which not in GROUND_MAPS else Quantity.LOSS
    map_ground(ground, rx_height_m=5.0, model=which, freq_mhz=5500.0, show=show, radio=TowerRadio(60.0, -90.0))
    # Where homes would be served is asked of any of them.
    corner, unseen = np.zeros(1, np.int64), np.full(ground.grid.shape, np.nan, np.float32)
    sight_of_cells(MapJob(ground, 0, 5.0, 5500.0, Conditions(), unseen), corner, corner, np.ones(1), ALONE)
    _said(make_map.__name__, str(which))


def hand_over(place: str) -> None:
    """Pack all that was compiled into a folder: what a bundle ships with."""
    folder = cache_folder()
    if folder is not None:
        pack_whole(folder, Path(place) / MACHINE_CODE)


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
