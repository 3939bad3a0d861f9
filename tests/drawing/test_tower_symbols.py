"""A gateway that the plan does without looks like one that is possible: on the map, in 3D, on paper, in the legends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deployment_example import example_deployment

from cn_planner.drawing.display import SITE_RANKS, Symbol, tower_symbol
from cn_planner.drawing.map_legend import legend_entries
from cn_planner.drawing.plan_views import map_content
from cn_planner.model.plan import SiteRole

DOOR, OPTION, PLACE = SiteRole.GATEWAY, SiteRole.GATEWAY_OPTION, SiteRole.CANDIDATE


@pytest.mark.parametrize(
    ("role", "used", "enters", "begun", "shown"),
    [
        (DOOR, True, True, True, Symbol.GATEWAY),
        (DOOR, False, True, True, Symbol.GATEWAY_OPTION),
        (DOOR, False, True, False, Symbol.GATEWAY),  # nothing is planned yet
        (OPTION, True, True, True, Symbol.GATEWAY),
        (OPTION, True, False, True, Symbol.TOWER),
        (OPTION, False, True, True, Symbol.GATEWAY_OPTION),
        (OPTION, False, False, False, Symbol.GATEWAY_OPTION),
        (PLACE, True, False, True, Symbol.TOWER),
        (PLACE, False, False, True, Symbol.SUGGESTED),
    ],
)
def test_a_place_is_drawn_as_what_the_plan_makes_of_it(role, used, enters, begun, shown):
    assert tower_symbol(role, used=used, enters=enters, begun=begun) is shown
    assert shown in SITE_RANKS


def test_the_printed_map_and_its_legend_show_an_unused_gateway_as_possible():
    plan = example_deployment()
    first, *rest = plan.sites
    idle = replace(first, id="idle", role=DOOR, mast_height_m=None)
    content = map_content(replace(plan, sites=(first, *rest, idle)), candidates=True)
    shown = {tower.id: tower.symbol for tower in content.towers}
    assert shown["idle"] is Symbol.GATEWAY_OPTION
    assert Symbol.GATEWAY in shown.values()  # the one that is used
    assert "possible gateway" in {str(words) for _, words in legend_entries(content, missing=False)}
    (alone,) = map_content(replace(plan, sites=(idle,)), candidates=True).towers
    assert alone.symbol is Symbol.GATEWAY  # nothing is planned yet
