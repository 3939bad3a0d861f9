"""GeoTIFFs that are written: what they say of themselves, and that none is ever there in part."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import rasterio

from cn_planner.errors import CancelledError, FileError
from cn_planner.gis import raster_write
from cn_planner.gis.raster_write import BandNote, FileNote, new_geotiff, write_geotiff
from cn_planner.progress import CancelToken, cancelled_by

AT = (30.0, 0.0, 300_015.0, 0.0, -30.0, 4_000_000.0)
CRS = "EPSG:32619"


def test_bands_have_names_units_and_what_is_known_of_them(tmp_path):
    band = np.array([[0, 1, 255]] * 4, np.uint8)
    note = FileNote("Line of sight", "© somebody", {"MODEL": "los"}, {0: (217, 217, 217, 255), 1: (33, 145, 140, 255)})
    told = BandNote("los Ñ", "m", {"SITE": "Ñ", "ANTENNA_HEIGHT_M": "30"})
    write_geotiff(tmp_path / "o.tif", band, CRS, AT, 255, notes=[told], note=note)
    with rasterio.open(tmp_path / "o.tif") as dataset:
        assert np.array_equal(dataset.read(1), band)
        assert (dataset.descriptions, dataset.units, dataset.nodata) == (("los Ñ",), ("m",), 255)
        assert dataset.tags(1) == {"SITE": "Ñ", "ANTENNA_HEIGHT_M": "30"}
        tags = dataset.tags()
        assert tags["MODEL"] == "los"
        assert tags["TIFFTAG_IMAGEDESCRIPTION"] == "Line of sight"
        assert tags["TIFFTAG_COPYRIGHT"] == "© somebody"
        assert dataset.colormap(1)[1] == (33, 145, 140, 255)
        assert dataset.colorinterp[0].name == "palette"
    assert [one.name for one in tmp_path.iterdir()] == ["o.tif"], "nothing beside it"


def test_bands_of_parts_leave_the_rest_empty_and_small(tmp_path, monkeypatch):
    monkeypatch.setattr(raster_write, "SPARSE_CELLS", 1_000_000)
    one, two = (np.random.default_rng(seed).normal(size=(300, 500)).astype(np.float32) for seed in (1, 2))
    with new_geotiff(
        tmp_path / "o.tif", one.dtype, (9_000, 11_000), CRS, AT, float("nan"), [BandNote("a"), BandNote("b")]
    ) as file:
        file.write(0, one, 100, 200)
        file.write(1, two, 8_700, 10_500)
    assert (tmp_path / "o.tif").stat().st_size < 2_500_000
    with rasterio.open(tmp_path / "o.tif") as dataset:
        first, second = dataset.read(1), dataset.read(2)
    assert np.array_equal(first[100:400, 200:700], one)
    assert np.array_equal(second[8_700:, 10_500:], two)
    assert np.isfinite(first).sum() == np.isfinite(second).sum() == 150_000


def test_an_error_on_the_way_leaves_what_was_there(tmp_path):
    out = tmp_path / "o.tif"
    out.write_bytes(b"old")
    band = np.zeros((400, 400), np.float32)

    def stopped() -> None:
        with new_geotiff(out, band.dtype, band.shape, CRS, AT, None, [BandNote()]) as file:
            file.write(0, band)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("o.tif", b"old")]


def test_a_folder_in_the_way_is_told(tmp_path):
    (tmp_path / "o.tif").mkdir()
    with pytest.raises(FileError):
        write_geotiff(tmp_path / "o.tif", np.zeros((4, 4), np.uint8), CRS, AT, None)
    assert [one.name for one in tmp_path.iterdir()] == ["o.tif"]


def test_a_cancel_leaves_nothing_beside_what_was_there(tmp_path):
    """The process that writes is killed: it takes nothing away."""
    (tmp_path / "o.tif").write_bytes(b"old")
    band, token = np.random.default_rng(0).normal(size=(5_000, 5_000)).astype(np.float32), CancelToken()

    def cancel_when_begun():
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.01)
        token.cancel()

    beside = threading.Thread(target=cancel_when_begun)
    beside.start()
    with pytest.raises(CancelledError), cancelled_by(token):
        write_geotiff(tmp_path / "o.tif", band, CRS, AT, None)
    beside.join()
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("o.tif", b"old")]


FULL = """
import os, resource, sys
import numpy as np
from pathlib import Path
from cn_planner.errors import CancelledError, FileError
from cn_planner.gis import worker
from cn_planner.gis.raster_write import write_geotiff
import rasterio

worker._inside = True  # all in this process, whose limit is set
folder = Path(sys.argv[1])
z = np.random.default_rng(0).normal(size=(700, 700)).astype(np.float32)
write_geotiff(folder / "whole.tif", z, "EPSG:32619", (30.0, 0.0, 3e5, 0.0, -30.0, 4e6), float("nan"))
size = (folder / "whole.tif").stat().st_size
(folder / "o.tif").write_bytes(b"old")
for left in (*range(0, size, size // 12), *range(size - 60_000, size, 4_000), size - 1):
    sys.dont_write_bytecode, os.environ["PYTHONDONTWRITEBYTECODE"] = True, "1"  # half of one would stay
    resource.setrlimit(resource.RLIMIT_FSIZE, (left, resource.RLIM_INFINITY))
    try:
        write_geotiff(folder / "o.tif", z, "EPSG:32619", (30.0, 0.0, 3e5, 0.0, -30.0, 4e6), float("nan"))
    except FileError:
        pass
    else:  # a few bytes at the end are only room
        with rasterio.open(folder / "o.tif") as dataset:
            assert np.array_equal(dataset.read(1), z), left
        assert left > size - 4_000, left
        continue
    assert sorted(one.name for one in folder.iterdir()) == ["o.tif", "whole.tif"], left
    assert (folder / "o.tif").read_bytes() == b"old", left
print("sound")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on a file's size there")
def test_a_disk_that_is_full_at_any_moment_leaves_what_was_there(tmp_path):
    """The last blocks are written when the file is closed, and GDAL's library closes without a word."""
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["sound"], done.stderr[-2000:]


def test_the_sample_is_made_and_opened_without_rasterio_in_the_window_s_process(tmp_path):
    """It would hold 40 MB of it for good."""
    look = (
        "import sys; from pathlib import Path; from cn_planner.session.sample import open_sample; "
        "open_sample(Path(sys.argv[1])).close(); print('rasterio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
