"""Who is left out by hamlet, and what including them takes: held against the capital of the plan with them in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deployment_example import home
from small_network import small_network

from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.message import msg
from cn_planner.model.edits import put
from cn_planner.model.items import Items
from cn_planner.model.plan import Household
from cn_planner.model.purpose import KeptChoice, KeptChoices
from cn_planner.planning.explain import Unserved, UnservedKind
from cn_planner.planning.fix_found import Fix, HomeFixes
from cn_planner.planning.fix_words import FixKind
from cn_planner.planning.result import inputs_of
from cn_planner.report.paper_facts import left_out_records, paper_facts
from cn_planner.storage.catalogue import load_catalogue

CATALOGUE = load_catalogue()
NAMES = ("x1", "x2", "x3")


@pytest.fixture(scope="module")
def plan():
    """The small network with three homes of one hamlet left out."""
    plan = small_network()
    more = [Household(key, key, -1.60, 36.60, hamlet="Upper") for key in NAMES]
    return replace(plan, households=Items([*plan.households.values(), *more]))


def _fix(plan, key, kind, site, rows, words):
    after = put(plan, (*rows, replace(plan.households[key], server=site)), msg("x")).plan
    cost = capital(after, CATALOGUE).total.total - capital(plan, CATALOGUE).total.total
    return HomeFixes(
        key, (Fix(key, site, kind, words, cost, msg("x"), (*rows, replace(plan.households[key], server=site))),), None
    )


def _records(plan, fixes):
    homes = [home(key, key, reached=False, server=None, hamlet="Upper") for key in NAMES]
    why = {key: Unserved(key, UnservedKind.LEFT_OUT, msg("x"), None, None) for key in NAMES[:2]}
    why[NAMES[2]] = Unserved(NAMES[2], UnservedKind.BLOCKED, msg("x"), None, None)
    return left_out_records(UnitCosts(plan, CATALOGUE), homes, why, {}, fixes)


def test_a_tower_that_several_homes_need_is_paid_for_once(plan):
    tower = replace(plan.sites["D"], mast_height_m=12.0)
    words = msg("One more tower: {site} with a mast of {height:g} m.", site="Not built", height=12.0)
    fixes = {key: _fix(plan, key, FixKind.TOWER, "D", (tower,), words) for key in NAMES[:2]}
    (one,) = _records(plan, fixes)
    both = put(plan, (tower, *(replace(plan.households[key], server="D") for key in NAMES[:2])), msg("x")).plan
    more = capital(both, CATALOGUE).total.total - capital(plan, CATALOGUE).total.total
    assert (one.hamlet, one.homes, one.without) == ("Upper", 3.0, 1.0)
    assert one.cost == pytest.approx(more, abs=0.005)
    assert [str(takes) for takes in one.takes] == ["a tower at Not built"]
    assert str(one.reason) == "The money, or the goal, ends before them"


def test_of_a_mast_asked_for_twice_the_higher_one_stands(plan):
    masts = {"x1": 12.0, "x2": 24.0}
    fixes = {
        key: _fix(plan, key, FixKind.MAST, "B", (replace(plan.sites["B"], mast_height_m=height),), msg("{h}", h=height))
        for key, height in masts.items()
    }
    (one,) = _records(plan, fixes)
    rows = [replace(plan.sites["B"], mast_height_m=24.0)]
    rows += [replace(plan.households[key], server="B") for key in masts]
    more = capital(put(plan, rows, msg("x")).plan, CATALOGUE).total.total - capital(plan, CATALOGUE).total.total
    assert one.cost == pytest.approx(more, abs=0.005)


def test_where_no_way_is_known_nothing_is_counted(plan):
    (one,) = _records(plan, {})
    assert (one.cost, one.without, one.takes) == (None, 3.0, ())


def test_homes_of_no_hamlet_are_told_by_the_nearest_place_of_the_network(plan):
    """Worked out on a flat earth, which at this distance and latitude names the same place."""
    places = {key: plan.sites[key] for key in "GABC"}
    homes = [
        replace(home(key, key, reached=False, server=None), latitude=latitude, longitude=longitude)
        for key, latitude, longitude in (("x1", -1.451, 36.56), ("x2", -1.56, 36.551), ("x3", -1.449, 36.549))
    ]
    found = {
        (one.hamlet, one.near): one.homes for one in left_out_records(UnitCosts(plan, CATALOGUE), homes, {}, {}, {})
    }
    by_hand = {}
    for one in homes:
        near = min(places, key=lambda key: abs(complex(places[key].latitude - one.latitude,
                                                       places[key].longitude - one.longitude)))  # fmt: skip
        by_hand["", places[near].name] = by_hand.get(("", places[near].name), 0.0) + 1.0
    assert found == by_hand
    assert len(found) == 2


def test_a_comparison_holds_whichever_of_its_networks_stands_and_no_longer_where_prices_change(plan):
    def facts(one):
        return paper_facts(UnitCosts(one, CATALOGUE), 10.0, (), {}, {}, {})

    kept = replace(plan, choices=KeptChoices((KeptChoice(2.0, 1, 100.0, 5.0, 6),), inputs_of(plan)))
    assert facts(kept).choices == kept.choices.rows
    other = replace(
        kept,
        sites=Items([replace(one, mast_height_m=None, sectors=()) for one in kept.sites.values()]),
        links=Items(()),
    )
    assert facts(other).choices == kept.choices.rows
    dearer = replace(kept, costs=replace(kept.costs, labour_day=99.0))
    assert (facts(dearer).choices, facts(dearer).outdated) == ((), True)
    assert not facts(plan).outdated
