"""The wheel: what is installed holds all that the program needs, and finds it without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked as an installer unpacks it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_resources_are_in_the_wheel_and_found_there(installed: Path) -> None:
    shipped = {path.relative_to(ROOT / "resources") for path in (ROOT / "resources").rglob("*") if path.is_file()}
    found = {
        path.relative_to(installed / "cn_planner/resources")
        for path in (installed / "cn_planner/resources").rglob("*")
        if path.is_file()
    }
    assert shipped <= found
    code = (
        "from cn_planner import paths; from cn_planner.storage.catalogue import load_catalogue;"
        "print(paths.resources(), len(load_catalogue().kits))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {[str(installed), *sys.path]!r}; {code}"],
        cwd=installed,
        env=os.environ | {"PYTHONPATH": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    assert str(installed) in done.stdout


def test_nothing_of_tests_or_data_is_in_the_wheel(installed: Path) -> None:
    assert {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")} == {"cn_planner"}
