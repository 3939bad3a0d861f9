"""Fixtures for every test: where the shared data is, and user folders that are the test's own."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from cn_planner.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.model.plan import Plan
    from cn_planner.planning.result import Design
    from cn_planner.terrain.surface import Surface

# The same examples in every run, so that a red run tells of the change in it and not of luck. New ones are looked for
# with --hypothesis-profile=search, and what they find becomes an @example.
# No test is timed: a busy machine fails none.
untimed = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("same", derandomize=True, **untimed)
settings.register_profile("search", max_examples=2000, **untimed)
settings.load_profile("same")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure() -> None:
    """Draw the seed of the fuzzer, once for all processes that share the tests; one that is given makes a run again.

    And set what the processes of the tests share.
    """
    os.environ.setdefault("FUZZ_SEED", str(secrets.randbelow(10**9)))
    # Programs that tests start keep what they compile of the package's 600 modules, whatever this machine's own habit:
    # else each compiles them anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_finish() -> None:
    """Have Python's collector look seldom, and not at what stays: going through all tests and modules was a fifth."""
    gc.set_threshold(20_000)
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave Python's collector on but for tests of the window, which has it work on its own thread alone.

    In a worker's it ends objects of Qt that the window's thread is about to call: a run died of that.
    """
    if "gui" in item.path.parts:
        gc.disable()
    elif not gc.isenabled():
        gc.collect()
        gc.enable()


def pytest_report_header() -> str:
    """Print it."""
    return f"fuzz seed: {os.environ['FUZZ_SEED']} (to have it again: FUZZ_SEED={os.environ['FUZZ_SEED']})"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys go first: of all tests they take longest, and at the end one worker would wait for the other's."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project; the test is skipped where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("shared/data is not beside the project")
    return SHARED


@pytest.fixture(autouse=True, scope="session")
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing is written into the settings of the person who runs the tests."""
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample valley as the program makes it, once: homes and places, no network yet."""
    from cn_planner.session.sample import open_sample

    folder = tmp_path_factory.mktemp("sample")
    open_sample(folder).close()
    return folder


@pytest.fixture
def valley_folder(sample_folder: Path, tmp_path: Path) -> Path:
    """A sample valley of the test's own."""
    folder = tmp_path / "valley"
    shutil.copytree(sample_folder, folder)
    return folder


@pytest.fixture(scope="session")
def planned_sample(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[float | None], Path]:
    """Give the folder of the sample with its network for a share of the homes, as the plan asks where None.

    Made once, by the first of the processes that share the tests; nobody may change it.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def give(cover: float | None = None) -> Path:
        from cn_planner.session.project import Project

        folder, done = base / f"planned-{cover}", base / f"planned-{cover}.done"
        try:
            (base / f"planned-{cover}.begun").touch(exist_ok=False)
        except FileExistsError:
            end = time.monotonic() + 900.0
            while not done.exists():
                assert time.monotonic() < end, f"another process did not make {folder.name}"
                time.sleep(0.1)
            return folder
        try:
            shutil.copytree(sample_folder, folder)
            with Project.open(next(folder.glob("*.cnplan.gpkg"))) as project:
                project.make_plan(cover=cover)
        finally:
            done.touch()  # who waits for it fails on what is not there, and does not wait
        return folder

    return give


@pytest.fixture(scope="session")
def sample_ground(sample_folder: Path) -> tuple[Plan, Surface]:
    """The plan of the sample valley, its terrain file not in it, and its ground."""
    from cn_planner.area.sample import make_sample
    from cn_planner.gis.raster import read_elevation
    from cn_planner.terrain.surface import Surface

    return make_sample().plan, Surface([read_elevation(sample_folder / "sample-valley-terrain.tif")])


@pytest.fixture(scope="session")
def designed(sample_ground: tuple[Plan, Surface]) -> Design:
    """What the planner makes of the sample valley where nothing else is asked."""
    from cn_planner.planning.design import design
    from cn_planner.storage.catalogue import load_catalogue

    return design(Study(*sample_ground, load_catalogue()))
