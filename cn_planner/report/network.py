"""The network as it hangs together: hops to a gateway, and who falls silent when a site or a link fails."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.planning.failures import failures
from cn_planner.service.joined import as_it_works, gateways

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cn_planner.model.plan import Link, Plan, Site
    from cn_planner.planning.failures import PlanFailure


@dataclass(frozen=True, slots=True)
class BuiltNetwork:
    """Sites with a mast, and the links between them that stand.

    Attributes
    ----------
    sites : mapping of str to Site
        In the order of ids.
    links : mapping of str to Link
    gateways : tuple of str
    hops : mapping of str to int
        Links to the nearest gateway; a site that reaches none is not in it.
    upstream : mapping of str to (str, str)
        Site and link on the way to the gateway: the fewest hops, then the smaller id.
    homes : mapping of str to float
        Homes that each site serves, by weight.
    loads : mapping of str to float
        What these take at the busy hour, in homes, and public places beside them.
    failures : mapping of (str, str) to Failure
        What falls silent, by "site" or "link" and its id; those that hang on no gateway are not in it.
    """

    sites: Mapping[str, Site]
    links: Mapping[str, Link]
    gateways: tuple[str, ...]
    hops: Mapping[str, int]
    upstream: Mapping[str, tuple[str, str]]
    homes: Mapping[str, float]
    loads: Mapping[str, float]
    failures: Mapping[tuple[str, str], PlanFailure]

    def without_site(self, key: str) -> tuple[float, tuple[str, ...]]:
        """Return the homes and the other sites that fall silent when a site fails, its own homes among them."""
        found = self.failures.get(("site", key))
        return (0.0, ()) if found is None else (found.homes, found.sites)

    def without_link(self, key: str) -> float:
        """Return the homes that fall silent when a link fails."""
        found = self.failures.get(("link", key))
        return 0.0 if found is None else found.homes

    def downstream_homes(self, link: str) -> float:
        """Return the homes whose traffic runs over a link, on the way of the fewest hops."""
        return self._downstream(link, self.homes)

    def downstream_load(self, link: str) -> float:
        """Return what those take at the busy hour, in homes."""
        return self._downstream(link, self.loads)

    def _downstream(self, link: str, of: Mapping[str, float]) -> float:
        through = {site for site, (_, own) in self.upstream.items() if own == link}
        total = 0.0
        for site in self.hops:
            at = site
            while at not in through and at in self.upstream:
                at = self.upstream[at][0]
            if at in through:
                total += of.get(site, 0.0)
        return total

    def gateway_of(self, key: str) -> str | None:
        """Return the gateway that a site hangs on."""
        if key not in self.hops:
            return None
        while key in self.upstream:
            key = self.upstream[key][0]
        return key


def network(
    plan: Plan,
    homes: Mapping[str, float],
    loads: Mapping[str, float] | None = None,
    down: Collection[str] = (),
) -> BuiltNetwork:
    """Return the network of a plan, the homes that each site serves, and what these take where that differs.

    Links that are ``down``, over which nothing gets through, stand in it as they are drawn; what goes another way goes
    there, and they are nobody's second way.
    """
    sites = plan.used_sites
    links = plan.standing_links
    doors = gateways(plan)
    hops, upstream = _breadth_first(sites, links, doors, down)
    failed = {(one.kind, one.id): one for one in failures(as_it_works(plan, down), homes)}
    return BuiltNetwork(sites, links, doors, hops, upstream, homes, homes if loads is None else loads, failed)


def _breadth_first(
    sites: Mapping[str, Site],
    links: Mapping[str, Link],
    gateways: tuple[str, ...],
    down: Collection[str],
) -> tuple[dict[str, int], dict[str, tuple[str, str]]]:
    """Return hops and upstream: over links that work first, then over the others to who is left."""
    beside: dict[str, list[tuple[str, str]]] = {key: [] for key in sites}
    for key, link in links.items():
        beside[link.from_site].append((link.to_site, key))
        beside[link.to_site].append((link.from_site, key))
    hops = dict.fromkeys(gateways, 0)
    upstream: dict[str, tuple[str, str]] = {}
    for barred in (frozenset(down), frozenset[str]()) if down else (frozenset[str](),):
        queue = deque(hops)
        while queue:
            at = queue.popleft()
            for other, key in sorted(beside[at]):
                if other not in hops and key not in barred:
                    hops[other] = hops[at] + 1
                    upstream[other] = (at, key)
                    queue.append(other)
    return hops, upstream
