"""A plan finds its elevation files again, here and on the next machine, and says when they are not what they were."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cn_planner.errors import FileError, InputError, MissingTerrainError
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.model.edits import put
from cn_planner.model.plan import Plan
from cn_planner.terrain.files import add_terrain, open_surface, terrain_problems


def dem(path: Path, height: float = 100.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_geotiff(
        path, np.full((20, 20), height, np.float32), "EPSG:32631", (30.0, 0, 4e5, 0, -30.0, 4.6e6), float("nan")
    )
    return path


@pytest.fixture
def plan_path(tmp_path: Path) -> Path:
    return tmp_path / "work" / "valley.cnplan.gpkg"


def test_a_row_says_what_the_file_is(shared_data: Path, plan_path: Path) -> None:
    file = shared_data / "terrain" / "N41E001.hgt.zip"
    (row,) = add_terrain(Plan(), plan_path, [file]).plan.terrain.values()
    assert row.id == "N41E001.hgt.zip"
    assert row.path == str(file.resolve())
    assert row.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (row.source, row.vertical_datum, row.cell_m) == ("SRTM 3 arc-second", "EGM96", 69.58)


def test_a_plan_moved_with_its_files_finds_them(plan_path: Path, tmp_path: Path) -> None:
    """A folder copied to a stick must open on the next machine."""
    edit = add_terrain(Plan(), plan_path, [dem(plan_path.parent / "terrain" / "dem.tif")])
    assert edit.plan.terrain["dem.tif"].path == "terrain/dem.tif"
    shutil.move(plan_path.parent, tmp_path / "stick")
    surface = open_surface(edit.plan, tmp_path / "stick" / plan_path.name)
    assert [source.name for source in surface.sources] == ["dem.tif"]


def test_a_file_that_is_gone_or_changed_is_named_with_its_fix(plan_path: Path) -> None:
    one, two = dem(plan_path.parent / "one.tif"), dem(plan_path.parent / "two.tif", 200.0)
    plan = add_terrain(Plan(), plan_path, [one, two]).plan
    assert terrain_problems(plan, plan_path) == ()
    one.unlink()
    dem(two, 300.0)
    gone, changed = terrain_problems(plan, plan_path)
    assert "one.tif: This elevation file of the plan is gone." in str(gone)
    assert "two.tif: This elevation file has changed" in str(changed)
    assert gone.fix
    assert changed.fix
    with pytest.raises(FileError, match="gone"):
        open_surface(plan, plan_path)
    dem(one)
    with pytest.raises(FileError, match="has changed"):
        open_surface(plan, plan_path)
    again = add_terrain(plan, plan_path, [two]).plan
    assert terrain_problems(again, plan_path) == ()


def test_what_is_in_the_plan_already_is_said(plan_path: Path) -> None:
    one, two = dem(plan_path.parent / "one.tif"), dem(plan_path.parent / "two.tif", 200.0)
    plan = add_terrain(Plan(), plan_path, [one]).plan
    with pytest.raises(InputError, match=r"In the plan already: one\.tif"):
        add_terrain(plan, plan_path, [one])
    with pytest.raises(InputError, match=r"In the plan already: copy\.tif"):
        add_terrain(plan, plan_path, [dem(plan_path.parent / "copy.tif")])
    edit = add_terrain(plan, plan_path, [one, two, two])
    assert list(edit.plan.terrain) == ["one.tif", "two.tif"]
    assert str(edit.label) == "add elevation two.tif; in the plan already: one.tif, two.tif"


def test_two_different_files_of_one_name_are_not_mixed_up(plan_path: Path) -> None:
    plan = add_terrain(Plan(), plan_path, [dem(plan_path.parent / "a" / "dem.tif")]).plan
    other = dem(plan_path.parent / "b" / "dem.tif", 500.0)
    with pytest.raises(InputError, match="Another file of this name"):
        add_terrain(plan, plan_path, [other])
    (plan_path.parent / "a" / "dem.tif").unlink()
    assert add_terrain(plan, plan_path, [other]).plan.terrain["dem.tif"].path == "b/dem.tif"


def test_a_moved_file_keeps_its_priority(plan_path: Path) -> None:
    file = dem(plan_path.parent / "dem.tif")
    plan = add_terrain(Plan(), plan_path, [file]).plan
    plan = put(plan, [replace(plan.terrain["dem.tif"], priority=3)]).plan
    (plan_path.parent / "new").mkdir()
    moved = Path(shutil.move(file, plan_path.parent / "new" / "dem.tif"))
    row = add_terrain(plan, plan_path, [moved]).plan.terrain["dem.tif"]
    assert (row.path, row.priority) == ("new/dem.tif", 3)


def test_one_bad_file_adds_none(plan_path: Path) -> None:
    bad = plan_path.parent / "bad.tif"
    good = dem(plan_path.parent / "good.tif")
    bad.write_bytes(b"<VRTDataset/>")
    with pytest.raises(FileError, match="virtual raster"):
        add_terrain(Plan(), plan_path, [good, bad])
    with pytest.raises(InputError, match="No elevation file"):
        add_terrain(Plan(), plan_path, [])


def test_a_plan_without_terrain_says_so(plan_path: Path) -> None:
    with pytest.raises(MissingTerrainError, match="no terrain"):
        open_surface(Plan(), plan_path)


def test_vertical_datums_are_not_mixed_in_silence(plan_path: Path) -> None:
    plan = add_terrain(Plan(), plan_path, [dem(plan_path.parent / f"{n}.tif", n) for n in (1.0, 2.0)]).plan
    rows = [
        replace(row, vertical_datum=datum)
        for row, datum in zip(plan.terrain.values(), ("EGM96", "EGM2008"), strict=True)
    ]
    (problem,) = terrain_problems(put(plan, rows).plan, plan_path)
    assert "EGM2008, EGM96" in str(problem)


def stranger_s(plan: Plan, path: str) -> Plan:
    """The plan as somebody else could have written it."""
    (row,) = plan.terrain.values()
    return put(plan, [replace(row, path=path)]).plan


@pytest.mark.parametrize("way", ["absolute", "dots", "link", "network"])
def test_a_stranger_s_plan_opens_nothing_outside_its_folder(
    plan_path: Path, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = add_terrain(Plan(), plan_path, [dem(plan_path.parent / "dem.tif")]).plan
    elsewhere = dem(tmp_path / "private" / "dem.tif")
    (plan_path.parent / "link.tif").symlink_to(elsewhere)
    path = {"absolute": str(elsewhere), "dots": "../private/dem.tif", "link": "link.tif", "network": "//server/a/b.tif"}
    asked: list[str] = []
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda file, *a, **k: asked.append(str(file)) or real(file, *a, **k))
    (problem,) = terrain_problems(stranger_s(plan, path[way]), plan_path)
    assert "not added on this machine" in str(problem)
    assert "add it again" in str(problem.fix)
    assert not [one for one in asked if "private" in one or "server" in one]
    with pytest.raises(FileError, match="not added on this machine"):
        open_surface(stranger_s(plan, path[way]), plan_path)


def test_a_file_that_is_added_again_here_is_opened_from_then_on(plan_path: Path, tmp_path: Path) -> None:
    file = dem(tmp_path / "far" / "dem.tif")
    plan = stranger_s(add_terrain(Plan(), plan_path, [dem(plan_path.parent / "dem.tif")]).plan, str(file))
    assert len(terrain_problems(plan, plan_path)) == 1
    again = add_terrain(plan, plan_path, [file]).plan
    assert terrain_problems(again, plan_path) == ()
    code = "import sys; from pathlib import Path; from cn_planner.terrain.known import file_place; "
    code += "print(file_place(sys.argv[1], Path(sys.argv[2])))"
    told = subprocess.run(
        [sys.executable, "-c", code, file, tmp_path / "work"], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(file), told.stderr


def test_a_list_of_files_that_is_damaged_or_cannot_be_written_stops_nobody(
    plan_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "cn-planner").mkdir(parents=True)
    (tmp_path / "config" / "cn-planner" / "terrain-files.json").write_text("{not json")
    file = dem(tmp_path / "far" / "dem.tif")
    plan = add_terrain(Plan(), plan_path, [file]).plan
    assert json.loads((tmp_path / "config" / "cn-planner" / "terrain-files.json").read_text()) == [str(file)]
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "a file"))
    other = dem(tmp_path / "far" / "other.tif", 200.0)
    assert terrain_problems(add_terrain(plan, plan_path, [other]).plan, plan_path) == ()
