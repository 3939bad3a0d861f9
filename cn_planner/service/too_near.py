"""Homes so near their tower that one of the two radios is overdriven: a sector is not set lower for one home's sake."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.access import accesses_of_site, heard_by, site_pointing
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.conditions import conditions_of
from cn_planner.links.one_band import speaks_with
from cn_planner.links.radio import radio_end
from cn_planner.links.settable import Unfit, least_loss_db, level_unfit, overdriven_within_m
from cn_planner.message import counted, msg
from cn_planner.model.clients import roof_height_m

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.links.radio import RadioEnd
    from cn_planner.message import Message
    from cn_planner.model.plan import Household, Site
    from cn_planner.study import Study


class TooNear(NamedTuple):
    """The nearest home of a tower that is overdriven, or that overdrives its sector, and how many more there are.

    Attributes
    ----------
    site, home : str
    unfit : Unfit
        Of that home, with its remedy.
    others : int
        Further homes of the tower of which the same holds.
    """

    site: str
    home: str
    unfit: Unfit
    others: int

    @property
    def what(self) -> Message:
        """What is wrong, of all of them."""
        if not self.others:
            return self.unfit.what
        return counted(
            "{what} The same holds for {count} more home of this tower.",
            "{what} The same holds for {count} more homes of this tower.",
            self.others, what=self.unfit.what,
        )  # fmt: skip


def too_near(study: Study) -> Iterator[TooNear]:
    """Yield the homes whose radio bears less than what their own sector sends, and the other way round.

    Over open ground, as between towers: a tree may go. Radios whose kits are not on the shelf are told of elsewhere.
    """
    plan = study.plan
    of_site: dict[str, list[Household]] = {}
    for home in plan.households.values():
        if home.server in plan.used_sites:
            of_site.setdefault(str(home.server), []).append(home)
    for key, homes in of_site.items():
        site = plan.sites[key]
        try:
            if site.sectors:
                yield from _of_site(study, site, homes)
        except InputError:  # a kit that is gone, or radios with no mode in common
            continue


def _of_site(study: Study, site: Site, homes: list[Household]) -> Iterator[TooNear]:
    plan, catalogue = study.plan, study.catalogue
    lat, lon = np.array([[one.latitude, one.longitude] for one in homes]).T
    azimuth, _, length = geodesics(np.full(len(homes), site.latitude), np.full(len(homes), site.longitude), lat, lon)
    accesses = accesses_of_site(plan, catalogue, site)

    def ends(number: int, home: Household) -> tuple[RadioEnd, RadioEnd]:
        one = accesses[number]
        channel = {"freq_mhz": one.freq_mhz, "width_mhz": one.width_mhz}
        tower, there = (
            radio_end(catalogue, kit, study.regulations, **channel) for kit in (one.kit, plan.client_of(home))
        )
        return tower, there

    def within_m(number: int, home: Household) -> float:
        tower, there = ends(number, home)
        freq = accesses[number].freq_mhz
        return max(overdriven_within_m(tower, there, freq), overdriven_within_m(there, tower, freq))

    usual = {plan.client_of(home): home for home in homes}
    far = max(
        (within_m(n, home) for n, one in enumerate(accesses) for kit, home in usual.items()
         if speaks_with(catalogue, one.kit, kit)),
        default=0.0,
    )  # fmt: skip
    near = sorted(np.flatnonzero((length > 0.0) & (length <= far)).tolist(), key=lambda n: (length[n], homes[n].id))
    if not near:
        return
    ground = np.zeros(len(near) + 1)
    if not study.surface.empty:
        ground = np.nan_to_num(study.surface.heights([site.latitude, *lat[near]], [site.longitude, *lon[near]]))
    tops = ground[1:] + np.array([roof_height_m(plan, homes[n]) for n in near])
    aim = site_pointing(
        catalogue, accesses, azimuth[near], length[near], float(ground[0]), tops, conditions_of(plan).k_factor,
        heard_by(catalogue, accesses, [plan.client_of(homes[n]) for n in near]),
    )  # fmt: skip
    found: dict[bool, list[tuple[str, Unfit]]] = {True: [], False: []}
    for at, n in enumerate(near):
        if not speaks_with(catalogue, accesses[int(aim.which[at])].kit, plan.client_of(homes[n])):
            continue  # none of the sectors is its own
        tower, there = ends(int(aim.which[at]), homes[n])
        tower = replace(tower, pointing_loss_db=float(aim.loss_db[at]))
        lost = least_loss_db(float(length[n]), accesses[int(aim.which[at])].freq_mhz)
        for down, pair in ((True, (tower, there)), (False, (there, tower))):
            unfit = level_unfit(*pair, lost)
            if unfit is not None:
                found[down].append((homes[n].id, unfit._replace(fix=_TURN_AWAY) if down else unfit))
    for rows in found.values():
        if rows:
            yield TooNear(site.id, *rows[0], len(rows) - 1)


_TURN_AWAY = msg(
    "The sector serves other homes too: give this one a smaller antenna, or turn its antenna aside until less arrives."
)
