"""Level, margin and probability of a map are those of the link to the cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from coverage_places import PLACES, place
from coverage_slow import chances_by_hand, on_grid, works_by_chances

from cn_planner.coverage.coverage_map import map_ground
from cn_planner.coverage.grid import lay_ground
from cn_planner.coverage.received import Quantity, TowerRadio
from cn_planner.errors import InputError
from cn_planner.geo import geodesic
from cn_planner.propagation.antenna import loss_table, pointing_gain, sector
from cn_planner.session.coverage import Antennas, tower_radio
from cn_planner.session.link import Figures

OPTIONS = {"rx_height_m": 6.0, "freq_mhz": 5800.0, "model": "p526"}


@pytest.fixture(scope="module", params=PLACES)
def ground(request, shared_data):
    surface, site, _ = place(shared_data, request.param)
    cell = None if request.param in {"white-mountains", "bigtujunga", "gulu"} else 30.0
    return lay_ground(surface, [site], 3_000.0 if request.param == "gulu" else 2_000.0, cell)


def test_level_falls_with_loss_and_with_the_direction_of_the_sector(ground):
    pattern = sector(16.0, 90.0, 5800.0, 8.0)
    radio = TowerRadio(30.0, -90.0, (40.0,), loss_table(pattern, -2.0)[np.newaxis])
    loss = map_ground(ground, **OPTIONS).bands[0]
    level = map_ground(ground, **OPTIONS, show=Quantity.LEVEL, radio=radio).bands[0]
    site, (row, column) = ground.sites[0], ground.cells[0]
    top = float(ground.heights_m[row, column]) + site.height_m
    for dr, dc in ((-40, 3), (-20, 30), (5, 50), (33, -20), (-30, -30)):
        here = row + dr, column + dc
        lat, lon = ground.grid.centres(np.array([here[0]]), np.array([here[1]]))
        tower = ground.grid.centres(np.array([row]), np.array([column]))
        way = geodesic(float(tower[0][0]), float(tower[1][0]), float(lat[0]), float(lon[0]))
        up = float(ground.heights_m[here]) + 6.0 - top - way[2] ** 2 / (2 * 6371e3 * 4 / 3)
        elevation = np.degrees(np.arctan2(up, way[2]))
        less = pattern.peak_dbi - float(pointing_gain(pattern, 40.0, -2.0, way[0], elevation))
        # Directions are looked up in a table of whole degrees.
        assert level[here] == pytest.approx(30.0 - less - loss[here], abs=0.15)
    assert np.array_equal(np.isnan(level), np.isnan(loss))


def test_of_several_antennas_the_strongest_counts(ground):
    pattern = sector(16.0, 90.0, 5800.0, 8.0)
    table = loss_table(pattern, 0.0)

    def level(*azimuths):
        radio = TowerRadio(30.0, -90.0, azimuths, np.stack([table] * len(azimuths)))
        return map_ground(ground, **OPTIONS, show=Quantity.LEVEL, radio=radio).bands[0]

    assert np.array_equal(level(0.0, 120.0), np.fmax(level(0.0), level(120.0)), equal_nan=True)


def test_probability_is_that_of_the_margin_and_of_how_clear_the_cells_own_path_is(ground):
    radio = TowerRadio(30.0, -85.0)
    margin = map_ground(ground, **OPTIONS, show=Quantity.MARGIN, radio=radio).bands[0]
    chance = map_ground(ground, **OPTIONS, show=Quantity.PROBABILITY, radio=radio).bands[0]
    clear = map_ground(ground, **{**OPTIONS, "model": "fresnel"}).bands[0]
    known = ~np.isnan(margin) & np.isfinite(clear)
    z, at, cell = ground.heights_m.astype(np.float64), ground.cells[0], ground.grid.cell_m
    some = np.argwhere(known)[:: max(int(known.sum()) // 400, 1)]
    error = ground.height_error
    step = max(min(cell, 0.5 * max(cell, ground.grid.source_cell_m)), error.reach_m / 4.0)
    want = []
    for place_of in some.tolist():
        distance, heights = on_grid(z, at, tuple(place_of), (cell, cell), step)
        ends = heights[0] + ground.sites[0].height_m, heights[-1] + 6.0
        by_zone = chances_by_hand(distance, heights, 0.0 * heights, ends, error, 5800.0)
        here = tuple(place_of)
        want.append(works_by_chances(float(margin[here]), float(clear[here]), *by_zone, 5800.0))
    found, want = chance[tuple(some.T)], np.array(want)
    more = want > 0.005  # where next to nothing arrives an edge half way stands for the path
    np.testing.assert_allclose(found[more], want[more], atol=1e-3)
    assert found[~more].max(initial=0.0) <= 0.006
    assert not np.isnan(chance[~np.isnan(margin)]).any()
    assert 0.0 < chance[known].min() < 0.5
    assert chance[known].max() > 0.97
    counted = map_ground(
        ground, **OPTIONS, show=Quantity.PROBABILITY, radio=radio, combine="count", threshold=0.9
    ).bands[0]
    with np.errstate(invalid="ignore"):
        assert np.array_equal(counted == 1, chance >= 0.9)


def test_no_map_is_drawn_of_a_kit_on_a_frequency_that_the_law_closes():
    """Without a limit it would be the strongest of all."""
    spain = Antennas("village-sector-5ghz", "roof-client-5ghz", country="ES")
    assert tower_radio(spain, 5600.0).level_dbm < tower_radio(replace(spain, country=None), 5600.0).level_dbm
    with pytest.raises(InputError, match="no sending outdoors at 5200 MHz"):
        tower_radio(spain, 5200.0)
    with pytest.raises(InputError, match="Village sector 5 GHz does not reach 915 MHz"):
        tower_radio(spain, 915.0)


def test_a_kit_makes_the_radio_and_without_one_there_is_no_level(ground):
    radio = tower_radio(Antennas(figures=Figures(20.0, 16.0, 23.0), aims_deg=((10.0, 0.0), (130.0, -2.0))), 5800.0)
    assert radio is not None
    assert radio.level_dbm == pytest.approx(20.0 + 16.0 + 23.0)
    assert radio.tables.shape == (2, 361, 361)
    assert tower_radio(Antennas(), 5800.0) is None
    with pytest.raises(InputError, match="needs a model of loss, and a radio"):
        map_ground(ground, **OPTIONS, show=Quantity.LEVEL)
    with pytest.raises(InputError, match="needs a model of loss, and a radio"):
        map_ground(ground, **{**OPTIONS, "model": "fresnel"}, show=Quantity.LEVEL, radio=radio)
