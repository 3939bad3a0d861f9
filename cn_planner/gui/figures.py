"""The figures of the comparing bar, and the scenarios as tabs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import capital, price_notes
from cn_planner.gui.overview import homes_reached
from cn_planner.gui.panels import formatters
from cn_planner.gui.quantities import money_words
from cn_planner.gui.topbar import BarFigure, Tab
from cn_planner.gui.words import tr
from cn_planner.message import Message, counted, msg
from cn_planner.model.clients import NO_HOMES
from cn_planner.service.now import connects_homes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.gui.state import AppState
    from cn_planner.links.budget import LinkBudget
    from cn_planner.model.plan import Plan
    from cn_planner.planning.scenario_figures import ScenarioFigures, WeakLink
    from cn_planner.session.proposal import Proposal

_SPARE_DB = 6.0
"""Less to spare above what the rules ask for is a warning, as long as links are not looked at one by one."""


def _homes(served: float, total: float) -> Message:
    return msg("{served:,g} of {homes:,g}", served=served, homes=total)


def figures_now(state: AppState) -> ScenarioFigures | None:
    """Return what is known of the scenario that is shown; None while nothing is."""
    return next((one.figures for one in state.computed.scenarios if one.active), None)


def figures_shown(state: AppState, links: Mapping[str, LinkBudget] | None = None) -> list[BarFigure]:
    """Return the figures of the scenario that is shown: what is known of it now, and of its links one by one."""
    plan = state.plan
    if state.project is None or not plan.households:
        return []
    offered = state.proposals.now
    if offered is not None and state.proposals.shown:
        return _offered(offered, plan.info.currency)
    carried = state.computed.in_hand
    if carried is not None:
        cost = tr(money_words(carried.cost, plan.info.currency))
        return [BarFigure(msg("Homes"), tr(_homes(carried.homes, carried.homes_total))), BarFigure(msg("Cost"), cost)]
    now = figures_now(state)
    if (
        state.counting
        and plan.used_sites
        and (now.homes if now is not None else homes_reached(plan).served) <= NO_HOMES
    ):
        return [BarFigure(msg("Homes"), tr(msg("counting…")), "dim")]
    if now is None:
        homes = homes_reached(plan)
        return [BarFigure(msg("Homes"), tr(_homes(homes.served, homes.homes)))]
    found = [BarFigure(msg("Homes"), tr(_homes(now.homes, now.homes_total)))]
    service = state.computed.service
    if now.homes <= NO_HOMES and service is not None and service.works_weight > NO_HOMES:
        words = tr(_homes(service.works_weight, service.total))
        not_linked = msg("Towers reach them, but none of these is linked to a gateway yet.")
        found = [BarFigure(msg("Homes"), words, "warn", "▲", tr(not_linked))]
    if now.cost > 0.0:
        rests_on = " ".join(tr(one) for one in price_notes(plan, state.project.catalogue))
        found.append(BarFigure(msg("Cost"), tr(money_words(now.cost, plan.info.currency)), explained=rests_on))
    if now.cost_a_home is not None:
        found.append(BarFigure(msg("A home"), tr(money_words(now.cost_a_home, plan.info.currency))))
    if now.weakest is not None:
        found.append(_weakest(plan, now.weakest, links or {}))
    if now.lost > 0.0 and now.lost_with in plan.sites:
        site = plan.sites[now.lost_with]
        found.append(
            BarFigure(
                msg("If one tower fails (not the Internet entry)"),
                tr(counted("{count:,g} home lost", "{count:,g} homes lost", now.lost)),
                explained=tr(msg("Most are lost where {site} fails.", site=site.name or site.id)),
            )
        )
    return found


def cost_shown(state: AppState) -> float | None:
    """Return the capital of the plan as the bar says it; None where no plan is open.

    The bill of a plan that connects homes is known at once. One that connects none yet is counted with those that it
    reaches, once it is known which.

    Raises
    ------
    InputError
        Where a kit of the plan is not on the shelf.
    """
    if state.project is None:
        return None
    now = figures_now(state)
    if now is not None and not connects_homes(state.plan):
        return now.cost
    return capital(state.plan, state.project.catalogue).total.total


def _offered(found: Proposal, currency: str) -> list[BarFigure]:
    """Return homes and cost now, and as they would be."""
    homes = msg(
        "{before:,g} → {after:,g} of {homes:,g}",
        before=found.weight(found.reached_before), after=found.weight(found.reached_after),
        homes=sum(found.weights.values()),
    )  # fmt: skip
    cost = msg("{before:,.0f} → {after}", before=found.cost_before, after=money_words(found.cost_after, currency))
    return [BarFigure(msg("Homes"), tr(homes)), BarFigure(msg("Cost"), tr(cost))]


def online(state: AppState) -> float | None:
    """Return how many homes have the Internet in the scenario that is shown; None while that is not known."""
    now = figures_now(state)
    return now.homes if now is not None and not state.counting else None


def _weakest(plan: Plan, weak: WeakLink, links: Mapping[str, LinkBudget]) -> BarFigure:
    """Return the weakest link as panel and map show it: what was seen on site is in its verdict, not in its signal."""
    standing = plan.standing_links
    known = {key: one for key, one in links.items() if key in standing and one.fade_margin_db is not None}
    key = min(known, key=lambda one: (*formatters.link_strength(known[one]), one), default="")
    budget = known.get(key)
    if budget is not None and budget.fade_margin_db is not None:
        link = plan.links[key]
        fallback = budget.fade_margin_db if budget.fallback_margin_db is None else budget.fallback_margin_db
        weak = replace(
            weak, from_site=link.from_site, to_site=link.to_site, margin_db=budget.fade_margin_db, fallback_db=fallback
        )
    names = [plan.sites[key].name or key if key in plan.sites else key for key in (weak.from_site, weak.to_site)]
    spare = weak.fallback_db - plan.rules.backhaul_margin_db
    role, sign = ("bad", "✕") if spare < 0.0 else ("warn", "▲") if spare < _SPARE_DB else ("ok", "✓")
    if budget is not None:
        sign, _, role = formatters.verdict(budget.verdict)
    words = tr(msg("{a}–{b}  {margin:+.0f} dB", a=names[0], b=names[1], margin=weak.margin_db))
    return BarFigure(
        msg("Weakest link"), words, role, sign,
        tr(msg("So much signal is left over at its rate: the rules ask for {least:g} dB. It stops after {all:.0f} dB.",
               least=plan.rules.backhaul_margin_db, all=max(weak.fallback_db, 0.0))),
    )  # fmt: skip


def figures_line(plan: Plan, now: ScenarioFigures | None) -> str:
    """Return the figures of a scenario in a line, to compare it without going there."""
    if now is None:
        return ""
    parts = [tr(msg("Homes {homes}", homes=_homes(now.homes, now.homes_total)))]
    if now.cost > 0.0:
        parts.append(tr(money_words(now.cost, plan.info.currency)))
    if now.weakest is not None:
        parts.append(tr(msg("weakest link {margin:+.0f} dB", margin=now.weakest.margin_db)))
    if now.lost > 0.0:
        parts.append(
            tr(
                counted(
                    "{count:,g} home lost if one tower fails (not the Internet entry)",
                    "{count:,g} homes lost if one tower fails (not the Internet entry)",
                    now.lost,
                )
            )
        )
    return " · ".join(parts)


def scenario_tabs(state: AppState) -> list[Tab]:
    """Return the scenarios; their figures as far as they are known."""
    if state.project is None:
        return []
    from cn_planner.session.scenarios import scenarios_of

    known = {one.id: one.figures for one in state.computed.scenarios}
    return [
        Tab(one.id, tr(one.title), one.active, figures_line(state.plan, known.get(one.id)))
        for one in scenarios_of(state.plan)
    ]
