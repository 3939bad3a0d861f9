"""Where files meet heights pass over without a cliff, the disagreement is said, and one file alone is as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cn_planner import geo
from cn_planner.gis.raster import RasterGrid, read_elevation
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from pathlib import Path

UTM = "EPSG:32631"


def flat(height: float, cell: float, shape: tuple[int, int], west: float = 4e5, north: float = 4.6e6, name: str = "a"):
    values = np.full(shape, height, np.float32)
    return RasterGrid(name, values, UTM, (cell, 0, west + cell / 2, 0, -cell, north - cell / 2))


def at(surface: Surface, x: float | np.ndarray, y: float | np.ndarray) -> np.ndarray:
    lon, lat = geo.transform(UTM, geo.WGS84, *np.broadcast_arrays(x, y))
    return surface.heights(lat, lon)


@pytest.fixture(scope="module")
def two() -> Surface:
    """A survey of 3 x 3 km at 10 m and 120 m high, on a country at 30 m and 100 m high."""
    coarse = flat(100.0, 30.0, (300, 300), name="country")
    fine = flat(120.0, 10.0, (300, 300), 4.03e5, 4.597e6, name="survey")
    return Surface([coarse, fine], blend_m=200.0)


def test_heights_pass_linearly_within_the_band_and_are_their_own_beyond(two: Surface) -> None:
    # The survey's outermost samples stand 5 m inside its border.
    inward = np.array([0.0, 50.0, 100.0, 150.0, 200.0, 500.0])
    middle = 4.5955e6
    np.testing.assert_allclose(
        at(two, 4.03e5 + 5.0 + inward, middle), [100.0, 105.0, 110.0, 115.0, 120.0, 120.0], atol=1e-3
    )
    step = np.abs(np.diff(at(two, np.arange(4.02e5, 4.07e5, 5.0), middle)))
    assert step.max() <= 0.51  # 20 m over 200 m, in steps of 5: no cliff anywhere
    assert at(two, 4.02e5, middle) == 100.0


def test_the_disagreement_is_measured_before_it_is_blended_away(two: Surface) -> None:
    (seam,) = two.seams
    assert (seam.first, seam.second, seam.band_m, seam.samples) == ("survey", "country", 200.0, 4 * 299)
    assert (seam.median_m, seam.most_m) == (20.0, 20.0)
    lat, lon = seam.places.T
    x, y = geo.transform(geo.WGS84, UTM, lon, lat)
    off = np.minimum.reduce([x - 4.03e5, 4.06e5 - x, y - 4.594e6, 4.597e6 - y])
    np.testing.assert_allclose(off, 5.0, atol=1e-3)


def test_a_hole_of_the_finer_file_has_no_cliff_at_its_edge() -> None:
    fine = flat(120.0, 10.0, (300, 300), 4.03e5, 4.597e6, name="survey")
    fine.values[140:160, 140:160] = np.nan
    surface = Surface([fine, flat(100.0, 30.0, (300, 300), name="country")], blend_m=100.0)
    x = 4.03e5 + 1500.0 + np.arange(0.0, 800.0, 5.0)
    heights = at(surface, x, 4.597e6 - 1500.0)
    assert heights[0] == 100.0
    assert heights[-1] == 120.0
    assert np.abs(np.diff(heights)).max() <= 1.01


def test_where_nothing_goes_on_beyond_nothing_is_blended() -> None:
    """A file that lies half over the border of another keeps its own heights on the outer side."""
    left = flat(120.0, 10.0, (200, 200), name="left")
    right = flat(100.0, 30.0, (100, 100), 4.01e5, name="right")
    surface = Surface([left, right], blend_m=100.0)
    assert at(surface, 4e5 + 5.0, 4.6e6 - 1000.0) == 120.0
    np.testing.assert_allclose(at(surface, 4.02e5 - 5.0, 4.6e6 - 1000.0), 100.0, atol=1e-3)


def test_the_order_decides_and_the_given_files_are_not_changed() -> None:
    coarse, fine = flat(100.0, 30.0, (300, 300), name="c"), flat(120.0, 10.0, (300, 300), 4.03e5, 4.597e6, name="f")
    first = Surface([coarse, fine], [1, 0], blend_m=200.0)
    assert at(first, 4.045e5, 4.5955e6) == 100.0
    assert first.order == (0, 1)
    assert (fine.values == 120.0).all()
    assert (coarse.values == 100.0).all()
    lon, lat = geo.transform(UTM, geo.WGS84, [4.01e5, 4.045e5, 3e5], [4.5955e6] * 3)
    which = Surface([coarse, fine]).source_at(lat, lon)
    assert which.tolist() == [0, 1, -1]


def test_no_band_is_wider_than_a_quarter_of_the_file() -> None:
    small = flat(120.0, 10.0, (40, 40), 4.03e5, 4.597e6, name="small")
    surface = Surface([small, flat(100.0, 30.0, (300, 300))], blend_m=500.0)
    assert surface.seams[0].band_m == pytest.approx(100.0)
    assert at(surface, 4.032e5, 4.5968e6) == pytest.approx(120.0, abs=0.01)


def test_tiles_of_one_survey_agree_and_one_file_alone_is_as_it_was(shared_data: Path) -> None:
    north, south = (read_elevation(shared_data / f"terrain/{name}.hgt.zip") for name in ("N42E001", "N41E001"))
    (seam,) = Surface([north, south], blend_m=200.0).seams
    assert (seam.median_m, seam.most_m, seam.band_m, seam.samples) == (0.0, 0.0, 0.0, 1201)
    alone, blended = Surface([south]), Surface([south], blend_m=200.0)
    assert alone.seams == blended.seams == ()
    lat, lon = np.meshgrid(np.linspace(41, 42, 50), np.linspace(1, 2, 50))
    np.testing.assert_array_equal(alone.heights(lat, lon), blended.heights(lat, lon))


def test_two_tiles_that_disagree_at_their_seam_are_told_apart(shared_data: Path) -> None:
    north, south = (read_elevation(shared_data / f"terrain/{name}.hgt.zip") for name in ("N42E001", "N41E001"))
    south.values[:] += 30.0
    seams = Surface([north, south], blend_m=0.0).seams
    assert [(one.median_m, one.most_m) for one in seams] == [(-30.0, 30.0)]
    # The cliff of 30 m fades out over ten cells of the tile that answers second; what lies beyond is as it was.
    truth = read_elevation(shared_data / "terrain/N41E001.hgt.zip")
    cell_m = 92.54
    eased = Surface([north, south], blend_m=10 * cell_m)
    lon = 1.0 + np.arange(5, 1200, 7) / 1200.0
    known = Surface([north, truth])
    for cells, more in ((0, 0.0), (1, 3.0), (5, 15.0), (9, 27.0), (10, 30.0), (40, 30.0)):
        lat = np.full(len(lon), 42.0 - cells / 1200.0)
        off = eased.heights(lat, lon) - known.heights(lat, lon)
        np.testing.assert_allclose(off[~np.isnan(off)], more, atol=0.05)
    assert eased.seams[0].band_m == pytest.approx(10 * cell_m)
    assert (south.values[~np.isnan(truth.values)] == truth.values[~np.isnan(truth.values)] + 30.0).all()


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize("more", [0.0, 25.0])
def test_tiles_side_by_side_are_held_against_what_each_leads_to(down: bool, more: float) -> None:
    """Tiles whose pixels are areas share none: a slope that goes on is no disagreement, a step is one."""
    row, column = np.mgrid[0:40, 0:80] if not down else np.mgrid[0:80, 0:40]
    slope = (3.0 * row + 2.0 * column).astype(np.float32)
    (a, b) = (slope[:40], slope[40:] + more) if down else (slope[:, :40], slope[:, 40:] + more)
    at_b = (30.0, 0, 4e5, 0, -30.0, 4.6e6 - 1200.0) if down else (30.0, 0, 4e5 + 1200.0, 0, -30.0, 4.6e6)
    grids = [RasterGrid("a", a, UTM, (30.0, 0, 4e5, 0, -30.0, 4.6e6)), RasterGrid("b", b, UTM, at_b)]
    (seam,) = Surface(grids, blend_m=0.0).seams
    assert (seam.median_m, seam.most_m) == (-more, more)
