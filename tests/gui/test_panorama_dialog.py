"""Stand here and look, in the window: by hand and keys, at any height, with what hides the other ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from cn_planner.drawing.display import ItemGroup, Text
from cn_planner.gui import words
from cn_planner.gui.dialogs.panorama import PanoramaDialog, PanoramaView
from cn_planner.gui.quantities import Quantities
from cn_planner.model import edits
from cn_planner.service.outlook import SightLine


@pytest.fixture
def dialog(state, settings, qtbot):
    # Four places and no homes: what is looked at is the dialog, and nothing else is computed meanwhile.
    few = [key for key in state.plan.sites if key not in ("G01", "C01", "C02", "C03")]
    state.make(lambda plan: edits.remove(edits.remove(plan, "households", list(plan.households)).plan, "sites", few))
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    made = PanoramaDialog(window, state, Quantities(settings))
    made.show()
    site = state.plan.sites["G01"]
    made.stand(site.latitude, site.longitude, 12.0, site.name)
    qtbot.waitUntil(lambda: bool(made.ends) and made.found is not None and made.found.ends == made.ends, timeout=60_000)
    yield made
    made.close()


def _anew(qtbot, dialog: PanoramaDialog, act) -> None:
    act()
    qtbot.waitUntil(
        lambda: dialog.found is not None and dialog.found.eye == dialog.eye and dialog.found.ends == dialog.ends
        and bool(dialog.ends), timeout=60_000,
    )  # fmt: skip


def test_it_shows_the_ground_and_lists_the_other_ends_by_bearing(dialog, state):
    found = dialog.found
    assert found.eye.span_deg == 360.0
    assert np.isfinite(found.seen.distance_m).mean() > 0.2
    rows = [dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())]
    assert len(rows) == len(found.ends) == 3
    assert [end.azimuth_deg for end in found.ends] == sorted(end.azimuth_deg for end in found.ends)
    for end, text in zip(found.ends, rows, strict=True):
        assert text.endswith(state.plan.sites[end.id].name or end.id)
    assert state.plan.sites["G01"].name in dialog.said.text()
    assert dialog.view.accessibleDescription() == found.picture.description


def test_in_feet_the_picture_and_the_field_are_in_feet(dialog, settings, qtbot, monkeypatch):
    """Table and sentence were in feet and miles, the signs in the picture in metres, the eye was typed in metres."""
    monkeypatch.setattr(words.WORDS, "imperial", True)
    settings.set("units", "imperial")
    site = dialog._state.plan.sites["G01"]
    _anew(qtbot, dialog, lambda: dialog.stand(site.latitude, site.longitude, 30.0, site.name))
    signs = [one.text for group in dialog.found.picture.items if isinstance(group, ItemGroup) for one in group.items
             if isinstance(one, Text)]  # fmt: skip
    assert any(one.endswith(" mi") for one in signs)
    assert not [one for one in signs if one.endswith(" km") or " m, " in one]
    assert dialog.number.text() == "98.4 ft"
    dialog.number.setValue(50.0)
    dialog.number._commit()
    assert dialog.eye.height_m == pytest.approx(15.24)
    assert dialog.number.text() == "50 ft"
    dialog.number.setValue(0.0)
    assert dialog.number.value_m() == pytest.approx(0.5, abs=0.02)  # no eye lies on the ground


def test_while_the_first_picture_is_made_the_view_says_so(dialog, qtbot):
    view = PanoramaView()
    qtbot.addWidget(view)
    view.resize(400, 200)
    blank = view.grab().toImage()
    view.waits = True
    assert view.grab().toImage() != blank
    assert not dialog.view.waits


def test_a_higher_eye_sees_no_less(dialog, qtbot):
    low = {end.id: end for end in dialog.found.ends}
    _anew(qtbot, dialog, lambda: dialog.number.committed.emit(40.0))
    assert dialog.found.eye.height_m == 40.0
    assert dialog.slider.height_m() == 40.0
    high = {end.id: end for end in dialog.found.ends}
    hidden = [key for key in low if low[key].sight is high[key].sight is SightLine.HIDDEN]
    assert all(high[key].clearance_m > low[key].clearance_m for key in hidden)
    seen = [key for key, end in low.items() if end.sight is SightLine.SEEN]
    assert all(high[key].sight is SightLine.SEEN for key in seen)


def test_keys_turn_and_bring_nearer_and_ends_are_not_asked_for_again(dialog, qtbot):
    ends = dialog.found.ends
    _anew(qtbot, dialog, lambda: qtbot.keyClick(dialog.view, Qt.Key.Key_Plus))
    assert dialog.found.eye.span_deg == pytest.approx(360.0 / 1.25)
    towards = dialog.found.eye.towards_deg
    _anew(qtbot, dialog, lambda: qtbot.keyClick(dialog.view, Qt.Key.Key_Right))
    assert dialog.found.eye.towards_deg == pytest.approx((towards + 28.8) % 360.0)
    assert dialog.found.ends is ends
    _anew(qtbot, dialog, lambda: dialog.round.click())
    assert dialog.found.eye.span_deg == 360.0


def test_a_row_turns_the_picture_to_its_end_and_a_click_on_its_sign_selects_it(dialog, qtbot, state):
    _anew(qtbot, dialog, lambda: dialog.table.selectRow(1))
    end = dialog.found.ends[1]
    assert dialog.found.eye.towards_deg == pytest.approx(end.azimuth_deg)
    across, down = dialog.found.seen.place_of(end.azimuth_deg, end.elevation_deg)
    assert across == pytest.approx(0.5, abs=0.01)
    drawn, view = dialog.found.picture, dialog.view
    factor = min(view.width() / drawn.width, view.height() / drawn.height)
    left, top = (view.width() - factor * drawn.width) / 2.0, (view.height() - factor * drawn.height) / 2.0
    at = QPoint(round(left + across * factor * drawn.width), round(top + down * factor * (drawn.height - 18.0)))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert state.selection is not None
    assert state.selection.id == end.id
    view.pointed.emit((0.5, 0.99))
    assert dialog.under.text().startswith(f"{end.azimuth_deg:.0f}°, ")


def test_an_edit_meanwhile_is_looked_at_anew(dialog, qtbot, state):
    key = dialog.found.ends[0].id
    _anew(
        qtbot, dialog, lambda: state.make(lambda plan: edits.put(plan, [replace(plan.sites[key], name="Moved hill")]))
    )
    qtbot.waitUntil(lambda: "Moved hill" in dialog.table.item(0, 0).text(), timeout=60_000)


def test_where_there_is_no_terrain_it_says_so(dialog, qtbot):
    dialog.stand(0.0, 0.0, 2.0)
    qtbot.waitUntil(lambda: "There is no terrain where the eye stands." in dialog.said.text(), timeout=60_000)
    assert dialog.view.found is None


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_picture_is_kept_as_a_file(dialog, qtbot, tmp_path, suffix):
    dialog.save.click()
    asked = dialog.findChild(QFileDialog) or dialog.window().findChild(QFileDialog)
    assert asked is not None
    asked.filesSelected.emit([str(tmp_path / f"seen{suffix}")])
    asked.close()
    out = tmp_path / f"seen{suffix}"
    qtbot.waitUntil(out.exists, timeout=60_000)
    if suffix == ".png":
        picture = QImage(str(out))
        assert (picture.width(), picture.height()) == (1520, 380)
    else:
        assert "<svg" in out.read_text(encoding="utf-8")
