"""What the report says of the work and its money: phases, tasks, channels, cash. Nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cn_planner.message import Message


@dataclass(frozen=True, slots=True)
class PhaseRecord:
    """What is built together. Homes count by weight; money is in the plan's currency.

    ``begins`` and ``on_air`` are months from the start of the work, the first is 1. ``month`` is what all that stands
    by then costs a month to run, ``set_aside`` the part of it that is kept for replacement by age.
    """

    number: int
    sites: tuple[str, ...]
    links: tuple[str, ...]
    homes: float
    homes_so_far: float
    cost: float
    cost_so_far: float
    begins: int
    on_air: int
    month: float
    set_aside: float


@dataclass(frozen=True, slots=True)
class WorkTask:
    """One task of the work plan; ``after`` are the numbers of the tasks that must be done before."""

    number: int
    phase: int
    what: Message
    site: str
    days: float | None
    """Days of one person; None where nobody counted them."""
    after: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """The channel of a sector or link, and what its most disturbed receiver hears."""

    kind: str
    """``sector`` or ``link``."""
    id: str
    site: str
    freq_mhz: float
    width_mhz: float
    dfs: bool
    homes: float
    snr_db: float | None
    """Signal to noise without the others."""
    sinr_db: float | None
    """And with them."""
    disturbed: int
    """Receivers that are slower because of others, of ``receivers``."""
    receivers: int


@dataclass(frozen=True, slots=True)
class ConflictRecord:
    """A sector or link that is slower because of another one, in words."""

    kind: str
    id: str
    site: str
    text: Message
    fix: Message


@dataclass(frozen=True, slots=True)
class ShortRecord:
    """A sector or link that carries less on its channel than its homes want, in words; ``homes`` are cut off."""

    kind: str
    id: str
    site: str
    homes: float
    text: Message
    fix: Message


@dataclass(frozen=True, slots=True)
class AirPlan:
    """The channel plan: who is on which channel, what conflicts remain, and what is to be known of it.

    ``short``: who carries less than it must, the worst first.
    """

    channels: tuple[ChannelRecord, ...] = ()
    conflicts: tuple[ConflictRecord, ...] = ()
    short: tuple[ShortRecord, ...] = ()
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class CashMonth:
    """One month of the network's money; amounts are rounded to the cent."""

    number: int
    given: float
    """Grants and loans."""
    build: float
    homes: float
    """Homes that pay."""
    fees: float
    running: float
    set_aside: float
    """For replacement by age; it is no longer in ``cash``."""
    repaid: float
    cash: float
    """What is there at the end of the month."""


@dataclass(frozen=True, slots=True)
class CashYear:
    """Twelve months together; ``lowest`` is the least that is there at the end of any of them."""

    number: int
    given: float
    build: float
    fees: float
    running: float
    set_aside: float
    repaid: float
    result: float
    cash: float
    lowest: float


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Five years of money. ``fee`` is what a home pays a month, None where no home can; ``lowest`` the least cash."""

    months: tuple[CashMonth, ...]
    years: tuple[CashYear, ...]
    uptake_pct: float
    fee: float | None
    fee_given: bool
    """Whether the plan says the fee; else it is the one that covers the monthly cost."""
    lowest: float
    lowest_month: int


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What a plan is compared by. Homes count by weight; None is what cannot be said, as without terrain."""

    label: Message
    """Which plan, or which version of it."""
    currency: str
    homes: float | None
    homes_total: float
    towers: int
    cost: float
    cost_a_home: float | None
    month: float
    weakest: str
    """Ends of the link with the least margin; empty where there is none."""
    weakest_db: float | None
    single_points: int
    """Towers without which others fall silent."""
    lost: float | None
    """Most homes that are lost where one tower fails, gateways aside."""
    lost_with: str
    """That tower, by name."""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One thing that differs. ``which`` names homes by their ids."""

    kind: str
    """``site``, ``link``, ``home``, ``setting`` or ``other``."""
    id: str
    text: Message
    which: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans, or a plan and an earlier version of it, side by side."""

    before: PlanFigures
    now: PlanFigures
    changes: tuple[ChangeRecord, ...]
