"""In the window, too, a raster is asked what it does not say; which data there are is seen, and put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from rasterio.transform import Affine

from cn_planner.gui.dialogs.data import DataDialog
from cn_planner.gui.dialogs.ground_question import GroundQuestion
from cn_planner.gui.ground_sources import pictures
from cn_planner.gui.intake import Intake
from cn_planner.gui.panels.fields import ChoiceField
from cn_planner.gui.quantities import Quantities
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState
from cn_planner.jobs import close_pools
from cn_planner.model import edits
from cn_planner.model.ground import FileKind, Holds
from cn_planner.model.plan import Household, Info, Plan
from cn_planner.session.project import Project
from cn_planner.terrain.asked import Answers
from cn_planner.terrain.ground_map import HOLE, SEAM, TOPS, ground_map

if TYPE_CHECKING:
    from pathlib import Path


def raster(path: Path, values: np.ndarray, cell: float, corner: tuple[float, float], crs: str | None = "EPSG:32636"):
    rows, columns = values.shape
    profile = {"driver": "GTiff", "dtype": values.dtype, "count": 1, "height": rows, "width": columns, "crs": crs}
    with rasterio.open(path, "w", transform=Affine(cell, 0, corner[0], 0, -cell, corner[1]), **profile) as dataset:
        dataset.write(values, 1)
    return path


@pytest.fixture
def state(qapp, tmp_path: Path):
    plan = tmp_path / "p.cnplan.gpkg"
    country = raster(tmp_path / "country.tif", np.full((100, 100), 900, np.int16), 90.0, (4e5, 3e5))
    survey = np.full((60, 60), 915, np.int16)
    survey[20:30, 20:30] = -9999
    fine = raster(tmp_path / "survey.tif", survey, 30.0, (4.03e5, 2.97e5))
    with Project.create(plan, Plan(info=Info(name="P"))) as project:
        project.add_terrain([country, fine])
    made = AppState()
    made.follow = False
    made.open(plan)
    yield made
    made.shutdown()
    close_pools()


def settled(state: AppState, qtbot) -> None:
    qtbot.waitUntil(lambda: state.project is not None and not state.jobs.active(), timeout=60_000)


def test_a_raster_without_a_system_is_asked_for_one_and_read_with_the_answer(
    state: AppState, qtbot, tmp_path: Path
) -> None:
    settled(state, qtbot)
    canopy = raster(tmp_path / "canopy.tif", np.full((50, 50), 14, np.uint8), 90.0, (4e5, 3e5), None)
    intake, asked = Intake(state), []
    intake.doubtful.connect(lambda *said: asked.append(said))
    intake.ground([canopy], Answers(FileKind.TREES))
    qtbot.waitUntil(lambda: bool(asked), timeout=60_000)
    settled(state, qtbot)
    home = QWidget()
    qtbot.addWidget(home)
    dialog = GroundQuestion(home, state, *asked[0], intake.ground)
    assert not dialog.findChildren(ChoiceField)  # no system lays it anywhere near: an empty list would be asked
    dialog.code.setText("EPSG:1")
    go = next(one for one in dialog.findChildren(QPushButton) if one.isDefault())
    go.click()
    assert dialog.wrong.text()
    dialog.code.setText("EPSG:32636")
    go.click()
    qtbot.waitUntil(lambda: "canopy.tif" in state.plan.terrain, timeout=60_000)
    row = state.plan.terrain["canopy.tif"]
    assert (row.kind, row.crs) == (FileKind.TREES, "EPSG:32636")


def test_the_dialog_of_data_says_what_disagrees_and_changes_the_order(state: AppState, qtbot, tmp_path: Path) -> None:
    settled(state, qtbot)
    home = QWidget()
    shown = DataDialog(home, state, Quantities(Settings(tmp_path / "w.ini")), lambda _key: None, None)
    qtbot.addWidget(home)
    settled(state, qtbot)

    def words() -> str:
        return "\n".join(one.text() for one in shown.findChildren(QLabel) if not one.isHidden())

    assert "they differ by +15.0 m (median)" in words()
    assert "2.8 % without height" in words()
    first = next(one for one in shown.findChildren(QPushButton) if "country.tif" in one.accessibleName())
    first.click()
    assert state.plan.terrain["country.tif"].priority == 1
    settled(state, qtbot)
    shown._set("terrain.country.tif.holds", "surface")
    assert state.plan.terrain["country.tif"].holds is Holds.SURFACE
    shown._set("terrain.country.tif.class_heights", "trees")
    assert "no height of a class" in shown.wrong.text()
    assert shown.findChildren(QLineEdit) == []
    settled(state, qtbot)
    shown.close()


def test_the_dialog_of_data_counts_homes_as_bar_and_status_do(state: AppState, qtbot, tmp_path: Path) -> None:
    """A row that counts for five is five homes: the bar below said 121, and a click on it 105."""
    settled(state, qtbot)
    homes = [Household("W1", "", 2.71, 32.11, weight=5.0), Household("W2", "", 2.71, 32.12)]
    state.make(lambda plan: edits.put(plan, homes))
    home = QWidget()
    qtbot.addWidget(home)
    shown = DataDialog(home, state, Quantities(Settings(tmp_path / "w.ini")), lambda _key: None, None)
    said = [one.text() for one in shown.findChildren(QLabel)]
    assert any(one.startswith("6 homes, ") for one in said)
    settled(state, qtbot)
    shown.close()


def test_the_map_of_sources_has_each_one_its_seams_and_holes(state: AppState, qtbot) -> None:
    settled(state, qtbot)
    surface = state.project.surface
    found = ground_map(surface)
    assert found.files == ("country.tif", "survey.tif")
    assert set(np.unique(found.elevation)) == {0, 1, 2, SEAM} or set(np.unique(found.elevation)) == {1, 2, SEAM}
    share = [(found.elevation == number).mean() for number in (1, 2)]
    assert 0.9 < share[0] + share[1] < 1.0
    assert share[1] == pytest.approx(0.04 * 0.9, abs=0.01)  # 1.8 of 9 km, less the void and the seam
    (picture,), trees = pictures(found)
    assert [str(one.words) for one in picture.classes] == ["country.tif", "survey.tif", "where two sources meet"]
    assert trees == ()
    assert HOLE not in found.elevation
    assert TOPS < SEAM
