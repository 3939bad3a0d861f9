"""Files that broke the program once: refused in words that name them, or read; never half of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cn_planner import faults
from cn_planner.errors import PlannerError
from cn_planner.model.ground import FileKind
from cn_planner.session.check import check_project
from cn_planner.session.project import Project
from cn_planner.terrain.asked import Answers

ATTACKS = Path(__file__).resolve().parents[3] / "shared" / "attacks"

Act = Callable[[Project, Path], object]


def sites(project: Project, path: Path) -> object:
    return project.import_file(path, "sites", {})


def sun(project: Project, path: Path) -> object:
    return project.import_file(path, "sun", {})


def terrain(project: Project, path: Path) -> object:
    return project.add_terrain([path])


def cover(project: Project, path: Path) -> object:
    return project.add_terrain([path], Answers(FileKind.LAND_COVER))


def base_map(project: Project, path: Path) -> object:
    from cn_planner.session.base_map import open_base_map, use_base_map

    edit = use_base_map(project.plan, project.path, path)
    project.apply(edit)
    open_base_map(project.plan, project.path)
    return edit


def opened(_project: Project, path: Path) -> object:
    with Project.open(path) as other:
        check_project(other)
        return other.plan


ACTS: dict[str, Act] = {
    "own-export.kmz": sites, "manycols.gpkg": sites, "damaged.xlsx": sites, "norel.xlsx": sites, "version.xlsx": sites,
    "offset.kmz": sites, "fuzz-kmz-24-a.kmz": sites, "fuzz-shpzip-85-b.zip": sites, "sun.json": sun, "sun2.json": sun,
    "loop.mbtiles": base_map, "bomb_leaf.pmtiles": base_map, "bomb_root.pmtiles": base_map, "inf.mbtiles": base_map,
    "fuzz-mbtiles-9889-a.mbtiles": base_map, "version.pmtiles": base_map, "deepmeta.pmtiles": base_map,
    "fuzz-picture-2061-rgba.tif": base_map, "fuzz-picture-675-rgba.tif": base_map, "looppack.cnpack.gpkg": terrain,
    "deepfacts.cnpack.gpkg": terrain, "fuzz-cover-211-pal.tif": cover, "fuzz-plan-1143-demo.cnplan.gpkg": opened,
    "utf8.cnplan.gpkg": opened, "nul.cnplan.gpkg": opened, "long.cnplan.gpkg": opened,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if not ATTACKS.is_dir():
        pytest.skip("shared/attacks is not beside the project")
    monkeypatch.setattr(faults, "log_path", lambda: tmp_path / "faults.log")
    return tmp_path


def test_every_file_has_its_act(folder: Path) -> None:
    assert {path.name for path in ATTACKS.iterdir()} - {"README.md"} == set(ACTS)


@pytest.mark.parametrize("name", ACTS)
def test_a_hostile_file_is_refused_in_words_or_read(name: str, folder: Path, valley_folder: Path) -> None:
    path = folder / name
    shutil.copyfile(ATTACKS / name, path)
    with Project.open(valley_folder / "sample-valley.cnplan.gpkg") as project:
        before, steps = project.plan, project.history.done
        error = refused(ACTS[name], project, path)
        assert project.history.done <= steps + (error is None)
        if error is not None:
            assert name in str(error)
            assert error.fix is not None
            assert project.plan == before


def refused(act: Act, project: Project, path: Path) -> PlannerError | None:
    try:
        act(project, path)
    except PlannerError as error:
        return error
    return None
