"""Where two people's plans parted: the last plan that both know, from their edits and from what each brought in before.

Who brings the other's work in every week shall be asked of nothing twice: what came over last time is known to both
then, and only what was done since is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.model.apart import with_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cn_planner.model.apart import Names
    from cn_planner.model.history import History, HistoryStep
    from cn_planner.model.plan import Plan

TAKEN_BACK = ""
"""Whose edits those are that were undone, and given up for another one: one's own."""


class Beside(NamedTuple):
    """Edits that are kept beside a history: those of somebody else that came in with one edit, or own ones given up.

    Attributes
    ----------
    done : int
        After how many edits of the history.
    whose : str
        The file that they came from; `TAKEN_BACK` of own ones.
    steps : tuple of HistoryStep
    names : dict
        Of what came from others: which things got another id here, by table and id there.
    """

    done: int
    whose: str
    steps: tuple[HistoryStep, ...]
    names: Names = {}  # noqa: RUF012 - never changed


class Lineage(NamedTuple):
    """A plan, the edits that led to it, and what is kept beside them."""

    plan: Plan
    history: History
    beside: tuple[Beside, ...] = ()

    def lines(self) -> list[tuple[HistoryStep, ...]]:
        """Return every run of edits that this plan went through: its own, and those that it gave up.

        Who undoes that something was brought in does not take back from others what they made: it ends there.
        """
        own = self.history.steps
        undone = [one.done for one in self.beside if one.whose != TAKEN_BACK and one.done >= self.history.done]
        own = own[: min(undone)] if undone else own
        return [own, *((*own[: one.done], *one.steps) for one in self.beside if one.whose == TAKEN_BACK)]

    def brought(self) -> list[Beside]:
        """Return what came from others with edits that stand, the newest first."""
        found = [one for one in self.beside if one.whose != TAKEN_BACK and one.done < self.history.done and one.steps]
        return found[::-1]

    def after(self, line: tuple[HistoryStep, ...], count: int) -> Plan:
        """Return the plan as it was after so many edits of one of its lines."""
        history, plan = self.history, self.plan
        common = _common(history.steps, line)
        while history.done > min(common, count):
            history, plan = history.undone(plan)
        other = type(history)(line, history.done)
        while other.done < count:
            other, plan = other.redone(plan)
        return plan


class Parting(NamedTuple):
    """The last plan that both know, what both have made of it under the same ids, and their edits since.

    ``names`` are the ids that things of theirs have here.
    """

    base: Plan
    mine: Plan
    theirs: Plan
    beside: tuple[HistoryStep, ...]
    names: Names


class _Known(NamedTuple):
    """A state of one side that the other knows: its line, after how many edits, and when the other took it in.

    ``own`` is how many of these edits the side still has in its history.
    """

    line: tuple[HistoryStep, ...]
    made: int
    own: int
    taken_in: int
    names: Names


def where_parted(mine: Lineage, theirs: Lineage, undecided: Callable[[Plan, Plan, Plan], Plan]) -> Parting | None:
    """Return the last plan that both know, None where there is none.

    Parameters
    ----------
    mine, theirs : Lineage
    undecided : callable
        What two plans make of the one before them, which stands where they differ.

    Notes
    -----
    It is the longest run of edits that both have, those that one of both undid and gave up among them; or what one of
    both brought in from the other since. Where each brought in what the other had not yet seen, it is what both made
    of their common plan, undecided where they differed.
    """
    line, other, common = max(
        ((a, b, _common(a, b)) for a in mine.lines() for b in theirs.lines()), key=lambda found: found[2]
    )
    base = mine.after(line, common)
    if base != theirs.after(other, common):
        return None
    seen, shown = _known(mine, theirs, common), _known(theirs, mine, common)
    since = common if seen is None else max(common, seen.own)
    known, plans, names = base, (mine.plan, theirs.plan), {} if seen is None else seen.names
    if seen is not None and (shown is None or seen.own > shown.taken_in):
        known = with_names(base, theirs.after(seen.line, seen.made), names)
        plans = mine.plan, with_names(base, theirs.plan, names)
    elif shown is not None and (seen is None or shown.own > seen.taken_in):
        known = with_names(base, mine.after(shown.line, shown.made), shown.names)
        plans, names = (with_names(base, mine.plan, shown.names), theirs.plan), {}
    elif seen is not None and shown is not None:
        known = undecided(base, mine.after(shown.line, shown.made), theirs.after(seen.line, seen.made))
    done = theirs.history.done
    # One edit at least: by it that state is known again.
    return Parting(known, *plans, theirs.history.steps[max(min(since, done - 1), 0) : done], names)


def _known(who: Lineage, other: Lineage, common: int) -> _Known | None:
    """Return the latest state of the other that one of both has brought in, None where it is none of its states."""
    for record in who.brought():
        for line in other.lines():
            count = _found_in(line, record.steps)
            if count > common:
                own = min(count, _common(line, other.history.steps))
                return _Known(line, count, own, record.done, record.names)
    return None


def _found_in(line: Sequence[HistoryStep], steps: Sequence[HistoryStep]) -> int:
    """Return after how many edits of a line all of some steps were made, 0 where they are no run of it."""
    for first in range(len(line) - len(steps), -1, -1):
        if _common(line[first:], steps) == len(steps):
            return first + len(steps)
    return 0


def _common(one: Sequence[HistoryStep], two: Sequence[HistoryStep]) -> int:
    """Return with how many equal edits two runs begin."""
    count = 0
    for a, b in zip(one, two, strict=False):
        if a is not b and (a.label != b.label or a.changes != b.changes):
            break
        count += 1
    return count
