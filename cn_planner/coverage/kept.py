"""A matrix of pairs that is asked for again with a few places moved: only pairs that are new are computed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.coverage.pair_work import PairMatrix

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.terrain.surface import Surface

# What stands around the numbers of a matrix that is kept, most of it the heads of its fourteen arrays.
_AROUND_BYTES = 2000


class Store(Protocol):
    """What keeps results by a key, up to a limit of bytes, and may give any of them up."""

    def get(self, key: str, /) -> Any:
        """Return what is kept, None where nothing is."""

    def put(self, key: str, value: Any, size_bytes: int, /) -> None:
        """Keep a result."""


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A matrix, and the places and heights that it is of: one row a place."""

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    matrix: PairMatrix


def kept_matrix(
    store: Store | None,
    key: str,
    surface: Surface,
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    heights_first_m: ArrayLike,
    heights_second_m: ArrayLike,
    freq_mhz: float,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    loss_alone: bool = False,
    **more: Any,
) -> PairMatrix:
    """Return `pair_matrix`, to the bit, with the pairs taken over that the last one under this key had.

    Parameters
    ----------
    store : Store, optional
        Where the last matrix is kept; nothing is kept where there is none.
    key : str
        Digest of all that pairs depend on beside their places and heights: ground, what stands on it, conditions,
        frequency, what is asked for.
    surface, first, second, heights_first_m, heights_second_m, freq_mhz, pairs
        As for `pair_matrix`.
    loss_alone : bool
        Whether nothing but the loss of pairs is asked for, and kept: of thousands of homes all would not fit.
    more
        The other arguments of `pair_matrix`.
    """

    def computed(which: tuple[NDArray[np.int64], NDArray[np.int64]]) -> PairMatrix:
        found = pair_matrix(surface, first, second, heights_first_m, heights_second_m, freq_mhz, pairs=which, **more)
        return found.loss_alone() if loss_alone else found

    if store is None:
        return computed(pairs)
    one = _rows(first, heights_first_m)
    alike = second is first and heights_second_m is heights_first_m
    two = one if alike else _rows(second, heights_second_m)
    i, j = pairs
    old: _Kept | None = store.get(key)
    source = np.full(len(i), -1, np.int64)
    if old is not None:
        was = _same(old.first, one)
        now = was if alike and old.second is old.first else _same(old.second, two)
        source = _places_in(old, was[i], now[j])
    new = np.flatnonzero(source < 0)
    if old is not None and len(i) and not len(new):
        kind = old.matrix.first.dtype
        matrix = replace(old.matrix.rows(source), first=i.astype(kind), second=j.astype(kind))
    else:
        matrix = computed((i[new], j[new]))
        if old is not None and len(new) < len(i):
            matrix = _joined(i, j, source, old.matrix, matrix)
    store.put(key, _Kept(one, two, matrix), matrix.nbytes + one.nbytes + two.nbytes + _AROUND_BYTES)
    return matrix


def _rows(places: tuple[ArrayLike, ArrayLike], heights_m: ArrayLike) -> NDArray[np.float64]:
    lat, lon = (np.atleast_1d(np.asarray(v, np.float64)) for v in places)
    heights = np.asarray(heights_m, np.float64)
    if heights.ndim == 1:
        heights = np.broadcast_to(heights, (len(lat), len(heights)))
    return np.column_stack([lat, lon, heights])


def _same(old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each new row the number of the old one that is the same; -1 where none is."""
    if old.shape[1] != new.shape[1]:
        return np.full(len(new), -1, np.int64)
    at = {row.tobytes(): number for number, row in enumerate(old)}
    return np.array([at.get(row.tobytes(), -1) for row in new], np.int64).reshape(len(new))


def _places_in(old: _Kept, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each pair of old places in the old matrix; -1 where it is not in it."""
    width = len(old.second) + 1
    codes = old.matrix.first.astype(np.int64) * width + old.matrix.second
    order = np.argsort(codes, kind="stable")
    wanted = np.where((first >= 0) & (second >= 0), first * width + second, -1)
    at = np.searchsorted(codes[order], wanted)
    found = at < len(codes)
    number = order[np.where(found, at, 0)] if len(codes) else np.zeros(len(wanted), np.int64)
    found &= (codes[number] == wanted) if len(codes) else False
    return np.where(found, number, -1)


def _joined(
    i: NDArray[np.int64], j: NDArray[np.int64], source: NDArray[np.int64], old: PairMatrix, fresh: PairMatrix
) -> PairMatrix:
    kept, new = source >= 0, source < 0
    parts = {}
    for one in fields(PairMatrix)[2:]:
        before, after = getattr(old, one.name), getattr(fresh, one.name)
        if not len(after) and not len(before):
            parts[one.name] = after
            continue
        whole = np.empty((len(i), *before.shape[1:]))
        whole[kept] = before[source[kept]]
        whole[new] = after
        parts[one.name] = whole
    kind = old.first.dtype
    return PairMatrix(i.astype(kind), j.astype(kind), **parts)
