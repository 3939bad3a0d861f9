"""Collects what of a plan sends and hears: users of channels, their antennas, and who listens to whom."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.access import accesses_of_site, heard_by, site_pointing
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.geo import geodesic, geodesics
from cn_planner.links.conditions import conditions_of, home_conditions_of
from cn_planner.links.one_band import speaks_with
from cn_planner.links.pointing import elevations_deg, pointing_loss_db
from cn_planner.model.clients import demand_of, roof_height_m
from cn_planner.propagation.free_space import free_space_loss_db
from cn_planner.service.joined import homes_behind
from cn_planner.spectrum.radios import Radios, Receiver, Station, User, set_to
from cn_planner.spectrum.representatives import Representatives, most_of_each, representatives

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.model.equipment import Kit
    from cn_planner.model.plan import Household, Sector, Site
    from cn_planner.progress import Run
    from cn_planner.study import Study

APART_M = 2.0
"""Antennas on one mast hang one above the other, so far apart."""
AT_HOME = "home "
"""Before a home's id: the place of its antenna."""


class _Roof(NamedTuple):
    """A home's antenna: where it points, and its height above sea level."""

    home: Household
    azimuth_deg: float
    tilt_deg: float
    amsl_m: float


class Stations:
    """Collects users, stations and receivers of a plan."""

    def __init__(self, study: Study) -> None:
        plan, surface = study.plan, study.surface
        self.plan, self.surface, self.radios = plan, surface, Radios(study.catalogue, study.regulations)
        self.conditions, self.to_homes = conditions_of(plan), home_conditions_of(plan)
        self.users: list[User] = []
        self.stations: list[Station] = []
        self.receivers: list[Receiver] = []
        self.behind = homes_behind(plan)
        self.apart_m = 0.0
        self._sites = plan.used_sites
        lat = [site.latitude for site in self._sites.values()]
        lon = [site.longitude for site in self._sites.values()]
        self._ground = dict(zip(self._sites, np.nan_to_num(surface.heights(lat, lon)).tolist(), strict=True))

    def sectors(self, run: Run) -> None:
        """Collect every sector with the homes that it serves by radio; with some of them where they are too many."""
        of_site: dict[str, list[Household]] = {}
        for home in self.plan.households.values():
            if home.server in self._sites:
                of_site.setdefault(str(home.server), []).append(home)
        found: list[tuple[Site, Sector, list[_Roof]]] = []
        for key, site in self._sites.items():
            sectors = sorted((s for s in site.sectors if self.radios.takes_turns(s.kit)), key=lambda one: one.id)
            if sectors:
                served = self._by_sector(replace(site, sectors=tuple(sectors)), of_site.get(key, []))
                found += [(site, sector, homes) for sector, homes in zip(sectors, served, strict=True)]
            run.check()
        most = most_of_each([len(homes) for _, _, homes in found])
        for site, sector, homes in found:
            if most is not None and len(homes) > most:
                self._sector(site, sector, homes, self._representatives(site, sector, homes, most, run))
            else:
                self._sector(site, sector, homes)

    def _representatives(self, site: Site, sector: Sector, homes: list[_Roof], most: int, run: Run) -> Representatives:
        """Return which homes of a sector stand for the others."""
        there = np.array([[one.home.latitude, one.home.longitude] for one in homes]).T
        lost = pair_matrix(
            self.surface, ([site.latitude], [site.longitude]), (there[0], there[1]), [_high(site, sector)],
            np.array([[roof_height_m(self.plan, one.home)] for one in homes]), self.radios.freq_mhz(sector.kit),
            self.to_homes, max_km=1e5, pairs=(np.zeros(len(homes), np.int64), np.arange(len(homes))), needs=False,
            obstacles=tuple(self.plan.obstacles.values()), run=run.silently(),
        ).loss_db[:, 0, 0]  # fmt: skip
        here = np.full(len(homes), site.latitude), np.full(len(homes), site.longitude)
        azimuth, _, length = geodesics(*here, there[0], there[1])
        towards, amsl = np.radians(azimuth), np.array([one.amsl_m for one in homes])
        heard = self._heard_open_db(site, sector, homes)
        found = representatives(length * np.sin(towards), length * np.cos(towards), lost, amsl, heard, most)
        self.apart_m = max(self.apart_m, found.apart_m)
        return found

    def _heard_open_db(self, site: Site, sector: Sector, homes: list[_Roof]) -> NDArray[np.float64]:
        """Return how loud each other mast would hear homes of a sector over open ground, shape (masts, homes).

        By the gain of the home's antenna towards the mast and the distance alone, dB: which is loudest, not how loud.
        """
        client = self.radios.usual_client(self.plan, sector.kit)
        antenna, freq = self.radios.antenna(client), self.radios.freq_mhz(sector.kit)
        masts = [one for key, one in self._sites.items() if key != site.id]
        lat, lon = (np.array([getattr(one, name) for one in masts], np.float64) for name in ("latitude", "longitude"))
        tops = np.array([self._ground[one.id] + (one.mast_height_m or 0.0) for one in masts], np.float64)
        heard = np.empty((len(masts), len(homes)))
        for n, (home, azimuth, tilt, amsl) in enumerate(homes):
            here = np.full(len(masts), home.latitude), np.full(len(masts), home.longitude)
            towards, _, length = geodesics(*here, lat, lon)
            up = elevations_deg(length, amsl, tops, self.conditions.k_factor)
            aside = np.asarray(pointing_loss_db(antenna, freq, azimuth, tilt, towards, up), np.float64)
            heard[:, n] = -aside - np.asarray(free_space_loss_db(np.maximum(length, APART_M), freq))
        return heard

    def _by_sector(self, site: Site, homes: list[Household]) -> list[list[_Roof]]:
        """Return the homes of each sector, as the site sees them; a home at the mast itself needs no radio."""
        found: list[list[_Roof]] = [[] for _ in site.sectors]
        if not homes:
            return found
        lat, lon = np.array([home.latitude for home in homes]), np.array([home.longitude for home in homes])
        azimuth, _, length = geodesics(
            np.full(len(homes), site.latitude), np.full(len(homes), site.longitude), lat, lon
        )
        here = self._ground[site.id]
        ground = np.nan_to_num(self.surface.heights(lat, lon), nan=here)
        tops = ground + np.array([roof_height_m(self.plan, home) for home in homes])
        catalogue, accesses = self.radios.catalogue, accesses_of_site(self.plan, self.radios.catalogue, site)
        heard = heard_by(catalogue, accesses, [self.plan.client_of(home) for home in homes])
        pointing = site_pointing(catalogue, accesses, azimuth, length, here, tops, self.conditions.k_factor, heard)
        for n, which in enumerate(pointing.which.tolist()):
            if length[n] > 0.0:
                # The roof's antenna points back at the tower.
                down = elevations_deg(length[n], tops[n], here + accesses[which].height_m, self.conditions.k_factor)
                found[which].append(_Roof(homes[n], (float(azimuth[n]) + 180.0) % 360.0, float(down), float(tops[n])))
        return found

    def _sector(self, site: Site, sector: Sector, homes: list[_Roof], some: Representatives | None = None) -> None:
        catalogue, usual = self.radios.catalogue, self.radios.usual_client(self.plan, sector.kit)
        kit, client = catalogue.kit(sector.kit), catalogue.kit(usual)
        weight = sum(one.home.weight for one in homes)
        own = sorted({self.plan.client_of(one.home) for one in homes} - {kit.id, client.id})
        others = (catalogue.kit(one) for one in own if speaks_with(catalogue, kit.id, one))
        user = self._user(User(
            site.id, sector, None, (kit, client, *others), tuple(one.home.id for one in homes), weight, (),
            set_to(kit, sector), sector.freq_mhz is not None, sector.width_mhz,
        ))  # fmt: skip
        high = _high(site, sector)
        here = self._station(site, site.id, user, high, self._ground[site.id] + high, sector.azimuth_deg,
                             sector.tilt_deg, kit)  # fmt: skip
        each, count = np.array([one.home.weight for one in homes]), np.ones(len(homes), np.int64)
        members: list[tuple[str, ...]] = [(one.home.id,) for one in homes]
        if some is not None:
            members = [tuple(homes[n].home.id for n in np.flatnonzero(some.of == k)) for k in range(len(some.chosen))]
            each, count = np.bincount(some.of, each), np.bincount(some.of)
            homes = [homes[n] for n in some.chosen.tolist()]
        rows = zip(homes, each.tolist(), count.tolist(), members, strict=True)
        for (home, azimuth, up, top), share, stands, those in rows:
            there = self._station(
                home, AT_HOME + home.id, user, roof_height_m(self.plan, home), top, azimuth, up,
                self.radios.catalogue.kit(self.plan.client_of(home)),
            )  # fmt: skip
            half, load = share / 2.0, math.fsum(demand_of(self.plan, self.plan.households[key]) for key in those)
            self.receivers += [Receiver(*ends, half, stands, those, load) for ends in ((there, here), (here, there))]

    def links(self) -> None:
        """Collect every link that stands or will."""
        for link in self.plan.standing_links.values():
            kit = self.radios.catalogue.kit(link.kit or self.plan.kits.backhaul)
            if link.from_site not in self._sites or link.to_site not in self._sites:
                continue
            a, b = self._sites[link.from_site], self._sites[link.to_site]
            out, back, length = geodesic(a.latitude, a.longitude, b.latitude, b.longitude)
            if not length > 0.0 or not self.radios.takes_turns(kit.id):
                continue
            weight = max(1.0, self.behind.get(link.id, 0.0))
            user = self._user(User(
                a.id, None, link, (kit,), (), weight, (), set_to(kit, link), link.freq_mhz is not None, link.width_mhz,
                length,
            ))  # fmt: skip
            high_a = (a.mast_height_m or 0.0) if link.from_height_m is None else link.from_height_m
            high_b = (b.mast_height_m or 0.0) if link.to_height_m is None else link.to_height_m
            amsl_a, amsl_b = self._ground[a.id] + high_a, self._ground[b.id] + high_b
            up_a, up_b = (
                float(elevations_deg(length, one, other, self.conditions.k_factor))
                for one, other in ((amsl_a, amsl_b), (amsl_b, amsl_a))
            )
            here = self._station(a, a.id, user, high_a, amsl_a, out, up_a, kit)
            there = self._station(b, b.id, user, high_b, amsl_b, back, up_b, kit)
            self.receivers += [Receiver(there, here, weight / 2.0), Receiver(here, there, weight / 2.0)]

    def _user(self, user: User) -> int:
        self.users.append(user)
        return len(self.users) - 1

    def _station(
        self, at: Site | Household, place: str, user: int, height_m: float, amsl_m: float, azimuth_deg: float,
        tilt_deg: float, kit: Kit,
    ) -> int:  # fmt: skip
        self.stations.append(
            Station(place, user, at.latitude, at.longitude, height_m, amsl_m, azimuth_deg, tilt_deg, kit.id)
        )
        return len(self.stations) - 1


def _high(site: Site, sector: Sector) -> float:
    return (site.mast_height_m or 0.0) if sector.height_m is None else sector.height_m
