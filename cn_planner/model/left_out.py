"""Why a plan leaves homes out, as the planner said it when it made the plan: kept with what it said of the plan.

Of much of it the planner alone knows: what no plan can carry, what the clock cut short, whom the channels silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cn_planner.message import Message  # noqa: TC001 - read when a plan file is


class UnservedKind(StrEnum):
    """Why a home is not reached, in one word: what it is grouped by."""

    LAW = "law"
    """The kits may not send on their channel."""

    LEFT_OUT = "left out"
    """It can be reached; share or money leave it out."""
    HOPS = "hops"
    """The sites that see it reach no gateway within the links allowed."""
    CHECK = "check"
    """A path would do as predicted; it must be looked at on site, and the rules do not count that."""
    UNSURE = "unsure"
    """A path would do as predicted, and not as surely as the rules ask."""
    BLOCKED = "blocked"
    """Ground or trees stand in the way, or so near to it that too little passes: were it clear, it would do."""
    WEAK = "weak"
    """However clear the way is, the signal is too weak."""
    FAR = "far"
    NO_DATA = "no data"
    SILENT = "silent"
    """A tower sees it; on the network's own channels too little comes through."""

    SHORT = "short"
    """It can be reached, and the plan leaves it out; why is not known."""
    SHORT_DOORS = "short of connections"
    """Fewer are reached than were asked for: Internet connections carry no more. Those below likewise."""
    SHORT_LINKS = "short of links"
    SHORT_DOORS_LINKS = "short of connections and links"
    SHORT_RADIOS = "short of radios"
    """A mast bears no more radios on the channels that they may use."""
    SHORT_SECTORS = "short of sectors"
    SHORT_HOPS = "short of hops"
    SHORT_ALL = "short of all"
    """Connections, links and sectors together carry no more."""
    SHORT_TIME = "short of time"
    """The search ended before all was tried."""

    @property
    def short(self) -> bool:
        """Whether it can be reached, and neither the share nor the money that was asked for leaves it out."""
        return self.value.startswith("short")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Homes that a plan leaves out for one reason.

    Attributes
    ----------
    kind : UnservedKind
    reason : Message
    homes : tuple of str
        Their ids.
    fix : Message or None
        What helps, where the planner knows more of it than the plan shows: what the plan's towers could do for them
        does not help those whom its channels silence.
    """

    kind: UnservedKind
    reason: Message
    homes: tuple[str, ...]
    fix: Message | None = None
