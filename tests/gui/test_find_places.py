"""Places for towers found in the terrain, from the window: on the map by one edit, with their number said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.gui.overview import tasks
from cn_planner.gui.places import find_places
from cn_planner.gui.quantities import Quantities
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import SiteRole


@pytest.fixture
def state(state):
    """The valley where no link is longer than 6 km: a tenth of the paths to look along."""
    state.make(lambda plan: edits.change_section(plan, "rules", max_backhaul_km=6.0))
    return state


def test_places_are_put_in_by_one_edit_and_their_number_is_said(state, settled):
    before, said = state.plan, []
    find_places(state, said.append)
    settled(state)
    new = [site for key, site in state.plan.sites.items() if key not in before.sites]
    assert new
    assert all(site.role is SiteRole.CANDIDATE and not site.in_network for site in new)
    assert len(said) == 1
    assert str(said[0].what).startswith(f"{len(new)} places for towers were found")
    assert str(state.undo_label) == "places for towers found in the terrain"
    state.undo()
    assert state.plan == before


def test_they_are_found_in_a_plan_without_any_place(state, settled):
    state.make(lambda plan: edits.remove(plan, "sites", list(plan.sites)))
    said = []
    find_places(state, said.append)
    settled(state)
    assert said
    assert state.plan.sites


def test_what_was_found_for_another_plan_is_left_and_said(state, settled):
    said, told = [], []
    state.message.connect(told.append)
    find_places(state, said.append)
    key = next(iter(state.plan.households))
    state.make(lambda plan: edits.remove(plan, "households", [key]))
    before = state.plan
    settled(state)
    assert state.plan is before
    assert not said
    assert any("changed meanwhile" in str(one.what) for one in told)


def test_the_sidebar_offers_them_where_there_is_little_to_choose_from(state, settings):
    quantities = Quantities(settings)

    def places(plan):
        return next(task for task in tasks(plan, quantities) if task.key == "places")

    assert places(state.plan).command == "place_tower"  # the valley has places enough
    few = edits.remove(state.plan, "sites", [key for key in state.plan.sites if key not in ("C01", "C02", "G01")]).plan
    assert places(few).command == "find_places"
    assert places(replace(few, sites=Items())).command == "find_places"
    # Without terrain or homes nothing can be found.
    assert places(replace(few, terrain=Items())).command == "place_tower"
    assert places(replace(few, households=Items())).command == "place_tower"
