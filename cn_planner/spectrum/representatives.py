"""Which homes of a sector are held against other antennas where all would be too many, and whom each stands for.

The weakest path of the sector and its highest roof are always among them: the one says on which channels all paths
hold, the other is heard furthest. Up to half are those that some other mast would hear loudest over open ground, the
loudest first, and in turn hear that mast most. The others are the homes furthest from those chosen before, one by one,
so that the distance between a home and the one that stands for it stays near the least that so many can have (Gonzalez,
Theoretical Computer Science 38, 1985).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FEW = 2_000
"""So many homes are held against each other one by one."""
_LEAST = 6
"""Of a sector that has as many stand so many at least."""


class Representatives(NamedTuple):
    """Numbers of the homes chosen, which of them stands for each home, and how far it is from it at most."""

    chosen: NDArray[np.int64]
    of: NDArray[np.int64]
    apart_m: float


def most_of_each(homes: Sequence[int]) -> int | None:
    """Return how many homes of each sector are chosen, given how many each has; None where all are held."""
    if sum(homes) <= FEW:
        return None
    most = _LEAST
    while sum(min(count, most + 1) for count in homes) <= FEW:
        most += 1
    return most


def representatives(
    east_m: NDArray[np.float64],
    north_m: NDArray[np.float64],
    lost_db: NDArray[np.float64],
    amsl_m: NDArray[np.float64],
    heard_db: NDArray[np.float64],
    most: int,
) -> Representatives:
    """Return homes of a sector that stand for the others.

    Parameters
    ----------
    east_m, north_m : float64 array of homes
        Where they are.
    lost_db : float64 array of homes
        On the path to each; NaN where that is not known.
    amsl_m : float64 array of homes
        How high the antenna of each is.
    heard_db : float64 array of (masts, homes)
        How loud each other mast would hear each home over open ground, all by the same measure.
    most : int
        How many are chosen at most; 2 and more.
    """
    weakest = int(np.argmax(np.nan_to_num(lost_db, nan=-np.inf)))
    loudest, level = np.argmax(heard_db, axis=1), np.max(heard_db, axis=1, initial=-np.inf)
    by_level = list(dict.fromkeys(loudest[np.argsort(-level, kind="stable")].tolist()))[: most // 2]
    chosen = list(dict.fromkeys([weakest, int(np.argmax(amsl_m)), *by_level]))[:most]
    off = np.array([np.hypot(east_m - east_m[n], north_m - north_m[n]) for n in chosen])
    while len(chosen) < min(most, len(east_m)):
        far = int(np.argmax(off.min(axis=0)))
        if off[:, far].min() <= 0.0:
            break
        chosen.append(far)
        off = np.vstack([off, np.hypot(east_m - east_m[far], north_m - north_m[far])])
    of = np.argmin(off, axis=0)
    return Representatives(np.array(chosen, np.int64), of, float(off.min(axis=0).max(initial=0.0)))
