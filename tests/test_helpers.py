"""What a user of a bundle would miss: a program without Python that reads rasters, sets pages, and moves to a stick."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import pytest

from cn_planner import helpers, paths
from cn_planner.export.pdf import font_folders
from cn_planner.export.typeset import typeset
from cn_planner.gis.raster import read_elevation
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.gui.dialogs.new_plan import file_name
from cn_planner.propagation import kernel
from cn_planner.storage.database import _address

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def as_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make this process take itself for a bundle whose program starts where a bundle's does; return that program."""
    program = tmp_path / "cn-planner"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m cn_planner "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    return program


needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="the program is a script of sh")


@needs_shell
def test_a_bundle_reads_a_raster_in_a_process_of_its_own(as_bundle: Path, tmp_path: Path) -> None:
    heights = np.arange(12.0, dtype=np.float32).reshape(3, 4)
    write_geotiff(tmp_path / "a.tif", heights, "EPSG:32727", (30.0, 0.0, 5e5, 0.0, -30.0, 9e6), nodata=-1.0)
    assert helpers.helper_words("cn_planner.gis.worker", "serve")[0] == str(as_bundle)
    assert np.array_equal(np.asarray(read_elevation(tmp_path / "a.tif").values), heights)


@needs_shell
@pytest.mark.usefixtures("as_bundle")
def test_a_bundle_sets_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.typ").write_text("A page", encoding="utf-8")
    assert typeset(tmp_path, "a.typ", dt.date(2026, 11, 29), font_folders()).startswith(b"%PDF-")


def test_words_of_people_start_no_helper() -> None:
    for words in ([], ["plan"], ["--cn-planner-helper"], ["--cn-planner-helper", "os", "system", "true"]):
        assert helpers.as_helper(words) is None


def test_the_module_is_the_command_line() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "cn_planner", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("cn-planner ")


def test_other_programs_get_their_own_libraries_back(as_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert as_bundle.exists()
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/before")
    helpers.give_back_libraries()
    assert os.environ["LD_LIBRARY_PATH"] == "/before"
    helpers.give_back_libraries()
    assert "LD_LIBRARY_PATH" not in os.environ


def test_shipped_machine_code_is_taken_over_once_and_added_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = tmp_path / "resources" / "kernels"
    (tmp_path / "compiled" / "links").mkdir(parents=True)
    (tmp_path / "compiled" / "links" / "a.nbi").write_bytes(b"made")
    kernel.pack_whole(tmp_path / "compiled", shipped / kernel.MACHINE_CODE)
    (shipped / "digest").write_text("0123456789abcdef", "ascii")
    monkeypatch.setattr(paths, "resources", lambda: tmp_path / "resources")
    monkeypatch.setattr(paths, "cache", lambda: tmp_path / "cache")
    kernel.cache_folder.cache_clear()
    try:
        folder = kernel.cache_folder()
        assert folder is not None
        assert "0123456789abcdef" in folder.name
        assert (folder / "links" / "a.nbi").read_bytes() == b"made"
        (folder / "links" / "b.nbi").write_bytes(b"more")
        kernel.cache_folder.cache_clear()
        assert kernel.cache_folder() == folder
        assert sorted(one.name for one in (folder / "links").iterdir()) == ["a.nbi", "b.nbi"]
    finally:
        kernel.cache_folder.cache_clear()


@pytest.mark.parametrize("left", [0, 10, 200], ids=["empty", "its head", "most of it"])
def test_shipped_machine_code_that_is_damaged_is_made_anew(tmp_path: Path, left: int) -> None:
    (tmp_path / "compiled").mkdir()
    for name, data in (("a.nbi", os.urandom(300)), ("b.nbi", os.urandom(300))):
        (tmp_path / "compiled" / name).write_bytes(data)
    packed = tmp_path / "code.tar.xz"
    kernel.pack_whole(tmp_path / "compiled", packed)
    packed.write_bytes(packed.read_bytes()[:left])
    folder = kernel.prepare_cache(tmp_path / "cache", "0123456789abcdef", packed)
    assert folder is not None
    assert list(folder.iterdir()) == []  # not half of it


def test_a_clock_that_is_behind_does_not_make_every_start_a_first_one(tmp_path: Path) -> None:
    copy = tmp_path / "cn_planner"
    shutil.copytree(ROOT / "cn_planner", copy, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "resources").symlink_to(ROOT / "resources")
    later = time.time() + 1e6
    os.utime(copy / "propagation" / "knife_edge.py", (later, later))
    code = "from cn_planner.propagation.kernel import cache_folder; print(cache_folder() is not None)"
    kept = os.environ | {"PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    said = subprocess.run([sys.executable, "-c", code], env=kept, capture_output=True, text=True, check=True)
    assert said.stdout == "True\n"


def test_a_moved_program_finds_what_it_compiled(tmp_path: Path) -> None:
    code = (
        "from cn_planner.propagation.kernel import compiled\n"
        "from cn_planner.propagation.knife_edge import knife_edge_kernel\n"
        "made = compiled(knife_edge_kernel); made(0.5); print(sum(made.stats.cache_hits.values()))"
    )
    found = []
    for place in ("here", "elsewhere"):
        copy = tmp_path / place / "cn_planner"
        shutil.copytree(ROOT / "cn_planner", copy, ignore=shutil.ignore_patterns("__pycache__"))
        os.utime(copy / "propagation" / "knife_edge.py", (1e9, 1e9 + len(found)))
        (tmp_path / place / "resources").symlink_to(ROOT / "resources")
        kept = os.environ | {"PYTHONPATH": str(tmp_path / place), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        found.append(subprocess.run([sys.executable, "-c", code], env=kept, capture_output=True, text=True, check=True))
    assert [one.stdout for one in found] == ["0\n", "1\n"]


def test_a_plan_on_a_share_of_windows_has_an_address_that_sqlite_takes() -> None:
    assert _address(PureWindowsPath("//srv/share/a b.gpkg")) == "file:////srv/share/a%20b.gpkg"
    assert _address(PureWindowsPath("C:/a.gpkg")) == "file:///C:/a.gpkg"
    assert _address(PurePosixPath("/a.gpkg")) == "file:///a.gpkg"


@pytest.mark.parametrize("name", ["CON", "nul", "com1", "LPT9", "aux.valley", "con "])
def test_no_plan_is_named_as_a_device_of_windows(name: str) -> None:
    assert file_name(name).lower().startswith("plan ")


@pytest.mark.parametrize("name", ["Conil", "Auxonne", "Company 1"])
def test_other_names_stay(name: str) -> None:
    assert file_name(name) == f"{name}.cnplan.gpkg"
