"""What the report says of the work and its money: phases, tasks, channels, cash. Nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.report import words
from cn_planner.report.columns import MONEY, NUMBER, WEIGHT, WORD, heading, listed, record
from cn_planner.service.unheard import Unheard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.message import Message


@record
class PhaseRecord:
    """What is built together. Homes count by weight; money is in the plan's currency.

    ``begins`` and ``on_air`` are months from the start of the work, the first is 1. ``month`` is what all that stands
    by then costs a month to run, ``set_aside`` the part of it that is kept for replacement by age. ``joined``: as
    `planning.phases.Phase` has it.
    """

    number: int = heading(msg("Phase"), NUMBER)
    sites: tuple[str, ...] = heading(msg("Towers"), WORD, cell=", ".join, wide=True)
    links: tuple[str, ...] = heading(msg("Links"), WORD, cell=", ".join, wide=True, counts=True)
    homes: float = heading(msg("Homes reached"), NUMBER, "", WEIGHT, total=True)
    homes_so_far: float = heading(msg("Homes so far"), NUMBER, "", WEIGHT)
    cost: float = heading(msg("To build"), MONEY, total=True)
    cost_so_far: float = heading(msg("So far"), MONEY)
    begins: int = heading(msg("Begins in month"), NUMBER)
    on_air: int = heading(msg("In service from month"), NUMBER)
    month: float = heading(msg("A month, to run"), MONEY)
    set_aside: float = heading(msg("Of which set aside"), MONEY, counts=True)
    a_home: float | None = heading(msg("A home"), MONEY, default=None)
    joined: bool = True


@record
class WorkTask:
    """One task of the work plan; ``after`` are the numbers of the tasks that must be done before."""

    number: int = heading(msg("Task"), NUMBER)
    phase: int = heading(msg("Phase"), NUMBER)
    what: Message = heading(msg("What"), WORD, wide=True)
    site: str = heading(msg("Site"))
    days: float | None = heading(msg("Days of one person"), NUMBER, "", 1, total=True)
    """Days of one person; None where nobody counted them."""
    after: tuple[int, ...] = heading(msg("After tasks"), WORD, cell=listed, wide=True)


@record
class ChannelRecord:
    """The channel of a sector or link, and what its most disturbed receiver hears."""

    kind: str = heading(msg("Kind"), WORD, cell=words.CAPACITY_KINDS.__getitem__)
    """``sector`` or ``link``."""
    id: str = heading(msg("Id"))
    site: str = heading(msg("Site"))
    freq_mhz: float = heading(msg("Frequency"), NUMBER, "MHz", 1)
    width_mhz: float = heading(msg("Channel width"), NUMBER, "MHz", 1)
    dfs: bool = heading(msg("DFS"), WORD, cell=words.yes_no)
    homes: float = heading(msg("Homes"), NUMBER, "", WEIGHT)
    snr_db: float | None = heading(msg("Above noise, worst receiver"), NUMBER, "dB", 1)
    """Signal to noise without the others."""
    sinr_db: float | None = heading(msg("Above noise and others"), NUMBER, "dB", 1)
    """And with them."""
    disturbed: int = heading(msg("Receivers that are slower"), NUMBER)
    """Receivers that are slower because of others, of ``receivers``."""
    receivers: int = heading(msg("Of so many"), NUMBER)


@record
class ConflictRecord:
    """A sector or link that is slower because of another one, in words."""

    kind: str
    id: str = heading(msg("Id"))
    site: str = heading(msg("Site"))
    text: Message = heading(msg("What"), WORD, wide=True)
    fix: Message = heading(msg("What to do"), WORD, wide=True)


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

    ``short``: who carries less than it must, the worst first. ``carries_mbps``: what links carry on their
    channels, by their ids. ``unheard``: for whom nothing is left on the channels that all radios have.
    """

    channels: tuple[ChannelRecord, ...] = ()
    conflicts: tuple[ConflictRecord, ...] = ()
    short: tuple[ShortRecord, ...] = ()
    notes: tuple[Message, ...] = ()
    carries_mbps: Mapping[str, float] = field(default_factory=dict)
    unheard: Unheard = field(default_factory=Unheard)


@record
class CashMonth:
    """One month of the network's money; amounts are rounded to the cent."""

    number: int = heading(msg("Month"), NUMBER)
    given: float = heading(msg("Grants and loans"), MONEY)
    """Grants and loans."""
    build: float = heading(msg("To build"), MONEY)
    homes: float = heading(msg("Homes that pay"), NUMBER, "", WEIGHT)
    """Homes that pay."""
    fees: float = heading(msg("Fees"), MONEY)
    running: float = heading(msg("To run"), MONEY)
    set_aside: float = heading(msg("Set aside for replacement"), MONEY)
    """For replacement by age; it is no longer in ``cash``."""
    repaid: float = heading(msg("Loan paid back"), MONEY)
    cash: float = heading(msg("Cash at its end"), MONEY)
    """What is there at the end of the month."""


@record
class CashYear:
    """Twelve months together; ``lowest`` is the least that is there at the end of any of them."""

    number: int = heading(msg("Year"), NUMBER)
    given: float = heading(msg("Grants and loans"), MONEY, total=True)
    build: float = heading(msg("To build"), MONEY, total=True)
    fees: float = heading(msg("Fees"), MONEY, total=True)
    running: float = heading(msg("To run"), MONEY, total=True)
    set_aside: float = heading(msg("Set aside for replacement"), MONEY, total=True)
    repaid: float = heading(msg("Loan paid back"), MONEY, total=True)
    result: float = heading(msg("Result of the year"), MONEY, total=True)
    cash: float = heading(msg("Cash at its end"), MONEY)
    lowest: float = heading(msg("Least cash in it"), MONEY)


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


@record
class ChangeRecord:
    """One thing that differs. ``which`` names homes by their ids."""

    kind: str = heading(msg("Kind"), WORD, cell=words.CHANGE_KINDS.__getitem__)
    """``site``, ``link``, ``home``, ``setting`` or ``other``."""
    id: str = heading(msg("Id"))
    text: Message = heading(msg("What changed"), WORD, wide=True)
    which: str = ""


@dataclass(frozen=True, slots=True)
class PlanComparison:
    """Two plans, or a plan and an earlier version of it, side by side."""

    before: PlanFigures
    now: PlanFigures
    changes: tuple[ChangeRecord, ...]
