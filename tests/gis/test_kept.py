"""What was read of terrain is there at the next start, without a process; never where the file is another by now."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from cn_planner.errors import PlannerError
from cn_planner.gis import kept, worker
from cn_planner.gis.parts import Circle
from cn_planner.gis.raster import read_elevation


def write(path: Path, first: float, rows: int = 40) -> Path:
    """Write a GeoTIFF whose entry was changed long enough ago to be kept."""
    values = first + np.arange(rows * 40, dtype=np.float32).reshape(rows, 40)
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=40, count=1, dtype="float32", crs="EPSG:32631",
        transform=Affine(30.0, 0.0, 400000.0, 0.0, -30.0, 4650000.0),
    ) as dataset:  # fmt: skip
        dataset.write(values, 1)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(kept, "_SETTLED_S", 0.0)
    worker._end_all()
    yield tmp_path
    worker._end_all()


def no_process(monkeypatch):
    """From here on no process that reads can start."""
    worker._end_all()
    worker._idle.clear()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")


def test_the_next_start_needs_no_process(folder, monkeypatch):
    path = write(folder / "hill.tif", 100.0)
    circles = (Circle(41.99, 1.79, 100.0),)
    whole, part = read_elevation(path), read_elevation(path, circles)
    no_process(monkeypatch)
    worker.warm_for_elevation([path])  # starts none
    again, again_part = read_elevation(path), read_elevation(path, circles)
    np.testing.assert_array_equal(again.values, whole.values)
    assert (again.crs, again.transform, again.whole, again.source) == (
        whole.crs, whole.transform, whole.whole, whole.source
    )  # fmt: skip
    assert again_part.values.shape == part.values.shape != whole.values.shape
    again.values[0, 0] = -1.0  # it is the caller's own
    assert read_elevation(path).values[0, 0] == 100.0
    with pytest.raises((PlannerError, OSError)):
        read_elevation(write(folder / "other.tif", 5.0))


def test_a_file_that_changed_is_read_anew_though_its_size_and_time_are_the_same(folder):
    path = write(folder / "hill.tif", 100.0)
    before = path.stat()
    assert read_elevation(path).values[0, 0] == 100.0
    write(path, 300.0)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert read_elevation(path).values[0, 0] == 300.0


def test_what_was_changed_a_moment_ago_is_not_kept(folder, monkeypatch):
    monkeypatch.setattr(kept, "_SETTLED_S", 60.0)
    path = write(folder / "hill.tif", 100.0)
    read_elevation(path)
    assert not kept.answers_are_kept(path)
    monkeypatch.setattr(kept, "_SETTLED_S", 0.0)
    read_elevation(path)
    assert kept.answers_are_kept(path)


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: data[:-1] + b"?", lambda _: b""])
def test_a_damaged_cache_is_read_past(folder, damage):
    path = write(folder / "hill.tif", 100.0)
    whole = read_elevation(path)
    (one,) = kept._folder().iterdir()
    one.write_bytes(damage(one.read_bytes()))
    np.testing.assert_array_equal(read_elevation(path).values, whole.values)


def test_a_cache_that_cannot_be_written_is_no_error(folder):
    (folder / "cache").write_text("a file where the folder should be")
    path = write(folder / "hill.tif", 100.0)
    assert read_elevation(path).values[0, 0] == 100.0
    assert not kept.answers_are_kept(path)


def test_what_was_not_asked_for_longest_goes_first_and_what_is_too_large_is_not_kept(folder, monkeypatch):
    one, two, three = (write(folder / f"{n}.tif", n) for n in range(3))
    read_elevation(one)
    size = sum(each.stat().st_size for each in kept._folder().iterdir())
    monkeypatch.setattr(kept, "MOST_BYTES", int(2.5 * size))
    read_elevation(two)
    time.sleep(0.02)  # the time of an entry is that of the system's clock tick
    read_elevation(one)
    time.sleep(0.02)
    read_elevation(three)
    assert [kept.answers_are_kept(each) for each in (one, two, three)] == [True, False, True]
    assert sum(each.stat().st_size for each in kept._folder().iterdir()) <= 2.5 * size
    monkeypatch.setattr(kept, "MOST_OF_ONE", size - 5)  # a checksum is beside it
    read_elevation(two)
    assert not kept.answers_are_kept(two)
