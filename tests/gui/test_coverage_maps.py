"""Other maps than who is reached: chosen by the legend, coarse before fine, cancelled, and never of an old plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMainWindow

from cn_planner.area.sample import make_sample
from cn_planner.coverage.map_models import GroundMap
from cn_planner.coverage.received import Quantity
from cn_planner.drawing.coverage_classes import scale_of
from cn_planner.drawing.palette import OTHERS
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.gui import theme
from cn_planner.gui.coverage_maps import overlay_classes
from cn_planner.gui.map_menu import ask_file
from cn_planner.gui.regions import Regions
from cn_planner.gui.words import WORDS, set_language
from cn_planner.jobs import JobState
from cn_planner.model import edits
from cn_planner.session.coverage_maps import coverage_picture
from cn_planner.session.engine import make_map_ready
from cn_planner.session.map_views import View
from cn_planner.session.project import Project
from tests.coarse_ground import coarse_ground

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.gui.coverage_maps import ShownMap


@pytest.fixture(scope="module", autouse=True)
def ready() -> None:
    """Have the machine code of these maps made, as the first look at each has it made."""
    for model in (GroundMap.LOS, GroundMap.FRESNEL, GroundMap.MIN_HEIGHT, "p526", "free-space"):
        make_map_ready(model)


@pytest.fixture(scope="module")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample valley on ground of 60 m in place of 30: a map of it is made in a quarter of the time."""
    folder, valley = tmp_path_factory.mktemp("sample"), make_sample()
    coarse, place = coarse_ground(valley.elevation_m, valley.transform)
    ground = folder / "sample-valley-terrain.tif"
    write_geotiff(ground, coarse, valley.crs, place, nodata=float("nan"))
    with Project.create(folder / "sample-valley.cnplan.gpkg", valley.plan) as project:
        project.add_terrain([ground])
    return folder


@pytest.fixture
def regions(state, settings, qtbot):
    """The map with its legend, as the window has it."""
    window = QMainWindow()
    qtbot.addWidget(window)
    found = Regions(state, settings, window)
    window.setCentralWidget(found.map_region)
    window.resize(1000, 700)
    window.show()
    qtbot.waitExposed(window)
    yield found
    found.shutdown()
    state.shutdown()


@pytest.fixture
def seen(regions):
    """What was shown, one after the other."""
    found: list[ShownMap] = []

    def take() -> None:
        shown = regions.maps.shown
        if shown is not None and (not found or found[-1] is not shown):
            found.append(shown)

    regions.maps.changed.connect(take)
    return found


def texts(regions) -> list[str]:
    return [one.text() for one in regions.legend.findChildren(QLabel) if one.text()]


def actions(regions) -> dict:
    menu = regions.legend.choose.menu()
    menu.fill()
    return {action.text(): action for action in menu.actions() if action.text()}


def test_a_map_is_chosen_by_the_legend_and_comes_coarse_then_fine(regions, seen, state, settled) -> None:
    actions(regions)["How clear the way is"].trigger()
    assert regions.legend.isVisible()
    assert "Computing…" in texts(regions)
    settled(state)
    assert len(seen) >= 2
    coarse, fine = seen[0].picture, seen[-1].picture
    assert coarse.coarse_m is not None
    assert fine.coarse_m is None
    assert regions.canvas.content.coverage.images == (seen[-1].image,)
    assert regions.legend.choose.text() == "How clear the way is ▾"
    said = texts(regions)
    assert str(fine.scale.title) in said
    assert {str(one.words) for one in fine.scale.classes} <= set(said)
    assert "All towers" in said
    assert not any("first look" in one for one in said)
    assert np.array_equal(fine.ranks, coverage_picture(state.project.snapshot(), fine.asked).ranks)


def test_cancel_in_the_status_bar_stops_it_and_leaves_what_was_seen_by_then(
    regions, seen, state, qtbot, settled
) -> None:
    jobs = []

    def cancel() -> None:
        if seen and not jobs:
            jobs.extend(job for job in state.jobs.active() if job.key == "map")
            for job in jobs:
                state.cancel(job.id)

    regions.maps.changed.connect(cancel)
    regions.maps.choose(View.CHANCE)
    qtbot.waitUntil(lambda: bool(jobs), timeout=300_000)
    settled(state)
    assert [job.state for job in jobs] == [JobState.CANCELLED]
    assert len(seen) == 1
    assert not regions.maps.working
    assert any("stopped" in one for one in texts(regions))
    # Asked for again it is computed as if nothing had been.
    regions.maps.choose(None)
    settled(state)
    regions.maps.choose(View.CHANCE)
    settled(state)
    assert regions.maps.shown.picture.coarse_m is None


def test_what_was_computed_of_an_old_plan_is_dropped(regions, seen, state, qtbot, settled) -> None:
    site = state.plan.sites["C01"]
    edited: list[int] = []
    asked_of = []

    def edit() -> None:
        if seen and not edited:
            edited.append(len(seen))
            asked_of.extend(job for job in state.jobs.active() if job.key == "map")
            state.apply(edits.put(state.plan, [replace(site, mast_height_m=40.0)]))

    regions.maps.changed.connect(edit)
    regions.maps.choose(View.HEIGHT)
    qtbot.waitUntil(lambda: bool(edited), timeout=300_000)
    qtbot.waitUntil(lambda: not regions.maps.working, timeout=300_000)
    settled(state)
    assert [job.state for job in asked_of] in ([JobState.CANCELLED], [JobState.OVERTAKEN], [JobState.STALE])
    now = regions.maps.shown.picture
    assert now.coarse_m is None
    assert np.array_equal(now.ranks, coverage_picture(state.project.snapshot(), now.asked).ranks)
    # Nothing fine came of the plan as it was.
    assert [one.picture.coarse_m is None for one in seen].count(True) == 1


def test_one_tower_or_all_and_by_which_model(regions, state, settled) -> None:
    maps = regions.maps
    state.select("site", "C01")
    maps.choose(View.LEVEL)
    settled(state)
    both = maps.shown.picture
    actions(regions)[f"Only {state.plan.sites['C01'].name}"].trigger()
    settled(state)
    assert maps.shown.picture.towers == 1
    assert state.plan.sites["C01"].name in " ".join(texts(regions))
    # Another tower selected is another map; a home leaves it.
    state.select("household", next(iter(state.plan.households)))
    assert maps.site == "C01"
    state.select("site", "G01")
    settled(state)
    assert maps.shown.picture.asked.site == "G01"
    actions(regions)["By free space"].trigger()
    settled(state)
    assert maps.shown.picture.asked.model == "free-space"
    assert maps.shown.picture.ranks.shape != both.ranks.shape or (maps.shown.picture.ranks != both.ranks).any()
    assert any("free space" in one for one in texts(regions))
    # How many reach is of all.
    maps.choose(View.COUNT)
    settled(state)
    assert maps.shown.picture.towers == 2


def test_back_to_who_is_reached(regions, state, settled) -> None:
    state.request_coverage()
    settled(state)
    reached = regions.canvas.content.coverage.images
    assert reached
    assert regions.legend.choose.text() == "Who is reached ▾"
    actions(regions)["What is seen"].trigger()
    settled(state)
    assert "Seen" in texts(regions)
    actions(regions)["Who is reached"].trigger()
    settled(state)
    assert regions.maps.shown is None
    assert [one.classes for one in regions.canvas.content.coverage.images] == [one.classes for one in reached]
    assert {"Signal at the roof", "Likely"} <= set(texts(regions))


def test_under_the_hand_the_map_gives_way_and_comes_back(regions, state, qtbot, settled) -> None:
    regions.maps.choose(View.SEEN)
    settled(state)
    state.live_site(replace(state.plan.sites["C01"], mast_height_m=30.0))
    settled(state)
    qtbot.waitUntil(lambda: bool(regions.canvas.content.live_coverage.images), timeout=10_000)
    assert regions.legend.choose.text() == "Who is reached ▾"
    state.end_live()
    settled(state)
    assert not regions.canvas.content.live_coverage.images
    assert regions.canvas.content.coverage.images == (regions.maps.shown.image,)
    assert regions.legend.choose.text() == "What is seen ▾"


def test_a_plan_without_towers_says_that_there_is_none(regions, state, qtbot, settled) -> None:
    regions.maps.choose(View.SEEN)
    settled(state)
    gone = [replace(state.plan.sites[key], mast_height_m=None) for key in ("C01", "G01")]
    state.apply(edits.put(state.plan, gone))
    qtbot.waitUntil(lambda: not regions.maps.working, timeout=10_000)
    settled(state)
    assert regions.maps.shown is None
    assert not regions.canvas.content.coverage.images
    assert any("no tower" in one for one in texts(regions))


def test_a_map_is_saved_beside_the_plan(regions, state, settled, tmp_path: Path) -> None:
    regions.maps.choose(View.SEEN)
    settled(state)
    said = []
    state.message.connect(said.append)
    dialog = ask_file(regions.maps, regions.legend)
    assert isinstance(dialog, QFileDialog)
    dialog.selectNameFilter(next(one for one in dialog.nameFilters() if "geojson" in one))
    dialog.filesSelected.emit([str(tmp_path / "seen")])
    dialog.close()
    settled(state)
    assert (tmp_path / "seen.geojson").stat().st_size > 1000
    assert "seen.geojson" in str(said[-1].what)


def test_the_legend_of_a_low_window_leaves_room_for_the_tools(regions, state, settled, qtbot) -> None:
    app = QApplication.instance()
    try:
        for language in ("en", "ar"):  # the maps are computed for the first, and kept
            set_language(language)
            app.setLayoutDirection(
                Qt.LayoutDirection.RightToLeft if language == "ar" else Qt.LayoutDirection.LeftToRight
            )
            regions.retitle()
            regions.map_region.window().resize(800, 355)
            for view in (View.HEIGHT, View.LEVEL, View.COUNT):
                regions.maps.choose(view)
                settled(state)
                assert not regions.legend.geometry().intersects(regions.tools.geometry()), (language, view)
                assert regions.map_region.rect().contains(regions.legend.geometry()), (language, view)
            mirrored = regions.legend.geometry().center().x() > regions.map_region.width() / 2
            assert mirrored == (language == "ar")
    finally:
        set_language("en")
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        assert WORDS.language == "en"


def test_the_best_stands_out_in_every_look() -> None:
    for scale in (scale_of("p526", Quantity.LEVEL), scale_of(GroundMap.MIN_HEIGHT, Quantity.LOSS)):
        light, dark = overlay_classes(scale), overlay_classes(scale, dark=True)
        assert [one.words for one in light] == [one.words for one in dark] == [one.words for one in scale.listed]
        inks = [[one.colour for one in each if one.colour != OTHERS] for each in (light, dark)]
        assert inks[0] == inks[1][::-1]
        assert light[-1].colour == dark[-1].colour == OTHERS


def test_another_look_paints_the_map_anew(regions, state, qtbot, settled) -> None:
    try:
        theme.apply_look("light")
        regions.maps.choose(View.CLEAR)
        settled(state)
        before = regions.maps.shown.image.classes
        theme.apply_look("dark")
        qtbot.waitUntil(lambda: not regions.maps.working, timeout=300_000)
        settled(state)
        assert regions.maps.shown.image.classes != before
    finally:
        theme.apply_look("light")
