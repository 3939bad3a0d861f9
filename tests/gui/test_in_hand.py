"""A tower under the hand: its links go with it and say how they would stand, and the homes that it sees are ringed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cn_planner.gui.figures import figures_shown
from cn_planner.gui.kinds import Thing
from cn_planner.model import edits
from cn_planner.service.path_view import PathEnd, path_view
from cn_planner.session.scenarios import scenario_figures


@pytest.fixture
def canvas(regions, state, settled, qtbot):
    mine = [replace(one, server="C01") for one in list(state.plan.households.values())[:40]]
    state.make(lambda plan: edits.put(plan, mine))
    regions.map_side.resize(900, 600)
    regions.canvas.resize(900, 600)
    regions.map_region.parentWidget().show()
    regions.canvas.show_all(animated=False)
    settled(state)
    return regions.canvas


def spot(canvas, site) -> QPoint:
    x, y = canvas.view.to_screen(site.latitude, site.longitude)
    return QPoint(round(float(x) / canvas.ratio), round(float(y) / canvas.ratio))


def test_links_homes_and_ground_follow_the_hand(canvas, state, settled, qtbot) -> None:
    state.request_service()
    settled(state)
    before = state.plan.sites["C01"]
    start = spot(canvas, before)
    end = start + QPoint(6, 6)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    for step in (0.4, 0.8, 1.0):
        QTest.mouseMove(canvas, start + (end - start) * step)
    tool = canvas.tool
    assert Thing("link", "L1") in tool.hidden  # no second line stays where it was
    settled(state)
    qtbot.waitUntil(lambda: canvas.held is not None and "L1" in canvas.held.links, timeout=30_000)
    live, held = state.computed.live, canvas.held
    assert live is not None
    assert live.site == "C01"
    assert set(held.homes) == {
        (state.plan.households[key].latitude, state.plan.households[key].longitude) for key in live.homes
    }
    homes = f"sees {live.weight:,.0f} home{'' if live.weight == 1 else 's'}"
    ground = canvas.content.ground_m(*tool._place)
    given = [one for one in state.plan.households.values() if one.server == "C01"]
    kept = sum(one.weight for one in given if one.id in live.homes)
    whole = sum(one.weight for one in given)
    assert held.words == (homes, f"{kept:,.0f} of its {whole:,.0f}", f"ground {ground:,.0f} m")
    assert live.homes
    assert kept < whole

    # The line says what a plan says in which the tower stands there.
    link = state.plan.links["L1"]
    there = replace(before, latitude=tool._place[0], longitude=tool._place[1])
    moved = edits.put(state.plan, [there]).plan
    study = replace(state.project.snapshot().study, plan=moved)
    ends = (PathEnd(0.0, 0.0, kind="site", id=key) for key in (link.from_site, link.to_site))
    view = path_view(study, *ends, link=link)
    assert held.links["L1"].segments == view.segments
    assert held.links["L1"].a == (view.a.latitude, view.a.longitude)

    # Homes and cost of the plan, too; the bar says them in place of those before.
    qtbot.waitUntil(lambda: state.computed.in_hand is not None, timeout=30_000)
    settled(state)
    told = scenario_figures(state.project.workspace.snapshot(moved))
    carried = state.computed.in_hand
    assert (carried.homes, carried.homes_total) == (told.homes, told.homes_total)
    assert carried.cost == pytest.approx(told.cost)
    assert [one.name.key for one in figures_shown(state)] == ["Homes", "Cost"]
    assert figures_shown(state)[0].value.startswith(f"{told.homes:,.0f} of")

    picture = canvas.grab().toImage()
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert canvas.held is None
    assert state.computed.in_hand is None
    assert tool.hidden == frozenset()
    assert state.plan.sites["C01"] != before
    assert canvas.grab().toImage() != picture


def test_escape_lets_it_go_with_all_that_followed(canvas, state, settled) -> None:
    before = state.plan
    start = spot(canvas, before.sites["C01"])
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(canvas, start + QPoint(20, 20))
    QTest.mouseMove(canvas, start + QPoint(40, 20))
    settled(state)
    assert canvas.held is not None
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.held is None
    assert state.plan == before
    settled(state)
    assert canvas.held is None


def test_a_place_that_is_no_tower_has_nothing_that_follows(canvas, state, settled) -> None:
    free = next(one for one in state.plan.sites.values() if not one.in_network)
    start = spot(canvas, free)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(canvas, start + QPoint(20, 20))
    QTest.mouseMove(canvas, start + QPoint(40, 20))
    assert canvas.held is None
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
