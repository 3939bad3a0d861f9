"""Trees that nobody measured: who holds in which scenario, what it costs that more hold, and what to measure.

On a plain: homes with antennas of 12 m half a kilometre from two towers that are 4 km apart. Bare, masts of 12 m do;
over trees of 10 m paths need more.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.errors import InputError
from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.clients import client_of
from cn_planner.model.items import Items
from cn_planner.model.plan import Area, Household, PlaceKind, Plan, PublicPlace, Rules, Site, SiteRole
from cn_planner.model.tree_scenarios import held_canopy_m, read_tree_scenarios
from cn_planner.planning.design import design
from cn_planner.planning.tree_outlook import nothing_to_hold_among, short_of_hold, tree_outlook
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from tests.small_network import flat_ground

SHELF, PLAIN = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
ASH = destination(*GATE, 90.0, 4_000.0)


def study(canopy_m: float = 0.0, **rules) -> Study:
    homes = [
        Household(f"{key}{n}", "", *destination(*at, 30.0 * n, 450.0 + 20.0 * n), antenna_height_m=12.0)
        for key, at in (("G", GATE), ("A", ASH))
        for n in range(6)
    ]
    sites = [Site("G", "Gate", *GATE, role=SiteRole.GATEWAY), Site("A", "Ash", *ASH)]
    limits = Rules(mast_heights_m=(12.0, 24.0, 30.0), cover=1.0, max_access_km=2.0, **rules)
    plan = Plan(area=Area(canopy_m=canopy_m), rules=limits)
    return Study(edits.put(plan, [*sites, *homes]).plan, PLAIN, SHELF)


def told(found, **rules):
    """What trees mean to the plan that was found."""
    plan = found.edit.plan
    plan = replace(plan, rules=replace(plan.rules, **rules)) if rules else plan
    return tree_outlook(Study(plan, PLAIN, SHELF))


@pytest.fixture(scope="module")
def bare():
    return design(study(trees="0:40, 10:60"))


def test_a_plan_made_bare_says_who_holds_if_there_are_trees(bare):
    assert [site.mast_height_m for site in bare.sites] == [12.0, 12.0]
    outlook = told(bare)
    assert [(one.canopy_m, one.homes) for one in outlook.counts] == [(0.0, 12.0), (10.0, 0.0)]
    assert outlook.expected == pytest.approx(0.4 * 12.0)
    assert outlook.certain == 0.0
    assert "If trees are 10 m, 0 of 12 homes hold." in str(outlook.words()[0])
    # The link decides for six homes; then each home's own path.
    assert [(one.kind, one.homes, one.holds_m) for one in outlook.questions[:2]] == [
        ("backhaul", 6.0, 0.0), ("access", 1.0, 0.0),
    ]  # fmt: skip
    assert told(bare, trees_certainty_pct=40.0).certain == 12.0


def test_the_network_that_holds_costs_what_the_best_plan_among_these_trees_costs(bare):
    asked = design(study(trees="0:40, 10:60", hold_share=1.0))
    among = design(study(10.0))
    assert asked.served == among.served == 12.0
    assert asked.capex == pytest.approx(among.capex)
    assert {site.id: site.mast_height_m for site in asked.sites} == {s.id: s.mast_height_m for s in among.sites}
    assert told(asked).certain == 12.0
    assert asked.lower_bound <= asked.capex, "the bound is that of the plan without trees"
    assert asked.lower_bound == pytest.approx(bare.lower_bound, rel=1e-6)
    # The curve goes from the cheapest network to this one, no point beating another.
    curve = asked.hold_curve
    assert curve[0].homes == 0.0
    assert curve[0].capex == pytest.approx(bare.capex)
    assert curve[-1].homes == 12.0
    assert curve[-1].capex == pytest.approx(asked.capex)
    assert [p.capex for p in curve] == sorted(p.capex for p in curve)
    assert bare.hold_curve == curve, "told before it is asked for"


def test_homes_hang_where_they_hold_for_the_same_money_and_the_curve_says_what_is_told_of_the_plan():
    """Between a low gateway and a high one: only the high one sees over trees of 12 m, the low one is nearer to two."""
    birch, between = destination(*GATE, 90.0, 1000.0), destination(*GATE, 90.0, 560.0)
    places = [destination(*GATE, 90.0, 150.0), destination(*birch, 270.0, 150.0)]
    places += [destination(*between, 0.0, 12.0 * n - 24.0) for n in range(4)]
    homes = [Household(f"h{n}", "", *at, antenna_height_m=12.0) for n, at in enumerate(places)]
    high = Site("B", "Birch", *birch, role=SiteRole.GATEWAY, keep_mast_m=30.0)
    base = study(trees="0:40, 12:60", max_sectors=2)
    rules = replace(base.plan.rules, max_access_km=0.8)
    plan = edits.put(Plan(area=base.plan.area, rules=rules), [base.plan.sites["G"], high, *homes]).plan
    found = design(replace(base, plan=plan))
    assert told(found).certain == 6.0
    assert [(one.homes, one.capex) for one in found.hold_curve] == [(6.0, found.capex)]


def test_half_of_the_homes_cost_less_than_all():
    half = design(study(trees="0:40, 10:60", hold_share=0.5))
    assert told(half).certain == 6.0
    assert min(site.mast_height_m for site in half.sites) == 12.0, "one mast alone is raised"


def test_a_budget_is_kept(bare):
    tight = design(study(trees="0, 10", hold_share=1.0), budget=bare.capex + 1.0)
    assert tight.capex <= bare.capex + 1.0
    assert told(tight).certain == 0.0


def test_a_built_link_stands_among_the_trees_as_they_are(bare):
    from cn_planner.model.plan import Status

    plan = bare.edit.plan
    link = next(iter(plan.links.values()))
    built = edits.put(plan, [replace(link, status=Status.BUILT)]).plan
    assert all(one.kind != "backhaul" for one in tree_outlook(Study(built, PLAIN, SHELF)).questions)


def test_scenarios_are_read_with_their_weights():
    found = read_tree_scenarios("15:10, 0:30; 5 m:30 %,10:30")
    assert [(one.canopy_m, round(one.weight, 9)) for one in found] == [(0, 0.3), (5, 0.3), (10, 0.3), (15, 0.1)]
    assert [one.weight for one in read_tree_scenarios("0,5")] == [0.5, 0.5]
    assert read_tree_scenarios(" ") == ()
    assert [held_canopy_m(found, pct) for pct in (30, 31, 60, 90, 91, 100)] == [0, 5, 5, 10, 15, 15]


@pytest.mark.parametrize(
    ("text", "said"),
    [("tall", "tall"), ("5:30, 5:10", "twice"), ("0:30, 5", "contradict"), ("0:0, 5:0", "contradict"), ("90", "90")],
)
def test_scenarios_that_contradict_are_named(text, said):
    with pytest.raises(InputError, match=said) as caught:
        design(study(trees=text))
    assert caught.value.fix is not None


def test_without_scenarios_nothing_is_said():
    found = design(study())
    assert found.hold_curve == ()
    assert told(found) is None
    assert found.as_dict()["trees"] is None


def test_the_share_that_must_hold_is_one_of_homes_whatever_public_places_stand_among_them():
    """A school with forty people at the gate holds: it makes up for no home that does not."""
    base = study(trees="0:40, 10:60", hold_share=0.5)
    near = destination(*GATE, 0.0, 150.0)
    school = client_of(PublicPlace("S", "School", *near, antenna_height_m=12.0, kind=PlaceKind.SCHOOL))
    found = design(replace(base, plan=edits.put(base.plan, [replace(school, weight=12.0)]).plan))
    homes = replace(
        found.edit.plan, households=Items(row for row in found.edit.plan.households.values() if row.id != school.id)
    )
    outlook = tree_outlook(Study(homes, PLAIN, SHELF))
    assert (outlook.served, outlook.certain) == (12.0, 6.0)
    assert [one.homes for one in found.hold_curve] == [0.0, 6.0, 12.0]
    nobody = replace(found.edit.plan, rules=replace(base.plan.rules, hold_share=1.0))
    assert short_of_hold(Study(nobody, PLAIN, SHELF)) == 6.0


def test_a_share_that_must_hold_among_trees_of_no_height_is_told():
    """It was planned without a word: nobody saw that no home had been asked to hold."""
    (said,) = nothing_to_hold_among(study(hold_share=0.9).plan)
    assert "90 % of the homes are to hold" in str(said)
    assert nothing_to_hold_among(study(hold_share=0.9, trees="0, 10").plan) == ()
    assert nothing_to_hold_among(study().plan) == ()
