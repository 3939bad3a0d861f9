"""Links that would join a tower to the network, and whether those that stand still hold where a mast is raised."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.geo import geodesics
from cn_planner.links.conditions import conditions_of
from cn_planner.model.gateways import is_gateway
from cn_planner.model.plan import Choice, Link, Status
from cn_planner.planning.link_kits import links_that_carry
from cn_planner.service.joined import gateway_is_known
from cn_planner.service.within_range import backhaul_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from cn_planner.model.plan import Site
    from cn_planner.planning.reaching import TowerOption
    from cn_planner.study import Study


class Join(NamedTuple):
    """How a tower gets to the network: by a new link, by one that the plan has already, or by none, a gateway itself.

    ``other`` is the tower at the other end.
    """

    link: Link | None
    other: str = ""


class Joining:
    """The links of one plan, and those that it could have.

    ``joined``: how many links each tower is from a gateway (`service.joined.hops`).
    """

    def __init__(self, study: Study, towers: Sequence[TowerOption], joined: dict[str, int]) -> None:
        self.study, self.plan = study, study.plan
        plan = study.plan
        self.towers = towers
        self.hops = joined
        self._used = plan.used_sites
        self._found: dict[int, list[tuple[int, float, str, NDArray[np.bool_]]]] = {}
        self._holds: dict[tuple[str, float], bool] = {}
        self._deep: dict[str, int] | None = None
        self._kit = plan.kits.backhaul
        self._busy = max(plan.demand.later_mbps, 1e-6)

    def join(self, number: int, height_m: float, *, most_hops: int | None = None) -> Join | None:
        """Return the first way of `joins` for a tower with a mast so high; None where there is none."""
        return next(self.joins(number, height_m, most_hops=most_hops), None)

    def joins(self, number: int, height_m: float, *, most_hops: int | None = None) -> Iterator[Join]:
        """Yield the ways to join a tower with a mast so high: the fewest hops first, then the nearest.

        Parameters
        ----------
        number : int
            Of the tower.
        height_m : float
            One of its masts.
        most_hops : int, optional
            Most links to the gateway; that of the rules where not given.
        """
        tower = self.towers[number]
        site = tower.site
        # Of the first tower it is said later where the Internet enters.
        if is_gateway(site) or (not self.hops and not gateway_is_known(self.plan)):
            yield Join(None)
            return
        limit = self.plan.rules.max_hops if most_hops is None else most_hops
        at = tower.heights_m.index(height_m)
        ways = [row for row in self._partners(number) if row[3][at] and row[0] + 1 <= limit]
        for _, _, other, _ in sorted(ways, key=lambda row: row[:3]):
            if self._between(site.id, other):
                yield Join(None, other)
            else:
                key = self._free_id(f"L-{min(site.id, other)}-{max(site.id, other)}")
                yield Join(Link(key, site.id, other), other)

    def _between(self, a: str, b: str) -> list[Link]:
        return [link for link in self.plan.links.values() if {link.from_site, link.to_site} == {a, b}]

    def _free_id(self, wanted: str) -> str:
        key, number = wanted, 2
        while key in self.plan.links:
            key, number = f"{wanted}-{number}", number + 1
        return key

    def _partners(self, number: int) -> list[tuple[int, float, str, NDArray[np.bool_]]]:
        """Return hops, distance, id of towers that are online, and at which masts a link to each works."""
        if number in self._found:
            return self._found[number]
        tower = self.towers[number]
        site = tower.site
        names = [key for key in self.hops if key != site.id and self._may_link(site.id, key)]
        found: list[tuple[int, float, str, NDArray[np.bool_]]] = []
        if names:
            others = [self._used[key] for key in names]
            good, far = self._works(tower, others)
            for n, key in enumerate(names):
                if good[n].any():
                    found.append((self.hops[key], float(far[n]), key, good[n]))
        self._found[number] = found
        return found

    def _may_link(self, a: str, b: str) -> bool:
        """Return whether nobody ruled a link out, and one that the plan has already is such a link as would be new."""
        return all(
            link.choice is not Choice.FORBIDDEN
            and link.status is not Status.REJECTED
            and link.kit in ("", self._kit)
            and (link.from_height_m, link.to_height_m, link.freq_mhz, link.width_mhz) == (None, None, None, None)
            for link in self._between(a, b)
        )

    def _works(self, tower: TowerOption, others: Sequence[Site]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return whether links work, of (others, masts of the tower), and how far the others are, m."""
        site = tower.site
        here = ([site.latitude], [site.longitude])
        there = ([one.latitude for one in others], [one.longitude for one in others])
        tops = max(tower.heights_m), np.array([one.mast_height_m or 0.0 for one in others])
        _, second = backhaul_pairs(self.study, here, there, tops)
        good = np.zeros((len(others), len(tower.heights_m)), np.bool_)
        far = geodesics(site.latitude, site.longitude, *map(np.array, there))[2]
        if len(second):
            matrix = pair_matrix(
                self.study.surface,
                here,
                there,
                tower.heights_m,
                [[one.mast_height_m or 0.0] for one in others],
                self.study.catalogue.kit(self._kit).freq_mhz,
                conditions_of(self.plan),
                pairs=(np.zeros(len(second), np.int64), second),
                enough_f1=self.plan.rules.clearance_f1,
                needs=False,
                obstacles=tuple(self.plan.obstacles.values()),
            )
            good[second] = links_that_carry(self.study, matrix, self._busy)[1][:, :, 0]
        return good, far

    def holds(self, site: Site, height_m: float) -> bool:
        """Return whether links of a tower that work today still do with another mast."""
        key = (site.id, height_m)
        if key not in self._holds:
            self._holds[key] = all(self._link_holds(link, site, height_m) for link in self._links_of(site.id))
        return self._holds[key]

    def _links_of(self, site: str) -> list[Link]:
        return [link for link in self.plan.standing_links.values() if site in (link.from_site, link.to_site)]

    def _link_holds(self, link: Link, site: Site, height_m: float) -> bool:
        first = link.from_site == site.id
        if (link.from_height_m if first else link.to_height_m) is not None:
            return True
        far = self._used.get(link.to_site if first else link.from_site)
        up = link.to_height_m if first else link.from_height_m
        if far is None or (far.latitude, far.longitude) == (site.latitude, site.longitude):
            return True
        kit = self.study.catalogue.kit(link.kit or self._kit).on(link.freq_mhz, link.width_mhz)
        matrix = pair_matrix(
            self.study.surface,
            ([site.latitude], [site.longitude]),
            ([far.latitude], [far.longitude]),
            [site.mast_height_m or 0.0, height_m],
            [far.mast_height_m or 0.0 if up is None else up],
            kit.freq_mhz,
            conditions_of(self.plan),
            pairs=(np.zeros(1, np.int64), np.zeros(1, np.int64)),
            enough_f1=self.plan.rules.clearance_f1,
            needs=False,
            obstacles=tuple(self.plan.obstacles.values()),
        )
        now, then = links_that_carry(self.study, matrix, self._busy, kit)[1][0, :, 0].tolist()
        return then or not now

    def depth(self, site: str) -> int | None:
        """Return the fewest links to a gateway where every allowed mast stood at its greatest height; None: no way."""
        if self._deep is None:
            self._deep = self._depths()
        return self._deep.get(site)

    def _depths(self) -> dict[str, int]:
        sites = [replace(tower.site, mast_height_m=tower.heights_m[-1]) for tower in self.towers]
        near: dict[str, list[str]] = {site.id: [] for site in sites}
        for number, site in enumerate(sites):
            others = [one for one in sites[number + 1 :] if self._may_link(site.id, one.id)]
            if not others:
                continue
            tower = self.towers[number]._replace(heights_m=(self.towers[number].heights_m[-1],))
            good = self._works(tower, others)[0][:, 0]
            for far in (one for one, works in zip(others, good.tolist(), strict=True) if works):
                near[site.id].append(far.id)
                near[far.id].append(site.id)
        front = [site.id for site in sites if is_gateway(site)]
        found = dict.fromkeys(front, 0)
        while front:
            at, front = front, []
            for key in at:
                for other in near[key]:
                    if other not in found:
                        found[other] = found[key] + 1
                        front.append(other)
        return found
