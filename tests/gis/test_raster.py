"""Elevation files come in right, whatever wraps them; what is not elevation is refused; rasters go out whole."""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from cn_planner import geo
from cn_planner.errors import FileError, InputError
from cn_planner.gis import kinds, raster
from cn_planner.gis.filling import spread_heights, zeros_fill
from cn_planner.gis.kinds import FILE_KIND_WORDS, kind_of_bytes, sniff
from cn_planner.gis.parts import Circle
from cn_planner.gis.raster import read_elevation
from cn_planner.gis.raster_write import BandNote, write_geotiff
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

TILES = ("N41E001", "N42E001", "N43W003", "S33E018", "S29W072")
NORTH_UP = Affine(30.0, 0.0, 400_000.0, 0.0, -30.0, 4_600_000.0)


def tile(size: int = 1201) -> NDArray[np.int16]:
    """A tile that rises one metre a row to the south and one a column to the east, with one void."""
    row, column = np.mgrid[0:size, 0:size]
    values = (row + column).astype(np.int16)
    values[5, 7] = -32768
    return values


def hgt(size: int = 1201) -> bytes:
    return tile(size).astype(">i2").tobytes()


def damaged_lzma() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("N41E001.hgt", hgt())
    data = bytearray(stream.getvalue())
    start = data.find(b"N41E001.hgt") + 20
    data[start : start + 40] = b"\xff" * 40
    return bytes(data)


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tif(
    path: Path, values: NDArray[Any], crs: Any = "EPSG:32631", transform: Affine = NORTH_UP, **options: Any
) -> Path:
    tags, units = options.pop("tags", {}), options.pop("units", None)
    rows, columns = values.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=rows,
        width=columns,
        dtype=values.dtype,
        crs=crs,
        transform=transform,
        **options,
    ) as dataset:
        dataset.update_tags(**tags)
        if units:
            dataset.units = (units,)
        dataset.write(values, 1)
    return path


def small(dtype: str = "float32") -> NDArray[Any]:
    return (np.arange(12).reshape(3, 4) * 10 + 100).astype(dtype)


# --- .hgt


@pytest.mark.parametrize("name", TILES)
def test_a_real_tile_reads_as_gdal_reads_it(shared_data: Path, name: str) -> None:
    """Else every height of the plan is wrong, or stands beside its place."""
    path = shared_data / "terrain" / f"{name}.hgt.zip"
    grid = read_elevation(path)
    with rasterio.open(f"/vsizip/{path}/{name}.hgt", driver="SRTMHGT") as reference:
        expected = reference.read(1)
        x, y = reference.xy(10, 20)
    np.testing.assert_array_equal(np.nan_to_num(grid.values, nan=-32768), expected)
    a, b, c, d, e, f = grid.transform
    assert (a * 20 + b * 10 + c, d * 20 + e * 10 + f) == pytest.approx((x, y), abs=1e-9)
    assert (grid.crs, grid.vertical_datum, grid.source) == ("EPSG:4326", "EGM96", "SRTM 3 arc-second")


@pytest.mark.parametrize(
    ("name", "wrap"),
    [
        ("N41E001.hgt", bytes),
        ("n41e001.HGT", bytes),
        ("SRTM_N41E001_v3.hgt", bytes),
        ("N41E001.hgt.gz", gzip.compress),
        ("tile.zip", lambda data: zipped({"folder/N41E001.hgt": data, "folder/readme.txt": b"hello"})),
        ("N41E001.hgt.zip", lambda data: zipped({"N41E001.hgt": data, "__MACOSX/._N41E001.hgt": b"x"})),
    ],
)
def test_every_wrapper_of_a_tile_opens(tmp_path: Path, name: str, wrap: Callable[[bytes], bytes]) -> None:
    path = tmp_path / name
    path.write_bytes(wrap(hgt()))
    grid = read_elevation(path)
    assert grid.values.shape == (1201, 1201)
    assert np.isnan(grid.values[5, 7])
    assert np.isnan(grid.values).sum() == 1
    assert grid.values[100, 3] == 103.0
    assert grid.transform == pytest.approx((1 / 1200, 0, 1.0, 0, -1 / 1200, 42.0))


@pytest.mark.parametrize(("name", "west", "north"), [("S01W180", -180.0, 0.0), ("N80E179", 179.0, 81.0)])
def test_one_arc_second_tiles_lie_where_their_names_say(tmp_path: Path, name: str, west: float, north: float) -> None:
    path = tmp_path / f"{name}.hgt"
    path.write_bytes(hgt(3601))
    grid = read_elevation(path)
    assert grid.values.shape == (3601, 3601)
    assert (grid.transform[2], grid.transform[5]) == (west, north)
    assert grid.source == "SRTM 1 arc-second"


# --- GeoTIFF


@pytest.mark.parametrize("dtype", ["int16", "uint16", "int32", "float32", "float64"])
def test_every_number_kind_of_a_geotiff_reads(tmp_path: Path, dtype: str) -> None:
    grid = read_elevation(tif(tmp_path / "a.tif", small(dtype)))
    np.testing.assert_array_equal(grid.values, small("float32"))
    assert grid.values.dtype == np.float32
    assert grid.crs == "EPSG:32631"
    assert grid.transform == (30.0, 0.0, 400_015.0, 0.0, -30.0, 4_599_985.0)


def test_declared_and_undeclared_voids_are_missing_and_never_heights(tmp_path: Path) -> None:
    values = small("int16")
    values[0, 0], values[1, 1], values[2, 2] = -9999, 7, -32768
    grid = read_elevation(tif(tmp_path / "a.tif", values, nodata=7))
    assert np.argwhere(np.isnan(grid.values)).tolist() == [[0, 0], [1, 1], [2, 2]]


def high_ground(rows: int, columns: int) -> NDArray[np.int16]:
    """Ground of 800 m and more, of many heights."""
    return (800 + np.arange(rows * columns) % 97).reshape(rows, columns).astype(np.int16)


def test_zeros_that_fill_what_was_cut_off_high_ground_are_missing_and_the_sea_is_not(tmp_path: Path) -> None:
    values = high_ground(20, 20)
    values[0, :2] = 0
    assert np.argwhere(np.isnan(read_elevation(tif(tmp_path / "a.tif", values)).values)).tolist() == [[0, 0], [0, 1]]
    for shore in (3, -2):
        values[2, 3] = shore
        assert np.isfinite(read_elevation(tif(tmp_path / f"{shore}.tif", values)).values).all()
    assert np.isfinite(read_elevation(tif(tmp_path / "sea.tif", np.zeros_like(values))).values).all()


def test_a_plain_at_zero_that_somebody_made_up_is_a_plain(tmp_path: Path) -> None:
    wall, islands = np.zeros((20, 20), np.int16), high_ground(20, 20)
    wall[:, 10], islands[:11] = 300, 0
    for name, values in (("wall", wall), ("islands", islands)):
        assert np.isfinite(read_elevation(tif(tmp_path / f"{name}.tif", values)).values).all()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shore", [3, 800])
def test_what_zeros_mean_is_the_same_in_every_part_of_a_file(tmp_path: Path, shore: int, packed: bool) -> None:
    values = high_ground(400, 300)
    values[:, :80], values[380, 290] = 0, shore
    path = tif(tmp_path / "a.tif", values, tiled=True, blockxsize=16, blockysize=16)
    if packed:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
            out.write(path, "a.tif")
        path = tmp_path / "a.zip"
    whole = read_elevation(path)
    x, y = whole.transform[2] + 75 * whole.transform[0], whole.transform[5] + 100 * whole.transform[4]
    (longitude,), (latitude,) = geo.transform(whole.crs, geo.WGS84, [x], [y])
    near = read_elevation(path, [Circle(latitude, longitude, 60.0)])
    assert near.part is not None
    top, left, (rows, columns) = near.part.top, near.part.left, near.part.held
    assert left < 80 < left + columns < 290
    np.testing.assert_array_equal(near.values, whole.values[top : top + rows, left : left + columns])
    assert near.zeros_missing == whole.zeros_missing == np.isnan(near.values).any() == (shore == 800)


def test_a_file_that_was_changed_is_looked_at_anew(tmp_path: Path) -> None:
    values = high_ground(300, 300)
    values[:, :80] = 0
    path = tif(tmp_path / "a.tif", values)
    whole = read_elevation(path)
    (longitude,), (latitude,) = geo.transform(whole.crs, geo.WGS84, [whole.transform[2]], [whole.transform[5]])
    circles = [Circle(latitude, longitude, 60.0)]
    assert read_elevation(path, circles).zeros_missing
    values[299, 299] = 20
    tif(path, values, compress="deflate")
    assert not read_elevation(path, circles).zeros_missing


def test_of_a_very_large_file_blocks_all_over_it_say_what_zeros_mean(tmp_path: Path) -> None:
    values = high_ground(160, 160)
    values[:, :16], values[144:] = 0, 20
    with rasterio.open(tif(tmp_path / "a.tif", values, tiled=True, blockxsize=16, blockysize=16)) as dataset:
        read = list(spread_heights(dataset, "", 160 * 160 // 4))
        assert 20 <= len(read) <= 30
        assert not zeros_fill(read)
        assert zeros_fill(one for one in read if one.min() != 20.0)


@pytest.mark.parametrize("void", [np.nan, np.inf, -3.4028234663852886e38, 1e20])
def test_voids_of_floating_point_files_are_missing(tmp_path: Path, void: float) -> None:
    values = small("float64")
    values[1, 2] = void
    grid = read_elevation(tif(tmp_path / "a.tif", values))
    assert np.argwhere(np.isnan(grid.values)).tolist() == [[1, 2]]


def test_a_mask_inside_the_file_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        tif(path, small())
        with rasterio.open(path, "r+") as dataset:
            mask = np.full((3, 4), 255, np.uint8)
            mask[0, 1] = 0
            dataset.write_mask(mask)
    assert np.argwhere(np.isnan(read_elevation(path).values)).tolist() == [[0, 1]]


@pytest.mark.parametrize("kind", ["Area", "Point"])
def test_pixel_is_point_and_pixel_is_area_stand_at_the_same_centres(tmp_path: Path, kind: str) -> None:
    """Half a cell off is 15 to 45 m on the ground: a house beside its hill."""
    path = tif(tmp_path / "a.tif", small(), tags={"AREA_OR_POINT": kind})
    with rasterio.open(path) as reference:
        centre = reference.xy(1, 2)
    a, b, c, d, e, f = read_elevation(path).transform
    assert (a * 2 + b + c, d * 2 + e + f) == pytest.approx(centre)


def test_a_rotated_and_sheared_file_keeps_its_six_numbers(tmp_path: Path) -> None:
    turned = Affine(28.0, 5.0, 400_000.0, 6.0, -31.0, 4_600_000.0)
    a, b, c, d, e, f = read_elevation(tif(tmp_path / "a.tif", small(), transform=turned)).transform
    assert (a * 3 + b * 2 + c, d * 3 + e * 2 + f) == pytest.approx(turned @ (3.5, 2.5))


@pytest.mark.parametrize(
    ("crs", "unit", "metres"),
    [
        ("EPSG:32631", "ft", 0.3048),
        ("EPSG:32631", "US survey foot", 1200 / 3937),
        ("EPSG:32631", "metre", 1.0),
        ("EPSG:26910+6360", None, 1200 / 3937),
        ("EPSG:4326+5773", None, 1.0),
    ],
)
def test_heights_in_feet_become_metres_and_are_said(tmp_path: Path, crs: str, unit: str | None, metres: float) -> None:
    """Feet taken as metres make every hill three times as high."""
    at = NORTH_UP if "4326" not in crs else Affine(0.001, 0.0, 1.0, 0.0, -0.001, 42.0)
    grid = read_elevation(tif(tmp_path / "a.tif", small(), crs=crs, transform=at, units=unit))
    np.testing.assert_allclose(grid.values, small() * metres, rtol=1e-6)
    assert ("1 unit of height" in grid.source) == (metres != 1.0)


def test_a_vertical_datum_is_said_and_the_place_stays_horizontal(tmp_path: Path) -> None:
    at = Affine(0.001, 0.0, 1.0, 0.0, -0.001, 42.0)
    grid = read_elevation(tif(tmp_path / "a.tif", small(), crs="EPSG:4326+5773", transform=at))
    assert (grid.vertical_datum, grid.crs) == ("EGM96", "EPSG:4326")


def test_a_raster_of_one_pixel_reads(tmp_path: Path) -> None:
    assert read_elevation(tif(tmp_path / "a.tif", np.array([[321.5]]))).values.tolist() == [[321.5]]


def test_scale_and_offset_are_applied(tmp_path: Path) -> None:
    path = tif(tmp_path / "a.tif", small("int16"))
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.1,), (5.0,)
    np.testing.assert_allclose(read_elevation(path).values, small("float32") * 0.1 + 5.0, rtol=1e-6)


@pytest.mark.parametrize("wrapper", ["zip", "gz"])
def test_a_wrapped_geotiff_opens(tmp_path: Path, wrapper: str) -> None:
    data = tif(tmp_path / "a.tif", small()).read_bytes()
    path = tmp_path / f"a.tif.{wrapper}"
    path.write_bytes(zipped({"dem/a.tif": data}) if wrapper == "zip" else gzip.compress(data))
    np.testing.assert_array_equal(read_elevation(path).values, small())


def test_nothing_beside_the_file_is_looked_at(tmp_path: Path) -> None:
    """A side file is not the file: whoever copies the file alone must get the same heights."""
    path = tif(tmp_path / "a.tif", small())
    (tmp_path / "a.tif.aux.xml").write_text(
        "<PAMDataset><PAMRasterBand band='1'><Offset>500</Offset></PAMRasterBand></PAMDataset>"
    )
    np.testing.assert_array_equal(read_elevation(path).values, small())


# --- what is refused


VRT = b"""<VRTDataset rasterXSize="1201" rasterYSize="1201"><SRS>EPSG:4326</SRS>
<GeoTransform>1,1e-3,0,42,0,-1e-3</GeoTransform><VRTRasterBand dataType="Int16" band="1">
<SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"""
BAD_BYTES = {
    "empty": (b"", "is empty"),
    "a VRT": (VRT, "virtual raster"),
    "XML": (b"<?xml version='1.0'?><a/>", "an XML file"),
    "text": (b"these are words, not heights\n" * 90, "a text file"),
    "text of the size of a tile": (b"a line of words\n" * (2884802 // 16) + b"ab", "a text file"),
    "UTF-16 text": ("words".encode("utf-16"), "a text file"),
    "JSON": (b'{"type": "FeatureCollection"}', "a JSON file"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture"),
    "a database": (b"SQLite format 3\0" + bytes(100), "a database"),
    "noise": (bytes(range(256)) * 7, "2,884,802 or 25,934,402 bytes"),
    "a TIFF cut short": (b"II*\0\x08\0\0\0", "damaged or cut short"),
    "a zip cut short": (zipped({"N41E001.hgt": hgt()})[:5000], "damaged or cut short"),
    "an empty zip": (zipped({}), "does not hold"),
    "a zip without elevation": (
        zipped({"a.txt": b"x"}),
        "does not hold an elevation file (.hgt or GeoTIFF), only: a.txt",
    ),
    "a zip with several tiles": (zipped({"N41E001.hgt": b"1", "N42E001.hgt": b"2"}), "N41E001.hgt, N42E001.hgt"),
    "a zip with a VRT named .tif": (zipped({"a.tif": VRT}), "virtual raster"),
    "a zip packed another way and damaged": (damaged_lzma(), "damaged or cut short"),
    "a zip whose member has no readable name": (
        zipped({"N41E001\u00e9.hgt": b"x"}).replace("\u00e9".encode(), b"\xff\xff", 1),
        "damaged or cut short",
    ),
    "a zip that climbs": (zipped({"../N41E001.hgt": hgt()}), "climbs out of its folder"),
    "a zip with an absolute member": (zipped({"/etc/N41E001.hgt": hgt()}), "climbs out of its folder"),
    "a zip that climbs the Windows way": (zipped({"C:\\N41E001.hgt": hgt()}), "climbs out of its folder"),
    "a zip in a zip": (zipped({"N41E001.zip": zipped({"N41E001.hgt": b"1"})}), "archive within an archive"),
    "a zip in a zip named as a tile": (zipped({"N41E001.hgt": zipped({"a": b"1"})}), "archive within an archive"),
    "a gzip in a gzip": (gzip.compress(gzip.compress(hgt())), "archive within an archive"),
    "a gzip cut short": (gzip.compress(hgt())[:2000], "damaged or cut short"),
    "a gzip of nothing": (gzip.compress(b""), "is empty"),
    "a tile cut short": (hgt()[:-2000], "2,884,802 or 25,934,402 bytes"),
}


@pytest.mark.parametrize("suffix", [".hgt", ".tif"])
@pytest.mark.parametrize("what", BAD_BYTES)
def test_what_is_not_elevation_is_refused_in_words_under_any_name(tmp_path: Path, what: str, suffix: str) -> None:
    """A VRT named evil.tif makes GDAL read any file of the machine."""
    data, words = BAD_BYTES[what]
    path = tmp_path / f"N41E001{suffix}"
    path.write_bytes(data)
    with pytest.raises(FileError) as error:
        read_elevation(path)
    assert words in str(error.value)
    assert error.value.where.startswith(str(path))
    assert error.value.fix is not None


@pytest.mark.parametrize(("make", "words"), [(str, "no such file"), (lambda p: p.mkdir(), "folder")])
def test_what_is_not_a_file_is_said(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "a.tif"
    make(path)
    with pytest.raises(FileError, match=words):
        read_elevation(path)


def test_a_tile_without_a_place_in_its_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tile.hgt"
    path.write_bytes(hgt())
    with pytest.raises(FileError, match="does not say where"):
        read_elevation(path)


def test_a_tile_that_its_name_places_outside_the_globe_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "N95E001.hgt"
    path.write_bytes(hgt())
    with pytest.raises(FileError, match="outside the globe"):
        read_elevation(path)


def test_a_zip_that_says_it_unpacks_to_a_terabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"N41E001.hgt": hgt()}))
    entry = data.rindex(b"PK\1\2")
    data[entry + 24 : entry + 28] = struct.pack("<I", 0xFFFFFFF0)
    path = tmp_path / "N41E001.hgt.zip"
    path.write_bytes(data)
    with pytest.raises(FileError, match="unpacks to more than 256 MB"):
        read_elevation(path)


@pytest.mark.parametrize("wrapper", ["zip", "gz"])
def test_a_bomb_that_hides_its_size_is_stopped(tmp_path: Path, wrapper: str) -> None:
    path = tmp_path / f"N41E001.hgt.{wrapper}"
    data = bytes(kinds.LARGEST_MEMBER_BYTES + 1)
    packed = bytearray(zipped({"N41E001.hgt": data}) if wrapper == "zip" else gzip.compress(data))
    if wrapper == "zip":  # the directory lies
        entry = packed.rindex(b"PK\1\2")
        packed[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    path.write_bytes(packed)
    with pytest.raises(FileError, match=r"unpacks to more|damaged"):
        read_elevation(path)


@pytest.mark.parametrize("wrapper", ["zip", "gz"])
def test_a_bomb_is_not_kept_while_it_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrapper: str
) -> None:
    """It was read up to the limit first: a kilobyte took as much memory as the program."""
    monkeypatch.setattr(kinds, "LARGEST_MEMBER_BYTES", 32 << 20)
    path = tmp_path / f"N41E001.hgt.{wrapper}"
    data = bytes(kinds.LARGEST_MEMBER_BYTES + 1)
    packed = bytearray(zipped({"N41E001.hgt": data}) if wrapper == "zip" else gzip.compress(data))
    if wrapper == "zip":
        entry = packed.rindex(b"PK\1\2")
        packed[entry + 24 : entry + 28] = struct.pack("<I", kinds.LARGEST_MEMBER_BYTES)  # it says that it just fits
    path.write_bytes(packed)
    del data
    tracemalloc.start()
    try:
        with pytest.raises(FileError, match=r"unpacks to more|damaged"):
            kinds.read_gzip(path) if wrapper == "gz" else kinds.read_zip(path, (".hgt",), msg("an elevation file"))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_too_many_pixels_are_refused_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=60_000, width=60_000, dtype="int16", crs="EPSG:32631",
        transform=NORTH_UP, sparse_ok=True, tiled=True,
    ):  # fmt: skip
        pass
    with pytest.raises(FileError, match="60000 x 60000 pixels; the limit is 150 million"):
        read_elevation(path)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # the library warns while it is made
@pytest.mark.parametrize("options", [{"crs": None}, {"transform": Affine.identity()}])
def test_a_geotiff_without_a_place_is_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(FileError, match="does not say where it lies"):
        read_elevation(tif(tmp_path / "a.tif", small(), **options))


def test_a_local_grid_that_is_not_on_the_globe_is_refused(tmp_path: Path) -> None:
    local = 'LOCAL_CS["site grid",UNIT["metre",1]]'
    with pytest.raises(FileError, match=r"not on the globe|does not say where"):
        read_elevation(tif(tmp_path / "a.tif", small(), crs=local))


def test_a_picture_and_complex_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rgb.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=3, height=2, width=2, dtype="uint8", crs="EPSG:32631", transform=NORTH_UP,
        photometric="RGB",
    ) as dataset:  # fmt: skip
        dataset.write(np.zeros((3, 2, 2), np.uint8))
    for bad in (path, tif(tmp_path / "c.tif", small("complex64"))):
        with pytest.raises(FileError, match="a picture, not elevation"):
            read_elevation(bad)


@given(st.binary(max_size=300), st.sampled_from(["N41E001.hgt", "a.tif", "x.zip"]))
def test_any_bytes_have_a_kind(data: bytes, name: str) -> None:
    assert kind_of_bytes(data, name, len(data)) in FILE_KIND_WORDS


def test_any_damage_to_a_file_is_a_clear_error_or_a_raster(tmp_path: Path) -> None:
    """A damaged download must not end the program."""
    good = [tif(tmp_path / "good.tif", small("int16"), compress="deflate").read_bytes(), zipped({"N41E001.hgt": hgt()})]
    random = np.random.default_rng(7)
    path = tmp_path / "N41E001.bin"
    for data in good:
        for _ in range(60):
            damaged = bytearray(data[: random.integers(1, len(data) + 1)])
            for place in random.integers(0, min(len(damaged), 600), 4):
                damaged[place] = random.integers(0, 256)
            path.write_bytes(damaged)
            with suppress(FileError):
                read_elevation(path)


def test_sniff_says_what_real_files_are(shared_data: Path) -> None:
    found = {
        path.name: sniff(path)
        for path in (
            shared_data / "terrain" / "bigtujunga.tif",
            shared_data / "terrain" / "N41E001.hgt.zip",
            shared_data / "bench" / "N44W072.hgt",
            shared_data / "regulatory" / "country_borders.geojson",
            shared_data / "basemap" / "osm_catalonia_z7-11.mbtiles",
        )
    }
    assert list(found.values()) == ["geotiff", "zip", "hgt", "json", "sqlite"]


# --- writing


@pytest.mark.parametrize(
    ("dtype", "nodata"), [("uint8", 255), ("uint16", 65535), ("int16", -1), ("float32", float("nan"))]
)
@pytest.mark.parametrize("shape", [(2, 300, 270), (1, 3, 4), (1, 1)])
def test_what_is_written_is_read_back_by_another_library_and_has_the_same_bytes_again(
    tmp_path: Path, dtype: str, nodata: float, shape: tuple[int, ...]
) -> None:
    bands = np.random.default_rng(1).uniform(0, 200, shape).astype(dtype)
    names = [f"Sité {i}" for i in range(shape[0] if len(shape) == 3 else 1)]
    crs, at = geo.local_transverse_mercator(42.0, 1.5), (30.0, 0.0, -20_000.0, 0.0, -30.0, 20_000.0)
    one, two = tmp_path / "one.tif", tmp_path / "another name.tif"
    for path in (one, two):
        write_geotiff(path, bands, crs, at, nodata, notes=[BandNote(name) for name in names])
    assert one.read_bytes() == two.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["another name.tif", "one.tif"]
    with MemoryFile(one.read_bytes()) as memory, memory.open() as dataset:
        np.testing.assert_array_equal(dataset.read(), bands.reshape(dataset.count, dataset.height, dataset.width))
        assert dataset.descriptions == tuple(names)
        assert dataset.nodata == nodata or np.isnan(dataset.nodata)
        assert dataset.xy(0, 0) == (-20_000.0, 20_000.0)
        assert dataset.compression.name == "deflate"
        assert dataset.crs.is_projected


def test_a_written_raster_comes_back_by_our_own_door(tmp_path: Path) -> None:
    at = (30.0, 2.0, 400_000.0, 3.0, -30.0, 4_600_000.0)
    write_geotiff(tmp_path / "a.tif", small(), "EPSG:32631", at, float("nan"))
    grid = read_elevation(tmp_path / "a.tif")
    assert grid.transform == pytest.approx(at)
    np.testing.assert_array_equal(grid.values, small())


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Existing output is replaced whole or not at all."""
    path = tmp_path / "a.tif"
    write_geotiff(path, small(), "EPSG:32631", (30.0, 0.0, 0.0, 0.0, -30.0, 0.0), None)
    before = path.read_bytes()
    two = [BandNote("one"), BandNote("two")]
    with pytest.raises(InputError):
        write_geotiff(path, small(), "EPSG:32631", (30.0, 0.0, 0.0, 0.0, -30.0, 0.0), None, notes=two)
    with pytest.raises(FileError, match="cannot be written"):
        write_geotiff(tmp_path / "gone" / "a.tif", small(), "EPSG:32631", (30.0, 0, 0, 0, -30.0, 0), None)
    monkeypatch.setattr(type(path), "replace", _no_space)
    with pytest.raises(FileError, match="cannot be written"):
        write_geotiff(path, small() + 1, "EPSG:32631", (30.0, 0.0, 0.0, 0.0, -30.0, 0.0), None)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_the_limits_are_what_the_documents_say() -> None:
    assert (raster.MOST_PIXELS, kinds.LARGEST_MEMBER_BYTES) == (150_000_000, 256 << 20)


def test_a_reference_system_that_cannot_be_carried_over_is_said_with_the_file(tmp_path: Path) -> None:
    moon = 'GEOGCS["Moon",DATUM["Moon",SPHEROID["Moon",1737400,0]],PRIMEM["Reference",0],UNIT["degree",0.01745329252]]'
    at = Affine(0.001, 0.0, 1.0, 0.0, -0.001, 42.0)
    path = tif(tmp_path / "a.tif", small(), crs=moon, transform=at)
    with pytest.raises(FileError, match="not understood") as error:
        read_elevation(path)
    assert error.value.where == str(path)


@pytest.mark.parametrize("crs", ["nonsense", "EPSG:1", 'PROJCS["x"]'])
def test_a_reference_system_of_nonsense_is_said(crs: str) -> None:
    for ask in (geo.is_metric, geo.is_geographic, geo.horizontal):
        with pytest.raises(InputError, match="not understood"):
            ask(crs)
    with pytest.raises(InputError, match="not understood"):
        geo.transform(crs, geo.WGS84, [1.0], [2.0])


@pytest.mark.parametrize(
    ("values", "crs", "transform"),
    [
        (np.full((4, 4), np.nan, np.float32), "EPSG:32630", (30.0, 0.0, 5e5, 0.0, -30.0, 4.6e6)),
        (np.full((4, 4), 1e8, np.float32), "EPSG:32630", (30.0, 0.0, 5e5, 0.0, -30.0, 4.6e6)),
        (np.full((4, 4), 100, np.float32), "EPSG:4326", (0.001, 0.0, 500.0, 0.0, -0.001, 42.0)),
        (np.full((4, 4), 100, np.float32), "EPSG:4326", (0.001, 0.0, 5.0, 0.0, -0.001, 142.0)),
    ],
)
def test_a_raster_that_is_no_ground_is_refused(
    tmp_path: Path, values: np.ndarray, crs: str, transform: tuple[float, ...]
) -> None:
    write_geotiff(tmp_path / "no.tif", values, crs, transform, nodata=float("nan"))
    with pytest.raises(FileError) as refused:
        read_elevation(tmp_path / "no.tif")
    assert "no.tif" in refused.value.where
    assert refused.value.fix is not None


def test_a_metric_file_beside_the_globe_is_refused(tmp_path: Path) -> None:
    path = tif(tmp_path / "far.tif", np.ones((4, 4), np.float32), transform=Affine(30.0, 0.0, 1e12, 0.0, -30.0, 1e12))
    with pytest.raises(FileError, match="beside the globe"):
        read_elevation(path)


@pytest.mark.parametrize(
    ("crs", "side", "fine"),
    [
        ("EPSG:32631", 1 / 3600, False),
        ("EPSG:32631", 0.05, True),
        ("EPSG:4326", 1e-9, False),
        ("EPSG:4326", 1e-6, True),
    ],
)
def test_cells_too_small_to_be_true_are_refused_when_the_file_is_read(
    tmp_path: Path, crs: str, side: float, *, fine: bool
) -> None:
    at = (side, 0.0, 2.0, 0.0, -side, 41.0) if crs == "EPSG:4326" else (side, 0.0, 4e5, 0.0, -side, 4.6e6)
    write_geotiff(tmp_path / "f.tif", np.full((30, 30), 100.0, np.float32), crs, at, None)
    if fine:
        assert read_elevation(tmp_path / "f.tif").values.shape == (30, 30)
    else:
        with pytest.raises(FileError, match="no terrain is that fine"):
            read_elevation(tmp_path / "f.tif")
