"""Profiles and clutter of batch prediction, from NPZ files."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import FileError, InputError
from cn_planner.faults import walled
from cn_planner.gis.kinds import check_plain
from cn_planner.message import msg

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from cn_planner.validation.cases import Case

_DAMAGE = (
    OSError, ValueError, LookupError, EOFError, NotImplementedError, SystemError,
    zipfile.BadZipFile, zlib.error, tokenize.TokenError,
)  # fmt: skip
"""What the library of arrays raises of an archive, a head or a length that is damaged."""


@dataclass(frozen=True, slots=True, eq=False)
class ClutterHeights:
    """What stands on the profiles of the cases, m, end to end by ``case_id``."""

    height_m: NDArray[np.float64]
    offset: NDArray[np.int64]

    def of(self, case: Case, points: int) -> NDArray[np.float64]:
        """Return what stands on the profile of a case.

        Raises
        ------
        InputError
            Where there is nothing for the case, or not for as many points as its profile has.
        """
        name = case.name
        if not name.isdecimal() or int(name) >= len(self.offset) - 1:
            raise InputError(msg("There is no clutter for case {name}.", name=name), where=case.where)
        heights = self.height_m[self.offset[int(name)] : self.offset[int(name) + 1]]
        if len(heights) != points:
            raise InputError(
                msg(
                    "The clutter of case {name} has {count} points, its profile {points}.",
                    name=name,
                    count=len(heights),
                    points=points,
                ),
                where=case.where,
            )
        if not np.all(heights >= 0.0):
            raise InputError(
                msg("The clutter of case {name} has no height, or one below 0.", name=name), where=case.where
            )
        return heights


@walled
def read_clutter(path: Path) -> ClutterHeights:
    """Read CLUTTER.npz.

    Raises
    ------
    FileError
        Where it is not such a file, or its arrays do not fit each other.
    """
    check_plain(path)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            heights = np.asarray(arrays["clutter_height_m"], dtype=np.float64)
            offset = np.asarray(arrays["offset"], dtype=np.int64)
    except _DAMAGE as problem:
        raise FileError(
            msg("This is not a file of clutter."),
            where=str(path),
            fix=msg("It needs the arrays clutter_height_m and offset."),
        ) from problem
    if not (len(offset) and offset[0] == 0 and np.all(np.diff(offset) >= 0) and offset[-1] == len(heights)):
        raise FileError(msg("The arrays of the clutter do not fit each other."), where=str(path))
    return ClutterHeights(heights, offset)


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """Profiles end to end, by their names."""

    distance_m: NDArray[np.float64]
    elevation_m: NDArray[np.float64]
    offset: NDArray[np.int64]
    index: dict[str, int]
    spacing_m: NDArray[np.float64] | None = None
    clutter: ClutterHeights | None = None

    def index_of(self, case: Case, column: str) -> int:
        """Return which profile a case names.

        Raises
        ------
        InputError
            Where there is no profile of that name.
        """
        name = case.text(column)
        if name not in self.index:
            raise InputError(msg("There is no profile {name}.", name=name), where=case.where)
        return self.index[name]

    def part_of(self, case: Case, column: str) -> slice:
        """Return where the points of the profile that a case names stand."""
        i = self.index_of(case, column)
        return slice(int(self.offset[i]), int(self.offset[i + 1]))

    def spacing_of(self, index: int) -> float:
        """Return the distance between neighbouring points of a profile, m.

        Raises
        ------
        InputError
            Where its points are not equally spaced.
        """
        if self.spacing_m is not None:
            return float(self.spacing_m[index])
        from cn_planner.propagation.itm import equal_spacing_m

        return equal_spacing_m(self.distance_m[self.offset[index] : self.offset[index + 1]])


@walled
def read_profiles(path: Path) -> Profiles:
    """Read PROFILES.npz.

    Raises
    ------
    FileError
        Where it is not such a file, or its arrays do not fit each other.
    """
    check_plain(path)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            elevation = np.asarray(arrays["elevation_m"], dtype=np.float64)
            offset = np.asarray(arrays["offset"], dtype=np.int64)
            names = [str(name) for name in arrays["profile_id"]]
            equal = "dist_m" not in arrays
            given = np.asarray(arrays["spacing_m" if equal else "dist_m"], dtype=np.float64)
    except _DAMAGE as problem:
        raise FileError(
            msg("This is not a file of profiles."),
            where=str(path),
            fix=msg("It needs the arrays elevation_m, offset, profile_id, and spacing_m or dist_m."),
        ) from problem
    # Before anything is made as long as they say.
    if not (
        elevation.ndim == offset.ndim == given.ndim == 1
        and len(elevation) == (offset[-1] if len(offset) else -1)
        and offset[0] == 0
        and np.all(np.diff(offset) > 0)
        and len(names) == len(offset) - 1
        and len(given) == (len(names) if equal else len(elevation))
    ):
        raise FileError(msg("The arrays of the profiles do not fit each other."), where=str(path))
    index = {name: i for i, name in enumerate(names)}
    if not equal:
        return Profiles(given, elevation, offset, index)
    distance = np.concatenate([np.arange(n) * s for n, s in zip(np.diff(offset), given, strict=True)])
    return Profiles(distance, elevation, offset, index, given)
