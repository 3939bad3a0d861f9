"""Maps of every kind on real ground of six places: the same bits on one, two and three threads, and two at once."""

from __future__ import annotations

import numpy as np
import pytest
from coverage_places import PLACES, place
from coverage_slow import alike

from cn_planner.coverage.coverage_map import map_ground
from cn_planner.coverage.grid import CoverageSite, lay_ground
from cn_planner.coverage.received import Quantity, TowerRadio
from cn_planner.links.conditions import Conditions
from cn_planner.progress import Run
from cn_planner.propagation.antenna import loss_table, sector

MHZ, RX, RADIUS = 5800.0, 5.0, 1_300.0
LOSSES = ("free-space", "p526", "p1812", "itm")
RADIO = TowerRadio(30.0, -85.0, (40.0, 200.0), np.stack([loss_table(sector(16.0, 90.0, MHZ, 8.0), -2.0)] * 2))
# Each kind of map, each way to combine, each quantity: what `map_ground` is asked.
KINDS = {
    **{model: {"model": model} for model in ("los", "fresnel", "min-height", *LOSSES)},
    **{f"{model} exact": {"model": model, "exact": True} for model in ("los", "fresnel", "min-height", "p526")},
    **{f"{model} trees": {"model": model, "air": Conditions(canopy_m=9.0)} for model in ("fresnel", "p526", "p1812")},
    **{f"count {model}": {"model": model, "combine": "count", "threshold": 125.0} for model in LOSSES[:2]},
    **{f"best {model}": {"model": model, "combine": "best"} for model in ("los", "fresnel", "min-height", "p526")},
    **{str(one.value): {"model": "p526", "show": one, "radio": RADIO} for one in Quantity if one is not Quantity.LOSS},
}


@pytest.fixture(scope="module", params=PLACES)
def towers(request, shared_data):
    surface, site, _ = place(shared_data, request.param)
    cell = None if request.param in {"white-mountains", "bigtujunga", "gulu"} else 30.0
    beside = CoverageSite("Beside", site.latitude - 0.004, site.longitude + 0.003, 12.0)
    return lay_ground(surface, [site, beside], RADIUS, cell)


@pytest.mark.parametrize("kind", KINDS)
def test_threads_and_jobs_at_once_change_no_bit(towers, kind):
    options = {"rx_height_m": RX, "freq_mhz": MHZ, **KINDS[kind]}
    bands = map_ground(towers, **options).bands
    known = ~np.isnan(bands) if bands.dtype == np.float32 else bands != (255 if bands.dtype == np.uint8 else -1)
    # From the hill in Chile all of it is seen.
    assert len(np.unique(bands[known])) > 1 or (kind in {"los", "los exact"} and known.sum() > 1000)
    alike(lambda pool: map_ground(towers, **options, run=Run(pool)).bands.tobytes(), lambda one, two: one == two)


def test_every_model_quantity_and_way_to_combine_is_among_them():
    from cn_planner.coverage.coverage_map import Combine
    from cn_planner.coverage.map_models import map_models

    asked = list(KINDS.values())
    assert {one["model"] for one in asked} == set(map_models())
    assert {one.get("show", Quantity.LOSS) for one in asked} == set(Quantity)
    assert {one["combine"] for one in asked if "combine" in one} == {how.value for how in Combine}


def test_free_space_is_the_slant_distance_s_at_every_place(towers):
    grid, (row, column) = towers.grid, towers.cells[0]
    band = map_ground(towers, rx_height_m=RX, freq_mhz=MHZ, model="free-space").bands[0]
    rows, columns = np.nonzero(~np.isnan(band))
    assert len(rows) > 500
    away = np.hypot((rows - row) * grid.transform[4], (columns - column) * grid.transform[0])
    assert away.max() <= RADIUS
    z = towers.heights_m.astype(np.float64)
    up = z[row, column] + towers.sites[0].height_m - z[rows, columns] - RX
    want = 20.0 * np.log10(4.0 * np.pi * np.hypot(away, up) * MHZ / 299.792458)
    np.testing.assert_allclose(band[rows, columns], want, rtol=0.0, atol=2e-5)


def test_count_and_best_of_towers_are_those_of_their_own_maps(towers):
    for model, threshold in (("p526", 125.0), ("min-height", 9.0), ("fresnel", 0.6), ("los", None)):
        options = {"rx_height_m": RX, "freq_mhz": MHZ, "model": model, "threshold": threshold}
        each = map_ground(towers, **options).bands.astype(np.float64)
        if model == "los":
            each[each == 255.0] = 0.0
        sign = -1.0 if model in {"p526", "min-height"} else 1.0
        enough = each == 1.0 if model == "los" else sign * each >= sign * threshold
        counted = map_ground(towers, **options, combine="count")
        assert np.array_equal(counted.bands[0], enough.sum(axis=0))
        assert np.array_equal(counted.masks.count(), enough.sum(axis=0))
        best = map_ground(towers, **options, combine="best").bands[0]
        ranked = np.where(enough, sign * each, -np.inf)
        want = np.where(enough.any(axis=0), np.argmax(ranked, axis=0), -1)
        assert np.array_equal(best, want)
