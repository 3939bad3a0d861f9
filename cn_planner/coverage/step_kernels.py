"""Which places equal steps leave out, for whole paths over one file: those of `between_kernels`, bit for bit.

The steps of a path lie side by side, so that most of it are loops without a branch. Both ends of a step lie plainly
within cells: then kinks and bends follow from the slope and the twist of the cells at its ends.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cn_planner.coverage.between_kernels import SAME_M, bend_parts, cuts_within, parts_of_bend
from cn_planner.propagation.kernel import kernel
from cn_planner.terrain.between import LEAST_M, MOST_PARTS, NARROW_M, NEAR_SAMPLE, TOLERANCE_M

_ROWS = 14  # of what the steps of one path share
SLOTS = 5
"""Places that a step leaves out where no piece of it is cut into more than two: two lines, three middles."""
_DOUBT_M = 1e-6
"""What is so near to being fine is looked at closely: rounding makes less of a height."""
_MOST_ROOM = 4
"""Samples in all for each equal step: who needs more is left to the others."""


class StepRoom(NamedTuple):
    """Room for the longest of some paths.

    Attributes
    ----------
    steps : float64, shape (_ROWS, samples)
    corner, index : int64
        Before which sample of the file each lies; numbers of steps or of samples.
    slots : float64, shape (samples, SLOTS + 1)
        The places that a step leaves out.
    many, wanted, parted : uint64
        How many those are; 1 where a step leaves places out, and where it does within cells; else 0.
    ends, cuts, edges : float64
        Of one step; where woods begin.
    distance, ground : float64
        The samples of one path.
    """

    steps: Any
    corner: Any
    index: Any
    slots: Any
    many: Any
    wanted: Any
    parted: Any
    ends: Any
    cuts: Any
    edges: Any
    distance: Any
    ground: Any


@kernel
def step_room(longest: int, keep_outs: int) -> StepRoom:
    """Return room for paths of so many equal steps at most, and for woods that begin at so many distances."""
    most = _MOST_ROOM * longest + 2 * keep_outs + 3 * MOST_PARTS + 8
    return StepRoom(
        np.empty((_ROWS, most), np.float64), np.empty(most, np.int64), np.empty(most, np.int64),
        np.empty((longest + 1, SLOTS + 1), np.float64),
        np.empty(longest + 1, np.uint64), np.empty(longest + 1, np.uint64), np.empty(longest + 1, np.uint64),
        np.empty(4, np.float64),
        np.empty(3 * MOST_PARTS, np.float64), np.empty(2 * keep_outs + 1, np.float64), np.empty(most, np.float64),
        np.empty(most, np.float64),
    )  # fmt: skip


@kernel
def steps_left_out(values: Any, length: float, n: int, room: StepRoom) -> None:
    """Find out which steps of a path leave places out, as `cuts_within` has it: `StepRoom.wanted` and `parted`."""
    distance, row, col, by_row, by_col, fine = (
        room.steps[0], room.steps[1], room.steps[2], room.steps[7], room.steps[8], room.steps[9],
    )  # fmt: skip
    narrow = TOLERANCE_M / NARROW_M
    for i in range(n):
        low = min(distance[i + 1], length - distance[i]) * narrow
        fine[i] = min(max(low, LEAST_M), TOLERANCE_M)
    _crossed(row, n, by_row)
    _crossed(col, n, by_col)
    _bends(n, room)
    _kinks(n, room)
    _doubts(values, n, room)


@kernel
def _crossed(at: Any, n: int, share: Any) -> None:
    # Where, from 0 to 1, steps cross a line of samples on one axis; 0 where they cross none.
    for i in range(n):
        start, end = at[i], at[i + 1]
        line = np.floor(min(start, end)) + 1.0
        crossed = (line - start) / (end - start)  # of no use where they are one: these kernels run compiled alone
        share[i] = crossed if line < max(start, end) else 0.0


@kernel
def _bends(n: int, room: StepRoom) -> None:
    # How far the ground bends above a straight line within the cells in which a step begins and ends.
    row, col, twist, by_row, by_col, before, after = (
        room.steps[1], room.steps[2], room.steps[6], room.steps[7], room.steps[8], room.steps[10], room.steps[11],
    )  # fmt: skip
    for i in range(n):
        down = row[i + 1] - row[i]
        right = col[i + 1] - col[i]
        first = min(by_row[i], by_col[i])
        second = max(by_row[i], by_col[i])
        wide = first if first > 0.0 else (second if second > 0.0 else 1.0)
        before[i] = -0.25 * twist[i] * (wide * down) * (wide * right)
        rest = 1.0 - second
        after[i] = -0.25 * twist[i + 1] * (rest * down) * (rest * right)


@kernel
def _kinks(n: int, room: StepRoom) -> None:
    # How far it stands above the line where lines of samples are crossed, by slope and twist of the cell on the near
    # side: what this rounds otherwise is far less than `_DOUBT_M`.
    row, col, ground, twist, fall, rise, by_row, by_col, first_kink, last_kink = (
        room.steps[1], room.steps[2], room.steps[5], room.steps[6], room.steps[12], room.steps[13], room.steps[7],
        room.steps[8], room.steps[3], room.steps[4],
    )  # fmt: skip
    for i in range(n):
        down = row[i + 1] - row[i]
        right = col[i + 1] - col[i]
        first = min(by_row[i], by_col[i])
        share = first if first > 0.0 else max(by_row[i], by_col[i])
        steep = down * fall[i] + right * rise[i] + share * (twist[i] * (down * right))
        first_kink[i] = share * (steep - (ground[i + 1] - ground[i]))
    for i in range(n):  # from the far end back
        down = row[i + 1] - row[i]
        right = col[i + 1] - col[i]
        rest = 1.0 - max(by_row[i], by_col[i])
        back = down * fall[i + 1] + right * rise[i + 1] - rest * (twist[i + 1] * (down * right))
        last_kink[i] = rest * ((ground[i + 1] - ground[i]) - back)


@kernel
def _doubts(values: Any, n: int, room: StepRoom) -> None:
    # What of it is more than is fine; and what cannot be told so quickly is looked at closely.
    row, col, ground, by_row, by_col, fine, before, after, first_kink, last_kink = (
        room.steps[1], room.steps[2], room.steps[5], room.steps[7], room.steps[8], room.steps[9], room.steps[10],
        room.steps[11], room.steps[3], room.steps[4],
    )  # fmt: skip
    third = room.steps[12]
    wanted, parted, index, ends, cuts = room.wanted, room.parted, room.index, room.ends, room.cuts
    for i in range(n):
        parted[i] = 1 if max(before[i], after[i]) > fine[i] else 0
    for i in range(n):
        wanted[i] = 1 if max(first_kink[i], last_kink[i]) > fine[i] else 0
    for i in range(n):  # greater than 0 where there is nothing to look at
        off = min(abs(first_kink[i] - fine[i]), abs(last_kink[i] - fine[i])) - _DOUBT_M
        third[i] = min(off, -min(by_row[i], by_col[i]))
    many = np.uint64(0)
    for i in range(n):
        index[many] = i
        many += np.uint64(1 if third[i] < 0.0 else 0)
    for k in range(np.int64(many)):
        i = index[k]
        first = min(by_row[i], by_col[i])
        second = max(by_row[i], by_col[i])
        third[i] = 1.0
        if 0.0 < first < second:  # another cell lies between
            down, right = row[i + 1] - row[i], col[i + 1] - col[i]
            parts = bend_parts(values, row[i], col[i], down, right, first, second, fine[i])
            third[i] = parts
            parted[i] |= np.uint64(1 if parts > 1 else 0)
        if min(abs(first_kink[i] - fine[i]), abs(last_kink[i] - fine[i])) < _DOUBT_M:
            ends[0], ends[1], ends[2], ends[3] = row[i], col[i], row[i + 1], col[i + 1]
            wanted[i] = 1 if cuts_within(values, ends, ground[i], ground[i + 1], fine[i], cuts) > 0 else 0


@kernel
def places_of_steps(n: int, room: StepRoom) -> None:
    """Fill in the places of each step and how many they are; who takes more than `SLOTS` has that many and one."""
    distance, by_row, by_col, first_at, last_at, slots, many = (
        room.steps[0], room.steps[7], room.steps[8], room.steps[3], room.steps[4], room.slots, room.many,
    )  # fmt: skip
    before, after, fine, third = room.steps[10], room.steps[11], room.steps[9], room.steps[12]
    wanted, parted, index = room.wanted, room.parted, room.index
    for i in range(n):
        first_at[i] = distance[i] + min(by_row[i], by_col[i]) * (distance[i + 1] - distance[i])
    for i in range(n):
        last_at[i] = distance[i] + max(by_row[i], by_col[i]) * (distance[i + 1] - distance[i])
    for i in range(n):
        share = min(by_row[i], by_col[i])
        at = first_at[i]
        good = (share > NEAR_SAMPLE) & (share < 1.0 - NEAR_SAMPLE)
        good = good & (at - distance[i] >= SAME_M) & (distance[i + 1] - at >= SAME_M)
        many[i] = wanted[i] if good else 0
    for i in range(n):
        share = max(by_row[i], by_col[i])
        at = last_at[i]
        begin = first_at[i] if many[i] == 1 else distance[i]
        good = (share > NEAR_SAMPLE) & (share < 1.0 - NEAR_SAMPLE)
        good = good & (at - begin >= SAME_M) & (distance[i + 1] - at >= SAME_M)
        slots[i, 0] = first_at[i] if many[i] == 1 else at
        slots[i, 1] = at
        many[i] += wanted[i] if good else 0
    few = np.uint64(0)
    for i in range(n):
        index[few] = i
        few += parted[i]
    for k in range(np.int64(few)):
        i = index[k]
        first = min(by_row[i], by_col[i])
        second = max(by_row[i], by_col[i])
        many[i] = _slots_of(
            slots, i, distance[i], distance[i + 1], first, second, before[i], after[i], fine[i], third[i]
        )


@kernel
def _slots_of(
    slots: Any, i: int, d0: float, d1: float, first: float, second: float, before: float, after: float, fine: float,
    third: float,
) -> int:  # fmt: skip
    # The places of a step that bends within a cell, where no piece is cut into more than two.
    four = 4.0 * fine
    if (before >= four) | (after >= four) | ((first > 0.0) & (third > 2.0)):
        return SLOTS + 1
    begin = first if first > 0.0 else (second if second > 0.0 else 1.0)
    count, last = _fill(slots, i, 0, d0, d1, d0, begin * 0.5, before > fine)
    count, last = _fill(slots, i, count, d0, d1, last, first, True)
    count, last = _fill(slots, i, count, d0, d1, last, first + (second - first) * 0.5, (first > 0.0) & (third > 1.0))
    count, last = _fill(slots, i, count, d0, d1, last, second, True)
    count, last = _fill(slots, i, count, d0, d1, last, second + (1.0 - second) * 0.5, (second > 0.0) & (after > fine))
    return count


@kernel
def _fill(
    slots: Any, i: int, count: int, d0: float, d1: float, last: float, share: float, wanted: bool
) -> tuple[int, float]:
    at = d0 + share * (d1 - d0)
    good = wanted & (share > NEAR_SAMPLE) & (share < 1.0 - NEAR_SAMPLE) & (at - last >= SAME_M) & (d1 - at >= SAME_M)
    slots[i, count] = at
    return count + (1 if good else 0), (at if good else last)


@kernel
def put_parts(
    out: Any, count: Any, d0: float, d1: float, first: float, second: float, before: float, after: float, fine: float,
    third: float,
) -> Any:  # fmt: skip
    """Put the places of a step within whose cells the ground bends much, as `cuts_within` has them."""
    last = d0
    for k in range(3):
        low = 0.0 if k == 0 else (first if k == 1 else second)
        high = first if k == 0 else (second if k == 1 else 1.0)
        parts = 1
        if low < high:
            if k == 1 and first > 0.0:
                parts = int(third)
            else:
                parts = parts_of_bend(after if k == 2 and second > 0.0 else before, fine)
        for step in range(1, parts + (1 if k < 2 else 0)):
            share = low + (high - low) * (step / parts) if step < parts else high
            at = d0 + share * (d1 - d0)
            good = (share > NEAR_SAMPLE) & (share < 1.0 - NEAR_SAMPLE) & (at - last >= SAME_M) & (d1 - at >= SAME_M)
            out[count] = at
            last = at if good else last
            count += 1 if good else 0
    return count
