"""What a user would miss: the error of the elevation that a plan stands on, by what its file says of itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cn_planner.gis.raster import RasterGrid
from cn_planner.terrain.height_error import EXACT, height_error
from cn_planner.terrain.surface import Surface


@pytest.mark.parametrize(
    ("text", "cell_m", "sd_m"),
    [
        ("N41E001.hgt.zip SRTM 3 arc-second", 90.0, 2.9),
        ("N41E001.hgt SRTM 1 arc-second", 30.0, 2.9),
        ("NASADEM_HGT_n41e001.tif", 30.0, 2.9),
        ("Copernicus_DSM_COG_10_N41_00_E001_00_DEM.tif", 30.0, 1.2),
        ("GLO-30_N41E001_0000.tif Copernicus DEM GLO-30", 30.0, 1.2),
        ("ALPSMLC30_AW3D30.tif", 30.0, 4.4),
        ("ASTGTMV003_ASTER.tif", 30.0, 8.7),
        ("MDT05-ETRS89.tif", 5.0, 0.3),
        ("lidar_2019.tif", 1.0, 0.3),
        ("dem.tif", 1.0, 0.3),
        ("dem.tif", 10.0, 1.55),
        ("dem.tif", 155.0, 2.9),
        ("plain invented", 30.0, 0.0),
    ],
)
def test_a_source_is_known_by_its_words_and_else_by_its_cells(text, cell_m, sd_m):
    found = height_error(text, cell_m)
    assert found.sd_m == sd_m
    assert found.slope_m >= 0.1 * cell_m - 1e-9
    assert found.reach_m == max(2.0 * cell_m, 100.0)


def test_slopes_to_a_fifth_and_above_are_as_the_handbook_of_copernicus_has_them():
    found = height_error("Copernicus DEM GLO-30", 30.0)
    # 90 % within 2 m and 4 m are 1.2 and 2.4 m; the steeper are taken for 30 %.
    assert found.sd_m == pytest.approx(2.0 / 1.645, abs=0.02)
    assert math.hypot(found.sd_m, 0.3 * found.slope_m) == pytest.approx(4.0 / 1.645, abs=0.2)


def test_a_path_has_the_error_of_the_file_that_holds_all_of_it_or_the_worst_that_it_touches():
    coarse = RasterGrid(
        "srtm.tif", np.zeros((200, 200), np.float32), "EPSG:4326", (0.001, 0, 1.0, 0, -0.001, 42.0), source="SRTM"
    )
    fine = RasterGrid("lidar.tif", np.zeros((50, 50), np.float32), "EPSG:4326", (0.0001, 0, 1.1, 0, -0.0001, 41.9))
    surface = Surface([coarse, fine])
    ends = np.array([[41.8999, 1.1001, 41.8960, 1.1040], [41.8999, 1.1001, 41.85, 1.15], [41.85, 1.15, 41.86, 1.16]])
    found = surface.path_errors(*ends.T, np.array([500.0, 7000.0, 1500.0]))
    assert found[:, 0].tolist() == [0.3, 2.9, 2.9]
    assert surface.error_at(41.8999, 1.1001).sd_m == 0.3
    assert Surface(()).error_at(41.9, 1.1) == EXACT
