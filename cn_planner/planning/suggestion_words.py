"""What could be built next, in words: two lines for each, and the name of the edit that does it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.message import Message


class SuggestionKind(StrEnum):
    """What is suggested."""

    MAST = "mast"
    """A mast where none is planned."""
    RAISE = "raise"
    """A higher mast where one is planned."""
    SECTOR = "sector"
    """Sectors of a further kit on a mast that stays as high as it is planned."""


class Told(NamedTuple):
    """What is said of a suggestion.

    ``more_m``: by how much its mast is higher than the one that stands; ``parent_height_m`` the mast needed at the
    tower that it is linked to, None where that stands so high; ``kit`` a further kit of sectors, empty for the usual.
    """

    site: str
    parent: str
    height_m: float
    more_m: float
    parent_height_m: float | None
    cost: float
    currency: str
    homes: Message
    sectors: int
    kit: str


def two_lines(kind: SuggestionKind, of: Told) -> tuple[Message, Message, Message]:
    """Return headline, detail, and the name of the edit."""
    if kind is SuggestionKind.RAISE:
        return _raised(of)
    money: dict[str, str | float] = {"height": of.height_m, "cost": of.cost, "currency": of.currency}
    detail = msg("{height:g} m, +{cost:,.0f} {currency}", **money)
    if of.parent_height_m is not None:
        detail = msg(
            "{height:g} m, +{cost:,.0f} {currency}, needs {needed:g} m at {parent}",
            needed=of.parent_height_m, parent=of.parent, **money,
        )  # fmt: skip
    elif of.parent:
        detail = msg("{height:g} m, +{cost:,.0f} {currency}, linked to {parent}", parent=of.parent, **money)
    label = msg("build {site}", site=of.site)
    if kind is SuggestionKind.SECTOR:
        label = msg("sectors of {kit} at {site}", kit=of.kit, site=of.site)
        return msg("With {kit} added, this tower reaches {homes}", kit=of.kit, homes=of.homes), detail, label
    if of.kit:
        return msg("A mast with {kit} here reaches {homes}", kit=of.kit, homes=of.homes), detail, label
    return msg("A mast here reaches {homes}", homes=of.homes), detail, label


def _raised(of: Told) -> tuple[Message, Message, Message]:
    headline = msg(
        "+{more:g} m here costs {cost:,.0f} {currency} and reaches {homes}",
        more=of.more_m, cost=of.cost, currency=of.currency, homes=of.homes,
    )  # fmt: skip
    detail = msg("a mast of {height:g} m at {site}", height=of.height_m, site=of.site)
    if of.sectors:
        detail = counted(
            "a mast of {height:g} m and {count} more sector at {site}",
            "a mast of {height:g} m and {count} more sectors at {site}",
            of.sectors, height=of.height_m, site=of.site,
        )  # fmt: skip
    if of.kit:
        detail = msg("{detail}, with {kit}", detail=detail, kit=of.kit)
    return headline, detail, msg("raise {site} to {height:g} m", site=of.site, height=of.height_m)
