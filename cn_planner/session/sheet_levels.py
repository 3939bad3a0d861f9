"""What the level that a sheet shows rests on: a level that is typed beside it is compared with that, and nothing else.

The sheet shows what the radio of the place itself should say: with its antenna, as high as it stands, of the antenna at
the other end in the mode that is counted on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.access import accesses_of_site, heard_by, site_pointing
from cn_planner.links.conditions import conditions_of
from cn_planner.links.radio import radio_end
from cn_planner.model.clients import roof_height_m
from cn_planner.service.home_kits import ends_by_kit
from cn_planner.service.homes import home_service

if TYPE_CHECKING:
    from cn_planner.links.budget import LinkBudget
    from cn_planner.links.radio import RadioEnd
    from cn_planner.model.plan import Household, Link
    from cn_planner.service.now import ServiceNow
    from cn_planner.study import Study


class LevelBasis(NamedTuple):
    """What a level rests on; the fields are those of `model.measurement.Measurement`, None where not known."""

    freq_mhz: float | None = None
    eirp_dbm: float | None = None
    rx_gain_dbi: float = 0.0
    tx_height_m: float | None = None
    height_m: float | None = None


UNKNOWN_BASIS = LevelBasis()


def _gain_dbi(end: RadioEnd) -> float:
    return end.antenna_gain_dbi - end.cable_loss_db - end.pointing_loss_db


def link_basis(study: Study, link: Link, budget: LinkBudget, here: str) -> LevelBasis:
    """Return what the level at one end of a link rests on: the dishes of both, the power of the far one.

    Raises
    ------
    InputError
        Where the link's kit is not on the shelf.
    """
    plan = study.plan
    kit = study.catalogue.kit(link.kit or plan.kits.backhaul).on(link.freq_mhz, link.width_mhz)
    end = radio_end(study.catalogue, kit, study.regulations)
    ends = [
        (site, plan.sites[site].mast_height_m if height is None else height, power)
        for site, height, power in (
            (link.from_site, link.from_height_m, budget.power_from_dbm),
            (link.to_site, link.to_height_m, budget.power_to_dbm),
        )
    ]
    mine, far = ends if here == link.from_site else ends[::-1]
    eirp = None if far[2] is None else far[2] + _gain_dbi(end)
    return LevelBasis(kit.freq_mhz, eirp, _gain_dbi(end), far[1], mine[1])


def home_basis(study: Study, now: ServiceNow, home: Household) -> LevelBasis:
    """Return what the level on a roof rests on: the tower's antenna towards it, and the radio of the home.

    Raises
    ------
    InputError, MissingTerrainError, FileError
        Where a kit is not on the shelf, or the ground is not there.
    """
    plan, found = study.plan, home_service(study, now, home.id)
    budget = found.budget
    if found.site is None or budget is None or budget.ground_from_m is None or budget.ground_to_m is None:
        return UNKNOWN_BASIS
    roof_m, site = roof_height_m(plan, home), plan.sites[found.site]
    accesses = accesses_of_site(plan, study.catalogue, site)
    pointing = site_pointing(
        study.catalogue, accesses, np.array([budget.azimuth_deg]), np.array([budget.distance_m]),
        budget.ground_from_m, np.array([budget.ground_to_m + roof_m]), conditions_of(plan).k_factor,
        heard_by(study.catalogue, accesses, [plan.client_of(home)]),
    )  # fmt: skip
    access = pointing.accesses[int(pointing.which[0])]
    tower, client = ends_by_kit(study, access, (plan.client_of(home),))[0]
    eirp = None
    if budget.power_from_dbm is not None:
        eirp = budget.power_from_dbm + _gain_dbi(tower) - float(pointing.loss_db[0])
    return LevelBasis(access.freq_mhz, eirp, _gain_dbi(client), access.height_m, roof_m)
