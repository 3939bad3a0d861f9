"""What a deployment plan shows on its maps and profiles: from the plan's records to the drawings' plain content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.drawing.display import Symbol, tower_symbol
from cn_planner.drawing.map_content import MapArea, MapHome, MapLink, MapName, MapTower, SheetContent
from cn_planner.drawing.map_obstacles import MapObstacle
from cn_planner.drawing.profile_chart import ProfileContent, path_parts
from cn_planner.i18n import say
from cn_planner.message import msg
from cn_planner.model.plan import Area, HomeKind, SiteRole
from cn_planner.report.deployment import SEAMS
from cn_planner.terrain.profile import path_profile

if TYPE_CHECKING:
    from cn_planner.report.deployment import DeploymentPlan, HomeRecord, LinkRecord, SiteRecord
    from cn_planner.report.public_places import PlaceRecord
    from cn_planner.terrain.surface import Surface

_HOME_SYMBOLS = {
    (HomeKind.SCHOOL, True): Symbol.SCHOOL,
    (HomeKind.SCHOOL, False): Symbol.SCHOOL_NOT_REACHED,
    (HomeKind.CLINIC, True): Symbol.CLINIC,
    (HomeKind.CLINIC, False): Symbol.CLINIC_NOT_REACHED,
}


def _home(home: HomeRecord) -> MapHome:
    plain = Symbol.HOME if home.reached else Symbol.HOME_NOT_REACHED
    return MapHome(home.latitude, home.longitude, _HOME_SYMBOLS.get((home.kind, home.reached), plain), home.id)


def _public(place: PlaceRecord) -> MapHome:
    return MapHome(place.latitude, place.longitude, Symbol(f"place_{place.kind.value}"), f"place:{place.id}")


def _tower(site: SiteRecord, *, begun: bool = True, phases: bool = False) -> MapTower:
    used, enters = site.mast_height_m is not None, site.role is SiteRole.GATEWAY
    symbol = tower_symbol(site.role, used=used, enters=enters, begun=begun)
    name = f"{site.phase} · {_shown(site)}" if phases and site.phase is not None else site.name
    return MapTower(site.id, name, site.latitude, site.longitude, symbol)


# Sources of figures that no map shows, by the key of what they are sources of.
_NOT_ON_MAPS = frozenset({"Radios", "Prices", "Radio rules", "Compass", "Sun", "What was measured", SEAMS.key})


def _attribution(plan: DeploymentPlan) -> str:
    """Return the names of the data that the plan's maps show, each once, in one line."""
    names = dict.fromkeys(f"{s.name} {s.date}".strip() for s in plan.meta.sources if s.what.key not in _NOT_ON_MAPS)
    return ", ".join(name for name in names if name)


def map_content(
    plan: DeploymentPlan,
    *,
    homes: bool = True,
    areas: bool = True,
    candidates: bool = False,
    lengths: bool = False,
    phases: bool = False,
    hamlets: bool = False,
) -> SheetContent:
    """Return what a map of the plan shows.

    Parameters
    ----------
    plan : DeploymentPlan
        The plan.
    homes, areas : bool
        Whether homes and coverage are on it.
    candidates : bool
        Whether places that the plan does not use are on it.
    lengths : bool
        Whether each link carries its length.
    phases : bool
        Whether each tower and link carries the number of the phase in which it is built.
    hamlets : bool
        Whether hamlets have their names, those with most homes first.
    """
    built = {key: str(one.number) for one in plan.phases for key in one.links} if phases else {}
    places = {site.id: (site.latitude, site.longitude) for site in plan.sites}
    begun = any(site.mast_height_m is not None for site in plan.sites)
    links = tuple(
        MapLink(
            places[link.a.site],
            places[link.b.site],
            sure=link.verdict == "likely",
            label=f"{link.distance_m / 1000:.1f} km" if lengths else built.get(link.id, ""),
        )
        for link in plan.links
        if link.a.site in places and link.b.site in places
    )
    return SheetContent(
        towers=tuple(
            _tower(s, begun=begun, phases=phases) for s in plan.sites if candidates or s.mast_height_m is not None
        ),
        homes=(*map(_home, plan.homes), *map(_public, plan.places)) if homes else (),
        links=links,
        areas=tuple(MapArea(outline.rings) for outline in plan.outlines if outline.rings) if areas else (),
        # Where homes are blurred a building tells where one is.
        obstacles=tuple(
            MapObstacle(one.latitude, one.longitude, one.radius_m, one.kind == "tree") for one in plan.obstacles
        )
        if plan.meta.homes_blurred_m is None
        else (),
        names=_hamlets(plan) if hamlets else (),
        attribution=_attribution(plan),
        title=say(msg("Map of {plan}", plan=plan.meta.plan), plan.meta.language),
    )


def _hamlets(plan: DeploymentPlan) -> tuple[MapName, ...]:
    """Return the names of the hamlets, each at the home that is nearest to the middle of its homes."""
    members: dict[str, list[HomeRecord]] = {}
    for home in plan.homes:
        if home.hamlet:
            members.setdefault(home.hamlet, []).append(home)
    found = []
    for name, homes in sorted(members.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        ordered = sorted(homes, key=lambda home: (home.latitude, home.id))
        middle = ordered[len(ordered) // 2].latitude
        longitudes = sorted(home.longitude for home in homes)
        aside = longitudes[len(longitudes) // 2]
        at = min(homes, key=lambda home: (abs(home.latitude - middle) + abs(home.longitude - aside), home.id))
        found.append(MapName(name, at.latitude, at.longitude))
    return tuple(found)


def link_map_content(plan: DeploymentPlan, link: LinkRecord, profile: ProfileContent | None) -> SheetContent:
    """Return what the map of one link shows: its ends, its line part by part, and what stands near it."""
    ends = {link.a.site, link.b.site}
    sites = {site.id: site for site in plan.sites if site.id in ends}
    a, b = ((sites[key].latitude, sites[key].longitude) for key in (link.a.site, link.b.site))
    parts = path_parts(profile) if profile is not None else ()
    return SheetContent(
        towers=tuple(_tower(site) for site in sites.values()),
        links=(MapLink(a, b, sure=link.verdict == "likely", parts=parts),),
        attribution=_attribution(plan),
        title=say(
            msg("Map of the link {a}–{b}", a=_shown(sites[link.a.site]), b=_shown(sites[link.b.site])),
            plan.meta.language,
        ),
    )


def _shown(site: SiteRecord) -> str:
    return site.name or site.id


def _assumed(plan: DeploymentPlan, key: str, default: float) -> float:
    value = plan.assumed(key)
    return default if value is None else value


def link_profile(plan: DeploymentPlan, link: LinkRecord, surface: Surface) -> ProfileContent | None:
    """Return the profile of a link with the trees that the plan assumes; None where an end is not in the plan."""
    sites = {site.id: site for site in plan.sites}
    if link.a.site not in sites or link.b.site not in sites:
        return None
    a, b = sites[link.a.site], sites[link.b.site]
    area = Area()
    profile = path_profile(
        surface,
        (a.latitude, a.longitude),
        (b.latitude, b.longitude),
        canopy_m=_assumed(plan, "area.canopy_m", area.assumed_canopy_m),
        keep_out_m=_assumed(plan, "area.canopy_keep_out_m", area.canopy_keep_out_m),
        obstacles=plan.obstacles,
    )
    return ProfileContent(
        distance_m=profile.distance_m,
        ground_m=profile.ground_m,
        cover_m=profile.cover_m,
        start=a.name or a.id,
        end=b.name or b.id,
        start_height_m=link.a.height_m,
        end_height_m=link.b.height_m,
        freq_mhz=link.freq_mhz,
        k_factor=_assumed(plan, "area.k_factor", area.k_factor),
        clearance_f1=_assumed(plan, "rules.clearance_f1", 0.6),
        cover_assumed=profile.cover_assumed,
    )
