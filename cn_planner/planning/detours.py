"""Whether second ways carry what is moved to them: which links are too full where something else fails."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.model.plan import Status
from cn_planner.planning.loads import standing_mbps
from cn_planner.service.joined import gateways, homes_behind, loads_behind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cn_planner.model.plan import Link, Plan
    from cn_planner.progress import CancelToken
    from cn_planner.study import Study

_HAIR = 1e-6
MORE_THERE = msg("Give that link a kit or a channel that carries more, or let the homes take less while it lasts.")


@dataclass(frozen=True, slots=True)
class Overfull:
    """A link that is too full where something else fails: the failure of all that fills it most.

    Attributes
    ----------
    link : str
    kind, failed : str
        "site" or "link", and which.
    homes, load_mbps, rate_mbps : float
        Behind it then, what they want at the busy hour, and what it carries.
    text : Message
    """

    link: str
    kind: str
    failed: str
    homes: float
    load_mbps: float
    rate_mbps: float
    text: Message


def overfull(
    plan: Plan, carries: Callable[[Link], float | None], cancel: CancelToken | None = None
) -> tuple[Overfull, ...]:
    """Return the links that carry what hangs on them, and no more where a tower or another link fails, worst first.

    Parameters
    ----------
    plan : Plan
        The network as it stands.
    carries : callable
        What a link carries both ways, Mbit/s, as `rates_of`; None where nobody knows.
    cancel : CancelToken, optional
        As everywhere.

    Notes
    -----
    Each tower then takes the fewest links that are left to a gateway, the first of equals: what the routers do.
    """
    usual, each = loads_behind(plan), plan.demand.busy_hour_mbps
    found: dict[str, Overfull] = {}
    for kind, failed, rest in _failing(plan, usual):
        if cancel is not None:
            cancel.check()
        homes_there = homes_behind(rest)
        for key, carried in loads_behind(rest).items():
            load, homes = carried * each, homes_there[key]
            # No link is planned that does not carry what one home should reach.
            if carried <= usual.get(key, 0.0) + _HAIR or load <= plan.demand.mbps_per_home:
                continue
            if key in found and found[key].load_mbps >= load:
                continue
            rate = carries(plan.links[key])
            # What is too full as it stands is no matter of failures.
            if rate is not None and usual.get(key, 0.0) * each <= rate * (1.0 + _HAIR) < load:
                words = _words(plan, kind, failed, key, homes, load, rate)
                found[key] = Overfull(key, kind, failed, homes, load, rate, words)
    return tuple(sorted(found.values(), key=lambda one: (one.rate_mbps / one.load_mbps, one.link)))


def rates_of(study: Study) -> Callable[[Link], float | None]:
    """Return what gives the rate of a link of a plan, each looked up once."""
    known: dict[str, float | None] = {}

    def rate(link: Link) -> float | None:
        if link.id not in known:
            known[link.id] = standing_mbps(study, link)
        return known[link.id]

    return rate


def _failing(plan: Plan, usual: dict[str, float]) -> Iterator[tuple[str, str, Plan]]:
    """Yield what may fail and carries anybody, with the plan that is left."""
    doors, links = gateways(plan), plan.standing_links
    for key, homes in usual.items():
        if homes > 0.0:
            yield "link", key, replace(plan, links=plan.links.changed(remove=[key]))
    ends = {end for link in links.values() for end in (link.from_site, link.to_site)}
    for key in sorted(ends):
        if doors != (key,):
            gone = replace(plan.sites[key], status=Status.REJECTED)
            yield "site", key, replace(plan, sites=plan.sites.changed(put=[gone]))


def _words(plan: Plan, kind: str, failed: str, key: str, homes: float, load: float, rate: float) -> Message:
    def name(site: str) -> str:
        return plan.sites[site].name or site

    def between(link: Link) -> Message:
        return msg("the link {a} – {b}", a=name(link.from_site), b=name(link.to_site))

    names = {
        "failed": msg("the tower {site}", site=name(failed)) if kind == "site" else between(plan.links[failed]),
        "link": between(plan.links[key]),
    }
    each = plan.demand.busy_hour_mbps
    if not math.isclose(load, homes * each):  # what schools and the like take is no share of a home's
        return msg(
            "If {failed} fails, {link} is too full: it carries {rate:.0f} Mbit/s of the {load:.0f} that are then "
            "wanted at the busy hour.",
            rate=rate, load=load, **names,
        )  # fmt: skip
    return msg(
        "If {failed} fails, {link} is too full: it carries {rate:.0f} Mbit/s, and {homes:,g} homes then hang on it. At "
        "the busy hour each gets {share:.2f} Mbit/s instead of {wanted:.2f}.",
        rate=rate, homes=homes, share=rate / homes, wanted=each, **names,
    )  # fmt: skip
