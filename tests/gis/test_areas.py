"""The areas of classes: few corners, common borders, and how far they lie from the cells."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from rasterio.features import shapes
from rasterio.transform import Affine

from cn_planner.gis import areas
from cn_planner.gis.areas import MOST_CELLS_MOVED, class_areas

CELL_M = 30.0
TO_CENTRE = (CELL_M, 0.0, 500_015.0, 0.0, -CELL_M, 4_000_000.0 - 15.0)


def _classes(seed: int, shape: tuple[int, int] = (80, 110), rough: float = 0.7) -> np.ndarray:
    row, column = np.indices(shape)
    noise = np.random.default_rng(seed).normal(0.0, rough, shape)
    values = 2.0 + 2.0 * np.sin(row / 15.0) * np.cos(column / 21.0) + 0.3 * noise + 0.01 * column
    classes = np.floor(values).astype(np.int16)
    classes[np.hypot(row - 40, column - 55) > 50] = -1
    return classes


def _cells(classes: np.ndarray) -> dict[int, list[shapely.Polygon]]:
    a, b, c, d, e, f = TO_CENTRE
    corner = Affine(a, b, c - (a + b) / 2, d, e, f - (d + e) / 2)
    found: dict[int, list[shapely.Polygon]] = {}
    for one, value in shapes(classes, mask=classes >= 0, transform=corner):
        found.setdefault(int(value), []).append(shapely.geometry.shape(one))
    return found


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("rough", [0.0, 0.7, 3.0])
def test_areas_share_their_borders_and_lie_within_half_a_cell(seed, rough):
    classes = _classes(seed, rough=rough)
    found, cells = class_areas(classes, TO_CENTRE), _cells(classes)
    assert found.keys() == cells.keys()
    every = np.concatenate(list(found.values()))
    assert shapely.is_valid(every).all()
    assert shapely.coverage_is_valid(every), "neighbours have the same corners, and none lies over another"
    for value, polygons in found.items():
        new = shapely.MultiLineString([ring for p in polygons for ring in (p.exterior, *p.interiors)])
        old = shapely.MultiLineString([ring for p in cells[value] for ring in (p.exterior, *p.interiors)])
        for one, other in ((new, old), (old, new)):
            shapely.prepare(other)
            away = shapely.distance(shapely.points(shapely.get_coordinates(shapely.segmentize(one, 20.0))), other)
            assert away.max() <= MOST_CELLS_MOVED * CELL_M + 1e-6


def test_a_slope_is_a_line_and_a_square_stays_square():
    row, column = np.indices((60, 200))
    slope = (column // 3 < row).astype(np.int16)
    found = class_areas(slope, TO_CENTRE)
    corners = sum(shapely.get_num_coordinates(p) for p in found[1])
    assert corners < 20, "sixty steps are one line"
    square = np.full((40, 40), -1, np.int16)
    square[10:30, 5:25] = 3
    (area,) = class_areas(square, TO_CENTRE)[3]
    assert area.equals(shapely.box(500_150.0, 4_000_000 - 900.0, 500_750.0, 4_000_000 - 300.0))


def test_a_simplification_that_moves_borders_too_far_is_not_taken(monkeypatch):
    classes = _classes(1, rough=3.0)
    monkeypatch.setattr(areas, "_TOLERANCES", (5.0, 0.0))
    few = np.concatenate(list(class_areas(classes, TO_CENTRE).values()))
    monkeypatch.setattr(areas, "_TOLERANCES", (0.0,))
    plain = np.concatenate(list(class_areas(classes, TO_CENTRE).values()))
    assert shapely.get_num_coordinates(few).sum() == shapely.get_num_coordinates(plain).sum()


def test_a_map_without_any_class_has_no_area():
    assert class_areas(np.full((5, 5), -1, np.int16), TO_CENTRE) == {}
    ((value, (one,)),) = class_areas(np.zeros((1, 1), np.int16), TO_CENTRE).items()
    assert value == 0
    assert one.area == CELL_M**2
