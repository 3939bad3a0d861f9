"""What the ground wears in three dimensions: tints by height, light by slope, and pictures where they belong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cn_planner.coverage.ground_view import ViewGround, lay_view_ground
from cn_planner.drawing.ground_colours import GroundLook, dress_ground, tint_ground
from cn_planner.drawing.ground_kernels import Drape
from cn_planner.errors import CancelledError
from cn_planner.gis.raster import RasterGrid
from cn_planner.progress import CancelToken, Run
from cn_planner.terrain.surface import Surface

STEP = 0.0003
LOOK = GroundLook(
    ((0, 200, 0), (200, 0, 0)), (0.4, 1.0), (1, 2, 3), (4, 5, 6), (0, 0, 255), (240, 240, 240), (9, 9, 9), (7, 7, 7)
)


def _ground(values: np.ndarray) -> ViewGround:
    half = len(values) // 2 * STEP
    grid = RasterGrid("made", values.astype(np.float32), "EPSG:4326", (STEP, 0.0, -half, 0.0, -STEP, half))
    return lay_view_ground(Surface([grid]), 0.0, 0.0, reach_m=9_000.0)


@pytest.fixture(scope="module")
def slope() -> ViewGround:
    """Ground that rises from west to east: it looks away from the light in the north-west."""
    return _ground(np.broadcast_to(np.arange(601) * 3.0, (601, 601)))


def test_low_ground_has_the_first_tint_and_high_ground_the_last(slope):
    base = tint_ground(slope, LOOK).base[0].astype(int)
    row = base[base.shape[0] // 2]
    west, east = row[len(row) // 4], row[-len(row) // 4]
    assert west[1] > 2 * west[0]
    assert east[0] > 2 * east[1]
    assert (np.diff(row[len(row) // 4 : -len(row) // 4, 0]) >= -1).all()


def test_ground_that_looks_at_the_light_is_brighter():
    falling, rising = (_ground(np.broadcast_to(np.arange(601)[::way] * 12.0, (601, 601))) for way in (-1, 1))
    one_tint = replace(LOOK, stops=((0, 200, 0), (0, 200, 0)))  # what differs is the light
    dark, bright = (tint_ground(one, one_tint).base[0] for one in (falling, rising))
    middle = dark.shape[0] // 2
    assert int(bright[middle, middle, 1]) > 1.2 * dark[middle, middle, 1]


def test_a_picture_lies_where_its_nodes_say_and_lets_the_light_through(slope):
    tints = tint_ground(slope, LOOK)
    side = tints.base[0].shape[0]
    pixels = np.zeros((100, 100), np.uint32)
    pixels[20:40, 60:90] = 0xFFFF00FF
    pixels[70:80, 10:20] = 0x80000080  # half clear
    nodes = np.linspace(0.0, 99.0, 45)
    x, y = np.meshgrid(nodes, nodes)
    dress = dress_ground(slope, tints, [Drape(pixels, x, y)])
    bare = dress_ground(slope, tints)
    got, plain = (one.texels[: side * side].reshape(side, side) for one in (dress, bare))
    rows, columns = np.nonzero(got != plain)
    assert rows.min() * 99.0 / (side - 1) == pytest.approx(20.0, abs=0.2)
    assert columns.max() * 99.0 / (side - 1) == pytest.approx(90.0, abs=0.2)
    at = round(30 / 99 * (side - 1)), round(75 / 99 * (side - 1))
    light = int(tints.light[0][at])
    assert (int(got[at]) >> 16 & 255, int(got[at]) >> 8 & 255, int(got[at]) & 255) == (light, 0, light)
    at = round(75 / 99 * (side - 1)), round(15 / 99 * (side - 1))
    assert (int(got[at]) >> 8 & 255) == pytest.approx((int(plain[at]) >> 8 & 255) * 127 / 255, abs=1.0)


def test_the_sky_has_no_edge_and_is_its_own_high_up(slope):
    dress = dress_ground(slope, tint_ground(slope, LOOK))
    slopes = np.linspace(0.6, -0.6, 500)
    sky = dress.for_camera(10_000.0)(slopes).sky
    assert sky[0].tolist() == [255.0, 0.0, 0.0]
    assert sky[-1].tolist() == [9.0, 9.0, 9.0]
    assert np.abs(np.diff(sky, axis=0)).max() < 5.0


def test_it_can_be_stopped(slope):
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        tint_ground(slope, LOOK, run=Run(cancel=token))
    tints = tint_ground(slope, LOOK)
    with pytest.raises(CancelledError):
        dress_ground(slope, tints, run=Run(cancel=token))
