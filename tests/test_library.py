"""The library: its examples run as they are printed, and it gives what the command line gives."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cn_planner as cn

DOC = Path(__file__).resolve().parents[1] / "docs" / "library.md"
EXAMPLES = re.findall(r"## ([^\n]+)\n[^#]*?```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
HERE, THERE = (-8.189659, -20.993055, 12.0), (-8.198339, -21.052703, 12.0)


@pytest.fixture
def valley(sample_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(sample_folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_five_examples() -> None:
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize(("title", "code"), EXAMPLES, ids=[title for title, _ in EXAMPLES])
def test_an_example_runs_as_it_is_printed(
    title: str, code: str, valley: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(code, title, "exec"), {})  # noqa: S102 - our own docs
    assert capsys.readouterr().out.strip()


def test_each_name_is_there_and_is_documented() -> None:
    text = DOC.read_text(encoding="utf-8")
    for name in cn.__all__:
        assert getattr(cn, name) is not None
        assert f"{name}" in text or name == "__version__"
    assert set(cn.__all__) <= set(dir(cn))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cn.nothing


def test_the_front_door_loads_nothing_before_it_is_asked() -> None:
    code = "import sys, cn_planner; print(sorted(set(sys.modules) & {'numpy', 'pyproj', 'numba', 'rasterio'}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_link_is_that_of_the_command(valley: Path) -> None:
    from cn_planner.links.conditions import Conditions
    from cn_planner.session.link import link_between

    surface = cn.open_surface("sample-valley-terrain.tif")
    mine = cn.link_budget(surface, HERE, THERE, 5800.0, radio="village-sector-5ghz", conditions=cn.Conditions())
    theirs = link_between(
        [Path("sample-valley-terrain.tif")], HERE, THERE, 5800.0, conditions=Conditions(), kit="village-sector-5ghz"
    )
    assert mine.fields("") == theirs.fields("")


def test_a_map_is_that_of_the_command(valley: Path) -> None:
    import rasterio

    words = ["coverage", "--dem", "sample-valley-terrain.tif", "--site", "-8.189659,-20.993055,12", "--rx-height", "4"]
    words += ["--radius-km", "3", "--model", "los", "--out", "seen.tif"]
    subprocess.run([sys.executable, "-m", "cn_planner.cli.main", *words], check=True, capture_output=True)
    seen = cn.coverage_map(cn.open_surface("sample-valley-terrain.tif"), [HERE], radius_km=3.0, rx_height_m=4.0)
    with rasterio.open("seen.tif") as written:
        # The file has the elevation's whole grid; the library's map ends at the radius.
        origin = written.transform
        first, top = int((seen.x[0] - origin.c) / origin.a), int((seen.y[0] - origin.f) / origin.e)
        window = np.s_[:, top : top + len(seen.y), first : first + len(seen.x)]
        whole = written.read()
    assert np.array_equal(whole[window], seen.values)
    whole[window] = 255
    assert (whole == 255).all()


def test_tables_become_geodataframes(valley: Path) -> None:
    with cn.open_plan("sample-valley.cnplan.gpkg") as project:
        cn.design(project, cover=0.8, time_limit_s=5.0)
        for table in ("households", "sites", "links"):
            frame = cn.to_geodataframe(project, table)
            assert len(frame) == len(getattr(project.plan, table))
            assert frame.crs.to_epsg() == 4326
        with pytest.raises(cn.PlannerError):
            cn.to_geodataframe(project, "clouds")
        with pytest.raises(cn.PlannerError, match="ten_years"):
            cn.design(project, objective="ten_years")


def test_words_where_nothing_is_given() -> None:
    with pytest.raises(cn.PlannerError):
        cn.open_surface()
    with pytest.raises(cn.PlannerError):
        cn.open_surface("nowhere.tif")


def test_no_name_of_the_front_door_is_that_of_a_room() -> None:
    """What is imported from within a room would else stand in its place, from the first time on."""
    here = Path(cn.__file__).parent
    assert not {path.stem for path in here.iterdir()} & set(cn.__all__)
