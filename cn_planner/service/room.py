"""Whether a sector has the airtime for one more home: the one answer for who could join and for what a fix may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.model.plan import Plan, Site

_ROOM = 1e-6


def most_airtime(plan: Plan, site: Site) -> float:
    """Return the airtime of what a home joins: of a sector, or of all that a tower without any may have."""
    return 1.0 if site.sectors else float(plan.rules.max_sectors)


def room_for(beside: ArrayLike, used: ArrayLike, share: ArrayLike, most: ArrayLike) -> NDArray[np.bool_]:
    """Return whether homes fit into sectors.

    Parameters
    ----------
    beside : array_like of int
        How many homes the sector serves; a home alone in it has all of its time, however much it takes.
    used, share : array_like
        The airtime that those take, and that the home would (`links.throughput.airtime_share`).
    most : array_like
        As `most_airtime`.
    """
    fits: NDArray[np.bool_] = (np.asarray(beside) == 0) | (
        np.asarray(used) + np.asarray(share) <= np.asarray(most) + _ROOM
    )
    return fits


def all_have_room(
    which: NDArray[np.int64], share: NDArray[np.float64], was: NDArray[np.int64], had: NDArray[np.float64], most: float
) -> bool:
    """Return whether every sector has the airtime of the homes in it, or is asked for no more than before.

    Parameters
    ----------
    which, share : ndarray, shape (homes,)
        The sector of each home, and the airtime that it takes there.
    was, had : ndarray, shape (homes before,)
        The same before something was changed.
    most : float
        As `most_airtime`.
    """
    for sector in np.unique(which).tolist():
        used = share[which == sector]
        if not room_for(len(used) - 1, used.sum(), 0.0, most) and used.sum() > had[was == sector].sum() + _ROOM:
            return False
    return True
