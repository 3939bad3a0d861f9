"""Sidebar and panel count who is reached alike: a home whose tower leads nowhere is told apart."""

from __future__ import annotations

from dataclasses import replace

from cn_planner.gui.panels.side import SidePanel
from cn_planner.model import edits


def raise_lone_towers(state):
    """Three towers with no link, and a home that the plan gives to one that has its link."""
    home = next(iter(state.plan.households.values()))
    state.make(
        lambda plan: edits.put(
            plan,
            [
                *(replace(plan.sites[key], mast_height_m=18.0) for key in ("C02", "C03", "C04")),
                replace(home, server="C01"),
            ],
        )
    )


def test_homes_of_a_tower_without_a_link_are_told_apart(state, settings, qtbot, settled):
    raise_lone_towers(state)
    side = SidePanel(state, settings)
    qtbot.addWidget(side)
    side.show()
    state.request_service()
    settled(state)
    now = state.computed.service
    online, reached = now.connected_weight, now.works_weight
    assert 0 < online < reached, "the example has both kinds"
    words = side.overview.lead.text()
    assert words.startswith(f"{online:,.0f} of "), words
    assert (
        f"{reached - online - now.left_out_weight:,.0f} more see a tower that no working link joins to a gateway"
        in words
    )


def test_homes_that_a_linked_tower_sees_and_the_plan_leaves_out_are_told_so(state, settings, qtbot, settled):
    """122 homes were said to see a tower that is not linked, where every tower was."""
    state.request_service()
    settled(state)
    now = state.computed.service
    seen = [key for key, home in state.plan.households.items() if now.is_seen(key)]
    given = seen[: len(seen) // 2]
    state.make(lambda plan: edits.put(plan, [replace(plan.households[key], server=now.site_of(key)) for key in given]))
    side = SidePanel(state, settings)
    qtbot.addWidget(side)
    side.show()
    state.request_service()
    settled(state)
    left = sum(state.plan.households[key].weight for key in seen[len(seen) // 2 :])
    assert left > 1
    words = side.overview.lead.text()
    assert f"{left:,.0f} more see a tower of the network; the plan leaves them out." in words
    assert "no working link" not in words


def test_the_map_draws_as_reached_whom_the_panels_count(state, regions, settled):
    """It drew every home that any tower sees, while sidebar and panels counted those that the plan connects."""
    raise_lone_towers(state)
    state.request_service()
    settled(state)
    now, homes = state.computed.service, regions.canvas.content.homes
    drawn = sum(state.plan.households[key].weight for key, on in zip(homes.ids, homes.served, strict=True) if on)
    assert drawn == now.connected_weight < now.works_weight
