"""What is wrong with a plan is said where the plan is looked at, and one click opens the place that settles it."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from cn_planner.gui import problems as problems_file
from cn_planner.gui import theme, words
from cn_planner.gui.app import make_window
from cn_planner.gui.dialogs.tradeoff import TradeoffDialog
from cn_planner.gui.overview import Stage, tasks
from cn_planner.gui.problems import remedy
from cn_planner.gui.quantities import Quantities
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState
from cn_planner.jobs import close_pools
from cn_planner.model import edits
from cn_planner.model.checks import Action, Severity, problems
from cn_planner.model.plan import Household, Link, Plan, Sector, Site, SiteRole, TerrainFile, Uplink
from cn_planner.session.check import check_snapshot
from cn_planner.terrain.nearby import HigherGround


@pytest.fixture
def window(state: AppState, qtbot, tmp_path: Path):
    settings = Settings(tmp_path / "window.ini")
    for key, value in (("look", "light"), ("language", "en"), ("tour_seen", True)):
        settings.set(key, value)
    made = make_window(settings)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    path = state.project.path
    state.shutdown()
    made.state.open(path)
    qtbot.waitUntil(lambda: made.state.project is not None and not made.state.jobs.active(), timeout=60_000)
    yield made
    made.close()
    made.shutdown()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()
    theme.apply_look("light", 100.0)
    words.set_language("en")
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def settle(window, qtbot) -> None:
    qtbot.waitUntil(lambda: not window.state.jobs.active() and not window.state._rest.isActive(), timeout=60_000)


def cards(window) -> dict[str, object]:
    """Return the problem cards that are shown, by what they say."""
    return {card.what.text()[3:]: card for card in window.regions.panel.overview.found if card.isVisible()}


def test_every_problem_has_a_button_that_the_window_knows(window) -> None:
    plan = window.state.plan
    for one in (*problems(Plan()), *check_snapshot(window.state.project.snapshot())):
        done = remedy(one, plan)
        assert done is not None or one.action is Action.LOOK, one
        if done is not None:
            assert "cn-planner" not in str(done[0])
            assert done[1].split(":")[0] in {"fill", "set", "show"} or done[1] in window.do.keys, done


def test_what_was_said_of_an_error_or_a_home_is_said_by_the_program() -> None:
    """A button stands beside a sentence by its words: one that was changed elsewhere would lose its button unseen."""
    package = Path(problems_file.__file__).parents[1]
    said: set[str] = set()
    for path in package.rglob("*.py"):
        if path != Path(problems_file.__file__):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            said |= {
                one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    by_words = {*problems_file._OF_ERRORS, *problems_file._OF_ADVICE}
    assert by_words - said == set()


def test_more_homes_than_the_internet_carries_is_no_dead_end(window, qtbot) -> None:
    state = window.state
    narrow = replace(state.plan.sites["G01"], uplink=Uplink("ADSL", 1.0, 10.0))
    assert state.apply(edits.put(state.plan, [narrow]))
    settle(window, qtbot)
    state.proposals.plan(cover=1.0)
    told = "The Internet connections carry only"
    qtbot.waitUntil(lambda: any(str(c.notice.what).startswith(told) for c in window.messages.cards), timeout=60_000)
    (card,) = (one for one in window.messages.cards if str(one.notice.what).startswith(told))
    (way_on,) = (one for one in card.findChildren(QPushButton) if one.text() == "Cost against homes…")
    way_on.click()
    (dialog,) = (one for one in window.findChildren(TradeoffDialog) if one.isVisible())
    dialog.close()
    settle(window, qtbot)


def test_an_unsaid_connection_is_one_click_from_the_field_that_says_it(window, qtbot) -> None:
    state = window.state
    assert state.plan.sites["G01"].role is SiteRole.GATEWAY
    bare = replace(state.plan.sites["G01"], uplink=None)
    assert state.apply(edits.put(state.plan, [bare]))
    settle(window, qtbot)
    card = cards(window)[f"Nothing is said of the Internet connection at gateway {bare.name}."]
    assert "free" in card.fix.text()
    qtbot.mouseClick(card.act, Qt.MouseButton.LeftButton)
    panel = window.regions.panel["site"]
    assert panel.key == "G01"
    assert window.focusWidget() is panel.uplink["mbps"]
    settle(window, qtbot)  # what stands above it is filled in only now
    qtbot.waitUntil(lambda: panel.uplink["mbps"].visibleRegion().boundingRect() == panel.uplink["mbps"].rect())
    panel.uplink["monthly_cost"].selectAll()
    qtbot.keyClicks(panel.uplink["monthly_cost"], "30\r")  # nobody said how fast it is, nor what it is
    assert state.plan.sites["G01"].uplink == Uplink(kind="", mbps=0.0, monthly_cost=30.0)
    assert [one.answer for one in problems(state.plan) if "how fast" in str(one.what)] == ["sites.uplink"]
    panel.uplink["mbps"].selectAll()
    qtbot.keyClicks(panel.uplink["mbps"], "50\r")
    assert state.plan.sites["G01"].uplink == Uplink(kind="", mbps=50.0, monthly_cost=30.0)
    assert not any("how fast" in str(one.what) for one in problems(state.plan))
    state.select(None)
    settle(window, qtbot)
    assert not any("Internet connection" in words for words in cards(window))


def test_a_kit_that_is_not_on_the_catalogue_opens_the_choice_of_kits(window, qtbot) -> None:
    state = window.state
    assert state.apply(edits.change_section(state.plan, "kits", edits.put(state.plan, []).label, client="no-such"))
    settle(window, qtbot)
    card = cards(window)["There is no kit no-such."]
    qtbot.mouseClick(card.act, Qt.MouseButton.LeftButton)
    dialog = window.do._dialogs["plan_settings"]
    assert dialog._sections.currentItem().text() == "Kits"
    qtbot.waitUntil(lambda: QApplication.focusWidget() is dialog.fields["kits.client"])


def test_a_doubled_home_is_shown_and_many_problems_are_not_a_wall(window, qtbot) -> None:
    state = window.state
    first = next(iter(state.plan.households.values()))
    assert state.apply(edits.put(state.plan, [Household("again", "", first.latitude, first.longitude)]))
    settle(window, qtbot)
    card = cards(window)["1 home lies where another one does already: again."]
    qtbot.mouseClick(card.act, Qt.MouseButton.LeftButton)
    assert (state.selection.kind, state.selection.id) == ("household", "again")
    state.select(None)
    high = [replace(site, mast_height_m=site.max_height_m + 1.0) for site in state.plan.sites.values()]
    assert state.apply(edits.put(state.plan, high))
    settle(window, qtbot)
    panel = window.regions.panel.overview
    bad = [one for one in panel._problems if one.severity is Severity.ERROR]
    assert len(cards(window)) == 4
    assert len(bad) > 4
    qtbot.mouseClick(panel.more, Qt.MouseButton.LeftButton)
    assert len(cards(window)) == len(panel._problems)


def test_a_tower_that_was_added_without_a_channel_is_the_next_step_of_the_rail() -> None:
    """Not "all reached": on the channel of nobody it may cut off those that are."""
    sector = Sector("T-S1", "village-sector-5ghz", 0.0, freq_mhz=5500.0)
    rows = [
        Site("G", "Gate", 2.78, 32.31, role=SiteRole.GATEWAY, mast_height_m=12.0),
        Site("T", "Top", 2.79, 32.31, mast_height_m=12.0, sectors=(sector,)),
        Link("L", "G", "T"),
        Household("H", "Home", 2.80, 32.31, server="T"),
        TerrainFile("t.tif", "t.tif", "0", 30.0),
    ]
    plan = edits.put(Plan(), rows).plan
    [found] = [one for one in problems(plan) if one.action is Action.GIVE_CHANNELS]
    assert (found.severity, found.where) == (Severity.WARNING, "L")
    connect = next(one for one in tasks(plan, Quantities(Settings()), frozenset({"H"})) if one.key == "connect")
    assert (connect.stage, connect.command) == (Stage.ATTENTION, "give_channels")
    given = edits.put(plan, [replace(plan.links["L"], freq_mhz=5600.0)]).plan
    none = edits.put(plan, [replace(plan.sites["T"], sectors=(replace(sector, freq_mhz=None),))]).plan
    for other in (given, none):  # all have one, or the plan has given none
        assert not [one for one in problems(other) if one.action is Action.GIVE_CHANNELS]


@pytest.mark.parametrize("down", [0.0, 0.5, 0.9])
def test_higher_ground_is_asked_of_beside_the_tower_and_not_over_it(window, qtbot, down: float) -> None:
    """The card stood over the tower that was just put there, and over the place that it speaks of."""
    canvas, card = window.regions.canvas, window.regions.higher
    canvas.show_all(animated=False)
    spot = canvas.width() * canvas.ratio / 2, canvas.height() * canvas.ratio * (0.05 + down)
    lat, lon = canvas.view.geo_at(*spot)
    site = replace(window.state.plan.sites["G01"], latitude=float(lat), longitude=float(lon))
    window.state.apply(edits.put(window.state.plan, [site]))
    card.ask("G01", HigherGround(float(lat) + 0.0003, float(lon), 900.0, 11.0, 33.0, 0.0))
    assert card.isVisible()
    for place in card.places():
        x, y = (round(float(one) / canvas.ratio) for one in canvas.view.to_screen(*place))
        assert not card.geometry().contains(x, y)
    assert window.regions.map_region.rect().contains(card.geometry())
