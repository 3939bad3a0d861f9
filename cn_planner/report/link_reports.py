"""What the page of a link says beside its record: what if it is worse than thought, heights, the law, a relay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import UnitCosts
from cn_planner.errors import InputError
from cn_planner.links.conditions import link_conditions_of
from cn_planner.links.radio import direction
from cn_planner.links.verdict import Verdict
from cn_planner.message import Message, msg
from cn_planner.planning.between import find_relays
from cn_planner.progress import Run
from cn_planner.report.deployment import LinkReport, WhatIf
from cn_planner.report.radios import path_budget, radio_as_set
from cn_planner.service.mode_ladder import mode_steps
from cn_planner.terrain.profile import path_profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.links.budget import LinkBudget
    from cn_planner.progress import CancelToken
    from cn_planner.report.radios import Field, JudgedLink
    from cn_planner.service.mode_ladder import ModeStep

MORE_TREES_M = 5.0
LOWER_M = 2.0
BAD_AIR_K = 0.67
"""Effective earth radius factor of air that bends rays away from the ground: two thirds."""
_MOST_TRIED = 8
"""So many places are looked at for a relay, those with the least detour: each takes a thirtieth of a second."""


def link_reports(
    field: Field, judged: tuple[JudgedLink, ...], cancel: CancelToken | None = None
) -> tuple[LinkReport, ...]:
    """Return what is said of each link beside its record, in the order of the links given.

    ``field``: the plan and what belongs to it. ``cancel``: looked at between links.
    """
    reports, costs = [], UnitCosts(field.plan, field.study.catalogue)
    for one in judged:
        if cancel is not None:
            cancel.check()
        reports.append(_report(field, one, costs, cancel))
    return tuple(reports)


def _report(field: Field, one: JudgedLink, costs: UnitCosts, cancel: CancelToken | None) -> LinkReport:
    budget = one.budget
    if budget is None or one.profile is None or budget.verdict is Verdict.NO_DATA:
        return LinkReport(one.link.id)
    rise = budget.raise_both_m
    both = None if rise is None else (one.heights_m[0] + rise, one.heights_m[1] + rise)
    relay = _relay(field, one, costs, cancel) if budget.verdict is not Verdict.LIKELY else None
    at_a, at_b = _modes(field, one, budget)
    return LinkReport(one.link.id, both, tuple(_what_ifs(field, one)), relay, budget.warnings, at_a, at_b)


def _modes(field: Field, one: JudgedLink, budget: LinkBudget) -> tuple[tuple[ModeStep, ...], tuple[ModeStep, ...]]:
    """Return what each mode has to spare at A and at B; nothing where no radio is known."""
    if one.kit is None or one.profile is None or budget.rsl_from_dbm is None or budget.rsl_to_dbm is None:
        return (), ()
    end, _ = radio_as_set(field, one.kit, one.profile.length_m)
    way, length_m = direction(end, end), one.profile.length_m  # both ends have the same radio
    return (
        mode_steps(way, length_m, budget.rsl_from_dbm, budget.mcs_up),
        mode_steps(way, length_m, budget.rsl_to_dbm, budget.mcs_down),
    )


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


def _relay(field: Field, one: JudgedLink, costs: UnitCosts, cancel: CancelToken | None) -> Message | None:
    """Return a tower that both ends see with enough clear: the best of the few places with the least detour."""
    if field.study.surface.empty:
        return None
    ends = (site.id for site in one.sites)
    try:
        found = find_relays(field.study, *ends, most=_MOST_TRIED, only_clear=True, costs=costs, run=Run(cancel=cancel))
    except InputError:  # at one place, between whose masts nothing can stand
        return None
    best = next(iter(found.options), None)
    if best is None or best.warning is not None or best.clearance_f1 < field.plan.rules.clearance_f1:
        return None
    site = best.site
    return msg(
        "A tower at {place} with a mast of {height:.0f} m sees both ends; the way over it is {km:.1f} km.",
        place=field.name(site.id) if best.known else f"{site.latitude:.5f}, {site.longitude:.5f}",
        height=site.mast_height_m or 0.0, km=sum(best.distances_m) / 1000.0,
    )  # fmt: skip
