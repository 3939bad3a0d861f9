"""What the program would change is shown before it does: looked at, taken whole or in part, left, made again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from cn_planner.economics.costs import capital
from cn_planner.gui import theme, words
from cn_planner.gui.app import make_window
from cn_planner.gui.dialogs.merge import MergeDialog
from cn_planner.gui.dialogs.tradeoff import TradeoffDialog
from cn_planner.gui.figures import cost_shown, figures_shown
from cn_planner.gui.kinds import Thing
from cn_planner.gui.map.layers.proposal import ProposalLayer
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.proposal import ProposalPanel
from cn_planner.gui.panels.side import SidePanel
from cn_planner.jobs import close_pools
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.model.plan import Choice, Link, SiteRole
from cn_planner.session.project import Project
from cn_planner.session.proposal import count_parts, decisions_in, look_at
from cn_planner.session.scenarios import scenario_figures
from cn_planner.session.suggestions import suggest
from cn_planner.storage.scenarios import new_scenario


def later(plan, raised: float = 18.0) -> Edit:
    """A tower comes at C02 on C01, which rises; homes are given to both and to the gateway."""
    rows = [replace(plan.sites["C01"], mast_height_m=raised), replace(plan.sites["C02"], mast_height_m=12.0)]
    homes = [replace(one, server=("C01", "C02", "G01")[n % 3]) for n, one in enumerate(plan.households.values())]
    return edits.put(plan, [*rows, Link("L2", "C01", "C02"), *homes], msg("plan the network"))


def offered(state, settled, edit: Edit, base=None, **more: object):
    state.proposals.offer(edit, base or state.plan, **more)
    settled(state)
    return state.proposals.now


def test_nothing_is_in_the_plan_before_it_is_taken_and_one_undo_takes_it_back(state, settled) -> None:
    before = state.plan
    found = offered(state, settled, later(before))
    assert state.plan is before
    assert {one.id for one in found.parts} == {"C01", "C02", "G01"}
    assert state.proposals.accept()
    assert state.plan == found.edit.plan
    state.undo()
    assert state.plan == before


def test_undo_of_what_was_accepted_brings_the_proposal_back_with_its_ticks(state, settled) -> None:
    before = state.plan
    found = offered(state, settled, later(before))
    state.proposals.tick("C02", False)
    settled(state)
    ticked, counted = state.proposals.chosen, state.proposals.count
    assert state.proposals.accept(ticked=True)
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["G01"], note="seen")]))
    state.undo()
    assert state.proposals.now is None
    state.undo()
    settled(state)
    waits = state.proposals
    assert state.plan == before
    assert (waits.now, waits.shown, waits.overtaken, waits.chosen) == (found, False, False, ticked)
    assert waits.count.cost == counted.cost
    state.redo()
    assert waits.now is None
    state.undo()
    waits.show()
    assert waits.accept()
    assert state.plan == found.edit.plan
    state.undo()
    other = offered(state, settled, later(before, 24.0))
    waits.leave()
    state.redo()
    assert waits.now is other  # the newer one waits, and is what Undo leaves
    state.undo()
    assert waits.now is other


def test_what_enter_accepted_is_not_offered_again(state, settled) -> None:
    """One click made it, and Redo does."""
    offered(state, settled, later(state.plan), quick=True)
    assert state.proposals.accept()
    state.undo()
    assert state.proposals.now is None


def test_money_adds_up_and_is_that_of_the_two_plans(state, settled) -> None:
    """It is what the bar says of each, and the parts' sums are what the proposal costs, to the cent.

    A plan set up by hand connects no home: held against its bare bill, the first tower bought everybody's equipment.
    """
    found = offered(state, settled, later(state.plan))
    plans = (state.plan, found.edit.plan)
    bills = [scenario_figures(state.project.workspace.snapshot(plan)).cost for plan in plans]
    assert (found.cost_before, found.cost_after) == pytest.approx(bills, abs=0.01)
    assert found.cost_before > capital(state.plan, state.project.catalogue).total.total + 100.0
    assert found.cost == pytest.approx(bills[1] - bills[0], abs=0.01)
    assert found.cost_after == capital(plans[1], state.project.catalogue).total.total
    assert sum(one.cost for one in found.parts) == pytest.approx(found.cost, abs=0.02)


def test_a_mast_that_another_needs_is_on_its_own_bill(state, settled) -> None:
    """The tower that comes had the bill of the one that rises for it, whose mast and homes were said to cost 0."""
    found = offered(state, settled, later(state.plan))
    costs = {one.id: one.cost for one in found.parts}
    assert "C01" in next(one.needs for one in found.parts if one.id == "C02")
    assert costs["C01"] > 1_000.0
    assert sum(costs.values()) == pytest.approx(found.cost, abs=0.02)


def test_card_proposal_bar_and_panels_say_one_money_of_a_plan_drawn_by_hand(state, settings, settled, qtbot) -> None:
    """The card promised C02 for 13,186, the proposal of it asked 24,976: the whole valley's equipment was in it.

    Nobody is connected yet by such a plan. Panel and curve said its bare bill, the bar what its homes cost too.
    """
    snapshot = state.project.snapshot()
    card = next(one for one in suggest(snapshot) if one.site == "C02")
    assert card.cost == pytest.approx(13_186.31, abs=0.01)
    found = look_at(snapshot, card.edit)
    bar = [scenario_figures(state.project.workspace.snapshot(plan)).cost for plan in (state.plan, card.edit.plan)]
    assert bar[1] - bar[0] == pytest.approx(card.cost, abs=0.01)
    assert found.cost == pytest.approx(card.cost, abs=0.01)
    assert sum(one.cost for one in found.parts) == pytest.approx(card.cost, abs=0.02)
    whole = count_parts(snapshot, found, [one.id for one in found.parts])
    assert whole.cost == pytest.approx(card.cost, abs=0.01)
    side = SidePanel(state, settings)
    qtbot.addWidget(side)
    side.show()
    state.request_service()
    state.request_scenarios()
    settled(state)
    assert cost_shown(state) == pytest.approx(bar[0], abs=0.01)
    cost = next(one.value for one in figures_shown(state) if str(one.name) == "Cost")
    assert f"{bar[0]:,.0f}" in cost
    assert cost in [one.text() for one in side.overview.findChildren(QLabel)]
    dialog = TradeoffDialog(side, state)
    dialog.stop()
    assert dialog.chart.now is not None
    assert dialog.chart.now.cost == pytest.approx(bar[0], abs=0.01)
    dialog.close()
    settled(state)


def test_homes_won_and_lost_are_those_of_the_judge_and_never_netted(state, settled) -> None:
    from cn_planner.session.service import service_now

    first = later(state.plan)
    state.apply(first)
    plan = state.plan
    given = {key for key, one in plan.households.items() if one.server == "C01"}
    away = [replace(plan.households[key], server=None) for key in sorted(given)]
    others = [
        replace(plan.households[key], server="G01") for key, one in plan.households.items() if one.server == "C02"
    ]
    found = offered(state, settled, edits.put(plan, [*away, *others]))

    def reached(of) -> set[str]:
        now = service_now(state.project.workspace.snapshot(of))
        return {key for n, key in enumerate(now.homes.ids) if now.connected[n]}

    then, now = reached(plan), reached(found.edit.plan)
    assert (found.won, found.lost) == (now - then, then - now)
    assert found.lost  # else nothing is shown of it
    after = found.edit.plan.households
    for one in found.parts:  # what a frame shows of each is found out once, and is this
        assert set(found.won_by.get(one.id, ())) == {key for key in found.won if after[key].server == one.id}
        assert set(found.lost_by.get(one.id, ())) == {
            key for key in found.lost if key in one.loses or after[key].server == one.id
        }
        assert found.weight_won.get(one.id, 0.0) == sum(after[key].weight for key in found.won_by.get(one.id, ()))
    assert found.won is found.won
    assert found.lost_by is found.lost_by
    assert found.heirs["C02"] == {"G01"}


def test_a_part_is_taken_with_what_it_needs_and_counted_anew(state, settled) -> None:
    offered(state, settled, later(state.plan))
    proposals = state.proposals
    proposals.choose([])
    proposals.tick("C02", on=True)
    assert proposals.chosen == {"C01", "C02"}  # its way to the gateway is as high as it must be
    assert proposals.count is None  # "counting", never an old number
    settled(state)
    assert proposals.count.chosen == proposals.chosen
    assert proposals.accept(ticked=True)
    plan = state.plan
    assert (plan.sites["C01"].mast_height_m, plan.sites["C02"].mast_height_m) == (18.0, 12.0)
    assert {one.server for one in plan.households.values()} == {"C01", "C02", None}
    assert str(state.undo_label) == "plan the network, in part"


def test_an_edit_meanwhile_throws_nothing_away_and_stays(state, settled, qtbot) -> None:
    base = state.plan
    asked: list[str] = []
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C05"], name="Pico")]))
    offered(state, settled, later(base), base, again=lambda: asked.append("again"))
    proposals = state.proposals
    assert proposals.overtaken
    panel = ProposalPanel(PanelContext(state, _settings(state)))
    qtbot.addWidget(panel)
    panel.resize(400, 700)
    panel.show()
    assert panel.warning.isVisible()
    panel.again.click()
    assert asked == ["again"]
    panel.accept.click()  # asks once
    assert proposals.now is not None
    assert panel.accept.text() == "Accept all the same"
    panel.accept.click()
    assert proposals.now is None
    assert state.plan.sites["C05"].name == "Pico"
    assert state.plan.sites["C02"].mast_height_m == 12.0


def test_what_cannot_be_taken_any_more_is_said_and_waits(state, settled) -> None:
    base, said = state.plan, []
    state.message.connect(said.append)
    offered(state, settled, later(base), base)
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C01"], mast_height_m=24.0)]))
    before = state.plan
    assert not state.proposals.accept()
    assert state.plan is before
    assert state.proposals.now is not None
    assert "changed meanwhile" in str(said[-1].what)


def test_a_proposal_of_no_change_is_said_in_words(state, settled) -> None:
    said = []
    state.message.connect(said.append)
    assert offered(state, settled, Edit(msg("plan the network"), state.plan)) is None
    assert str(said[-1].what) == "Nothing would change: the plan stays as it is."


def test_going_back_many_edits_is_a_proposal(state, settled) -> None:
    start = state.plan
    for height in (15.0, 18.0, 21.0):
        state.make(lambda plan, h=height: edits.put(plan, [replace(plan.sites["C01"], mast_height_m=h)]))
    state.proposals.back_to(3)
    settled(state)
    assert state.proposals.now.parts[0].after_m == 12.0
    assert state.proposals.accept()
    assert state.plan.sites == start.sites


def test_going_back_keeps_the_other_plans_in_the_file(state, settled) -> None:
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C01"], mast_height_m=15.0)]))
    kept = new_scenario(state.plan, "Low masts")
    state.make(lambda _plan: kept)
    state.proposals.back_to(2)
    settled(state)
    assert state.proposals.accept()
    assert state.plan.sites["C01"].mast_height_m == 12.0
    assert state.plan.scenarios == kept.plan.scenarios


def test_a_plan_that_nobody_could_look_at_is_still_there(state, settled) -> None:
    """The look is cancelled: what the planner found is looked at when somebody asks for the last proposal."""
    edit = later(state.plan)
    job = state.proposals.offer(edit, state.plan)
    state.cancel(job.id)
    settled(state)
    assert state.proposals.now is None
    state.proposals.show()
    settled(state)
    assert state.proposals.now.edit is edit
    assert state.proposals.shown


def test_accept_takes_what_is_ticked_and_nothing_else(state, settled, qtbot) -> None:
    offered(state, settled, later(state.plan))
    panel = ProposalPanel(PanelContext(state, _settings(state)))
    qtbot.addWidget(panel)
    assert panel.accept.isEnabled()
    state.proposals.choose([])
    assert not panel.accept.isEnabled()
    before = state.plan
    panel.take()
    assert state.plan is before
    state.proposals.choose(["C01"])
    settled(state)
    assert not panel.accept.isEnabled()
    assert panel.part.isEnabled()
    panel.take()
    assert (state.plan.sites["C01"].mast_height_m, state.plan.sites["C02"].mast_height_m) == (18.0, None)


def test_each_decision_is_kept_or_left_out_by_keys_and_undone(state, settled, qtbot) -> None:
    base = state.plan
    asked: list[str] = []
    found = offered(state, settled, later(base), again=lambda: asked.append("again"))
    panel = ProposalPanel(PanelContext(state, _settings(state)))
    qtbot.addWidget(panel)
    panel.resize(400, 700)
    panel.show()
    assert not panel.decisions.rows  # made when somebody opens it
    QTest.keyClick(panel.decisions.toggle, Qt.Key.Key_Space)
    settled(state)
    rows = {(row.decision.kind.value, row.decision.id): row for row in panel.decisions.rows}
    assert len(rows) == len(decisions_in(state.project.snapshot(), found)) > 5
    mast = rows["mast", "C02"]
    assert mast.field.accessibleName().startswith("Mast of 12 m. ")
    assert "Nothing hangs on it" in rows["tower", "C02"].field.accessibleName() or (
        "connects" in rows["tower", "C02"].field.accessibleName()
    )
    mast.field.setFocus()
    QTest.keyClick(mast.field, Qt.Key.Key_Down)
    assert state.plan.sites["C02"].keep_mast_m == 12.0
    assert state.proposals.overtaken
    assert panel.again.isVisible()
    panel.again.click()
    assert asked == ["again"]
    link = rows["link", "L2"]
    QTest.keyClick(link.field, Qt.Key.Key_End)
    assert state.plan.links["L2"].choice is Choice.FORBIDDEN
    assert link.field.choice() is Choice.FORBIDDEN
    assert str(state.undo_label).startswith("leave out ")
    state.undo()
    assert link.field.choice() is Choice.FREE
    assert mast.field.choice() is Choice.LOCKED
    state.undo()
    assert mast.field.choice() is Choice.FREE
    assert state.plan == base
    assert not state.proposals.overtaken


def test_looking_into_decisions_goes_on_while_folded_and_ends_when_left(state, settled, qtbot) -> None:
    """Folding and opening began half a minute's work anew, and leaving or accepting let it run on."""

    def looking() -> list[int]:
        return [job.id for job in state.jobs.active() if job.key == "decisions" and not job.token.cancelled]

    base = state.plan
    panel = ProposalPanel(PanelContext(state, _settings(state)))
    qtbot.addWidget(panel)
    panel.resize(400, 700)
    panel.show()
    drawer = panel.decisions
    for end in (state.proposals.leave, state.proposals.accept, drawer.line.stop.click):
        offered(state, settled, later(base))
        state.jobs.hold()
        drawer.toggle.setChecked(True)
        [first] = looking()
        assert drawer.line.isVisible()
        drawer.toggle.setChecked(False)
        drawer.toggle.setChecked(True)
        assert looking() == [first]
        end()
        assert looking() == []
        state.jobs.go()
        settled(state)
        qtbot.waitUntil(lambda: not drawer.toggle.isChecked())
        assert not drawer.line.isVisible()
        assert drawer.rows == []
        if state.plan is not base:
            state.undo()
    drawer.toggle.setChecked(True)  # who opens it again has it looked into
    settled(state)
    assert drawer.rows
    assert not drawer.line.isVisible()


def test_the_rail_says_what_was_computed_for_this_plan_and_nothing_else(state, settled) -> None:
    from cn_planner.gui.overview import tasks, with_saving
    from cn_planner.planning.savings import Saving, SavingKind, Savings

    plan, proposals = state.plan, state.proposals
    assert proposals.saving_words is None
    edit = later(plan)
    one = Saving(SavingKind.CONNECTION, "C01", 20_264.0, 0.0, 10.0, 3, edit)
    proposals.savings = Savings(plan, 71_222.0, 10.0, (one,), 1, 2)
    words_said = proposals.saving_words
    name = plan.sites["C01"].name or "C01"
    assert str(words_said) == f"A connection at {name} would save 20,264 USD, before what it costs itself."
    quantities = PanelContext(state, _settings(state)).quantities
    connect = next(one for one in with_saving(tasks(edit.plan, quantities), words_said) if one.key == "connect")
    assert str(words_said) in str(connect.state)
    assert connect.command == "show_saving"
    proposals.show_saving()
    settled(state)
    assert proposals.now.edit is edit
    assert words_said in proposals.now.notes
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C05"], name="Pico")]))
    assert proposals.saving_words is None  # it was of another plan
    state.undo()
    assert proposals.saving_words == words_said
    proposals.savings = Savings(plan, 71_222.0, 10.0, (), 2, 2)
    assert proposals.saving_words is None


def _settings(state):
    from cn_planner.gui.settings import Settings

    return Settings(state.project.path.parent / "window.ini")


@pytest.fixture
def window(qtbot, settings, valley_folder, settled):
    settings.set("tour_seen", True)
    settings.set("look", "light")
    settings.set("language", "en")
    made = make_window(settings)
    made.resize(1280, 720)
    made.show()
    made.state.follow = False
    made.state.open_sample(valley_folder)
    qtbot.waitUntil(lambda: made.state.project is not None, timeout=30_000)
    settled(made.state)
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()
    theme.apply_look("light", 100.0)
    words.set_language("en")


def test_plan_then_an_edit_then_plan_again_then_accept(window, qtbot, settled) -> None:
    """The whole way by the rail, the panel and its keys, with the real planner."""
    state, proposals = window.state, window.state.proposals
    free = [site for site in state.plan.sites.values() if site.role is SiteRole.CANDIDATE]
    state.make(lambda plan: edits.put(plan, [replace(site, choice=Choice.FORBIDDEN) for site in free[2:]]))
    before = state.plan
    window.show_profile(True)
    window.do("make_plan")
    state.make(lambda plan: edits.change_section(plan, "info", name="Another name"))
    qtbot.waitUntil(lambda: proposals.now is not None and not state.jobs.active(), timeout=240_000)
    assert proposals.overtaken
    assert state.plan.sites is before.sites  # nothing is thrown away, and nothing is changed
    panel, bar = window.regions.proposal
    assert panel.isVisible()
    assert not window.regions.bottom.isVisible()  # a window of 720 has no room for both
    assert bar.isVisible()
    assert window.sidebar.item("connect").button.task.command == "accept_proposal"
    panel.again.click()
    qtbot.waitUntil(lambda: not proposals.overtaken and not state.jobs.active(), timeout=240_000)
    bar.show_view("proposed")  # the map shows it, the plan has it not
    assert set(window.regions.canvas.content.plan.used_sites) == set(proposals.now.edit.plan.used_sites)
    assert not state.plan.used_sites
    bar.show_view("both")
    assert window.regions.canvas.content.plan is state.plan
    panel.rows[-1].box.setFocus()
    QTest.keyClick(panel.rows[-1].box, Qt.Key.Key_Space)
    assert frozenset() < proposals.chosen < {one.id for one in proposals.now.parts}
    wanted = proposals.now.plan_of(proposals.chosen)
    window.do("accept_proposal")
    settled(state)
    assert state.plan.used_sites
    assert state.plan == wanted
    assert state.plan.info.name == "Another name"
    assert not panel.isVisible()
    assert not bar.isVisible()
    state.undo()
    assert not state.plan.used_sites


def test_the_layer_names_what_it_draws(state, settled) -> None:
    found = offered(state, settled, later(state.plan))
    layer = ProposalLayer()
    layer.set_proposal(found, [one.id for one in found.parts])
    told = [str(one.words) for one in layer.legend()]
    assert {"Tower comes", "Higher mast", "Link comes"} <= set(told)
    layer.set_proposal(None)
    assert layer.legend() == ()


def test_the_hand_keeps_what_it_holds_while_a_proposal_waits(window, settled, qtbot) -> None:
    """The keys of the map, the side panel, and what only the proposal has."""
    state, regions = window.state, window.regions
    canvas = regions.canvas
    canvas.setFocus()
    site = replace(next(iter(state.plan.sites.values())), id="C99", mast_height_m=9.0)
    rises = replace(state.plan.sites["C01"], mast_height_m=18.0)
    offered(state, settled, edits.put(state.plan, [site, rises]))
    panel, bar = regions.proposal
    assert regions.keeps_proposal(Thing("site", "C01"))
    assert not panel.isAncestorOf(QApplication.focusWidget()), "Page Down walks on"
    framed = {row.part.id for row in panel.rows if row.property("kind") == "chosen"}
    assert framed == {"C01"}

    window.show_layers(True)
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C02"], name="Pico")]))
    assert state.proposals.overtaken
    assert regions.side.currentWidget() is not panel, "an edit turns no page"

    words.set_language("fr")
    panel, bar = regions.proposal
    for key, view in ((Qt.Key.Key_3, "proposed"), (Qt.Key.Key_1, "now"), (Qt.Key.Key_3, "proposed")):
        canvas.setFocus()
        QTest.keyClick(canvas, key)
        assert bar.view == view
    assert "C99" in canvas.content.plan.sites
    canvas.menuAsked.emit(Thing("site", "C99"), site.latitude, site.longitude, QPoint(5, 5))
    canvas.selectedMany.emit((Thing("site", "C99"), Thing("site", "C01")))
    assert state.selection == Thing("site", "C01")

    state.proposals.leave()
    QTest.keyClick(canvas, Qt.Key.Key_3)
    assert "C99" not in canvas.content.plan.sites, "what is left is not shown as if it were the plan"


@pytest.mark.parametrize("where", ["the panel", "the sidebar"])
def test_the_keys_after_accept_change_no_field(window, settled, qtbot, where) -> None:
    """They went to the name of the plan, or to the height of all roof antennas."""
    state = window.state
    offered(state, settled, later(state.plan))
    qtbot.waitUntil(lambda: window.regions.side.currentWidget() is window.regions.proposal[0])
    go = window.regions.proposal[0].accept
    if where == "the sidebar":
        window.sidebar.choose("connect")
        go = window.sidebar.item("connect").action
        assert go.text().replace("\n", " ") == "Accept the proposal"
    go.setFocus()
    QTest.keyClick(go, Qt.Key.Key_Space)
    settled(state)
    assert state.proposals.now is None
    at = QApplication.focusWidget()
    assert at is window.regions.canvas or window.sidebar.isAncestorOf(at), at


def test_another_file_is_looked_at_where_one_is_open(window, settled, tmp_path) -> None:
    files = [tmp_path / f"{name}.cnplan.gpkg" for name in ("ana", "juma")]
    window.do("bring_together")
    chooser = window.findChild(QFileDialog)
    for path in files:
        Project.new(path, name="Elsewhere", country="UG").close()
        chooser.filesSelected.emit([str(path)])
        settled(window.state)
        (dialog,) = (one for one in window.findChildren(MergeDialog) if one.isVisible())
        assert path.name in dialog.said.text()


@pytest.mark.parametrize("make", [QLineEdit, QDoubleSpinBox, QPlainTextEdit, QPushButton])
def test_enter_of_somebody_who_types_meanwhile_takes_no_proposal(state, settled, qtbot, make) -> None:
    """The keyboard jumped to Accept as soon as a proposal was there: Enter at the end of a word took it."""
    panel, field = ProposalPanel(PanelContext(state, _settings(state))), make()
    window = QWidget()
    qtbot.addWidget(window)
    for one in (field, panel):
        one.setParent(window)
    window.show()
    qtbot.waitActive(window)
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    before = state.plan
    offered(state, settled, later(before), quick=True)
    qtbot.wait(50)
    types = make is not QPushButton
    assert field.hasFocus() == types
    assert panel.accept.hasFocus() != types
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert (state.plan is before) == types


def test_a_proposal_comes_into_view_with_all_that_it_changes(window, settled, qtbot) -> None:
    state, canvas = window.state, window.regions.canvas
    far = min(state.plan.sites.values(), key=lambda one: one.latitude)
    near = max(state.plan.sites.values(), key=lambda one: one.latitude)
    canvas.go_to(near.latitude, near.longitude, zoom=16.0, animated=False)
    assert not canvas.shows([(far.latitude, far.longitude)])
    edit = edits.put(state.plan, [replace(far, mast_height_m=12.0)])
    state.proposals.offer(edit, state.plan)
    qtbot.waitUntil(lambda: state.proposals.shown and not state.jobs.active(), timeout=60_000)
    qtbot.waitUntil(lambda: canvas.shows([(far.latitude, far.longitude)]), timeout=10_000)
    state.proposals.leave()
