"""Heights of a raster in m: what they are counted in, from which zero, and which of them no ground has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import UnknownUnitError
from cn_planner.message import msg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.message import Message

LOWEST_M, HIGHEST_M = -1000.0, 9000.0
"""No ground lies beyond: what does is a void that the file did not declare (-9999, -32768, 3.4e38)."""
HIGHEST_FT = 29_100.0
"""In feet no ground lies beyond this. Heights between 9000 and it are feet that are called nothing."""
_FEET_SHARE = 1e-3
UNITS_M = {"m": 1.0, "ft": 0.3048, "us-ft": 1200 / 3937}
"""Units of height that a person may name, in m."""

_FOOT_M = {"ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us-ft": 1200 / 3937, "ftus": 1200 / 3937}
_FOOT_M |= {"us survey foot": 1200 / 3937, "us_survey_foot": 1200 / 3937, "foot_us": 1200 / 3937}
_OTHER_M = {"cm": 0.01, "dm": 0.1, "km": 1000.0}
_VERTICAL = re.compile(r'VERT(?:_CS|CRS)\["([^"]*)"(.*)', re.DOTALL)
_UNIT = re.compile(r'(?:LENGTH)?UNIT\["[^"]*",\s*([0-9.eE+-]+)')


def says_height(wkt: str) -> bool:
    """Return whether a coordinate reference system speaks of heights, too."""
    return _VERTICAL.search(wkt) is not None


def vertical_unit_m(dataset: Any) -> float | None:
    """Return what a unit of height is in m, None where the file does not say."""
    unit = (dataset.units[0] or "").strip().lower()
    if unit:
        return _FOOT_M.get(unit) or _OTHER_M.get(unit) or 1.0
    vertical = _VERTICAL.search(dataset.crs.to_wkt()) if dataset.crs else None
    found = _UNIT.search(vertical[2]) if vertical else None
    return float(found[1]) if found else None


def height_unit_m(dataset: Any, given: str) -> float:
    """Return what a unit of height is in m: as a person said, else as the file says, else 1."""
    return UNITS_M.get(given) or vertical_unit_m(dataset) or 1.0


def read_heights(dataset: Any, window: Any, unit: str) -> NDArray[np.float32]:
    """Return the heights of a window of a raster in m, NaN where the file says that they are missing.

    ``window``: which part of it. ``unit``: of the heights, where a person said it.
    """
    raw = dataset.read(1, window=window)
    unit_m = height_unit_m(dataset, unit)
    scale, offset = dataset.scales[0] * unit_m, dataset.offsets[0] * unit_m
    nodata = dataset.nodatavals[0]
    with np.errstate(over="ignore", invalid="ignore"):
        values: NDArray[np.float32] = (raw if scale == 1.0 and offset == 0.0 else raw * scale + offset).astype(
            np.float32
        )
        values[np.isinf(values)] = np.nan
    if nodata is not None and not np.isnan(nodata):
        values[raw == np.asarray(nodata).astype(raw.dtype)] = np.nan
    if any(flag.name in {"per_dataset", "alpha"} for flag in dataset.mask_flag_enums[0]):
        values[dataset.read_masks(1, window=window) == 0] = np.nan
    return values


def drop_impossible(values: NDArray[np.float32]) -> None:
    """Take for missing what no ground has."""
    with np.errstate(invalid="ignore"):
        values[(values < LOWEST_M) | (values > HIGHEST_M)] = np.nan


def check_feet(values: NDArray[np.float32], where: str) -> None:
    """Raise UnknownUnitError where so much lies between the highest ground in m and that in feet that it is no void."""
    with np.errstate(invalid="ignore"):
        beyond = int(np.count_nonzero((values > HIGHEST_M) & (values <= HIGHEST_FT)))
    if beyond > _FEET_SHARE * values.size:
        raise unknown_unit(msg("Heights of up to {high:,.0f} m are higher than any ground.",
                               high=float(values[values <= HIGHEST_FT].max())), where)  # fmt: skip


def unknown_unit(what: Message, where: str) -> UnknownUnitError:
    """Return the error that asks what heights are counted in."""
    return UnknownUnitError(what, where=where, fix=msg("Are they feet, or metres all the same? Say which."))


def vertical_datum(crs: Any) -> str:
    """Return the zero that heights are counted from, empty where a file does not say."""
    vertical = _VERTICAL.search(crs.to_wkt()) if crs else None
    return vertical[1].removesuffix(" height") if vertical else ""
