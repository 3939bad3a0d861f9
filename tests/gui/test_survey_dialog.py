"""What did you see, in the window: a sheet typed with the keyboard alone is one edit; nothing is lost in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from cn_planner.export.book_fields import survey_blocks
from cn_planner.gui.dialogs.sheet_readers import sheet_key
from cn_planner.gui.dialogs.survey import SurveyDialog
from cn_planner.gui.map.layers.lines import LinksLayer
from cn_planner.gui.panels.link import LinkPanel
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.model import edits
from cn_planner.model.evidence import Seen, Visit
from cn_planner.model.plan import Status
from cn_planner.report.field_sheets import SITE_FIELDS, SITE_LINES
from cn_planner.session.details import link_budgets
from cn_planner.session.sheet import visit_sheet


@pytest.fixture
def dialog(state, qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    asked = []
    made = SurveyDialog(window, state, "metric", lambda: made.known, lambda: asked.append("plan"))
    made.asked, made.known = asked, {}
    made.show()
    made.show_sheet("C01")
    qtbot.waitExposed(made)
    yield made  # the window lives as long as this frame
    window.close()


def _type(qtbot, dialog, *lines: str) -> None:
    """Type lines, each with Enter, wherever the keyboard is."""
    for text in lines:
        qtbot.keyClicks(dialog.focusWidget(), text)
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)


def _fill(qtbot, dialog, state) -> None:
    home = state.plan.sites["C01"]
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_1)
    _type(qtbot, dialog, "A. Vega", "", f"{home.latitude + 0.0002:.6f}, {home.longitude:.6f}", "12")
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_2)
    _type(qtbot, dialog, "eucalyptus, 13 m, 0.4 km")
    _type(qtbot, dialog, "", "", " and her sister", "yes, in writing", "", "a track", "dogs")
    _type(qtbot, dialog, "-71", "a wood is being felled")


def test_a_sheet_is_typed_with_the_keyboard_alone_and_is_one_edit(dialog, state, qtbot):
    before = state.plan
    _fill(qtbot, dialog, state)
    assert dialog.focusWidget() is dialog.keep_button, "after the last line comes Keep"
    count = state.project.version
    assert dialog.keep()
    assert state.project.version == count + 1
    plan = state.plan
    line = plan.evidence[f"seen:C01:G01:{dialog._date}"]
    assert (line.seen, line.who, line.from_height_m) == (Seen.TREES, "A. Vega", 12.0)
    assert line.what == "eucalyptus, 13 m, 0.4 km"
    assert plan.evidence[f"seen:C01:{dialog._date}"].note == "a wood is being felled"
    site = plan.sites["C01"]
    assert site.status is Status.SURVEYED
    assert (site.consent, site.access, site.hazard) == ("yes, in writing", "a track", "dogs")
    assert site.latitude == before.sites["C01"].latitude, "22 m off is the same place"
    tree = plan.obstacles[line.id]
    assert tree.height_m == 13.0
    level = plan.measurements[line.id]
    assert (level.site, level.level_dbm, level.who) == ("G01", -71.0, "A. Vega")
    assert "what was seen at" in str(state.undo_label)
    state.undo()
    assert state.plan == before


def test_enter_and_tab_visit_every_line_that_is_shown_and_come_to_an_end(dialog, qtbot):
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Tab):
        dialog.order[0].setFocus()
        seen = []
        while dialog.focusWidget() is not dialog.keep_button:
            assert dialog.focusWidget() not in seen, "the keyboard goes round in a circle"
            seen.append(dialog.focusWidget())
            qtbot.keyClick(dialog.focusWidget(), key)
            assert len(seen) <= len(dialog.order)
        assert seen == dialog.order


def test_what_it_changes_is_told_while_it_is_typed(dialog, state, qtbot):
    _fill(qtbot, dialog, state)

    def told() -> str:
        labels = dialog.right.findChildren(type(dialog.fault))
        return " ".join(one.text() for one in labels if one.isVisibleTo(dialog))

    qtbot.waitUntil(lambda: "not to be trusted" in told())
    assert "13 m high" in told()
    assert "Levels measured" in told()


def test_a_place_that_was_read_far_off_moves_there(dialog, state, qtbot):
    home = state.plan.sites["C01"]
    dialog.lines["place"].field.setText(f"{home.latitude + 0.002:.6f}, {home.longitude:.6f}")
    assert "moves" in dialog.lines["place"].said.text()
    assert dialog.keep()
    assert state.plan.sites["C01"].latitude == pytest.approx(home.latitude + 0.002, abs=1e-6)
    assert state.plan.evidence[f"seen:C01:{dialog._date}"].visit is Visit.WRONG_POSITION


@pytest.mark.parametrize(
    ("line", "text", "says"),
    [
        ("date", "1970-01-01", "clock"),
        ("date", "yesterday", "2026-11-03"),
        ("place", "over there", ""),
        ("place", "20.5, -8.2", "turned round"),
        ("max_height_m", "tall", "metres"),
        ("from_height_m", "900", "at most"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept_on_the_sheet(dialog, state, line, text, says):
    before = state.plan
    dialog.lines[line].field.setText(text)
    assert not dialog.keep()
    assert says in dialog.fault.text()
    assert dialog.fault.text()
    assert dialog.focusWidget() is dialog.lines[line].field
    assert dialog.lines[line].field.text() == text
    assert state.plan is before


def test_a_level_without_its_sign_is_refused(dialog, state):
    line, _ = dialog.levels["G01"]
    line.field.setText("71")
    assert "sign" in line.said.text()
    assert not dialog.keep()
    assert not state.plan.measurements


def test_a_place_that_was_refused_folds_the_rest_and_is_rejected(dialog, state, qtbot):
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_2)
    assert not dialog.rest.isVisibleTo(dialog)
    assert dialog.keep()
    assert state.plan.sites["C01"].status is Status.REJECTED


def test_a_home_has_a_sheet_and_one_that_refuses_counts_for_none(dialog, state, qtbot):
    home = next(iter(state.plan.households))
    state.select("household", home)
    assert sheet_key(state) == home
    dialog.show_sheet(home)
    assert set(dialog.seen) == {"C01", "G01"}
    assert "antenna_height_m" in dialog.lines
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_2)
    assert dialog.keep()
    assert state.plan.households[home].weight == 0.0
    state.undo()
    assert state.plan.households[home].weight > 0.0


def test_keep_goes_on_to_the_next_tower_and_plan_again_asks_for_it(dialog, state, qtbot):
    dialog.keep_and_next()
    assert dialog.sheet.thing.id == "G01"
    dialog.keep_and_plan()
    assert dialog.asked == ["plan"]
    assert {one.about_id for one in state.plan.evidence.values()} == {"C01", "G01"}


def test_everything_has_a_name_for_those_who_hear_the_window(dialog):
    for one in (*dialog.order, *dialog.findChildren(QPushButton)):
        assert one.accessibleName(), one


def test_the_screen_has_the_numbers_and_words_of_the_paper(dialog):
    """The printed sheet and the screen are the same lines in the same order."""
    from deployment_example import example_deployment

    from cn_planner.export.pdf_data import Tongue

    sheet = next(one for one in survey_blocks(example_deployment(), Tongue.of("en")) if one["looks"]["rows"])
    first = [one["label"] for one in sheet["first"]]
    assert [label.split()[0] for label in first] == ["1", "2", "3", "4", "4", "5"]
    looks = len(sheet["looks"]["rows"])
    assert [row[0].split()[0] for row in sheet["looks"]["rows"]] == [str(6 + n) for n in range(looks)]
    assert [one["field"] for one in sheet["boxes"]] == [field for field, _ in SITE_LINES]
    assert sheet["boxes"][0]["label"].startswith(f"{6 + looks}  ")
    assert {field for field, _ in SITE_FIELDS} == {
        one["field"] for one in (*sheet["first"], *sheet["boxes"], sheet["last"])
    } - {""}
    shown = [dialog.lines[key] for key in ("who", "date", "place", "from_height_m")]
    assert len(shown) == 4


def test_panel_and_map_say_what_was_seen_and_when(dialog, state, qtbot, settings):
    _fill(qtbot, dialog, state)
    assert dialog.keep()
    context = PanelContext(state, settings)
    panel = LinkPanel(context)
    qtbot.addWidget(panel)
    panel.show_thing("L1")
    told = " ".join(one.text() for one in panel.seen.findChildren(QLabel))
    for part in ("trees in between", "A. Vega", dialog._date, "eucalyptus, 13 m, 0.4 km", "look again from"):
        assert part in told
    layer = LinksLayer()
    layer.plan = state.plan
    assert f"trees in between ({dialog._date})" in str(layer.words("L1"))
    with qtbot.waitSignal(context.asked) as heard:
        qtbot.mouseClick(panel.seen.ask, Qt.MouseButton.LeftButton)
    assert heard.args[0].startswith("seen:")
    moved = replace(state.plan.sites["C01"], latitude=state.plan.sites["C01"].latitude + 0.01)
    state.apply(edits.put(state.plan, [moved]))
    panel.show_thing("L1")
    assert "old: look again" in " ".join(one.text() for one in panel.seen.findChildren(QLabel))
    layer.plan = state.plan
    assert str(layer.words("L1")).startswith("Link from")
    assert "trees" not in str(layer.words("L1"))


@pytest.mark.parametrize("text", ["20251103", "2025-W45-1", "2025-11-03"])
def test_a_day_is_kept_in_one_way_however_it_is_typed(dialog, state, text):
    dialog.lines["date"].field.setText(text)
    assert dialog.keep()
    assert [one.date for one in state.plan.evidence.values()] == ["2025-11-03"]


def _written_photo(path):
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    assert image.save(str(path), "JPEG")
    return path


def test_photographs_that_come_at_once_are_all_kept_and_keep_waits_for_them(dialog, state, qtbot, tmp_path):
    first, second = (_written_photo(tmp_path / f"{n}.jpg") for n in (1, 2))
    dialog.take_photos([first], "G01")
    dialog.take_photos([second])
    assert not dialog.keep_button.isEnabled()
    assert not dialog.keep(), "a photograph would be lost"
    qtbot.waitUntil(dialog.keep_button.isEnabled, timeout=30_000)
    assert {line: len(kept) for line, kept in dialog.photos.items()} == {"G01": 1, "": 1}
    assert dialog.keep()


def test_photographs_come_onto_no_other_sheet(dialog, qtbot, tmp_path):
    dialog.take_photos([_written_photo(tmp_path / "1.jpg")])
    dialog.sheet = visit_sheet(dialog._state.plan, dialog._state.plan.sites["G01"])
    qtbot.waitUntil(dialog.keep_button.isEnabled, timeout=30_000)
    assert not dialog.photos


def test_a_half_written_sheet_is_raised_as_it_is_and_kept_before_another(dialog, state):
    dialog.lines["note"].field.setText("dogs")
    dialog.show_sheet("C01")
    assert dialog.lines["note"].text == "dogs"
    dialog.lines["from_height_m"].field.setText("900")
    dialog.show_sheet("G01")
    assert dialog.sheet.thing.id == "C01", "what cannot be read is not thrown away"
    dialog.lines["from_height_m"].field.setText("9")
    dialog.show_sheet("G01")
    assert dialog.sheet.thing.id == "G01"
    assert [one.note for one in state.plan.evidence.values()] == ["dogs"]
    count = state.project.version
    dialog.show_sheet("C01")
    assert state.project.version == count, "an empty sheet is nothing to keep"


def test_what_is_computed_of_the_links_later_is_shown(dialog, state):
    assert "predicted" not in dialog.levels["G01"][0].field.accessibleName()
    dialog.known = link_budgets(state.project.snapshot())
    dialog.show_sheet("C01")
    assert "predicted" in dialog.levels["G01"][0].field.accessibleName()
    line, _ = dialog.levels["G01"]
    line.field.setText(f"{dialog.known['L1'].rsl_from_dbm:.1f}")
    assert dialog.keep()
    (level,) = state.plan.measurements.values()
    assert level.eirp_dbm is not None
    assert level.rx_gain_dbi > 10.0, "the dish that is there heard it"
    assert level.height_m == level.tx_height_m == 12.0


def test_nothing_heard_is_one_click_or_one_sign_and_a_level_at_its_floor(dialog, state, qtbot):
    line, _ = dialog.levels["G01"]
    (tick,) = [one for one in dialog.rest.findChildren(QPushButton) if one.text() == "Nothing heard"]
    kit = state.project.catalogue.kit(state.plan.kits.backhaul)
    modes = state.project.catalogue.radios[kit.radio].modes
    least = min(one.sensitivity_dbm for one in modes if one.width_mhz == kit.width_mhz)
    qtbot.mouseClick(tick, Qt.MouseButton.LeftButton)
    assert line.text == f"<{least:g}"
    assert "Nothing heard" in line.said.text()
    qtbot.mouseClick(tick, Qt.MouseButton.LeftButton)
    assert line.text == ""
    line.field.setText("-80")
    assert not tick.isChecked()
    line.field.setText("<")
    assert tick.isChecked()
    assert dialog.keep()
    (level,) = state.plan.measurements.values()
    assert (level.level_dbm, level.floor_dbm, level.censored) == (least, least, True)
    assert level.from_plan == "tx_height_m eirp_dbm"
    state.undo()
    dialog.show_sheet("G01")
    dialog.show_sheet("C01")
    line, _ = dialog.levels["G01"]
    line.field.setText("< -95.5 dBm")
    assert dialog.keep()
    (level,) = state.plan.measurements.values()
    assert (level.level_dbm, level.floor_dbm) == (-95.5, -95.5)


def test_nothing_heard_where_the_plan_says_a_strong_signal_is_to_be_looked_at_again(dialog, state):
    dialog.known = link_budgets(state.project.snapshot())
    dialog.show_sheet("G01")
    dialog.show_sheet("C01")
    line, _ = dialog.levels["G01"]
    predicted = dialog.known["L1"].rsl_from_dbm
    line.field.setText(f"<{predicted - 25.0:.0f}")
    assert line.said.text().startswith("▲")
    line.field.setText(f"<{predicted + 1.0:.1f}")
    assert "Nothing heard" in line.said.text()
