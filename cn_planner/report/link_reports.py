"""What the page of a link says beside its record: what if it is worse than thought, heights, the law, a relay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.geo import geodesic
from cn_planner.links.conditions import link_conditions_of
from cn_planner.links.verdict import Verdict
from cn_planner.message import Message, msg
from cn_planner.model.plan import Choice, Status
from cn_planner.propagation.clearance import path_clearance
from cn_planner.report.deployment import LinkReport, WhatIf
from cn_planner.report.radios import path_budget
from cn_planner.terrain.profile import path_profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cn_planner.planning.hilltops import Hilltop
    from cn_planner.progress import CancelToken
    from cn_planner.report.radios import Field, JudgedLink

MORE_TREES_M = 5.0
LOWER_M = 2.0
BAD_AIR_K = 0.67
"""Effective earth radius factor of air that bends rays away from the ground: two thirds."""
_DETOUR = 1.35
"""A relay is looked for where the way over it is no longer than so many times the direct one."""
_MOST_TRIED = 8
_RELAY_MAST_M = 12.0
"""A mast on a hilltop that nobody has chosen yet."""


def link_reports(
    field: Field, judged: tuple[JudgedLink, ...], hilltops: Sequence[Hilltop], cancel: CancelToken | None = None
) -> tuple[LinkReport, ...]:
    """Return what is said of each link beside its record, in the order of the links given.

    ``field``: the plan and what belongs to it. ``hilltops``: where a relay may stand beside the places of the plan.
    ``cancel``: looked at between links.
    """
    reports = []
    for one in judged:
        if cancel is not None:
            cancel.check()
        reports.append(_report(field, one, hilltops))
    return tuple(reports)


def _report(field: Field, one: JudgedLink, hilltops: Sequence[Hilltop]) -> LinkReport:
    budget = one.budget
    if budget is None or one.profile is None or budget.verdict is Verdict.NO_DATA:
        return LinkReport(one.link.id)
    rise = budget.raise_both_m
    both = None if rise is None else (one.heights_m[0] + rise, one.heights_m[1] + rise)
    relay = _relay(field, one, hilltops) if budget.verdict is not Verdict.LIKELY else None
    return LinkReport(one.link.id, both, tuple(_what_ifs(field, one)), relay, budget.warnings)


def _what_ifs(field: Field, one: JudgedLink) -> Iterator[WhatIf]:
    air = link_conditions_of(field.plan)
    profile, (a_m, b_m) = one.profile, one.heights_m
    if profile is None or field.study.surface.empty:
        return
    taller = air.canopy_m + MORE_TREES_M
    ends = tuple((site.latitude, site.longitude) for site in one.sites)
    overgrown = path_profile(
        field.study.surface, ends[0], ends[1], canopy_m=taller, keep_out_m=air.canopy_keep_out_m,
        obstacles=field.plan.obstacles.values(), taller_m=MORE_TREES_M,
    )  # fmt: skip
    lower = max(a_m - LOWER_M, 0.0), max(b_m - LOWER_M, 0.0)
    cases = (
        (msg("Trees {more:.0f} m taller", more=MORE_TREES_M), overgrown, (a_m, b_m), replace(air, canopy_m=taller)),
        (msg("Air that bends less, k = {k:.2f}", k=BAD_AIR_K), profile, (a_m, b_m), replace(air, k_factor=BAD_AIR_K)),
        (msg("Both antennas {less:.0f} m lower", less=LOWER_M), profile, lower, air),
    )
    for words, ground, heights, conditions in cases:
        found = path_budget(field, one.kit, one.sites, ground, heights, conditions)
        yield WhatIf(
            words, found.verdict.value, found.fade_margin_db, found.rate_mbps, found.worst_clear_m, found.clearance_f1
        )


class _Stop(NamedTuple):
    """A place where a relay might stand."""

    name: str
    latitude: float
    longitude: float
    height_m: float
    around_m: float


def _relay(field: Field, one: JudgedLink, hilltops: Sequence[Hilltop]) -> Message | None:
    """Return a place from which both ends are in sight with enough clear, the one with the least detour first."""
    if field.study.surface.empty or one.budget is None:
        return None
    stops = _stops(field, one, hilltops)
    for stop in sorted(stops, key=lambda place: place.around_m)[:_MOST_TRIED]:
        if all(_clear(field, one, number, stop) for number in (0, 1)):
            return msg(
                "A tower at {place} with a mast of {height:.0f} m sees both ends; the way over it is {km:.1f} km.",
                place=stop.name,
                height=stop.height_m,
                km=stop.around_m / 1000.0,
            )
    return None


def _stops(field: Field, one: JudgedLink, hilltops: Sequence[Hilltop]) -> list[_Stop]:
    ends = {site.id for site in one.sites}
    direct = one.budget.distance_m if one.budget is not None else 0.0
    found = []
    for site in field.plan.sites.values():
        if site.id not in ends and site.status is not Status.REJECTED and site.choice is not Choice.FORBIDDEN:
            height = site.mast_height_m if site.mast_height_m is not None else site.max_height_m
            found.append(_stop(one, field.name(site.id), site.latitude, site.longitude, height))
    for place in hilltops:
        name = f"{place.latitude:.5f}, {place.longitude:.5f}"
        found.append(_stop(one, name, place.latitude, place.longitude, _RELAY_MAST_M))
    return [stop for stop in found if stop.around_m <= _DETOUR * direct]


def _stop(one: JudgedLink, name: str, latitude: float, longitude: float, height_m: float) -> _Stop:
    legs = (geodesic(end.latitude, end.longitude, latitude, longitude).distance_m for end in one.sites)
    return _Stop(name, latitude, longitude, height_m, sum(legs))


def _clear(field: Field, one: JudgedLink, number: int, stop: _Stop) -> bool:
    air, end = link_conditions_of(field.plan), one.sites[number]
    profile = path_profile(
        field.study.surface, (end.latitude, end.longitude), (stop.latitude, stop.longitude), canopy_m=air.canopy_m,
        keep_out_m=air.canopy_keep_out_m, obstacles=field.plan.obstacles.values(),
    )  # fmt: skip
    tops = profile.ground_m + profile.cover_m
    if profile.missing or not profile.length_m > 0.0:
        return False
    freq_mhz = one.kit.freq_mhz if one.kit is not None else field.study.catalogue.kit(field.plan.kits.backhaul).freq_mhz
    amsl = float(profile.ground_m[0]) + one.heights_m[number], float(profile.ground_m[-1]) + stop.height_m
    clear = path_clearance(profile.distance_m, tops, *amsl, freq_mhz, air.k_factor)
    return clear.clearance_f1 >= field.plan.rules.clearance_f1
