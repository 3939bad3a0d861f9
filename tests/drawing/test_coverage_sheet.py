"""The sheet of a coverage: what lies where, and what its legend says."""

from __future__ import annotations

import re
import zlib

import numpy as np
import pytest

from cn_planner.coverage.grid import CoverageSite, Grid
from cn_planner.coverage.map_models import GroundMap
from cn_planner.coverage.received import Quantity
from cn_planner.drawing.coverage_classes import NO_ANSWER, best_scale, count_scale, scale_of, with_none
from cn_planner.drawing.coverage_sheet import CoverageSheet, coverage_sheet
from cn_planner.drawing.display import Image, ItemGroup, texts
from cn_planner.drawing.svg import svg
from cn_planner.geo import WGS84, transform
from cn_planner.i18n import say
from cn_planner.message import msg

CRS = "EPSG:32631"
GRID = Grid(CRS, (30.0, 0.0, 400_000.0, 0.0, -30.0, 4_650_000.0), (400, 400), 30.0)


class Hills:
    """Gentle hills; none known in the west."""

    def heights(self, latitude, longitude):
        """Return heights, NaN where missing."""
        x, y = transform(WGS84, CRS, longitude, latitude)
        return np.where(x < 402_000.0, np.nan, 300.0 + 50.0 * np.sin(x / 700.0) * np.cos(y / 900.0))

    def on_raster(self, raster):
        """Return heights of a raster, NaN where missing."""
        shape = len(raster.rows), len(raster.columns)
        return self.heights(*raster.places(np.ones(shape, np.bool_))).reshape(shape)

    def missing_tiles(self, _latitude, _longitude):
        """Return names of what is missing."""
        return ("west",)

    def cell_m(self, _latitude, _longitude):
        """Return the cell of the source."""
        return 30.0


def _site(name: str, row: int, column: int) -> CoverageSite:
    (latitude,), (longitude,) = GRID.centres(np.array([row]), np.array([column]))
    return CoverageSite(name, float(latitude), float(longitude), 20.0)


def _classes(radius_cells: float = 150.0) -> np.ndarray:
    row, column = np.indices(GRID.shape)
    classes = np.where(column > 220, 1, 0)
    classes[np.hypot(row - 200, column - 200) > radius_cells] = NO_ANSWER
    classes[:, :67] = NO_ANSWER  # where no terrain is known
    return classes


def _pixels(image: Image) -> np.ndarray:
    """Return the pixels of a PNG of eight bits with filter Up, as our writer makes it."""
    data, at, packed = image.png, 8, b""
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + size]
        at += size + 12
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(image.rows, 1 + 3 * image.columns)
    return np.cumsum(lines[:, 1:], axis=0, dtype=np.uint8).reshape(image.rows, image.columns, 3)


def _map(drawing) -> np.ndarray:
    (group,) = [one for one in drawing.items if isinstance(one, ItemGroup) and one.name == "map"]
    return _pixels(next(one for one in group.items if isinstance(one, Image)))


def _sheet(scale, sites, classes=None) -> CoverageSheet:
    return CoverageSheet(
        _classes() if classes is None else classes, GRID, scale, sites, 4_500.0, ("Antenna 20 m",), "Terrain: hills",
        "No answer",
    )  # fmt: skip


def test_classes_lie_over_the_relief_where_they_are():
    drawing = coverage_sheet(_sheet(scale_of(GroundMap.LOS, Quantity.LOSS), [_site("1", 200, 200)]), Hills())
    pixels = _map(drawing).astype(int)
    rows, columns = pixels.shape[:2]
    middle = pixels[rows // 2]
    at = [columns * (0.5 + cells * 30.0 / (2 * 4_500.0 * 1.06)) for cells in (-80, 80, -142, -158, 158)]
    out, seen, lost, beyond_lost, beyond = (middle[round(x)] for x in at)
    assert max(out) - min(out) == 0, "what is not seen is the ground"
    assert seen[1] - seen[0] > 40, "what is seen has its colour"
    assert max(lost) - min(lost) == 0
    assert lost[0] in {0x8F, 235}
    assert beyond.min() > 180, "beyond the radius the ground is pale"
    assert (beyond_lost == 255).all()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_sheet_says_what_it_shows(language):
    sites = [_site("Mill & <Co>", 200, 200), _site("Hill", 150, 260)]
    scales = (scale_of("p526", Quantity.LOSS), with_none(count_scale(2), 0.0))
    for scale in (*scales, with_none(best_scale([s.name for s in sites]), -1.0)):
        drawing = coverage_sheet(_sheet(scale, sites), Hills(), language)
        said = [one.text for one in texts(drawing.items)]
        for text in (
            "Antenna 20 m",
            "Terrain: hills",
            "No answer",
            "Mill & <Co>",
            "Hill",
            say(msg("N"), language),
            "0",
        ):
            assert text in said
        assert re.search(r"\d k?m$", " ".join(one for one in said if one.endswith("m")))
        for one in texts(drawing.items):
            assert 0.0 <= one.x <= drawing.width
            assert 0.0 <= one.y <= drawing.height
            assert one.size >= 6.5, "not to be read on paper"
    assert "No tower" in said or language != "en"


def test_where_nothing_is_missing_nothing_is_said_of_it():
    classes = np.where(np.hypot(*(np.indices(GRID.shape) - 200)) <= 100, 1, NO_ANSWER)
    site = _site("1", 200, 200)
    sheet = CoverageSheet(classes, GRID, scale_of(GroundMap.LOS, Quantity.LOSS), [site], 3_000.0, (), "", "No answer")
    drawing = coverage_sheet(sheet, Hills())
    assert svg(drawing) == svg(coverage_sheet(sheet, Hills()))
    said = [one.text for one in texts(drawing.items)]
    assert "No answer" not in said
    assert "1" not in said, "a tower that was only numbered has no name"
