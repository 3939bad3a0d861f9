"""Rows that seem to be something that is there already, in the file or in the plan; and points thinned out."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.importers.choices import Repeats
from cn_planner.importers.left_out import Tally
from cn_planner.importers.near import SAME_NAME_TIMES, SAME_PLACE_M, repeated
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.importers.choices import Choices
    from cn_planner.importers.left_out import Reason
    from cn_planner.importers.rows import CheckedRows
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan


def without_repeats(
    plan: Plan, table: str, rows: CheckedRows, choices: Choices, unwanted: Tally
) -> tuple[list[tuple[Any, int]], tuple[Reason, ...]]:
    """Return what was read without what is left out as a repetition or by thinning, each thing with its row.

    What has an id of the plan changes that thing and repeats none. Measurements of one place are no repetitions.

    Parameters
    ----------
    plan, table
        The plan, and the table of it that the things go into.
    rows : Rows
        What was read.
    choices : Choices
        Whether repetitions are left out, and how near they lie.
    unwanted : Tally
        Counts what is left out.

    Returns
    -------
    list of (thing, row)
    tuple of Reason
        Rows that repeat something, left out or not.
    """
    things = list(zip(rows.things, rows.numbers, strict=True))
    if table not in SAME_PLACE_M:
        return things, ()
    changed = {thing.id for thing in rows.things if thing.id in rows.old} if rows.updated else set()
    known = [thing for key, thing in getattr(plan, table).items() if key not in changed]
    near_m = SAME_PLACE_M[table] if choices.repeats_m is None else choices.repeats_m
    tally, gone = Tally(), np.zeros(len(things), bool)
    for by_name, within_m in ((False, near_m), (True, near_m * SAME_NAME_TIMES)):
        found = _repeated([*known, *rows.things], len(known), within_m, by_name=by_name)
        if changed:
            found[[thing.id in changed for thing in rows.things]] = -1
        found[gone] = -1
        for hit, in_plan in (((found >= 0) & (found < len(known)), True), (found >= len(known), False)):
            why = _why(within_m, by_name=by_name, in_plan=in_plan)
            numbers = [rows.numbers[at] for at in np.flatnonzero(hit).tolist()]
            tally.add(why, numbers)
            if choices.repeats is Repeats.SKIP:
                unwanted.add(why, numbers)
        gone |= found >= 0
    if choices.repeats is Repeats.SKIP:
        things = [one for one, out in zip(things, gone.tolist(), strict=True) if not out]
    if choices.thin_m > 0.0:
        things = _thinned(things, choices.thin_m, unwanted)
    return things, tally.reasons()


def _repeated(things: Sequence[Any], known: int, within_m: float, *, by_name: bool) -> NDArray[np.int64]:
    """Return for each thing after the known ones the number of that which it repeats, -1 where it repeats none."""
    if by_name and not any(map(attrgetter("name"), things)):
        return np.full(len(things), -1)[known:]
    names = [thing.name.casefold().strip() for thing in things] if by_name else None
    return repeated(*_places(things), within_m, names=names, known=known)[known:]


def _places(things: Sequence[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return (
        np.fromiter(map(attrgetter("latitude"), things), np.float64, len(things)),
        np.fromiter(map(attrgetter("longitude"), things), np.float64, len(things)),
    )


def _why(within_m: float, *, by_name: bool, in_plan: bool) -> Message:
    if by_name and in_plan:
        return msg("one of the same name lies within {limit:g} m in the plan.", limit=within_m)
    if by_name:
        return msg("one of the same name lies within {limit:g} m in a row before.", limit=within_m)
    if in_plan:
        return msg("one of the plan lies within {limit:g} m.", limit=within_m)
    return msg("one of a row before lies within {limit:g} m.", limit=within_m)


def _thinned(things: list[tuple[Any, int]], within_m: float, unwanted: Tally) -> list[tuple[Any, int]]:
    found = repeated(*_places([thing for thing, _ in things]), within_m)
    unwanted.add(
        msg("one that was taken lies within {limit:g} m (thinned).", limit=within_m),
        [things[at][1] for at in np.flatnonzero(found >= 0).tolist()],
    )
    return [one for one, first in zip(things, found.tolist(), strict=True) if first < 0]
