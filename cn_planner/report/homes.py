"""Homes: who is reached, by whom, how well; and those left out, by reason."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cn_planner.geo import geodesics
from cn_planner.message import msg
from cn_planner.model.clients import roof_height_m
from cn_planner.model.left_out import UnservedKind
from cn_planner.planning.fix_words import (
    CHANNELS_ANEW,
    LOOK,
    LOOK_FIRST,
    MANY_MASTS,
    NOT_SURE,
    OTHER_CHANNEL,
    TALLER_MAST,
)
from cn_planner.progress import ALONE, Run
from cn_planner.report.deployment import HomeRecord, UnservedGroup
from cn_planner.service.homes import answer_ahead
from cn_planner.service.judge import Why

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Household, Plan
    from cn_planner.planning.explain import Unserved
    from cn_planner.planning.fix_found import HomeFixes
    from cn_planner.service.homes import HomeService


_EACH = 200
"""After so many homes progress is said and a cancel heard."""


def home_records(
    plan: Plan,
    catalogue: Catalogue,
    services: Mapping[str, HomeService],
    unserved: Mapping[str, Unserved],
    fixes: Mapping[str, HomeFixes],
    *,
    hung_on: Mapping[str, str],
    run: Run = ALONE,
) -> tuple[HomeRecord, ...]:
    """Return the homes: those not reached first, then the weakest; `hung_on` as `sectors_of_clients`.

    Why a home is not reached is put into words here, a millisecond each: hence progress and cancel.
    """
    homes = list(plan.households.values())
    places = [plan.sites.get(_judged(home, services)) for home in homes]
    pairs = [(home, site) for home, site in zip(homes, places, strict=True) if site is not None]
    to_home, to_site, distance = geodesics(
        [site.latitude for _, site in pairs],
        [site.longitude for _, site in pairs],
        [home.latitude for home, _ in pairs],
        [home.longitude for home, _ in pairs],
    )
    ways = {
        home.id: (float(out), float(back), float(length))
        for (home, _), out, back, length in zip(pairs, to_home, to_site, distance, strict=True)
    }
    records = []
    for number, home in enumerate(homes):
        if number % _EACH == 0:
            run.progress(number / len(homes))
            run.check()
            some = (services[one.id] for one in homes[number : number + _EACH] if one.id in services)
            answer_ahead(one for one in some if not one.served and one.home not in unserved)
        key = home.id
        kit = catalogue.kits.get(plan.client_of(home))
        name = kit.name if kit is not None else plan.client_of(home)
        way, sector = ways.get(key), hung_on.get(key, "")
        records.append(_record(plan, home, services.get(key), unserved.get(key), fixes.get(key), way, (name, sector)))

    def weakness(record: HomeRecord) -> tuple[bool, float, str]:
        return record.reached, record.fallback_db if record.fallback_db is not None else -1e9, record.id

    return tuple(sorted(records, key=weakness))


def _judged(home: Household, services: Mapping[str, HomeService]) -> str:
    one = services.get(home.id)
    return (one.site if one is not None else home.server) or ""


def _record(
    plan: Plan,
    home: Household,
    service: HomeService | None,
    left_out: Unserved | None,
    fixes: HomeFixes | None,
    way: tuple[float, float, float] | None,
    hangs: tuple[str, str],
) -> HomeRecord:
    """Return what is said of a home; `hangs`: the name of its kit, and its sector."""
    reached = service is not None and service.served
    kit, sector = hangs
    reason = None
    # A home that is reached needs no reason: its margin and rate say it.
    if not reached and left_out is not None:
        reason = left_out.reason
    elif not reached and service is not None:
        reason = service.reason
    return HomeRecord(
        id=home.id,
        name=home.name,
        latitude=home.latitude,
        longitude=home.longitude,
        kind=home.kind,
        priority=home.priority,
        weight=home.weight,
        reached=reached,
        server=home.server,
        sector=sector,
        verdict=service.verdict.value if service is not None and service.verdict is not None else "",
        distance_m=None if way is None else way[2],
        azimuth_deg=None if way is None else way[1],
        rsl_dbm=None if service is None else service.level_dbm,
        margin_db=None if service is None else service.margin_db,
        fallback_db=None if service is None else service.fallback_db,
        rate_down_mbps=None if service is None else service.rate_down_mbps,
        rate_up_mbps=None if service is None else service.rate_up_mbps,
        antenna_height_m=roof_height_m(plan, home),
        usual_height_m=plan.demand.antenna_height_m if home.antenna_height_m is None else None,
        on_pole=home.on_pole,
        people=home.people,
        relay=home.relay,
        height_needed_m=None if service is None else service.height_needed_m,
        kit=kit if home.server is not None else "",
        second_choice=None if service is None else service.second_choice,
        reason=reason,
        fix=None if reached or fixes is None else fixes.words,
        fix_cost=None if reached or fixes is None else fixes.cost,
        note=home.note,
        hamlet=home.hamlet,
    )


_UNKNOWN = "unknown"
_ONE_FOR_ALL = {UnservedKind.LAW, *(one for one in UnservedKind if one.short)} - {UnservedKind.SHORT}
_DROWNED = msg("A tower sees them, but the network's own radios leave too little on its channels.")
_GROUPS: dict[str, tuple[Message, Message | None]] = {
    UnservedKind.LAW: (msg("The rules of the country do not allow the channel of their equipment."), OTHER_CHANNEL),
    UnservedKind.LEFT_OUT: (
        msg("They can be reached; the share or the money asked for leaves them out."),
        msg("More money."),
    ),
    **dict.fromkeys(
        (one for one in UnservedKind if one.short), (msg("They can be reached; the plan leaves them out."), None)
    ),
    UnservedKind.HOPS: (msg("The sites that see them reach no gateway within the links allowed."), None),
    UnservedKind.FAR: (msg("No allowed site is near enough."), msg("A tower place nearer to them.")),
    UnservedKind.WEAK: (
        msg("No site reaches them with enough clearance, margin and rate."),
        msg("Antennas with more gain, or a tower nearer to them."),
    ),
    UnservedKind.SILENT: (
        _DROWNED,
        msg("A kit of another band for homes or for links, or a second Internet connection."),
    ),
    Why.UNHEARD.name: (_DROWNED, CHANNELS_ANEW),
    UnservedKind.NO_DATA: (msg("Terrain is missing on the way."), msg("Elevation files for the area.")),
    **dict.fromkeys(
        (Why.NO_TOWER.name, Why.FAR.name),
        (msg("No tower of this plan is near enough."), msg("Another tower place nearer to them.")),
    ),
    Why.NO_BEAM.name: (msg("No sector points at them."), msg("A sector turned towards them, or one more.")),
    **dict.fromkeys((UnservedKind.BLOCKED, Why.BLOCKED.name), (msg("Ground or trees stand in the way."), MANY_MASTS)),
    **dict.fromkeys((UnservedKind.CHECK, Why.CHECK.name), (LOOK_FIRST, LOOK)),
    Why.NO_DATA.name: (msg("Terrain is missing on the way."), msg("Elevation files for the area.")),
    Why.MARGIN.name: (
        msg("Less signal is to spare than the rules ask for."),
        msg("Antennas with more gain, or a tower nearer to them."),
    ),
    **dict.fromkeys(
        (UnservedKind.UNSURE, Why.UNSURE.name),
        (
            NOT_SURE,
            msg("Measurements of the place, antennas with more gain, or a tower nearer to them."),
        ),
    ),
    Why.SLOW.name: (msg("The rate is too low."), msg("Antennas with more gain, or a tower nearer to them.")),
    **dict.fromkeys(
        (Why.UNPLANNED.name, Why.FULL.name),
        (msg("They could be reached, but no tower serves them."), msg("Planning again, or more money.")),
    ),
    Why.NO_MAST.name: (msg("Their tower has no mast in this plan."), msg("Planning again, or more money.")),
    Why.CUT_OFF.name: (
        msg("No link that works leads from the tower that sees them to a gateway."),
        msg("A link to the network."),
    ),
    _UNKNOWN: (msg("Nothing was computed for them."), msg("Terrain and a plan.")),
}


def unserved_groups(
    records: tuple[HomeRecord, ...], explained: Mapping[str, Unserved], services: Mapping[str, HomeService]
) -> tuple[UnservedGroup, ...]:
    """Return the homes left out by the kind of reason and by what they take, the largest group first.

    The planner's reason counts; what the service of homes says does where the planner could not take the plan.

    No group names a home in words. Who counts for none, as a home that refused, is left out by nobody.
    """
    groups: dict[tuple[str, Message | None], list[HomeRecord]] = defaultdict(list)
    for record in records:
        if not record.reached and record.weight > 0.0:
            kind = kind_left_out(record, explained, services)
            groups[kind, _group_fix(record, kind)].append(record)
    found = []
    for (kind, fix), members in groups.items():
        costs = [one.fix_cost for one in members if one.fix_cost is not None]
        found.append(
            UnservedGroup(
                reason=_group_reason(kind, members),
                fix=fix,
                fix_cost=min(costs, default=None),
                homes=tuple(sorted(one.id for one in members)),
                weight=sum(one.weight for one in members),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.weight, one.homes)))


def kind_left_out(record: HomeRecord, explained: Mapping[str, Unserved], services: Mapping[str, HomeService]) -> str:
    """Return the kind of reason for which a home is left out: the planner's, else that of the service of homes."""
    own = explained.get(record.id)
    return own.kind if own is not None else _group(services.get(record.id))


def _group_reason(kind: str, members: list[HomeRecord]) -> Message:
    """Return why a group is left out; of a law, and of what stands in the way, which it is: that is one for all."""
    own = members[0].reason
    return own if kind in _ONE_FOR_ALL and own is not None else _GROUPS[kind][0]


def _group_fix(record: HomeRecord, kind: str) -> Message | None:
    """Return what a home takes as its group says it: what its own row says, without the height of one home's mast."""
    if record.fix is None:
        return _GROUPS[kind][1]
    return MANY_MASTS if record.fix.key == TALLER_MAST.key else record.fix


def _group(service: HomeService | None) -> str:
    return _UNKNOWN if service is None else service.why.name
