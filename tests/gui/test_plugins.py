"""What a user would miss: what other packages add stands in the window's lists and does its work there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from plugin_site import add_failing, add_sample, on_the_path

from cn_planner.gui.coverage_maps import CoverageMaps
from cn_planner.gui.dialogs.settings import PlanSettingsDialog
from cn_planner.gui.dialogs.share import ShareDialog
from cn_planner.gui.intake import Intake
from cn_planner.gui.map_menu import MapMenu
from cn_planner.gui.quantities import Quantities
from cn_planner.session.coverage_maps import coverage_picture
from cn_planner.session.map_views import Asked, View

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    add_sample(tmp_path / "site")
    with on_the_path(tmp_path / "site", monkeypatch):
        yield


@pytest.fixture
def notices(state: Any) -> list[str]:
    """What the window says."""
    said: list[str] = []
    state.message.connect(lambda notice: said.append(str(notice.what)))
    return said


def choices(state: Any, qtbot: Any) -> tuple[CoverageMaps, dict[str, Any]]:
    maps = CoverageMaps(state, state)
    maps.view = View.LEVEL
    menu = MapMenu(maps, None)
    qtbot.addWidget(menu)
    menu.fill()
    return maps, {action.text(): action for action in menu.actions()}


@pytest.mark.usefixtures("sample")
def test_the_model_is_a_choice_of_the_map_and_draws_it(state: Any, qtbot: Any) -> None:
    maps, actions = choices(state, qtbot)
    maps.view = None  # so that nothing is computed of the whole valley here
    actions["By Two slopes"].trigger()
    maps.view = View.LEVEL
    assert maps.asked is not None
    assert maps.asked.model == "two-slopes"
    assert "Two slopes" in str(maps.whose())
    maps.view = None
    asked = Asked(View.LEVEL, "two-slopes", "C01")
    ranks = [coverage_picture(state.project.snapshot(), one, radius_m=600.0).ranks
             for one in (asked, Asked(View.LEVEL, "free-space", "C01"))]  # fmt: skip
    assert np.array_equal(ranks[0] > 0, ranks[1] > 0)
    assert np.count_nonzero(ranks[0]) > 500


@pytest.mark.usefixtures("sample")
def test_the_model_is_a_choice_of_the_plan_s_settings(state: Any, settings: Any, qtbot: Any) -> None:
    dialog = PlanSettingsDialog(None, state, Quantities(settings))
    qtbot.addWidget(dialog)
    box = dialog.fields["rules.link_model"]
    at = box.findData("two-slopes")
    assert at >= 0
    box.setCurrentIndex(at)
    box.activated.emit(at)
    assert state.plan.rules.link_model == "two-slopes"


@pytest.mark.usefixtures("sample")
def test_the_format_stands_in_share_and_is_written(state: Any, settings: Any, settled: Any, qtbot: Any) -> None:
    asked: list[Any] = []
    folder = state.project.path.parent / "out"
    dialog = ShareDialog(None, settings, folder, lambda *words: asked.append(words), ("gpx",))
    qtbot.addWidget(dialog)
    assert dialog.boxes["markdown"].text() == "Towers for a wiki (Markdown)"
    dialog.boxes["markdown"].setChecked(True)
    dialog._begin()
    ((where, formats, _),) = asked
    assert formats == ("gpx", "markdown")
    state.request_export(where, formats=formats, date="2026-11-26")
    settled(state)
    assert sorted(path.suffix for path in folder.iterdir()) == [".gpx", ".md"]


@pytest.mark.usefixtures("sample")
def test_a_dropped_file_is_read_by_the_reader_as_what_it_always_holds(state: Any, settled: Any, tmp_path: Path) -> None:
    book = tmp_path / "any.name"
    book.write_text("FIELD BOOK\nKilima Juu @ 42.111 1.851\n", encoding="utf-8")
    before = set(state.plan.sites)
    Intake(state).take([book])
    settled(state)
    (new,) = set(state.plan.sites) - before
    assert state.plan.sites[new].name == "Kilima Juu"


def test_what_fails_is_said_once_and_is_no_choice(
    state: Any, notices: list[str], qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_failing(tmp_path / "site")
    with on_the_path(tmp_path / "site", monkeypatch):
        _, actions = choices(state, qtbot)
        assert [text for text in actions if text.startswith("By ")] == [
            "By ITU-R P.526", "By ITU-R P.1812", "By ITM", "By free space", "By Raises",
        ]  # fmt: skip
        left = [one for one in notices if "of the package failing-plugin is left out" in one]
        assert len(left) == len(set(left)) == 5
        choices(state, qtbot)
        assert len([one for one in notices if "is left out" in one]) == 5
