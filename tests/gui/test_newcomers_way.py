"""Where newcomers stood before a wall: the gateway, the country that is typed, homes beyond the plan's own places."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, QSignalBlocker, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton

from cn_planner.gui.app import make_window
from cn_planner.gui.kinds import SITE, Thing
from cn_planner.gui.messages import MessageCard
from cn_planner.gui.settings import Settings
from cn_planner.gui.values import Level, Notice
from cn_planner.gui.village import CountryBox, Village
from cn_planner.jobs import close_pools
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.plan import Choice, SiteRole
from cn_planner.session.reach_left import LeftReached


@pytest.fixture
def window(qtbot, tmp_path: Path, valley_folder: Path):
    settings = Settings(tmp_path / "window.ini")
    settings.set("language", "en")
    settings.set("tour_seen", True)
    made = make_window(settings)
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    made.state.follow = False
    made.state.open_sample(valley_folder)
    qtbot.waitUntil(lambda: made.state.project is not None and not made.state.jobs.active(), timeout=60_000)
    yield made
    made.close()
    made.shutdown()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()


def click_at(window, latitude: float, longitude: float) -> None:
    canvas = window.regions.canvas
    canvas.grab()
    canvas.go_to(latitude, longitude, zoom=15.0, animated=False)
    x, y = canvas.view.to_screen(latitude, longitude)
    canvas.tool_click(QPointF(float(x), float(y)))


def test_one_click_on_a_tower_says_where_the_internet_comes_in(window) -> None:
    state = window.state
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["G01"], role=SiteRole.CANDIDATE)]))
    window.do("choose_gateway")
    hint = window.regions.tools.hint
    assert hint.isVisible()
    assert "Where does the Internet come in?" in hint.text()
    site = state.plan.sites["C02"]
    click_at(window, site.latitude, site.longitude)
    assert state.plan.sites["C02"].role is SiteRole.GATEWAY
    assert state.selection == Thing(SITE, "C02")
    assert window.regions.canvas.tool.key == "select"
    assert not hint.isVisible()
    state.undo()
    assert state.plan.sites["C02"].role is SiteRole.CANDIDATE


def test_a_click_beside_all_towers_puts_the_gateway_there(window) -> None:
    state, site = window.state, window.state.plan.sites["C02"]
    before = set(state.plan.sites)
    window.do("choose_gateway")
    click_at(window, site.latitude + 0.02, site.longitude + 0.02)
    (key,) = set(state.plan.sites) - before
    assert state.plan.sites[key].role is SiteRole.GATEWAY
    state.undo()
    assert set(state.plan.sites) == before


def test_what_can_be_done_next_waits_for_who_takes_it(window, qtbot) -> None:
    stays = MessageCard(Notice(Level.INFO, msg("Plan it.")), (msg("Accept"), lambda: None), window)
    goes = MessageCard(Notice(Level.INFO, msg("It is done.")), None, window)
    assert not stays._timer.isActive()
    assert goes._timer.isActive()
    # One that came up under a pointer that nobody moved goes too, once that has left it.
    QApplication.sendEvent(goes, QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    assert not goes._timer.isActive()
    for card in (stays, goes):
        QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    assert goes._timer.isActive()
    assert not stays._timer.isActive()
    stays.leave()
    goes.leave()


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Spa", "ES"), ("South", ""), ("African", "CF"), ("south afr", "ZA"),
     ("spain", "ES"), ("es", "ES"), ("Niger", "NE"), ("nigeri", "NG"), ("Guinea", "GN"), ("United", ""),
     ("Atlantis", ""), ("", "")],
)  # fmt: skip
def test_a_country_is_typed(qtbot, typed: str, code: str) -> None:
    box = CountryBox()
    qtbot.addWidget(box)
    box.show()
    edit = box.lineEdit()
    edit.selectAll()
    QTest.keyClick(edit, Qt.Key.Key_Delete)
    QTest.keyClicks(edit, typed)
    assert edit.text() == typed  # nothing is written between the letters of who types
    assert box.code() == code
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert box.code() == code
    if code:
        assert box.currentText() == box.name_of(code)


def test_reach_the_last_ones_offers_the_place_that_was_found(window, qtbot) -> None:
    """Where the plan reaches all that its own places can, a place that was found since is the next step: one click."""
    state = window.state
    free = [site for site in state.plan.sites.values() if site.role is SiteRole.CANDIDATE]
    state.make(lambda plan: edits.put(plan, [replace(site, choice=Choice.FORBIDDEN) for site in free[2:]]))
    state.proposals.plan(cover=1.0)
    qtbot.waitUntil(lambda: state.proposals.now is not None and not state.jobs.active(), timeout=120_000)
    assert state.proposals.accept()
    assert state.plan.outcome.served >= state.plan.outcome.coverable - 0.5
    state.make(lambda plan: edits.put(plan, [replace(plan.sites[site.id], choice=Choice.FREE) for site in free[2:]]))
    state.request_suggestions()
    qtbot.waitUntil(lambda: state.computed.suggested_for is state.plan and not state.jobs.active(), timeout=60_000)
    best = state.computed.suggestions[0]
    window.messages.clear()
    window.do("reach_more")
    qtbot.waitUntil(lambda: state.proposals.now is not None and state.proposals.shown, timeout=60_000)
    assert best.headline in state.proposals.now.notes
    assert not state.plan.sites[best.site].in_network  # nothing changes in silence
    QTest.mouseClick(window.regions.proposal[0].accept, Qt.MouseButton.LeftButton)
    assert state.plan.sites[best.site].in_network


def planned(window, qtbot) -> None:
    """Have the valley planned, and the plan taken and judged."""
    state = window.state
    state.proposals.plan(cover=1.0)
    qtbot.waitUntil(lambda: state.proposals.now is not None and not state.jobs.active(), timeout=120_000)
    assert state.proposals.accept()


def judged(window, qtbot) -> float:
    """Return how many homes are connected, by the judge."""
    state = window.state
    state.request_service()
    qtbot.waitUntil(lambda: not state.jobs.active(), timeout=60_000)
    return state.computed.service.connected_weight


def test_reach_the_last_ones_proposes_what_reaches_each_where_no_place_does(window, qtbot) -> None:
    """A home of which its panel says that a pole reaches it is not "cannot be reached" for the rail."""
    state = window.state
    planned(window, qtbot)
    rows = [replace(one, server=None, antenna_height_m=2.0) for one in list(state.plan.households.values())[:1]]
    free = [replace(one, choice=Choice.FORBIDDEN) for one in state.plan.sites.values() if not one.in_network]
    served = sum(one.weight for one in state.plan.households.values() if one.server and one.id != rows[0].id)
    state.make(lambda plan: edits.put(plan, [*free, *rows]))
    state.make(lambda plan: edits.change_section(plan, "outcome", served=served, coverable=served))
    before = judged(window, qtbot)
    window.messages.clear()
    window.do("reach_more")
    qtbot.waitUntil(lambda: state.proposals.shown, timeout=120_000)
    found = state.proposals.now
    assert rows[0].id in found.won
    assert not found.lost
    said = [window.regions.proposal[0].why.text(), window.regions.proposal[0].notes.text()]
    assert any((rows[0].name or rows[0].id) in one for one in said), said
    assert judged(window, qtbot) == before  # nothing is in the plan before it is taken


def test_a_home_that_was_taken_away_while_ways_were_looked_for_is_not_counted(window) -> None:
    state = window.state
    homes = list(state.plan.households)[:3]
    state.make(lambda plan: edits.remove(plan, "households", homes[:1]))
    window.messages.clear()
    window.do._say_left(LeftReached(None, (), tuple(homes)))
    left = sum(state.plan.households[key].weight for key in homes[1:])
    assert ("count", left) in [card.notice.what.values[0] for card in window.messages.findChildren(MessageCard)]


def test_after_a_tower_was_carried_away_the_rail_plans_anew(window, qtbot) -> None:
    """And does not say that the homes that it lost cannot be reached."""
    state = window.state
    planned(window, qtbot)
    homes = state.plan.households.values()
    tower = max(state.plan.used_sites.values(), key=lambda one: sum(home.server == one.id for home in homes))
    state.make(lambda plan: edits.put(plan, [replace(tower, latitude=tower.latitude + 0.02)]))
    assert judged(window, qtbot) < state.plan.outcome.coverable - 0.5
    window.do("reach_more")
    assert any(job.key == "plan" for job in state.jobs.active())
    state.jobs.cancel_all("plan")
    qtbot.waitUntil(lambda: not state.jobs.active(), timeout=60_000)


def test_a_question_about_a_place_that_is_gone_is_not_asked_again_in_another_language(state, settings, qtbot):
    village = Village(state, settings)
    qtbot.addWidget(village)
    village.show()
    village.ask("sites.consent")
    place = village._shown.where
    assert place in state.plan.sites
    with QSignalBlocker(state):  # as in the moment between a change and the word of it
        state.project.apply(edits.remove(state.plan, "sites", [place]))
    assert place not in state.plan.sites
    village.retitle()
    assert village._shown is None or village._shown.where != place


def test_an_error_that_can_be_mended_says_how_and_does_it(window, qtbot) -> None:
    """That each sentence is said by the program is tested beside the problems of the window."""
    from cn_planner.gui.problems import _OF_ERRORS

    assert not [command for _, command in _OF_ERRORS.values() if command not in window.do.keys]
    state = window.state
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["G01"], role=SiteRole.CANDIDATE)]))
    window.do("make_plan")
    qtbot.waitUntil(lambda: bool(window.messages.cards) and not state.jobs.active(), timeout=60_000)
    card = window.messages.cards[-1]
    go = next(one for one in card.findChildren(QPushButton) if one.text() == "Choose the gateway")
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    assert window.regions.canvas.tool.key == "gateway"


def test_the_role_of_a_place_is_in_no_drawer(window) -> None:
    window.do("show:C02")
    field = next(one for one in window.regions.panel["site"].findChildren(QComboBox) if one.accessibleName() == "Role")
    assert field.isVisible()
