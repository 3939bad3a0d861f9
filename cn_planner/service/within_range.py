"""How far a home or another tower is looked for: as far as radios, law and the plan's own rules let a signal come.

Without a rule, physics limits. In free space a path loses least; what that leaves at the lowest rate and with the
margin that the rules ask for, both ways and with the power that the law allows, is the farthest distance at which
anything can be served: nobody is looked for further away, but some kilometres are looked at in any case, to say what is
wrong there. Where it is known how long a link the timing of a radio bears, no path is longer. A rule that a person set
stands as it is.

References
----------
ITU-R P.525-4, free-space basic transmission loss.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.far_pairs import Sightline, hopeful_pairs, may_be_clear
from cn_planner.errors import InputError
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.progress import ALONE
from cn_planner.service.judge import least_clearance_f1, most_link_loss_db, most_loss_db
from cn_planner.units import wavelength_m

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.model.equipment import Kit
    from cn_planner.model.plan import Rules, Site
    from cn_planner.progress import Run
    from cn_planner.study import Study

    Places = tuple[ArrayLike, ArrayLike]

FARTHEST_KM = 200.0
"""Beyond it the earth itself stands in the way of any mast on any hill that people live round."""
NEAR_HOME_KM, NEAR_LINK_KM = 8.0, 25.0
"""So far every path is looked at, clear or not: what it takes to clear it is told."""
_MEASURED_DB = 17.0
"""Measured levels may lie above those of free space: twice what is common to a place (`links.count_range`)."""
_SEES_NOTHING_MHZ = 3000.0
"""Above it a path through a hill has less than an even chance, whatever the rules count (`links.sight.bends`)."""


def usual_rules(rules: Rules) -> Rules:
    """Return rules by which nothing further is looked at than in any case; what somebody set stands as it is."""
    return replace(
        rules,
        max_access_km=NEAR_HOME_KM if rules.max_access_km is None else rules.max_access_km,
        max_backhaul_km=NEAR_LINK_KM if rules.max_backhaul_km is None else rules.max_backhaul_km,
    )


def free_space_km(loss_db: float, freq_mhz: float) -> float:
    """Return over which distance free space loses so much, a hair more."""
    if loss_db == -math.inf:
        return 0.0
    times = 10.0 ** (min(loss_db, 300.0) / 20.0)
    return float(1.000001e-3 * wavelength_m(freq_mhz) / (4.0 * math.pi) * times)


def access_km(study: Study, kits: Iterable[str] = ()) -> float:
    """Return how far from a tower a home may be served, km.

    Parameters
    ----------
    kits : iterable of str, optional
        Access kits that are looked at beside those of the plan.
    """
    plan, catalogue = study.plan, study.catalogue
    if plan.rules.max_access_km is not None:
        return plan.rules.max_access_km
    sectors = {(one.kit, one.freq_mhz, one.width_mhz) for site in plan.sites.values() for one in site.sectors}
    found = 0.0
    for kit, freq, width in {*sectors, *((one, None, None) for one in (plan.kits.access, *kits))}:
        tower = catalogue.kit(kit).on(freq, width)
        for own in plan.kits.clients:
            home = catalogue.kit(own).on(tower.freq_mhz, tower.width_mhz)
            try:
                ends = (radio_end(catalogue, tower, study.regulations), radio_end(catalogue, home, study.regulations))
                loss = most_loss_db(plan, *ends)
            except InputError:  # these do not speak with each other: other kits may
                continue
            loss += _MEASURED_DB if plan.calibration.on else 0.0
            far = max(free_space_km(loss, tower.freq_mhz), NEAR_HOME_KM)
            found = max(found, min(far, _timing_km(study, tower, home)))
    return min(found, FARTHEST_KM)


def backhaul_km(study: Study, kits: Iterable[Kit | str] = ()) -> float:
    """Return how long a link between towers may be, km; with kits beside that of the plan."""
    plan, catalogue = study.plan, study.catalogue
    if plan.rules.max_backhaul_km is not None:
        return plan.rules.max_backhaul_km
    found = 0.0
    for one in (plan.kits.backhaul, *kits):
        kit = catalogue.kit(one) if isinstance(one, str) else one
        loss = most_link_loss_db(plan, radio_end(catalogue, kit, study.regulations))
        found = max(found, min(max(free_space_km(loss, kit.freq_mhz), NEAR_LINK_KM), _timing_km(study, kit)))
    return min(found, FARTHEST_KM)


def _timing_km(study: Study, *kits: Kit) -> float:
    """Return the longest link that the timing of radios bears, as far as it is known."""
    known = [study.catalogue.radios[kit.radio].timing_km for kit in kits]
    return min((one for one in known if one is not None), default=math.inf)


def sightline(study: Study, freq_mhz: float, *, lowest_mhz: float | None = None, link: bool = False) -> Sightline:
    """Return what a path must leave clear at least, to a home or between towers, to be of any use.

    Of several frequencies the highest has the narrowest zone, and through hills the lowest hears most.
    """
    rules = study.plan.rules
    least = rules.clearance_f1 - 1e-9 if link else least_clearance_f1(study.plan)
    if least == -math.inf and (lowest_mhz or freq_mhz) >= _SEES_NOTHING_MHZ and rules.blocked_probability >= 0.5:
        least = 0.0
    return Sightline(freq_mhz, conditions_of(study.plan).k_factor, least, NEAR_LINK_KM if link else NEAR_HOME_KM)


def access_pairs(
    study: Study,
    towers: Places,
    homes: Places,
    tops_m: tuple[ArrayLike, ArrayLike],
    kits: Iterable[str] = (),
    run: Run = ALONE,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return towers and homes, by their numbers, that are worth a look; with the highest antennas of each, m."""
    freqs = [study.catalogue.kit(one).freq_mhz for one in (study.plan.kits.access, *kits)]
    asked = sightline(study, max(freqs), lowest_mhz=min(freqs))
    return hopeful_pairs(study.surface, towers, homes, tops_m, asked, access_km(study, kits), run=run)


def backhaul_pairs(
    study: Study, first: Places, second: Places, tops_m: tuple[ArrayLike, ArrayLike], *, upper: bool = False,
    run: Run = ALONE,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Return pairs of towers, by their numbers, that are worth a look; with the highest antennas of each, m."""
    asked = sightline(study, study.catalogue.kit(study.plan.kits.backhaul).freq_mhz, link=True)
    return hopeful_pairs(study.surface, first, second, tops_m, asked, backhaul_km(study), upper=upper, run=run)


def worth_a_look(
    study: Study, site: Site, top_m: float, freq_mhz: float, homes: tuple[NDArray[np.float64], ...]
) -> NDArray[np.bool_]:
    """Return which homes a tower may serve by the ground between them; of latitudes, longitudes and roofs, m."""
    here = np.array([[site.latitude], [site.longitude], [top_m]]) + np.zeros(len(homes[0]))
    return may_be_clear(study.surface, here, np.stack(homes), sightline(study, freq_mhz))
