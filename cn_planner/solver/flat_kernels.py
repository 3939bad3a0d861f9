"""A network and a plan of it as flat arrays, which the kernels of the search read and write.

A site's level -1 is "not built". Where something is `limited`, a way from a site to its gateway has room for so much:
`Draft.room` is what the link of a site to its parent, or a gateway's connection, could still carry.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cn_planner.propagation.kernel import kernel

FAR = 1e300
"""Dearer than any link, further than any goal."""
_HAIR = 1e-9


class Sites(NamedTuple):
    """Places where a mast may stand, one value a site.

    Attributes
    ----------
    gateway : bool
    door : float64
        What it costs to open the Internet there: 0 at a gateway, `FAR` where that cannot be.
    cost : float64, shape (sites, levels)
        What it costs at each of its levels.
    carries : float64
        Weight of homes that its connection carries, where the Internet enters there.
    sector : float64, shape (sites, levels)
        What a sector costs there at each of its levels.
    keep : bool
        Whether it has to be built.
    tops : int64
        Its greatest level; -1 where it may not be built.
    raised : float64, shape (sites, levels)
        What a link's end costs more at each of its levels.
    steps : float64, shape (sites, levels, counts, counts)
        What it costs more at each of its levels with 0, 1, ... radios like sectors and unlike them; the last of many.
    """

    gateway: Any
    door: Any
    cost: Any
    carries: Any
    sector: Any
    keep: Any
    tops: Any
    raised: Any
    steps: Any


class Links(NamedTuple):
    """Ways to link two sites, in both directions: those of site i are rows ``start[i]`` to ``start[i + 1]``.

    Attributes
    ----------
    start : int64, shape (sites + 1,)
    to : int64
        The other site.
    own, other : int64
        Least level of the site itself, and of the other.
    price, carries : float64
        What the link costs, and what weight of homes it carries.
    kind : int64
        The number of its kit.
    """

    start: Any
    to: Any
    own: Any
    other: Any
    price: Any
    carries: Any
    kind: Any


class HomeOptions(NamedTuple):
    """Homes, and from where they can be served: the options of home h are rows ``start[h]`` to ``start[h + 1]``.

    Attributes
    ----------
    order : int64
        Those that can be served, in the order in which they are looked at.
    start : int64, shape (homes + 1,)
    site, level : int64, one an option
        A site, and the least level from which it serves the home.
    weight, demand, cost : float64, one a home
        What it counts, what is carried for it, and what its equipment costs.
    must : bool, one a home
    """

    order: Any
    start: Any
    site: Any
    level: Any
    weight: Any
    demand: Any
    cost: Any
    must: Any


class NetworkRules(NamedTuple):
    """What every plan keeps to.

    Attributes
    ----------
    max_hops : int
        Links between a site and its gateway.
    sector_homes, max_sectors, sector_cost
        Load that a sector serves; sectors of a site at most; what one costs at least.
    goal : float
        Weight to serve; infinite where as much as possible.
    homes_cost : bool
        Whether a home's own equipment costs something.
    limited : bool
        Whether some link or gateway carries less than all, or a site may have so many radios alone.
    max_radios : int
        Sectors and links of a site together at most; 0 where any number.
    room : float
        Load that a site serves at most; infinite where its sectors alone limit it.
    """

    max_hops: int
    sector_homes: float
    max_sectors: int
    sector_cost: float
    goal: float
    homes_cost: bool
    limited: bool
    max_radios: int
    room: float


class SiteTurns(NamedTuple):
    """The arcs of the sites, where sectors are arcs (`arcs`).

    Attributes
    ----------
    count : int64, one a site
        Its arcs; 0 everywhere where a sector holds any homes.
    first, last : int64, of (options of homes, levels)
        The arcs of the option's site that hold the home where the site stands at a level, round the circle.
    airtime : float64, one an option of a home
    """

    count: Any
    first: Any
    last: Any
    airtime: Any


class Pieces(NamedTuple):
    """Kits of links, and things that are bought in reserve in whole pieces (`WholeSpares`), one row a thing.

    Attributes
    ----------
    unlike, raises : int64, one a kit
        1 where its radios count as unlike sectors in what sites cost more; 1 where they pay for the mast's height.
    price, share, sector : float64
    links : float64, shape (things, kits)
    homes, unsure : float64, shape (things, homes)
    """

    unlike: Any
    raises: Any
    price: Any
    share: Any
    sector: Any
    links: Any
    homes: Any
    unsure: Any


class FlatNetwork(NamedTuple):
    """All that a plan is made from."""

    sites: Sites
    links: Links
    homes: HomeOptions
    rules: NetworkRules
    turns: SiteTurns
    pieces: Pieces


class Tree(NamedTuple):
    """The links of a plan, one value a site.

    Attributes
    ----------
    parent : int64
        The site that it hangs on, -1 for none.
    depth : int64
        Links to its gateway, -1 where it reaches none.
    cost : float64
        Of the link to its parent.
    """

    parent: Any
    depth: Any
    cost: Any


class Service(NamedTuple):
    """Who serves whom.

    Attributes
    ----------
    load : float64, one a site
        Weight that it serves.
    sectors : int64, one a site
    server : int64, one a home
        The site that serves it, -1 for none.
    """

    load: Any
    sectors: Any
    server: Any


class Draft(NamedTuple):
    """A plan in the making: the quick rules fill in what follows from its levels.

    Attributes
    ----------
    levels : int64, one a site
    tree, service
    room : float64, one a site
        What the way to its gateway could still carry, link by link.
    scratch, need : float64, one a site
    trail : int64, one a home
    row, after : int64, one a home; head : int64, one a site; needed : float64, one a thing in reserve
        Room to work in.
    """

    levels: Any
    tree: Tree
    service: Service
    room: Any
    scratch: Any
    need: Any
    trail: Any
    row: Any
    after: Any
    head: Any
    needed: Any


@kernel
def has_room(parent: Any, room: Any, site: int, weight: float) -> bool:
    """Return whether the way from a site to its gateway could carry so much more."""
    at = site
    while at >= 0:
        if room[at] < weight - _HAIR:
            return False
        at = parent[at]
    return True


@kernel
def take_room(parent: Any, room: Any, site: int, weight: float) -> None:
    """Load the way from a site to its gateway with so much more."""
    at = site
    while at >= 0:
        room[at] -= weight
        at = parent[at]


@kernel
def makes_room(parent: Any, room: Any, site: int, leaves: float, other: int, comes: float) -> bool:
    """Move a home from a site to another and take one in, where the ways can carry that; return whether they can."""
    take_room(parent, room, site, -leaves)
    if has_room(parent, room, other, leaves):
        take_room(parent, room, other, leaves)
        if has_room(parent, room, site, comes):
            take_room(parent, room, site, comes)
            return True
        take_room(parent, room, other, -leaves)
    take_room(parent, room, site, leaves)
    return False
