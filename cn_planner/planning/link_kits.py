"""The kits that a link between towers may be bought with: the plan's, and smaller dishes where the law eats the gain.

A limit on what is radiated lowers the power by each dB that the dish gains: to send, a dish of 29 dBi is then worth no
more than one of 23, and only what it hears is better. So the planner asks of each path whether a smaller dish keeps
the rules there too, and what it carries; the large one is bought where reception needs it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.economics.costs import UnitCosts
from cn_planner.links.budget import BudgetArrays, budget_arrays
from cn_planner.links.channels import channels_of
from cn_planner.links.counted import fastest_mbps
from cn_planner.links.radio import direction, radio_end
from cn_planner.links.regulatory_limits import eaten_gain_db
from cn_planner.model.equipment import Task
from cn_planner.service.judge import link_is_good
from cn_planner.service.roofs import loads_of
from cn_planner.solver.network import fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.model.plan import Demand
    from cn_planner.study import Study


class LinkFigures(NamedTuple):
    """What is kept of the budgets of links, as in `BudgetArrays`: of (pairs, heights, heights)."""

    margin_db: NDArray[np.float64]
    rate_down_mbps: NDArray[np.float64]
    rate_up_mbps: NDArray[np.float64]

    @property
    def mbps(self) -> NDArray[np.float64]:
        """The slower direction, 0 where nothing is known."""
        found: NDArray[np.float64] = np.nan_to_num(np.minimum(self.rate_down_mbps, self.rate_up_mbps))
        return found


class LinkKit(NamedTuple):
    """A kit for links with what it does on each path.

    Attributes
    ----------
    kit : str
    price : float
        Of both ends with their share of spares, in the plan's currency.
    figures : LinkFigures
    works : bool array of (pairs, heights, heights)
        Where such a link keeps the rules.
    carries : float64 array of the same shape
        The load of the plan's homes that it carries: in five years, and today.
    wide : LinkFigures, optional
        What the same radios do on the widest channel that the law opens to them, where demand grows into it.
    """

    kit: str
    price: float
    figures: LinkFigures
    works: NDArray[np.bool_]
    carries: NDArray[np.float64]
    wide: LinkFigures | None = None


def link_figures(budget: BudgetArrays) -> LinkFigures:
    """Return what is kept of budgets."""
    return LinkFigures(budget.margin_db, budget.rate_down_mbps, budget.rate_up_mbps)


def wider_kits(study: Study, kit: Kit) -> tuple[Kit, ...]:
    """Return a kit set to the channels wider than its own that its radio has and the law opens, the narrowest first.

    As strong as on its own: nothing is bought to go there. Whether others send on them then nobody knows.
    """
    catalogue = study.catalogue
    widths = sorted({mode.width_mhz for mode in catalogue.radios[kit.radio].modes if mode.width_mhz > kit.width_mhz})
    found = []
    for width in widths:
        open_to = [one.freq_mhz for one in channels_of(catalogue, (kit,), study.regulations, width)]
        if open_to:
            found.append(kit.on(min(open_to, key=lambda freq: (abs(freq - kit.freq_mhz), freq)), width))
    return tuple(found)


def homes_carried(
    figures: LinkFigures, wide: LinkFigures | None, load: NDArray[np.float64], demand: Demand
) -> NDArray[np.float64]:
    """Return the load of homes that links carry: that of five years, on a wider channel where demand grows into it.

    Until then they carry today's on their own. ``figures`` and ``wide`` as in `LinkKit`.
    """
    later = max(demand.later_mbps, 1e-6)
    full = link_homes(figures, load, later)
    if wide is None:
        return full
    today = link_homes(figures, load, max(demand.busy_hour_mbps, 1e-6))
    found: NDArray[np.float64] = np.maximum(full, np.minimum(today, link_homes(wide, load, later)))
    return found


def link_homes(budget: LinkFigures, load: NDArray[np.float64], busy_mbps: float) -> NDArray[np.float64]:
    """Return the load of homes that each link carries both ways; without limit where that is all of it.

    Each link has radios of its own, which share their time between the two ways: the rate at the IP level holds both
    (`links.throughput`). Whole loads are carried whole.
    """
    carries = budget.mbps / busy_mbps + 1e-9
    if bool(np.all(load == np.floor(load))):
        carries = np.floor(carries)
    found: NDArray[np.float64] = np.where(carries >= math.fsum(load), np.inf, carries)
    return found


def smaller_kits(study: Study, kit: Kit) -> tuple[Kit, ...]:
    """Return the kits that do what a link's kit does with a smaller dish for less money, the cheapest first.

    Set to its channel. The same but for radio and dish: who chose a kit with a panel of its own keeps the panel.
    """
    catalogue, costs = study.catalogue, UnitCosts(study.plan, study.catalogue)
    radio, gain = catalogue.radios[kit.radio], catalogue.antennas[kit.antenna].gain_dbi
    price, rest = costs.kit(kit).total_cents, _beside_radio(kit)
    found = []
    for one in catalogue.kits.values():
        other, antenna = catalogue.radios[one.radio], catalogue.antennas[one.antenna]
        cheaper = costs.kit(one).total_cents
        if (
            one.task is Task.BACKHAUL
            and other.technology == radio.technology
            and antenna.gain_dbi < gain
            and cheaper < price
            and _beside_radio(one) == rest
            and _reaches(catalogue, one.on(kit.freq_mhz, kit.width_mhz))
        ):
            found.append((cheaper, one.id, one.on(kit.freq_mhz, kit.width_mhz)))
    return tuple(one for _, _, one in sorted(found, key=lambda row: row[:2]))


def kits_for_links(study: Study) -> tuple[Kit, ...]:
    """Return the plan's kit for links, then the smaller ones where the law eats the gain of its dish."""
    usual = study.catalogue.kit(study.plan.kits.backhaul)
    if study.regulations is None or eaten_gain_db(usual, study.catalogue, study.regulations) <= 0.0:
        return (usual,)
    return (usual, *smaller_kits(study, usual))


def cheapest_option(options: tuple[LinkKit, ...], where: tuple[int, int, int], homes: float) -> LinkKit:
    """Return the cheapest kit that keeps the rules on a path and carries so many homes; the plan's own where none."""
    fine = [one for one in options if one.works[where] and fits(homes, float(one.carries[where]))]
    return min(fine, key=lambda one: one.price, default=options[0])


def strongest_option(options: tuple[LinkKit, ...], where: tuple[int, int, int]) -> LinkKit:
    """Return the kit that carries most on a path; the plan's own where none keeps the rules."""
    return max((one for one in options if one.works[where]), key=lambda one: one.carries[where], default=options[0])


def _beside_radio(kit: Kit) -> frozenset[str]:
    return frozenset(part.item for part in kit.parts) - {kit.radio, kit.antenna}


def _reaches(catalogue: Catalogue, kit: Kit) -> bool:
    """Return whether a kit's radio and antenna can be set to its channel."""
    radio, half = catalogue.radios[kit.radio], kit.width_mhz / 2.0
    bands = (radio.band_mhz, catalogue.antennas[kit.antenna].band_mhz)
    inside = all(low <= kit.freq_mhz - half and kit.freq_mhz + half <= high for low, high in bands)
    return inside and bool(radio.modes_at(kit.width_mhz))


def any_kit_works(options: tuple[LinkKit, ...]) -> NDArray[np.bool_]:
    """Return where any of the kits keeps the rules."""
    found: NDArray[np.bool_] = np.logical_or.reduce([one.works for one in options])
    return found


def most_carried(options: tuple[LinkKit, ...]) -> NDArray[np.float64]:
    """Return the weight of homes that the best of the kits carries; of the plan's own where none keeps the rules."""
    first, *others = options
    best = first.carries
    for one in others:
        best = np.where(one.works, np.where(first.works, np.maximum(best, one.carries), one.carries), best)
    return best


def links_that_carry(
    study: Study, matrix: PairMatrix, busy: float, kit: Kit | str = ""
) -> tuple[BudgetArrays, NDArray[np.bool_]]:
    """Return the budgets of links between towers, and which keep the rules and carry a full sector.

    Parameters
    ----------
    matrix : PairMatrix
        Of the paths.
    busy : float
        Busy-hour demand of a home, Mbit/s.
    kit : Kit or str, optional
        Of both ends, on its channel; the plan's backhaul kit where not given.
    """
    plan, catalogue, regulations = study.plan, study.catalogue, study.regulations
    access = direction(
        radio_end(catalogue, plan.kits.access, regulations), radio_end(catalogue, plan.kits.client, regulations)
    )
    # It has to carry one full sector, or all homes where they are fewer.
    load = min(float(access.rate_mbps.max()), busy * math.fsum(loads_of(plan, plan.households.values())))
    return links_of(study, matrix, kit or plan.kits.backhaul, load)


def links_of(
    study: Study, matrix: PairMatrix, kit: Kit | str, mbps: float, some: slice = slice(None)
) -> tuple[BudgetArrays, NDArray[np.bool_]]:
    """Return the budgets of links, and which keep the rules and carry so much both ways, or all that the kit can."""
    plan = study.plan
    kit = study.catalogue.kit(kit) if isinstance(kit, str) else kit
    end = radio_end(study.catalogue, kit, study.regulations)
    length = matrix.distance_m[some, np.newaxis, np.newaxis]
    budget = budget_arrays(
        matrix.loss_db[some], matrix.sight(some), end, end, plan.rules, distance_m=length,
        rate_margin_db=plan.rules.backhaul_margin_db, link_mhz=kit.freq_mhz,
    )  # fmt: skip
    fine = link_is_good(budget, plan.rules)
    wanted = np.minimum(mbps, fastest_mbps(direction(end, end), length))
    fine &= np.minimum(budget.rate_down_mbps, budget.rate_up_mbps) >= wanted
    return budget, fine
