"""What a further connection, or relays, would save: found by planning with it, and never said of what was not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.plan import (
    Area,
    Choice,
    Household,
    Plan,
    PowerSource,
    RelayConsent,
    Rules,
    Site,
    SiteRole,
    Uplink,
)
from cn_planner.model.rules import Relays
from cn_planner.planning.design import design
from cn_planner.planning.savings import SavingKind, saving_notes, saving_of, saving_trials, saving_words
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
ASH = destination(*GATE, 0.0, 10_000.0)
TOWN = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0), power=PowerSource.GRID)
HILL = Site("A", "Ash", *ASH, power=PowerSource.GRID)
HOMES = [Household(f"h{n}", "", *destination(*ASH, 40.0 * n, 900.0), relay=RelayConsent.NO) for n in range(4)]
PLAIN = Plan(area=Area(canopy_m=0.0), rules=Rules(mast_heights_m=(6.0, 12.0, 18.0), max_access_km=8.0))
PLAN = edits.put(PLAIN, [TOWN, HILL, *HOMES]).plan


def found(plan: Plan):
    return design(Study(plan, GROUND, SHELF))


BASE = found(PLAN)


def test_a_connection_saves_what_two_bills_differ_by_and_is_left_without_a_price():
    (trial,) = saving_trials(PLAN, BASE.edit.plan)
    assert (trial.kind, trial.site) == (SavingKind.CONNECTION, "A")
    one = saving_of(trial, found(trial.plan), PLAN, BASE.value, BASE.served, BASE.lower_bound)
    made = one.edit.plan
    assert made.sites["A"].uplink is None
    assert made.sites["A"].uplink_bought
    assert made.outcome is None
    assert not made.standing_links
    bills = [capital(plan, SHELF).total.total for plan in (BASE.edit.plan, made)]
    assert one.saved == pytest.approx(bills[0] - bills[1], abs=0.03)
    assert 0.0 <= one.proven <= one.saved
    assert one.homes == BASE.served == 4.0
    said = f"A connection at Ash would save {one.saved:,.0f} USD, before what it costs itself."
    assert str(saving_words(one, PLAN)) == said
    assert f"less than {one.saved:,.0f} USD" in str(saving_notes(one, PLAN)[-1])


def test_where_nothing_is_saved_nothing_is_said():
    (trial,) = saving_trials(PLAN, BASE.edit.plan)
    other = found(trial.plan)
    rest = (PLAN, BASE.value, BASE.served, BASE.lower_bound)
    assert saving_of(trial, replace(other, edit=None), *rest) is None
    assert saving_of(trial, replace(other, served=3.0), *rest) is None  # cheaper, for fewer homes
    assert saving_of(trial, other, PLAN, other.value, BASE.served, None) is None
    assert saving_of(trial, BASE, *rest) is None  # a plan that does not open it


def test_what_somebody_ruled_out_or_priced_is_not_tried():
    def tried(site: Site) -> list[str]:
        return [one.site for one in saving_trials(edits.put(PLAN, [site]).plan, BASE.edit.plan)]

    assert tried(HILL) == ["A"]
    assert tried(replace(HILL, uplink_choice=Choice.FORBIDDEN)) == []
    assert tried(replace(HILL, role=SiteRole.GATEWAY_OPTION, uplink=Uplink("fibre", 9.0, 9.0))) == []  # was weighed
    unsaid = Site("B", "Beech", *ASH, role=SiteRole.GATEWAY_OPTION)
    assert tried(unsaid) == ["B", "A"]  # where people say that one may be, first
    most = saving_trials(edits.put(PLAN, [unsaid]).plan, BASE.edit.plan, 1)
    assert [one.site for one in most] == ["B"]


def test_relays_that_the_rules_leave_out_save_a_tower():
    # A house on that hill would do, for less than a road to the top.
    tall = Household("tall", "Mill", *ASH, antenna_height_m=20.0, relay=RelayConsent.ASK)
    plan = edits.put(PLAN, [tall, replace(HILL, build_cost=5000.0)]).plan
    base = found(plan)
    *_, trial = saving_trials(plan, base.edit.plan)
    assert trial.kind is SavingKind.RELAYS
    one = saving_of(trial, found(trial.plan), plan, base.value, base.served, base.lower_bound)
    made = one.edit.plan
    assert {site.role for site in made.used_sites.values()} == {SiteRole.GATEWAY, SiteRole.RELAY}
    bills = [capital(of, SHELF).total.total for of in (base.edit.plan, made)]
    assert one.saved == pytest.approx(bills[0] - bills[1], abs=0.02)
    assert made.outcome is not None  # what is proven of it is of these rules
    asked = replace(plan, rules=replace(plan.rules, relays=Relays.ASK))
    assert all(one.kind is not SavingKind.RELAYS for one in saving_trials(asked, base.edit.plan))
