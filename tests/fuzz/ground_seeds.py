"""Good files of tiles, pictures and ground, made here."""

from __future__ import annotations

import gzip
import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from .seeds import varint, zipped


def pictures(_folder: Path) -> dict[str, bytes]:
    from PySide6.QtCore import QBuffer
    from PySide6.QtGui import QImage, qRgba

    image = QImage(64, 64, QImage.Format.Format_ARGB32)
    for x in range(64):
        for y in range(64):
            image.setPixel(x, y, qRgba(4 * x, 4 * y, x ^ y, 255 - x))
    palette, found = image.convertToFormat(QImage.Format.Format_Indexed8), {}
    for name, picture, kind in (("a.png", image, b"PNG"), ("b.png", palette, b"PNG"), ("a.jpg", image, b"JPG"),
                                ("a.webp", image, b"WEBP"), ("a.gif", palette, b"GIF")):  # fmt: skip
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        if picture.save(buffer, kind.decode()):
            found[name] = bytes(buffer.data().data())
    return found


def _tile() -> bytes:
    from vector_tiles import AREA, LINE, POINT, tile

    return tile(
        ("roads", LINE, [(0, 0), (2000, 2000), (4096, 100)], {"kind": "highway"}),
        ("water", AREA, [(0, 0), (500, 0), (500, 500)], {"kind": "lake"}),
        ("places", POINT, [(2048, 2048)], {"kind": "village", "name": "Vila"}),
        ("buildings", AREA, [(100, 100), (120, 100), (120, 130)], {}),
    )


def vector_tiles(_folder: Path) -> dict[str, bytes]:
    return {"tile.pbf": _tile(), "tile.pbf.gz": gzip.compress(_tile(), mtime=0)}


def _mbtiles(path: Path, kind: str, data: bytes) -> bytes:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA page_size = 1024")
        database.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        said = {"format": kind, "attribution": '<a href="x">Some&nbsp;one</a>', "bounds": "1,42,2,43", "minzoom": "8"}
        database.executemany("INSERT INTO metadata VALUES (?, ?)", said.items())
        database.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", [(8, 129, 160, data), (9, 258, 320, data)])
        database.commit()
    return path.read_bytes()


def mbtiles(folder: Path) -> dict[str, bytes]:
    picture = pictures(folder)["a.png"]
    return {
        "a.mbtiles": _mbtiles(folder / "a.mbtiles", "png", picture),
        "b.mbtiles": _mbtiles(folder / "b.mbtiles", "pbf", gzip.compress(_tile(), mtime=0)),
    }


def pmtiles(folder: Path) -> dict[str, bytes]:
    """Files after the PMTiles specification 3: a root directory, and one with a leaf directory."""
    found = {}
    for name, kind, data in (
        ("a.pmtiles", 2, pictures(folder)["a.png"]),
        ("b.pmtiles", 1, gzip.compress(_tile(), mtime=0)),
    ):
        # Tiles 0/0/0 and those of zoom 1: ids 0, 1 to 4 in a run.
        root = b"".join(map(varint, [2, 0, 1, 1, 4, len(data), len(data), 1, 1]))
        leaf = b"".join(map(varint, [1, 0, 0, 0, 1]))  # the first entry is a leaf: run length 0
        packed = gzip.compress(root, mtime=0)
        if kind == 1:
            packed, leaves = gzip.compress(b"".join(map(varint, [1, 0, 0, len(packed), 1])), mtime=0), packed
        else:
            leaves = b""
        del leaf
        said = gzip.compress(json.dumps({"attribution": "Some one", "vector_layers": []}).encode(), mtime=0)
        parts = (packed, said, leaves, data)
        places, at = [], 127
        for part in parts:
            places += [at, len(part)]
            at += len(part)
        head = struct.pack("<11Q", *places, 5, 2, 1)
        tail = (
            bytes([1, 2, 2 if kind == 1 else 1, kind, 0, 1])
            + struct.pack("<iiii", -180, -85, 180, 85)
            + b"\0"
            + bytes(8)
        )
        found[name] = b"PMTiles\x03" + head + tail + b"".join(parts)
    return found


# Ground


def geotiff(values: Any, crs: str, transform: tuple[float, ...], **more: Any) -> bytes:
    import rasterio
    from rasterio.io import MemoryFile
    from rasterio.transform import Affine

    bands = values if values.ndim == 3 else values[None]
    palette = more.pop("palette", None)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff", count=len(bands), height=bands.shape[1], width=bands.shape[2], dtype=bands.dtype, crs=crs,
            transform=Affine(*transform), **more,
        ) as dataset:  # fmt: skip
            dataset.write(bands)
            if palette:
                dataset.write_colormap(1, palette)
            dataset.update_tags(TIFFTAG_COPYRIGHT="Some one", AREA_OR_POINT="Point")
        found = bytes(memory.getbuffer())
    assert rasterio
    return found


def _heights(rows: int = 40, columns: int = 50) -> Any:
    y, x = np.mgrid[0:rows, 0:columns]
    return (100.0 + 40.0 * np.sin(x / 7) * np.cos(y / 9)).astype(np.float32)


METRES, DEGREES = (30.0, 0.0, 400_000.0, 0.0, -30.0, 4_600_000.0), (0.001, 0.0, 1.8, 0.0, -0.001, 42.2)


def elevation(_folder: Path) -> dict[str, bytes]:
    whole = _heights().astype(np.int16)
    return {
        "a.tif": geotiff(_heights(), "EPSG:32631", METRES, nodata=-9999.0),
        "b.tif": geotiff(whole, "EPSG:4326", DEGREES, compress="deflate", predictor=2),
        "c.tif": geotiff(
            _heights(64, 64), "EPSG:32631", METRES, tiled=True, blockxsize=32, blockysize=32, compress="lzw"
        ),
    }


def hgt(_folder: Path) -> dict[str, bytes]:
    data = np.tile(_heights(1201, 1201) * 3, 1).astype(">i2").tobytes()
    small = geotiff(_heights(), "EPSG:32631", METRES)
    return {
        "N42E001.hgt.zip": zipped({"N42E001.hgt": data}), "N42E001.hgt.gz": gzip.compress(data, 1, mtime=0),
        "a.tif.zip": zipped({"a.tif": small}), "a.tif.gz": gzip.compress(small, 1, mtime=0), "N42E001.hgt": data,
    }  # fmt: skip


def cover(_folder: Path) -> dict[str, bytes]:
    classes = (np.indices((40, 50)).sum(0) % 5 * 10).astype(np.uint8)
    return {
        "classes.tif": geotiff(classes, "EPSG:4326", DEGREES, nodata=0),
        "colours.tif": geotiff(classes, "EPSG:32631", METRES, palette={n: (n, n, 0, 255) for n in range(60)}),
        "trees.tif": geotiff(_heights() / 10, "EPSG:32631", METRES, nodata=float("nan")),
    }


def ground_pictures(_folder: Path) -> dict[str, bytes]:
    colours = np.stack([_heights(48, 48).astype(np.uint8)] * 3)
    return {
        "rgb.tif": geotiff(colours, "EPSG:32631", METRES),
        "rgba.tif": geotiff(np.concatenate([colours, colours[:1]]), "EPSG:3857", (30.0, 0.0, 2e5, 0.0, -30.0, 5e6), tiled=True,
                             blockxsize=16, blockysize=16, compress="deflate"),
        "palette.tif": geotiff(colours[0] % 4, "EPSG:4326", DEGREES, palette={n: (60 * n, 0, 9, 255) for n in range(4)}),
        "grey.jpg.tif": geotiff(colours[0], "EPSG:32631", METRES, compress="jpeg"),
    }  # fmt: skip


def packs(folder: Path) -> dict[str, bytes]:
    from cn_planner.gis.base_map import BaseLayer
    from cn_planner.gis.pack import write_pack
    from cn_planner.gis.raster import read_elevation

    ground, path = folder / "ground.tif", folder / "a.cnpack.gpkg"
    ground.write_bytes(geotiff(_heights(), "EPSG:4326", DEGREES))
    import shapely

    road = shapely.to_wkb(shapely.LineString([(1.8, 42.19), (1.84, 42.17)]))
    write_pack(
        path, read_elevation(ground), {"roads": BaseLayer(["main"], ["A road"], [road])},
        {"name": "Valley", "base_map": True, "box": [42.16, 1.8, 42.2, 1.85], "sources": [], "missing": []}, date="2026-01-01",
    )  # fmt: skip
    return {"a.cnpack.gpkg": path.read_bytes()}
