"""What papers say that no map and no price list knows: for whom the network is, who answers for it, from when.

Every field is an answer that somebody gives. One without an answer is a named blank on paper, with its question.
"""

from __future__ import annotations

from dataclasses import dataclass

from cn_planner.message import msg
from cn_planner.model.fields import about

_PEOPLE = 1e7


@dataclass(frozen=True, slots=True)
class Purpose:
    """The answers of those who want the network. Empty: nobody has answered yet."""

    aim: str = about(msg("What the network is for, in a sentence or two."), default="")
    body: str = about(
        msg("Body that is responsible: it owns the network, signs, and answers for the money."), default=""
    )
    contact: str = about(msg("Whom a donor writes to: name, address or telephone."), default="")
    women: int | None = about(msg("How many women live in the area."), default=None, low=0, high=_PEOPLE)
    children: int | None = about(msg("How many children live in the area."), default=None, low=0, high=_PEOPLE)
    schools: int | None = about(msg("How many schools are in the area."), default=None, low=0, high=_PEOPLE)
    clinics: int | None = about(msg("How many health centres are in the area."), default=None, low=0, high=_PEOPLE)
    deciding: int | None = about(msg("How many people decide for the network."), default=None, low=0, high=_PEOPLE)
    deciding_women: int | None = about(
        msg("How many of those who decide are women."), default=None, low=0, high=_PEOPLE
    )
    keepers: int | None = about(msg("How many people keep it running."), default=None, low=0, high=_PEOPLE)
    keepers_women: int | None = about(
        msg("How many of those who keep it are women."), default=None, low=0, high=_PEOPLE
    )
    repair_days: float | None = about(
        msg("In how many days a fault is mended."), default=None, unit="d", low=0, high=365
    )
    call: str = about(msg("Whom a home calls when it is silent."), default="")
    cannot_pay: str = about(msg("What happens to a home that cannot pay one month."), default="")
    start: str = about(msg("Day on which the work begins."), default="")
    no_climb_months: tuple[float, ...] = about(
        msg("Months in which nobody climbs, as rains or storms: 7,8,9."), default=(), low=1, high=12
    )
    asked_from: str = about(msg("Of whom the proposal asks the money that is not yet found."), default="")
    grant_from: str = about(msg("Who gives the grant."), default="")
    grant_state: str = about(msg("How far the grant is: asked, promised, signed, and since when."), default="")
    loan_from: str = about(msg("Who gives the loan."), default="")
    loan_state: str = about(msg("How far the loan is: asked, promised, signed, and since when."), default="")
    licence: str = about(msg("Licence or permit that the network needs, and who gives it."), default="")
    licence_date: str = about(msg("Day by which the licence is there."), default="")
    permit: str = about(msg("Permit that the masts need, and who gives it."), default="")
    permit_date: str = about(msg("Day by which the permit for the masts is there."), default="")
    old_batteries: str = about(msg("Where worn batteries and radios go."), default="")
    safety: str = about(msg("Who sees to it that only trained people climb, with harness."), default="")
    baseline_mbps: float | None = about(
        msg("Rate that homes have today, measured; 0: none."), default=None, unit="Mbit/s", low=0, high=10_000
    )
    baseline_how: str = about(msg("How and when that rate was measured."), default="")


@dataclass(frozen=True, slots=True)
class KeptChoice:
    """One plan of the comparison of cost against homes, as papers show it beside the plan.

    ``month`` is what it costs a month to run, ``months`` how long it takes to build. Homes count by weight.
    """

    homes: float
    towers: int
    cost: float
    month: float
    months: int


@dataclass(frozen=True, slots=True)
class KeptChoices:
    """What the comparison of cost against homes found, from few homes to many.

    ``basis`` is the digest of what it rests on: where it differs from today's the comparison is out of date.
    """

    rows: tuple[KeptChoice, ...] = ()
    basis: str = ""
