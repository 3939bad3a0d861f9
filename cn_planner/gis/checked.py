"""What a GeoTIFF of numbers says of itself before it is read: that it lies on the globe, and is no picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from cn_planner import geo
from cn_planner.errors import FileError, InputError, UnknownPlaceError
from cn_planner.message import msg

_MOST_BANDS = 16


def _check_place(dataset: Any, where: str, crs: str) -> None:
    transform = dataset.transform
    if transform.is_identity or transform.determinant == 0:
        raise FileError(
            msg("The GeoTIFF does not say where it lies."),
            where=where,
            fix=msg("Export it again with its coordinate reference system."),
        )
    if dataset.crs:
        return
    if crs:
        if not (geo.is_geographic(crs) or geo.is_metric(crs)):
            raise InputError(
                msg("Coordinates of {crs} are neither degrees nor metres on the globe.", crs=crs), where=where
            )
        return
    x, y = dataset.xy(dataset.height / 2, dataset.width / 2, offset="ul")
    problem = UnknownPlaceError(
        msg(
            "The GeoTIFF does not say where it lies: its middle is x {x:.8g}, y {y:.8g}, of no named system.",
            x=x,
            y=y,
        ),
        where=where,
        fix=msg("Say which it is: EPSG:4326 for degrees, EPSG:32636 for UTM zone 36 north, and so on."),
    )
    problem.corner = (x, y)
    raise problem


def check_geotiff(dataset: Any, where: str, crs: str, *, pictures: bool) -> None:
    """Raise FileError where an open GeoTIFF lies nowhere on the globe or is a picture.

    ``crs``: where it lies, if it does not say so itself. ``pictures``: whether numbers may stand for colours. Raises
    UnknownPlaceError where an answer would do.
    """
    _check_place(dataset, where, crs)
    if dataset.crs and not (dataset.crs.is_projected or dataset.crs.is_geographic):
        raise FileError(
            msg("The coordinates of this GeoTIFF are not on the globe."),
            where=where,
            fix=msg("Export it again in a projected or geographic coordinate reference system."),
        )
    if (
        dataset.count > _MOST_BANDS
        or dataset.colorinterp[0].name in ({"red"} if pictures else {"palette", "red"})
        or np.dtype(dataset.dtypes[0]).kind not in "iuf"
    ):
        raise FileError(
            msg("This GeoTIFF is a picture, not elevation."),
            where=where,
            fix=msg("Choose the file that holds the heights as numbers."),
        )
