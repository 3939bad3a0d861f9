"""What would save money and is not in the plan because nobody allowed it: another connection, relays at homes.

Each is tried by planning with it: nothing is said of what was not computed. A connection that nobody has priced is
planned as if it were free, so what is saved is what it may cost: to open, and over its months.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cn_planner.message import counted, msg
from cn_planner.model import edits
from cn_planner.model.aims import Relays
from cn_planner.model.gateways import NOT_SAID, is_gateway, offer_of
from cn_planner.model.plan import Choice, RelayConsent, SiteRole, Status
from cn_planner.service.joined import homes_behind, ways_up

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan, Site
    from cn_planner.planning.result import Design

MOST_TRIALS = 3
"""Places where another connection is tried: each takes as long as a plan."""
_NEXT_TO_NOTHING = 0.01
"""What a connection without a price costs in a trial: what costs nothing counts as a price that nobody said."""


class SavingKind(StrEnum):
    """What is tried."""

    CONNECTION = "connection"
    RELAYS = "relays"


@dataclass(frozen=True, slots=True)
class SavingTrial:
    """A plan with one thing more allowed in it; ``site`` is the place of a connection, else empty."""

    kind: SavingKind
    site: str
    plan: Plan


@dataclass(frozen=True, slots=True, eq=False)
class Saving:
    """What a plan with one thing more saves.

    Attributes
    ----------
    kind, site
        As of the trial.
    saved : float
        By how much what is least (the money to build, or that and five years) is less than of the plan without, which
        reaches no more homes. Of a connection: before what that costs itself.
    proven : float
        So much is saved against any plan without, by its bound; 0 where that proves nothing.
    homes : float
        That the plan with it reaches, by weight.
    towers : int
        Of the plan with it.
    edit : Edit
        The plan with it, its connection without a price.
    """

    kind: SavingKind
    site: str
    saved: float
    proven: float
    homes: float
    towers: int
    edit: Edit


@dataclass(frozen=True, slots=True, eq=False)
class Savings:
    """What was tried on a plan: the best first.

    Attributes
    ----------
    plan : Plan
        On which.
    value : float
        What is least of the plan without.
    homes : float
        That it reaches.
    found : tuple of Saving
    tried, trials : int
        How many of how many trials ended.
    """

    plan: Plan
    value: float
    homes: float
    found: tuple[Saving, ...] = ()
    tried: int = 0
    trials: int = 0

    @property
    def best(self) -> Saving | None:
        """What saves most; None where nothing does."""
        return self.found[0] if self.found else None

    def as_dict(self) -> dict[str, Any]:
        """Return what ``savings --json`` prints."""
        return {
            "value": round(self.value, 2),
            "homes": round(self.homes, 6),
            "tried": self.tried,
            "trials": self.trials,
            "savings": [
                {
                    "kind": one.kind.value,
                    "site": one.site or None,
                    "saved": round(one.saved, 2),
                    "proven": round(one.proven, 2),
                    "homes": round(one.homes, 6),
                    "text": str(saving_words(one, self.plan)),
                }
                for one in self.found
            ],
        }


def saving_trials(plan: Plan, made: Plan, most: int = MOST_TRIALS) -> tuple[SavingTrial, ...]:
    """Return what is tried on a plan; `made` is the network that the planner finds for it.

    Connections at possible gateways that nobody priced, then at the towers of the network on which most homes hang that
    are not gateways themselves; relays where the rules let none hang on a home.
    """
    over, behind = ways_up(made), homes_behind(made)
    hanging = {key: behind[way[1]] for key, way in over.items() if way is not None}
    unsaid = [key for key, site in plan.sites.items() if _unsaid(site)]
    towers = sorted(hanging, key=lambda key: (-hanging[key], key))
    places = [key for key in dict.fromkeys((*unsaid, *towers)) if key in plan.sites and _may_open(plan.sites[key])]
    found = [SavingTrial(SavingKind.CONNECTION, key, _with_connection(plan, key)) for key in places[:most]]
    if plan.rules.relays is not Relays.ASK and any(
        one.relay is not RelayConsent.NO for one in plan.households.values()
    ):
        rules = replace(plan.rules, relays=Relays.ASK)
        found.append(SavingTrial(SavingKind.RELAYS, "", replace(plan, rules=rules)))
    return tuple(found)


def _unsaid(site: Site) -> bool:
    return site.role is SiteRole.GATEWAY_OPTION and offer_of(site) is None


def _may_open(site: Site) -> bool:
    """Return whether another connection may be tried at a place: nobody said no, and it has none in the plan."""
    kept = site.choice is Choice.FORBIDDEN or site.status is Status.REJECTED or site.role is SiteRole.RELAY
    return not kept and site.uplink_choice is not Choice.FORBIDDEN and not is_gateway(site) and offer_of(site) is None


def _with_connection(plan: Plan, key: str) -> Plan:
    offer = replace(NOT_SAID, open_cost=_NEXT_TO_NOTHING)
    return edits.put(plan, [replace(plan.sites[key], role=SiteRole.GATEWAY_OPTION, uplink=offer)]).plan


def saving_of(
    trial: SavingTrial, found: Design, plan: Plan, value: float, homes: float, bound: float | None
) -> Saving | None:
    """Return what a trial saves; None where its plan does not use what it tries, reaches fewer homes or costs no less.

    Parameters
    ----------
    trial, found
        What was tried, and what the planner found for it.
    plan : Plan
        Without it.
    value, homes, bound
        Of the network without it: what is least, the homes that it reaches, and its lower bound, where there is one.
    """
    if found.edit is None or found.served < homes - 1e-9:
        return None
    made = found.edit.plan
    saved = value - found.value
    if trial.kind is SavingKind.RELAYS:
        used = any(site.role is SiteRole.RELAY for site in made.used_sites.values())
    else:
        used = trial.site in made.used_sites and made.sites[trial.site].uplink_bought
        # What nobody priced is not written down as if somebody had; and what is proven of it was proven of that price.
        bare = replace(made.sites[trial.site], uplink=plan.sites[trial.site].uplink)
        made = replace(edits.put(made, [bare]).plan, outcome=None)
        saved += _NEXT_TO_NOTHING
    if not used or saved < 0.5:
        return None
    proven = 0.0 if bound is None else max(0.0, bound - found.value)
    return Saving(
        trial.kind, trial.site, saved, min(saved, proven), found.served, len(made.used_sites),
        replace(found.edit, plan=made),
    )  # fmt: skip


def saving_words(one: Saving, plan: Plan) -> Message:
    """Return in a sentence what would be saved."""
    currency = plan.info.currency
    if one.kind is SavingKind.RELAYS:
        return msg(
            "Relays at homes would save {saved:,.0f} {currency}: ask their owners.",
            saved=one.saved, currency=currency,
        )  # fmt: skip
    site = plan.sites.get(one.site)
    name = one.site if site is None else site.name or one.site
    return msg(
        "A connection at {site} would save {saved:,.0f} {currency}, before what it costs itself.",
        site=name, saved=one.saved, currency=currency,
    )  # fmt: skip


def saving_notes(one: Saving, plan: Plan) -> tuple[Message, ...]:
    """Return what is to be known of a plan with a saving: what it rests on, and what to ask."""
    currency = plan.info.currency
    found = [counted("It has {count} tower.", "It has {count} towers.", one.towers)]
    if one.proven > 0.5:
        found.append(
            msg("Proven: no plan without it is within {proven:,.0f} {currency} of this one.",
                proven=one.proven, currency=currency)
        )  # fmt: skip
    if one.kind is SavingKind.CONNECTION:
        found.append(
            msg(
                "Nobody said what this connection costs: here it is free. It pays while it costs less than "
                "{saved:,.0f} {currency}, to open and for five years. Ask, and write it down at the place.",
                saved=one.saved, currency=currency,
            )
        )  # fmt: skip
    return tuple(found)
