"""Undo and redo in memory: without them a person dares nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_examples import many_homes, random_edits, village

from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.history import History, HistoryStep, apply_changes, changes
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link, Note, Plan, Site


@given(st.lists(random_edits, max_size=12))
def test_undoing_everything_and_redoing_everything_leads_back(functions):
    plans, history = [village()], History()
    for function in functions:
        plan = function(plans[-1]).plan
        history = history.after(HistoryStep(function(plans[-1]).label, changes(plans[-1], plan)))
        plans.append(plan)
    plan = plans[-1]
    for before in reversed(plans[:-1]):
        history, plan = history.undone(plan)
        assert plan == before
    for after in plans[1:]:
        history, plan = history.redone(plan)
        assert plan == after
    assert history.done == len(functions)


@given(st.lists(random_edits, max_size=8), st.lists(random_edits, max_size=8))
def test_the_difference_of_any_two_plans_turns_one_into_the_other(first, second):
    one, two = village(), Plan()
    for function in first:
        one = function(one).plan
    for function in second:
        two = function(two).plan
    difference = changes(one, two)
    assert apply_changes(one, difference) == two
    assert apply_changes(two, difference, backwards=True) == one
    assert changes(one, one) == ()


@given(st.lists(random_edits, max_size=12))
def test_no_edit_leaves_a_link_or_a_home_that_refers_to_a_site_that_is_gone(functions):
    plan = village()
    for function in functions:
        plan = function(plan).plan
    for link in plan.links.values():
        assert {link.from_site, link.to_site} <= set(plan.sites)
    assert {home.server for home in plan.households.values()} <= {None, *plan.sites}


def test_a_new_edit_drops_what_had_been_undone():
    plan = village()
    first = edits.put(plan, [Note("a", "first")])
    history = History().after(HistoryStep(first.label, changes(plan, first.plan)))
    history, plan = history.undone(first.plan)
    other = edits.put(plan, [Note("b", "second")])
    history = history.after(HistoryStep(other.label, changes(plan, other.plan)))
    assert history.redo_label is None
    assert str(history.undo_label) == "add note b"


def test_an_edit_that_cannot_be_is_refused_and_names_the_place():
    plan = village()
    with pytest.raises(InputError, match="latitude is 91"):
        edits.put(plan, [Site("x", "X", 91.0, 0.0)])
    with pytest.raises(InputError, match="latitude is nan"):
        edits.put(plan, [Household("x", "X", float("nan"), 0.0)])
    with pytest.raises(InputError, match="nowhere, which is not a site"):
        edits.put(plan, [Link("x", "hill", "nowhere")])
    with pytest.raises(InputError, match="begins and ends at hill"):
        edits.put(plan, [Link("x", "hill", "hill")])


def test_a_site_takes_its_links_with_it_and_leaves_its_homes_unserved():
    plan = edits.remove(village(), "sites", ["hill"]).plan
    assert not plan.links
    assert plan.households["h1"].server is None


def test_tables_are_in_the_order_of_their_ids_however_they_came_to_be():
    homes = many_homes(200)
    forwards, backwards = Items[Household](), Items[Household]()
    for home in homes:
        forwards = forwards.changed(put=[home])
    for home in reversed(homes):
        backwards = backwards.changed(put=[home])
    assert forwards == backwards
    assert list(forwards) == list(backwards) == sorted(forwards)
    with pytest.raises(ValueError, match="home-00000"):
        Items([homes[0], homes[0]])
