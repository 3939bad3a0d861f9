"""Coverage maps that come twice: a coarse picture first that is right in most cells, then the map of `coverage_map`."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from coverage_places import place

from cn_planner.coverage.coverage_map import coverage_map
from cn_planner.coverage.grid import CoverageSite, grid_for, lay_on
from cn_planner.coverage.map_models import GROUND_MAPS, GroundMap, map_models
from cn_planner.coverage.progressive import Coarse, coarse_ground, coarse_step, progressive_map
from cn_planner.coverage.received import Quantity, TowerRadio
from cn_planner.drawing.coverage_classes import scale_of
from cn_planner.errors import CancelledError, MissingTerrainError
from cn_planner.geo import destination
from cn_planner.progress import CancelToken, Run

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.terrain.surface import Surface

RADIUS_M = 7_500.0
RADIO = TowerRadio(60.0, -90.0)
# What agreed when this was written, less two in a hundred.
LEAST_SAME = {
    GroundMap.LOS: 0.95,
    GroundMap.FRESNEL: 0.92,
    GroundMap.MIN_HEIGHT: 0.88,
    "free-space": 0.97,
    "p526": 0.91,
    "p1812": 0.88,
    "itm": 0.92,
}


@pytest.fixture(scope="module")
def here(shared_data: Path) -> tuple[Surface, CoverageSite]:
    """Real mountains on a metric grid of 30 m."""
    surface, site, _ = place(shared_data, "white-mountains")
    return surface, site


def asked(model: str, **more: Any) -> dict[str, Any]:
    return {"rx_height_m": 6.0, "radius_m": RADIUS_M, "model": model, "freq_mhz": 5800.0} | more


@pytest.mark.parametrize("model", map_models())
def test_the_coarse_picture_comes_first_and_the_map_is_that_of_coverage_map(here, model: str) -> None:
    surface, site = here
    show = Quantity.LEVEL if model == "p526" else Quantity.LOSS
    radio = RADIO if model not in GROUND_MAPS else None
    steps: list[object] = []
    found = progressive_map(
        surface, [site], coarse=steps.append, run=Run(progress=lambda done, _doing=None: steps.append(done)),
        **asked(model, show=show, radio=radio),
    )  # fmt: skip
    (at,) = [n for n, one in enumerate(steps) if isinstance(one, Coarse)]
    before, after = steps[:at], steps[at + 1 :]
    assert before
    assert after
    assert max(before) <= 0.05 <= min(after)
    whole = coverage_map(surface, [site], **asked(model, show=show, radio=radio))
    assert found.bands.tobytes() == whole.bands.tobytes()
    assert found.grid == whole.grid
    coarse = steps[at]
    assert isinstance(coarse, Coarse)
    assert coarse.every > 1
    scale = scale_of(model, show)
    fine = scale.of(found.bands[0], found.nodata)
    rough = coarse.spread(scale.of(coarse.result.bands[0], coarse.result.nodata))
    assert rough.shape == fine.shape
    known = fine >= 0
    same = float((rough == fine)[known].mean())
    assert same >= LEAST_SAME[model], same
    # Each cell of the picture is at the middle of the cells that it stands for: nowhere else do they agree as well.
    moved = np.roll(rough, (coarse.every, coarse.every), (0, 1))
    assert (moved == fine)[known].mean() < same


def test_the_coarse_picture_is_the_same_for_any_number_of_threads(here) -> None:
    surface, site = here
    pictures = []
    for threads in (1, 2, 3):
        with ThreadPoolExecutor(threads) as pool:
            progressive_map(surface, [site], coarse=pictures.append, run=Run(pool), **asked("p526"))
    assert len({one.result.bands.tobytes() for one in pictures}) == 1


class Watched(ThreadPoolExecutor):
    """A pool that knows how many of its tasks are under way."""

    def __init__(self) -> None:
        super().__init__(2)
        self.begun = 0
        self.running = 0
        self._lock = threading.Lock()

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        def counted(*given, **named):  # type: ignore[no-untyped-def]
            with self._lock:
                self.begun += 1
                self.running += 1
            try:
                return fn(*given, **named)
            finally:
                with self._lock:
                    self.running -= 1

        return super().submit(counted, *args, **kwargs)


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_a_cancelled_map_leaves_nothing_that_runs(here, share: float) -> None:
    surface, site = here
    token, coarse = CancelToken(), []
    with Watched() as pool:

        def progress(done: float, _doing: object = None) -> None:
            if coarse and done >= share:
                token.cancel()

        with pytest.raises(CancelledError):
            progressive_map(
                surface, [site], coarse=lambda one: (coarse.append(one), progress(0.0)), run=Run(pool, progress, token),
                **asked("itm"),
            )  # fmt: skip
        assert pool.running == 0
        begun = pool.begun
    assert pool.begun == begun  # nothing waited in the pool either
    assert len(coarse) == 1


def test_a_small_map_needs_no_coarse_picture(here) -> None:
    surface, site = here
    pictures: list[Coarse] = []
    progressive_map(surface, [site], coarse=pictures.append, **asked(GroundMap.LOS, radius_m=1_500.0))
    assert not pictures


def test_every_tower_of_a_coarse_picture_stands_as_high_as_on_the_map(here) -> None:
    surface, site = here
    other = CoverageSite("Q", *destination(site.latitude, site.longitude, 70.0, 2_345.0), 12.0)
    grid = grid_for(surface, [site, other], RADIUS_M)
    fine, coarse = (
        lay_on(surface, grid, [site, other], RADIUS_M),
        coarse_ground(surface, grid, [site, other], RADIUS_M, 5),
    )
    assert coarse is not None
    for one, two, cell, rough in zip(fine.sites, coarse.sites, fine.cells, coarse.cells, strict=True):
        there = float(fine.heights_m[cell]) + one.height_m
        assert float(coarse.heights_m[rough]) + two.height_m == pytest.approx(there, abs=1e-3)
    assert coarse.sites[0].height_m == site.height_m


def test_a_tower_beside_the_terrain_is_refused_as_by_coverage_map(here) -> None:
    surface, _ = here
    away = CoverageSite("away", 10.0, 10.0, 12.0)
    with pytest.raises(MissingTerrainError):
        progressive_map(surface, [away], coarse=lambda _: None, **asked("p526"))


def test_the_coarse_step_follows_from_the_size_of_the_map_alone(here) -> None:
    surface, site = here
    grid = grid_for(surface, [site], 20_000.0)
    assert {model: coarse_step(model, grid, 20_000.0) for model in map_models()} == {
        GroundMap.LOS: 4,
        GroundMap.FRESNEL: 4,
        GroundMap.MIN_HEIGHT: 4,
        "free-space": 4,
        "p526": 4,
        "p1812": 6,
        "itm": 6,
    }
