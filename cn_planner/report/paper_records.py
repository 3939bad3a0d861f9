"""What the papers for the assembly and for donors are made of beside the plan's tables. Nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.model.costs import Costs
from cn_planner.model.purpose import Purpose

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.purpose import KeptChoice


@dataclass(frozen=True, slots=True)
class LeftOutRecord:
    """Homes of a hamlet that are left out: why, and what including them takes.

    ``hamlet`` is empty for homes of none: they stand together by ``near``, the nearest place of the network.

    ``cost`` is that by which the cost to build rises where those are included for whom a way is known; None where none
    is. ``without``: homes for which none is known.
    """

    hamlet: str
    homes: float
    reason: Message
    takes: tuple[Message, ...]
    cost: float | None
    without: float
    near: str = ""


@dataclass(frozen=True, slots=True)
class DoorRecord:
    """A connection to the Internet that the network has: at which site, of which kind, what it costs a month."""

    site: str
    name: str
    kind: str
    month: float


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """The answers of people, the terms of the money, and what the papers alone ask of a plan.

    ``choices`` are the networks of the comparison that was kept, none where it is out of date (``outdated``).
    ``paid_days``, ``free_days``: of one person; ``wage``: what such a day is counted at. ``a_home``: what the antenna,
    cable and router of one more home cost.
    """

    purpose: Purpose = Purpose()  # noqa: RUF009 - a frozen value
    costs: Costs = Costs()  # noqa: RUF009 - a frozen value
    choices: tuple[KeptChoice, ...] = ()
    outdated: bool = False
    left_out: tuple[LeftOutRecord, ...] = ()
    doors: tuple[DoorRecord, ...] = ()
    paid_days: float = 0.0
    free_days: float = 0.0
    wage: float = 0.0
    unsaid_connections: tuple[str, ...] = ()
    """Names of the places whose Internet connection counts as free each month, for nobody said what it costs."""
    a_home: float = 0.0
