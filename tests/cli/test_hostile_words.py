"""Words that no command can use, and paths that no file has: said in words, never a mistake of the program's."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app, one_value_each
from cn_planner.faults import of_system
from cn_planner.importers.csv_table import read_csv
from cn_planner.validation.cases import read_cases

LONG = "x" * 300
COVERAGE = ("coverage", "--rx-height", "3", "--radius-km", "1", "--model", "los", "--site", "0.0,36.0,10")


@pytest.fixture(scope="module")
def folder(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile") / "valley"
    shutil.copytree(sample_folder, made)
    (made / "homes.csv").write_text("id,latitude,longitude\nx1,0.0,36.0\nx2,0.0,36.1\n")
    (made / "cases.csv").write_text("a\n1\n")
    (made / "loop").symlink_to("loop")
    return made


def said(folder: Path, *words: str) -> str:
    """Return what a command says that cannot be done."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, one_value_each(words))
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert done.exit_code in (1, 2), done.output
    assert "made a mistake" not in done.output
    assert done.output.strip()
    return done.output


@pytest.mark.skipif(sys.platform != "linux", reason="paths as Linux has them")
@pytest.mark.parametrize(
    "words",
    [
        *(("new", path, "--name", "n", "--country", "ES") for path in ("", ".", "/", LONG)),
        ("terrain", "sample-valley.cnplan.gpkg", LONG),
        *(("shelf", "prices", "sample-valley.cnplan.gpkg", "--out", path) for path in ("", ".", "/", LONG)),
        *((*COVERAGE, "--dem", "sample-valley-terrain.tif", "--out", path) for path in ("", "/", LONG, "loop")),
        (*COVERAGE, "--dem", "loop", "--out", "map.tif"),
        (*COVERAGE, "--dem", "sample-valley-terrain.tif", "--out", "map.tif", "--cell-m", "1e-320"),
        (*COVERAGE, "--dem", "sample-valley-terrain.tif", "--out", "map.tif", "--radius-km", "9" * 30),
    ],
)
def test_a_path_that_no_file_has_is_said(folder: Path, words: tuple[str, ...]) -> None:
    assert said(folder, *words)


@pytest.mark.parametrize("option", ["--thin", "--repeats-within", "--hamlets"])
def test_the_least_of_lengths_has_no_more_squares_than_there_are_numbers(
    folder: Path, tmp_path: Path, option: str
) -> None:
    plan = shutil.copytree(folder, tmp_path / "valley", symlinks=True) / "sample-valley.cnplan.gpkg"
    words = ["import", str(plan), str(folder / "homes.csv"), "--as", "households", option, "1e-320"]
    assert CliRunner().invoke(app, words).exit_code == 0
    if option == "--hamlets":
        assert CliRunner().invoke(app, ["homes", str(plan), "--hamlets", "1e-320"]).exit_code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="files with holes")
def test_what_is_no_plan_is_not_copied_to_be_merged(folder: Path, tmp_path: Path) -> None:
    """A file of 10 TB, nearly all of it a hole: more than any disk of these holds."""
    large = tmp_path / "large.cnplan.gpkg"
    large.touch()
    os.truncate(large, 10 * 10**12)
    assert "not a plan" in said(folder, "merge", "sample-valley.cnplan.gpkg", str(large))


def test_what_the_system_says_of_a_file_is_no_mistake_of_the_programs(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long") as found:
        (tmp_path / LONG).stat()
    known = of_system(found.value)
    assert known is not None
    assert LONG in known.where
    assert "too long" in str(known.what)
    assert of_system(OSError("no file")) is None
    assert of_system(ValueError()) is None


@pytest.mark.parametrize("read", [read_csv, lambda path: list(read_cases(path))])
@pytest.mark.parametrize("text", ["a" * (5 << 20), "id,latitude\n" + "1," * (3 << 20), "a,b\r1,2\r" + "x" * (5 << 20)])
def test_a_line_without_an_end_is_no_table(tmp_path: Path, read, text: str) -> None:
    path = tmp_path / "line.csv"
    path.write_text(text)
    with pytest.raises(OSError, match=r"(no end|CSV)"):
        read(path)
