"""What of a plan stands on the ground in three dimensions, and what of that a picture shows where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.drawing.display import Symbol
from cn_planner.drawing.palette import Role
from cn_planner.gui.kinds import HOUSEHOLD, LINK, SITE, Thing
from cn_planner.gui.map.layers.points import HOME_SIGNS, HomeSign
from cn_planner.gui.map.mercator import to_geo
from cn_planner.message import msg
from cn_planner.service.judge import Standing
from cn_planner.service.path_view import PathState, Segment
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray
    from PySide6.QtCore import QPointF

    from cn_planner.coverage.ground_view import ViewGround
    from cn_planner.gui.map.content import MapContent
    from cn_planner.service.now import ServiceNow

LINK_PARTS = 96
"""A link is looked at in so many places for what stands before it."""
_SITE_PX, _HOME_PX, _LINK_PX = 15.0, 9.0, 7.0
"""How near one must point, layout pixels."""
COULD_JOIN = len(HOME_SIGNS)
HOME_SIGNS_3D = (*HOME_SIGNS, HomeSign(Symbol.HOME, Role.CAUTION, msg("Could join")))
"""The map's signs of homes, and one for those that are not reached and could be."""
LINK_STATES = (PathState.CLEAR, PathState.UNKNOWN, PathState.GRAZING, PathState.BLOCKED)
"""The later one wins where a place along a link has two."""


class NamedHill(NamedTuple):
    """A hill with its name, if it has one; on the plane, m."""

    name: str
    east: float
    north: float


@dataclass(slots=True, eq=False)
class Marks:
    """What of a plan stands on one ground, on its plane; made anew where either has changed.

    Attributes
    ----------
    sites, homes, links : tuple of str
        Ids.
    site_at, home_at : float64 arrays of (2, n)
        East and north, m.
    mast_m : float64 array
        0 where there is none.
    signs : uint8 array
        Of homes: which of `HOME_SIGNS_3D` each has.
    link_at : float64 array of (links, 3, parts)
        East, north and height above the sea along each, m.
    link_states : uint8 array of (links, parts - 1)
        Which of `LINK_STATES` each has between two of these places.
    """

    ground: ViewGround
    sites: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    homes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    site_at: NDArray[np.float64] = field(default_factory=lambda: np.empty((2, 0)))
    home_at: NDArray[np.float64] = field(default_factory=lambda: np.empty((2, 0)))
    mast_m: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    signs: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    link_at: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3, LINK_PARTS)))
    link_states: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, LINK_PARTS - 1), np.uint8))
    hills: tuple[NamedHill, ...] = ()
    units: str = "metric"


def marks_of(ground: ViewGround, content: MapContent, now: ServiceNow | None, hills: Sequence[NamedHill] = ()) -> Marks:
    """Return what the map shows, on the plane of a ground."""
    plan, found = content.plan, Marks(ground, hills=tuple(hills))
    found.units = "imperial" if content.furniture.imperial else "metric"
    if content.sites.visible:
        sites = [plan.sites[key] for key in content.sites.ids if key in plan.sites]
        found.sites = tuple(one.id for one in sites)
        found.names = tuple(one.name or one.id for one in sites)
        found.symbols = tuple(content.sites.symbol(one.id) for one in sites)
        found.mast_m = np.array([one.mast_height_m or 0.0 for one in sites])
        found.site_at = _plane(ground, [one.latitude for one in sites], [one.longitude for one in sites])
    if content.homes.visible:
        homes = content.homes
        found.homes = homes.ids
        found.home_at = _plane(ground, *to_geo(homes.x, homes.y))
        found.signs = _signs(content, now)
    if content.links.visible:
        _put_links(found, content)
    return found


def _plane(ground: ViewGround, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
    at = np.array(ground.to_plane(latitude, longitude)).reshape(2, -1)
    return np.where(np.isfinite(at), at, 1e12)


def _signs(content: MapContent, now: ServiceNow | None) -> NDArray[np.uint8]:
    """Return the signs of homes as the map has them; of homes not reached who could join, as was last computed."""
    homes = content.homes
    signs = homes.signs
    if now is not None:
        joins = {now.homes.ids[n] for n in np.flatnonzero(now.standing == Standing.COULD_JOIN).tolist()}
        could = np.fromiter((key in joins for key in homes.ids), np.bool_, len(homes.ids))
        plain = np.array([one.symbol is Symbol.HOME_NOT_REACHED for one in HOME_SIGNS])
        signs[could & plain[signs]] = COULD_JOIN
    return signs


def _put_links(found: Marks, content: MapContent) -> None:
    plan, ground = content.plan, found.ground
    place = {key: n for n, key in enumerate(found.sites)}
    rows, states = [], []
    kept: list[str] = []
    share = np.linspace(0.0, 1.0, LINK_PARTS)
    for key, path in zip(content.links.ids, content.links.paths, strict=True):
        link = plan.links.get(key)
        if link is None or link.from_site not in plan.sites or link.to_site not in plan.sites:
            continue
        ends = []
        for site, given in (
            (plan.sites[link.from_site], link.from_height_m),
            (plan.sites[link.to_site], link.to_height_m),
        ):
            n = place.get(site.id)
            east, north = (
                found.site_at[:, n] if n is not None else _plane(ground, [site.latitude], [site.longitude])[:, 0]
            )
            mast = given if given is not None else site.mast_height_m or 0.0
            ends.append((float(east), float(north), ground.height_m(float(east), float(north)) + mast))
        (ax, ay, az), (bx, by, bz) = ends
        length2 = (bx - ax) ** 2 + (by - ay) ** 2
        # A straight line sinks towards the sea between its ends: the earth is round.
        low = share * (1.0 - share) * length2 / (2.0 * ground.k_factor * EARTH_RADIUS_M)
        rows.append(np.stack([ax + (bx - ax) * share, ay + (by - ay) * share, az + (bz - az) * share - low]))
        states.append(_states(path.segments or (Segment(0.0, 1.0, path.state),)))
        kept.append(key)
    if rows:
        found.links, found.link_states, found.link_at = tuple(kept), np.stack(states), np.stack(rows)


def _states(parts: Sequence[Segment]) -> NDArray[np.uint8]:
    found = np.zeros(LINK_PARTS - 1, np.uint8)
    for part in parts:
        # However short: it is seen.
        first, end = int(part.start * len(found)), int(np.ceil(part.end * len(found)))
        mine = found[min(first, len(found) - 1) : max(end, first + 1)]
        np.maximum(mine, LINK_STATES.index(part.state), out=mine)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class SeenPoints:
    """Towers or homes that a picture shows: ids of all, which of them, and where, device pixels."""

    ids: tuple[str, ...] = ()
    rows: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    x: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    y: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[str, float, float]]:
        for row, x, y in zip(self.rows.tolist(), self.x.tolist(), self.y.tolist(), strict=True):
            yield self.ids[row], x, y

    def at(self, key: str) -> tuple[float, float] | None:
        """Return where one is seen."""
        return next(((x, y) for one, x, y in self if one == key), None)

    def pick(self, x: float, y: float, reach: float) -> str | None:
        """Return the nearest within reach of a device pixel."""
        if not len(self):
            return None
        away = np.hypot(self.x - x, self.y - y)
        best = int(np.argmin(away))
        return self.ids[self.rows[best]] if away[best] <= reach else None


class LinkRun(NamedTuple):
    """A part of a link that is seen and stands alike all along: the link's row, which of `LINK_STATES`, the line."""

    row: int
    state: int
    line: tuple[QPointF, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SeenLinks:
    """Links that a picture shows: ids of all, parts that are seen, and straight pieces of these, device pixels.

    Attributes
    ----------
    ids : tuple of str
    runs : tuple of LinkRun
    pieces : float64 array of (n, 4)
        From x and y to x and y.
    rows : intp array of n
        Which link each belongs to.
    """

    ids: tuple[str, ...] = ()
    runs: tuple[LinkRun, ...] = ()
    pieces: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 4)))
    rows: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))

    def of(self, key: str) -> tuple[LinkRun, ...]:
        """Return what is seen of one."""
        return tuple(run for run in self.runs if self.ids[run.row] == key)

    def pick(self, x: float, y: float, reach: float) -> str | None:
        """Return the nearest within reach of a device pixel."""
        if not len(self.rows):
            return None
        x0, y0, x1, y1 = self.pieces.T
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((x - x0) * dx + (y - y0) * dy) / np.maximum(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
        away = np.hypot(x0 + along * dx - x, y0 + along * dy - y)
        best = int(np.argmin(away))
        return self.ids[self.rows[best]] if away[best] <= reach else None


class SeenMarks(NamedTuple):
    """What a painted picture shows and where: what a hand points at is looked for here."""

    sites: SeenPoints = SeenPoints()
    homes: SeenPoints = SeenPoints()
    links: SeenLinks = SeenLinks()

    def pick(self, x: float, y: float, ratio: float) -> Thing | None:
        """Return the thing at a device pixel: towers before homes before links, the nearest of each."""
        for kind, things, reach in (
            (SITE, self.sites, _SITE_PX), (HOUSEHOLD, self.homes, _HOME_PX), (LINK, self.links, _LINK_PX),
        ):  # fmt: skip
            key = things.pick(x, y, reach * ratio)
            if key is not None:
                return Thing(kind, key)
        return None

    @property
    def order(self) -> tuple[Thing, ...]:
        """Towers and homes that are seen, from left to right."""
        rows = [(x, Thing(SITE, key)) for key, x, _ in self.sites]
        rows += [(x, Thing(HOUSEHOLD, key)) for key, x, _ in self.homes]
        return tuple(thing for _, thing in sorted(rows))
