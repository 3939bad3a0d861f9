"""What makes any plan of an instance impossible, where it can be named without a search."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import Message, counted, msg
from cn_planner.solver.network import fits

if TYPE_CHECKING:
    from cn_planner.solver.network import SolverNetwork


def check_money_and_time(budget: float | None, time_limit_s: float | None) -> None:
    """Raise InputError where a budget or a time limit is none."""
    if budget is not None and not 0.0 <= budget < math.inf:
        raise InputError(msg("A budget of {budget} is not an amount of money.", budget=budget))
    if time_limit_s is not None and not 0.0 <= time_limit_s < math.inf:
        raise InputError(msg("A time limit of {seconds} s is not a time.", seconds=time_limit_s))


def why_impossible(network: SolverNetwork, budget: float | None) -> Message | None:
    """Return what makes any plan impossible and can be named without a search; None where nothing is seen."""
    sites, homes = network.instance.sites, network.instance.homes
    gateways = [i for i, site in enumerate(sites) if site.may_be_root and network.allowed[i]]
    if not gateways:
        return msg("No site is a gateway that may be built.")
    lost = [site.id for site, usable in zip(sites, network.usable, strict=True) if site.must and not usable]
    if lost:
        return msg("{sites} must be built but reach no gateway within the hops.", sites=", ".join(lost))
    left = [home.id for home, options in zip(homes, network.serve, strict=True) if home.must and not options]
    if left:
        return _unserved(network, left)
    carried = math.fsum(network.carries[i] for i in gateways)
    forced = math.fsum(home.load for home in homes if home.must)
    wanted = forced if budget is not None else max(forced, network.goal * network.load_each)
    if not fits(wanted, carried):
        return counted("The gateways carry only {count:,g} home; {wanted:,g} are to be served.",
                       "The gateways carry only {count:,g} homes; {wanted:,g} are to be served.",
                       carried, wanted=wanted)  # fmt: skip
    carried = math.fsum(most_out_of(network, i) for i in gateways)
    if not fits(wanted, carried):
        return msg("The sectors and links that gateways may have carry only {carried:,g} homes; {wanted:,g} are to be "
                   "served.", carried=carried, wanted=wanted)  # fmt: skip
    if budget is not None:
        cheapest = min(
            network.site_cost(i, level) + network.open_cost(i)
            for i in gateways
            for level in range(len(network.allowed[i]))
        )
        if cheapest > budget + 1e-9:
            return msg("The budget is {budget}; the cheapest gateway alone costs {cost}.", budget=budget, cost=cheapest)
    return None


def none_found(network: SolverNetwork, budget: float | None) -> Message:
    """Return in words that a search has proven that there is no plan."""
    if budget is not None:
        return msg("No choice of sites, heights and sectors keeps all rules for this money. Give more, or unlock what "
                   "need not be in the plan.")  # fmt: skip
    if network.limited:
        return msg("No choice of sites, heights and sectors keeps all rules without a link or gateway that has more "
                   "homes to carry than it can.")  # fmt: skip
    return msg("No choice of sites, heights and sectors keeps all rules.")


def most_out_of(network: SolverNetwork, gateway: int) -> float:
    """Return the load of the homes that are served over a gateway at most: by its own sectors, and over its links.

    No more links and sectors than it may have radios; each link carries what it does at its best heights.
    """
    inst, best = network.instance, dict[int, float]()
    for row in network.rows:
        if gateway in (row.a, row.b):
            other = row.b if row.a == gateway else row.a
            if not inst.sites[other].gateway:
                best[other] = max(best.get(other, 0.0), row.carries)
    links = sorted(best.values(), reverse=True)
    radios = len(links) + inst.max_sectors if inst.max_radios is None else inst.max_radios
    ways = (
        sectors * inst.sector_homes + math.fsum(links[: radios - sectors])
        for sectors in range(min(inst.max_sectors, radios) + 1)
    )
    return min(network.carries[gateway], max(ways))


def _unserved(network: SolverNetwork, homes: list[str]) -> Message:
    """Return in words that homes that must be served are not: no site could, or those that could reach no gateway."""
    inst = network.instance
    wanted = {h for h, home in enumerate(inst.homes) if home.id in homes}
    rows = (row for row in inst.serve.tolist() if row[1] in wanted)
    could = sorted({i for i, _, least in rows if least <= max(network.allowed[i], default=-1)})
    if not could:
        return msg("{homes} must be served but no allowed site can serve them.", homes=", ".join(homes))
    return msg(
        "{homes} must be served, but the sites that could ({sites}) have no chain of links to a gateway within {hops} "
        "hops, at any height.",
        homes=", ".join(homes), sites=", ".join(inst.sites[i].id for i in could), hops=inst.max_hops,
    )  # fmt: skip
