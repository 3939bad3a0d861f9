"""What a user would miss: the file that a command was given, when its answer is told to go to the same name."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app, one_value_each

PLAN = "sample-valley.cnplan.gpkg"
INSTANCE = {
    "heights_m": [6], "sites": [{"id": "g", "latitude": 0, "longitude": 36, "role": "gateway", "cost": [10]}],
    "homes": [{"id": "h", "latitude": 0, "longitude": 36, "weight": 1}], "serve": [[0, 0, 0]], "links": [],
    "sector": {"cost": 1, "homes": 5, "max_per_site": 1}, "max_hops": 1, "cover": 1,
}  # fmt: skip


@pytest.fixture
def folder(sample_folder: Path, tmp_path: Path) -> Path:
    made = tmp_path / "valley"
    shutil.copytree(sample_folder, made)
    (made / "points.csv").write_text("id,latitude,longitude,height_m,freq_mhz\n1,0.0,36.0,4,5600\n")
    (made / "cases.csv").write_text("freq_hz,elev_deg,pol_tilt_deg\n1e9,0,0\n")
    (made / "instance.json").write_text(json.dumps(INSTANCE))
    (made / "other-name").symlink_to(PLAN)
    return made


COMMANDS = [
    (("predict", PLAN, "--at", "points.csv"), (PLAN, "points.csv", "other-name")),
    (("loss", "--model", "p838", "--cases", "cases.csv"), ("cases.csv",)),
    (("optimise", "instance.json"), ("instance.json",)),
    (("shelf", "prices", PLAN), (PLAN, "other-name")),
    (("shelf", "pattern", PLAN, "litebeam-5ac-gen2-dish"), (PLAN,)),
    (("panorama", PLAN, "--at", "0.0,36.0,3"), (PLAN,)),
    (("coverage", "--dem", "sample-valley-terrain.tif", "--site", "0.0,36.0,9", "--rx-height", "3", "--radius-km", "1",
      "--model", "los"), ("sample-valley-terrain.tif",)),
]  # fmt: skip


@pytest.mark.parametrize(("words", "given"), COMMANDS, ids=lambda one: one[0])
def test_no_command_writes_over_what_it_reads(folder: Path, words: tuple[str, ...], given: tuple[str, ...]) -> None:
    for name in given:
        before = (folder / name).read_bytes()
        with contextlib.chdir(folder):
            done = CliRunner().invoke(app, one_value_each([*words, "--out", name]))
        assert done.exit_code == 1, done.output
        assert name in done.stderr
        assert "written over" in done.stderr
        assert (folder / name).read_bytes() == before
        assert (folder / name).is_symlink() == (name == "other-name")


@pytest.mark.parametrize(("words", "given"), COMMANDS, ids=lambda one: one[0])
def test_a_folder_that_is_missing_is_said_before_the_work(
    folder: Path, words: tuple[str, ...], given: tuple[str, ...]
) -> None:
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, one_value_each([*words, "--out", f"none/{given[0]}"]))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(f"{Path('none') / given[0]}: There is no such folder.")
    assert not any(word in done.stderr for word in ("Proving", "predicted", "Searching"))
    assert not list(folder.glob("**/.*part"))


READ = {
    "towers": (*COMMANDS[-1][0][:3], "--sites", "{}", *COMMANDS[-1][0][5:], "--out", "map.tif"),
    "cases": ("loss", "--model", "p838", "--cases", "{}", "--out", "out.csv"),
    "instance": ("optimise", "{}", "--out", "out.json"),
}


@pytest.mark.parametrize("words", READ.values(), ids=READ)
def test_of_a_file_that_is_none_it_is_said_what_to_do(folder: Path, words: tuple[str, ...]) -> None:
    (folder / "empty").write_bytes(b"")
    (folder / "spreadsheet").write_bytes("id,é\n1,ü\n".encode("utf-16"))
    (folder / "inner").mkdir()
    for name, said in (
        ("empty", "The file is empty. Download or copy it again."),
        ("inner", "This is a folder, not a file. Choose the file inside it."),
        ("nowhere", "There is no such file. Check the name and the folder."),
        ("spreadsheet", "Save it again as CSV (UTF-8)." if "optimise" not in words else "JSON, plain or gzip."),
    ):
        with contextlib.chdir(folder):
            done = CliRunner().invoke(app, one_value_each([one.format(name) for one in words]))
        assert (done.exit_code, done.stdout) == (1, "")
        assert name in done.stderr
        assert said in done.stderr.replace("\n", " ")


def test_a_plan_in_a_folder_that_is_not_there_is_said_as_any_other_file_is(tmp_path: Path) -> None:
    path = tmp_path / "none" / "a.cnplan.gpkg"
    done = CliRunner().invoke(app, ["new", str(path), "--name", "A", "--country", "CL"])
    assert done.exit_code == 1
    assert done.stderr.strip() == f"{path}: There is no such folder. Make the folder, or choose another."
