"""What would reach homes, as it was found: each fix with its words, its price and the rows that do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cn_planner.model import edits
from cn_planner.model.plan import Household

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.economics.marginal_cost import PlanRow
    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.planning.fix_words import FixKind


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing that reaches a home.

    Attributes
    ----------
    home, site : str
        The home, and the tower that then serves it.
    kind : FixKind
    words : Message
        What is to be done.
    cost : float
        By how much the capital of the plan rises, in its currency.
    label : Message
        Name of the edit.
    rows : tuple
        What stands in the plan afterwards: site, link, home.
    unpriced : tuple of str
        Items of the shelf that it buys and that have no price: it then costs more than is said.
    """

    home: str
    site: str
    kind: FixKind
    words: Message
    cost: float
    label: Message
    rows: tuple[PlanRow, ...]
    unpriced: tuple[str, ...] = ()

    def edit(self, plan: Plan) -> Edit:
        """Return the edit that does it to the plan that it was found for."""
        return edits.put(plan, self.rows, self.label)


@dataclass(frozen=True, slots=True)
class HomeFixes:
    """What would reach one home.

    Attributes
    ----------
    home : str
    fixes : tuple of Fix
        By cost, then as `FixKind` has them; a way at a tower once in each band, where it is cheapest.
    advice : Message or None
        What else could help, where no fix is known.
    """

    home: str
    fixes: tuple[Fix, ...] = ()
    advice: Message | None = None

    def beside(self, other: HomeFixes, *, only_cheapest: bool) -> HomeFixes:
        """Return these with those of another band; the advice is these'."""
        fixes = tuple(sorted((*self.fixes, *other.fixes), key=lambda one: (one.cost, one.kind)))
        return replace(self, fixes=fixes[:1] if only_cheapest else fixes, advice=None if fixes else self.advice)

    @property
    def words(self) -> Message | None:
        """The cheapest fix, or else what could help."""
        return self.fixes[0].words if self.fixes else self.advice

    @property
    def cost(self) -> float | None:
        """What the cheapest fix costs; None where none is known."""
        return self.fixes[0].cost if self.fixes else None


class FoundFixes(Mapping[str, HomeFixes]):
    """What would reach homes, by id.

    Homes that differ in their names alone share an answer, put into the words of each where that is asked for: all at
    once a hundred thousand would fill 100 MB.
    """

    def __init__(self, shared: Mapping[str, HomeFixes], homes: Mapping[str, Household]) -> None:
        self._shared, self._homes = shared, homes

    def __getitem__(self, home: str) -> HomeFixes:
        one = self._shared[home]
        return one if home == one.home else _of_other(one, self._homes[home])

    def __iter__(self) -> Iterator[str]:
        return iter(self._shared)

    def __len__(self) -> int:
        return len(self._shared)


def _of_other(found: HomeFixes, home: Household) -> HomeFixes:
    """Return the fixes of a home as those of another that is like it."""
    return replace(found, home=home.id, fixes=tuple(_fix_of_other(one, home) for one in found.fixes))


def _fix_of_other(fix: Fix, home: Household) -> Fix:
    rows = tuple(
        replace(row, id=home.id, name=home.name, note=home.note, hamlet=home.hamlet)
        if isinstance(row, Household)
        else row
        for row in fix.rows
    )
    values = tuple((key, home.name or home.id if key == "home" else value) for key, value in fix.label.values)
    return replace(fix, home=home.id, label=replace(fix.label, values=values), rows=rows)
