"""Who reaches what, a bit a tower and place: switching a tower on or off looks at no terrain and copies nothing.

Places are cells of a grid, or homes. Counting, the best server and the second choice, what is lost where a tower
fails and what each one more would bring are all read off the bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.los import SEEN, UNKNOWN, all_tops, los_tasks
from cn_planner.coverage.tasks import run_tasks
from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.units import MEDIAN_K_FACTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.coverage.grid import Ground

NOBODY = -1
AT_ONCE = 8
"""Towers whose cells are looked at together, those of a layer of bits: the long parts of one wait for no other."""
_ROWS = 256
"""Rows whose bits one task sets."""


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """What each tower reaches, and which towers are on.

    Attributes
    ----------
    bits : uint8 array of (ceil(towers / 8), *shape of places)
        Tower i is bit ``i % 8`` of layer ``i // 8``; never written after it was made.
    towers : int
        How many.
    on : uint8 array of layers
        The towers that are on, in the same bits.
    """

    bits: NDArray[np.uint8]
    towers: int
    on: NDArray[np.uint8]

    @classmethod
    def of(cls, reached: Iterable[NDArray[np.bool_]], shape: tuple[int, ...], towers: int) -> Masks:
        """Return the masks of towers, all on, from what each reaches, one after the other.

        Raises
        ------
        InputError
            Where there are more or fewer than `towers`.
        """
        bits = np.zeros((-(-towers // 8), *shape), np.uint8)
        number = -1
        for number, places in enumerate(reached):
            if number < towers:
                _set(bits, number, places)
        if number + 1 != towers:
            raise InputError(msg("There are {towers} towers but masks of {count}.", towers=towers, count=number + 1))
        return _all_on(bits, towers)

    def is_on(self, tower: int) -> bool:
        """Return whether a tower is on."""
        self._check(tower)
        return bool(self.on[tower // 8] >> tower % 8 & 1)

    def switched(self, tower: int, on: bool) -> Masks:
        """Return the masks with one tower on, or off; the bits are shared."""
        self._check(tower)
        mask = self.on.copy()
        mask[tower // 8] &= _but(tower)
        if on:
            mask[tower // 8] |= _bit(tower)
        return replace(self, on=mask)

    def of_tower(self, tower: int) -> NDArray[np.bool_]:
        """Return what one tower reaches, whether it is on or not."""
        self._check(tower)
        return np.asarray(self.bits[tower // 8] & _bit(tower) != 0)

    def count(self) -> NDArray[np.uint16]:
        """Return how many towers that are on reach each place."""
        total = np.zeros(self.bits.shape[1:], np.uint16)
        for layer, mask in zip(self.bits, self.on, strict=True):
            total += np.bitwise_count(layer & mask)
        return total

    def reached(self) -> NDArray[np.bool_]:
        """Return where any tower that is on reaches."""
        found = np.zeros(self.bits.shape[1:], np.uint8)
        for layer, mask in zip(self.bits, self.on, strict=True):
            found |= layer & mask
        return np.asarray(found != 0)

    def choices(self, strength: ArrayLike | None = None) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Return the best server of each place and its second choice, by number; `NOBODY` where there is none.

        Parameters
        ----------
        strength : array_like of (towers, *shape of places), optional
            More is better; on a tie the tower of the lower number. Without it the lower number is better.
        """
        shape = self.bits.shape[1:]
        first, second = np.full(shape, NOBODY, np.int16), np.full(shape, NOBODY, np.int16)
        if strength is None:
            values = np.zeros((0, 0), np.float32)
        else:
            values = np.ascontiguousarray(strength, np.float32)
            if values.shape != (self.towers, *shape):
                raise InputError(
                    msg(
                        "There are {towers} towers and {places} places but strengths for {shape}.",
                        towers=self.towers, places=math.prod(shape), shape=_sides(values.shape),
                    )
                )  # fmt: skip
            values = values.reshape(self.towers, -1)
        flat = self.bits.reshape(len(self.bits), -1)
        compiled(_choose)(flat, self.on, values, first.reshape(-1), second.reshape(-1))
        return first, second

    def lost_if_fails(self, weight: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return what nobody else would reach if a tower that is on failed, for each tower; 0 for those that are off.

        Parameters
        ----------
        weight : array_like of the shape of places, optional
            What a place counts; 1 without it.
        """
        return np.asarray(self._tally(weight)[0])

    def marginal_gain(self, weight: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return what nobody reaches yet that a tower that is off would reach, for each tower; 0 for those on."""
        return np.asarray(self._tally(weight)[1])

    def _check(self, tower: int) -> None:
        # A bit that is no tower's would be counted with the others; a number below 0 would be another tower.
        if not 0 <= tower < self.towers:
            raise InputError(msg("There is no tower {number} among {towers}.", number=tower, towers=self.towers))

    def _tally(self, weight: ArrayLike | None) -> NDArray[np.float64]:
        flat = self.bits.reshape(len(self.bits), -1)
        # One weight for all is read again and again.
        each = np.ones(1) if weight is None else np.ascontiguousarray(weight, np.float64)
        if weight is not None and each.shape != self.bits.shape[1:]:
            places = math.prod(self.bits.shape[1:])
            raise InputError(
                msg("There are {places} places but weights for {shape}.", places=places, shape=_sides(each.shape))
            )
        each = each.reshape(-1)
        each.flags.writeable = False  # of this view; weights that may be written would be compiled for once more
        found = np.zeros((2, 8 * len(flat)))
        compiled(_tally)(flat, self.on, each, found[0], found[1])
        return found[:, : self.towers]


def seen_masks(
    ground: Ground,
    rx_height_m: float,
    *,
    k: float = MEDIAN_K_FACTOR,
    exact: bool = False,
    run: Run = ALONE,
) -> Masks:
    """Return what each tower of a ground sees: the cells of `los.los_tasks` that are seen.

    Parameters
    ----------
    ground : Ground
        Heights and towers, as from `grid.lay_ground`.
    rx_height_m : float
        Receiver above the ground of its cell.
    k : float
        Effective earth radius factor.
    exact : bool
        Look along every cell's own path.
    run : Run
        As everywhere. Beside the bits, memory is one byte a cell for each of `AT_ONCE` towers.
    """
    heights, count = ground.heights_m, len(ground.sites)
    tops = all_tops(heights)
    bits = np.zeros((-(-count // 8), *heights.shape), np.uint8)
    bands = np.empty((min(AT_ONCE, count), *heights.shape), np.uint8)
    for layer, start in zip(bits, range(0, count, AT_ONCE), strict=True):
        group = range(start, min(start + AT_ONCE, count))
        # Beside the square round its circle nothing of a tower's band is written or read.
        squares = [_square(ground, tower) for tower in group]
        tasks: list[Callable[[], None]] = []
        for tower, band, square in zip(group, bands, squares, strict=False):
            band[square] = UNKNOWN
            tasks += los_tasks(
                heights, tops, ground.grid, ground.cells[tower], ground.sites[tower].height_m, rx_height_m,
                ground.radius_m, k, band, exact=exact,
            )  # fmt: skip
        run_tasks(tasks, run.part(start / count, group.stop / count))
        rows = range(0, heights.shape[0], _ROWS)
        run_tasks([partial(_set_seen, layer, bands, squares, row, row + _ROWS) for row in rows], run.silently())
    return _all_on(bits, count)


def _square(ground: Ground, tower: int) -> tuple[slice, slice]:
    """Return the rows and columns that a tower's circle reaches."""
    (row, column), (down, right) = ground.cells[tower], map(math.ceil, ground.grid.reach(ground.radius_m))
    return slice(max(row - down, 0), row + down + 1), slice(max(column - right, 0), column + right + 1)


def _set_seen(
    layer: NDArray[np.uint8], bands: NDArray[np.uint8], squares: list[tuple[slice, slice]], first: int, end: int
) -> None:
    """Set the bits of what up to eight towers see, from a row of a layer on to another; none is set there before."""
    for bit, (band, (down, across)) in enumerate(zip(bands, squares, strict=False)):
        rows = slice(max(first, down.start), min(end, down.stop))
        if rows.start < rows.stop:
            layer[rows, across] |= (band[rows, across] == SEEN).view(np.uint8) << np.uint8(bit)


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _all_on(bits: NDArray[np.uint8], towers: int) -> Masks:
    bits.flags.writeable = False
    return Masks(bits, towers, np.packbits(np.ones(towers, np.bool_), bitorder="little"))


def _set(bits: NDArray[np.uint8], tower: int, reached: NDArray[np.bool_]) -> None:
    layer = bits[tower // 8]
    layer &= _but(tower)
    layer |= reached.view(np.uint8) * _bit(tower)


def _bit(tower: int) -> np.uint8:
    return np.uint8(1 << tower % 8)


def _but(tower: int) -> np.uint8:
    return np.uint8(255 - (1 << tower % 8))


@kernel
def _choose(bits: Any, on: Any, strength: Any, first: Any, second: Any) -> None:
    ranked = strength.shape[0] > 0
    for i in range(bits.shape[1]):
        one = -1
        two = -1
        for layer in range(bits.shape[0]):
            word = bits[layer, i] & on[layer]
            tower = 8 * layer
            while word != 0:
                if word & 1 != 0:
                    if one < 0 or (ranked and strength[tower, i] > strength[one, i]):
                        two = one
                        one = tower
                    elif two < 0 or (ranked and strength[tower, i] > strength[two, i]):
                        two = tower
                word >>= 1
                tower += 1
        first[i] = one
        second[i] = two


@kernel
def _tally(bits: Any, on: Any, weight: Any, lost: Any, gain: Any) -> None:
    every = 1 if len(weight) > 1 or bits.shape[1] == 1 else 0
    for i in range(bits.shape[1]):
        reached = 0
        known = 0
        only = 0
        for layer in range(bits.shape[0]):
            known |= bits[layer, i]
            word = bits[layer, i] & on[layer]
            if word != 0:
                # A word with one bit has none in common with the number below it.
                reached += 1 if word & (word - 1) == 0 else 2
                only = layer
        if known == 0 or reached > 1:
            continue
        layers = bits.shape[0] if reached == 0 else only + 1
        for layer in range(only, layers):
            word = bits[layer, i] & on[layer] if reached == 1 else bits[layer, i]
            tower = 8 * layer
            while word != 0:
                if word & 1 != 0:
                    if reached == 1:
                        lost[tower] += weight[i * every]
                    else:
                        gain[tower] += weight[i * every]
                word >>= 1
                tower += 1


__all__ = ["NOBODY", "Masks", "seen_masks"]
