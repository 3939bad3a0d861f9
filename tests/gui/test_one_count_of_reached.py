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
    assert f"{reached - online:,.0f} more" in words


def test_the_map_draws_as_reached_whom_the_panels_count(state, regions, settled):
    """It drew every home that any tower sees, while sidebar and panels counted those that the plan connects."""
    raise_lone_towers(state)
    state.request_service()
    settled(state)
    now, homes = state.computed.service, regions.canvas.content.homes
    drawn = sum(state.plan.households[key].weight for key, on in zip(homes.ids, homes.served, strict=True) if on)
    assert drawn == now.connected_weight < now.works_weight
