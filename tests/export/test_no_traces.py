"""Nothing that is written tells who wrote it or where, and a plan for others holds nothing that was said in trust."""

from __future__ import annotations

import re
import sqlite3
import tempfile
import zipfile
import zlib
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from deployment_example import example_deployment

from cn_planner.export.files import export_all
from cn_planner.export.formats import FORMATS
from cn_planner.geo import geodesic
from cn_planner.model.items import Items
from cn_planner.model.measurement import Calibration, Residual
from cn_planner.model.plan import (
    Household,
    Info,
    Link,
    Measurement,
    Note,
    Obstacle,
    Plan,
    Rules,
    Scenarios,
    Site,
    StoredScenario,
    TerrainFile,
)
from cn_planner.report.privacy import redacted
from cn_planner.storage.plan_file import PlanFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHO = "zzuserzz"
TOLD = "told in trust"
PLAN = Plan(
    info=Info(name="Valle Alto", secret="a1b2c3"),  # noqa: S106 - of a plan that is made up
    rules=Rules(own_limits="5470-5725 MHz 30 dBm EIRP", own_limits_source=TOLD),
    scenarios=Scenarios(others=(StoredScenario("2", TOLD, ""),)),
    sites=Items([Site("s", "Serra", 42.0, 1.8, mast_height_m=12.0, owner=TOLD, consent=TOLD, note=TOLD)]),
    households=Items([Household(f"h{n}", TOLD, 42.0 + n / 1000, 1.81, note=TOLD, server="s") for n in range(12)]),
    links=Items([Link("l", "s", "s", note=TOLD)]),
    obstacles=Items([Obstacle("o", 42.0, 1.8, 8.0, kind="building", note=TOLD)]),
    terrain=Items([TerrainFile("n42.hgt", f"/home/{WHO}/maps/n42.hgt", "00", 90.0)]),
    measurements=Items([Measurement("m", 42.0, 1.8, 5500.0, -60.0, note=TOLD)]),
    notes=Items([Note("n", TOLD)]),
    calibration=Calibration(
        ("s",), (Residual(42.0, 1.8, 0, 5500.0, 900.0, 3.0, 0.7, -4.0, 9.0),), 6.0, 250.0, 3.0, 0.2
    ),
)


def everything(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, and of what is packed within."""
    content = path.read_bytes()
    yield content
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if content.startswith(b"%PDF"):
        for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
            try:
                yield zlib.decompress(found[1])
            except zlib.error:
                yield found[1]


def test_no_file_names_the_user_their_home_or_where_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / WHO
    (home / "tmp").mkdir(parents=True)
    for name in ("HOME", "USERPROFILE", "USER", "LOGNAME", "USERNAME", "TMPDIR"):
        monkeypatch.setenv(name, str(home / "tmp") if name == "TMPDIR" else str(home) if "O" in name[:2] else WHO)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(home)
    paths = export_all(example_deployment(), None, home / "out", FORMATS.names(), source=PLAN, blur_homes_m=300.0)
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert len(paths) > len(FORMATS.names())
    for path in paths:
        for content in everything(path):
            for trace in (WHO, str(tmp_path), ".cn-planner-"):
                assert trace.encode() not in content, (path.name, trace)
                assert trace.encode("utf-16-be") not in content, (path.name, trace)


def test_a_copy_for_others_holds_nothing_that_was_said_in_trust(tmp_path: Path) -> None:
    (path,) = export_all(example_deployment(), None, tmp_path, ("plan",), source=PLAN, blur_homes_m=300.0)
    content = path.read_bytes()
    for word in (TOLD, "a1b2c3", WHO):
        assert word.encode() not in content
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with PlanFile.open(path) as file:
        plan = file.plan
    assert set(plan.sites) == {"s"}
    assert plan.rules.own_limits == PLAN.rules.own_limits
    assert not plan.measurements
    assert not plan.calibration.on
    assert not plan.obstacles
    away = [
        min(geodesic(one.latitude, one.longitude, home.latitude, home.longitude).distance_m
            for one in PLAN.households.values())
        for home in plan.households.values()
    ]  # fmt: skip
    assert len(away) == 12
    assert all(distance <= 300.0 + 1.0 for distance in away)
    places = {(home.latitude, home.longitude) for home in PLAN.households.values()}
    assert not places & {(home.latitude, home.longitude) for home in plan.households.values()}


def test_homes_are_left_out_where_no_distance_is_given() -> None:
    assert not redacted(PLAN, None).households
    assert not redacted(replace(PLAN, info=Info(name="x")), 300.0).households  # nothing to hide them with
    assert redacted(PLAN, None).terrain["n42.hgt"].path == "n42.hgt"


def test_the_same_plan_gives_the_same_copy(tmp_path: Path) -> None:
    one, other = (
        export_all(example_deployment(), None, tmp_path / name, ("plan",), source=PLAN, blur_homes_m=300.0)[0]
        for name in "ab"
    )
    assert one.read_bytes() == other.read_bytes()
