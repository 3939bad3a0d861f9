"""A window cut out of a GeoTIFF of heights, wherever its bytes come from, as a file of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.gis.raster import read_window
from cn_planner.gis.raster_write import BandNote, FileNote, write_geotiff
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import RawIOBase
    from pathlib import Path

    from cn_planner.gis.parts import Transform

_MARGIN = 2
"""Cells beyond the window, so that heights at its edge have all their neighbours."""


def cut_elevation(
    source: Callable[[], RawIOBase],
    where: str,
    box: tuple[float, float, float, float],
    target: Path,
    *,
    title: str,
    rights: str,
    crs: str,
) -> None:
    """Write the part of a raster that lies in a box, with a margin of two cells where the raster has them.

    Parameters
    ----------
    source : function
        Gives the file, a GeoTIFF in geographic coordinates; only what the window needs is read of it.
    where : str
        What it is called in messages.
    box : (west, south, east, north)
        Degrees.
    target : Path
        Written whole or not at all.
    title, rights : str
        What the new file says of its source and of its terms.
    crs : str
        What the heights are counted in: the horizontal system and the vertical datum.

    Raises
    ------
    FileError
        Where the source is no GeoTIFF of heights, or the target cannot be written.
    InputError
        Where the box lies outside it.
    """
    west, south, east, north = box

    def window(transform: Transform, shape: tuple[int, int]) -> tuple[int, int, int, int]:
        a, _, c, _, e, f = transform
        rows, columns = shape
        left, right = math.floor((west - c) / a) - _MARGIN, math.ceil((east - c) / a) + _MARGIN + 1
        top, bottom = math.floor((north - f) / e) - _MARGIN, math.ceil((south - f) / e) + _MARGIN + 1
        found = max(top, 0), min(bottom, rows), max(left, 0), min(right, columns)
        if found[0] >= found[1] or found[2] >= found[3]:
            raise InputError(msg("The box lies outside the raster."), where=where)
        return found

    grid = read_window(source, where, window)
    write_geotiff(
        target, grid.values, crs, grid.transform, math.nan, notes=[BandNote(unit="m")], note=FileNote(title, rights)
    )
