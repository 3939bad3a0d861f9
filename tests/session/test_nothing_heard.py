"""Who hears nothing has measured, too: it goes out in every form, and comes back as a level at its floor."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from deployment_example import example_deployment
from survey_examples import choice, run, sheets, village_file

from cn_planner.export.qfield import write_qfield
from cn_planner.export.xlsform import write_xlsform
from cn_planner.model import edits
from cn_planner.model.plan import Measurement, Plan, Site
from cn_planner.report.survey_form import survey_tag
from cn_planner.session.project import Project

_X = "{http://www.w3.org/2002/xforms}"
STOOD = {"place-Latitude": "-1.4003", "place-Longitude": "36.5004"}


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return village_file(tmp_path)


def answered(plan: Path, tmp_path: Path, *answers: dict[str, str], name: str = "a.csv") -> Path:
    """What ODK sends back of volunteers who measured."""
    with Project.open(plan) as project:
        tag = survey_tag("a0", project.plan.info.name)
    heard = choice(plan, "sites", "hügel 1", tmp_path)
    rows = [
        {"plan_id": tag, "kind": "measurement", "heard": heard, "KEY": f"uuid:{n}", **STOOD, **answer}
        for n, answer in enumerate(answers)
    ]
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def levels(plan: Path) -> list[Measurement]:
    with Project.open(plan) as project:
        return [one for key, one in sorted(project.plan.measurements.items()) if key.startswith("survey-")]


def least_dbm(plan: Path) -> tuple[float, float]:
    """Frequency of the homes' kit, and the least that its radio hears, by the shelf."""
    with Project.open(plan) as project:
        kit = project.catalogue.kit(project.plan.kits.client)
        modes = project.catalogue.radios[kit.radio].modes
        return kit.freq_mhz, min(one.sensitivity_dbm for one in modes if one.width_mhz == kit.width_mhz)


def test_the_form_asks_it_and_then_wants_no_level(plan: Path, tmp_path: Path) -> None:
    convert = pytest.importorskip("pyxform.xls2xform", reason="pyxform is not installed").convert
    path = tmp_path / "form.xlsx"
    write_xlsform(example_deployment(), path)
    names = [row["name"] for row in sheets(path)["survey"]]
    assert names.index("heard") < names.index("nothing_heard") < names.index("level_dbm")
    root = ET.fromstring(convert(str(path), warnings=[], validate=False).xform)  # noqa: S314 - made here
    binds = {one.get("nodeset", "").split("/")[-1]: one for one in root.iter(f"{_X}bind")}
    assert "'measurement'" in binds["nothing_heard"].get("relevant", "")
    assert binds["nothing_heard"].get("required") is None
    assert binds["level_dbm"].get("required", "").replace(" ", "").endswith("/nothing_heard!='yes'")


def test_nothing_heard_comes_back_as_a_level_at_its_floor(plan: Path, tmp_path: Path) -> None:
    freq, least = least_dbm(plan)
    assert -110.0 < least < -80.0
    at = {"freq_mhz": f"{freq:g}"}
    file = answered(
        plan, tmp_path, at | {"nothing_heard": "yes", "level_dbm": "-101.5"}, at | {"nothing_heard": "yes"},
        at | {"level_dbm": "<-95"}, at | {"nothing_heard": "no", "level_dbm": "-88"},
    )  # fmt: skip
    done = run("import", plan, file, "--as", "survey")
    assert done.exit_code == 0, done.output
    told = levels(plan)
    assert [(one.level_dbm, one.floor_dbm) for one in told] == [
        (-101.5, -101.5), (least, least), (-95.0, -95.0), (-88.0, None)
    ]  # fmt: skip
    assert [one.censored for one in told] == [True, True, True, False]
    assert "1 answer says that nothing was heard" in done.output
    assert f"{least:g} dBm" in done.output
    assert "read before" in run("import", plan, file, "--as", "survey").output
    assert levels(plan) == told


@pytest.mark.parametrize("answer", [{"nothing_heard": "no"}, {}, {"nothing_heard": "yes", "freq_mhz": "415"}])
def test_what_says_no_level_and_not_that_nothing_was_heard_is_refused(
    plan: Path, tmp_path: Path, answer: dict[str, str]
) -> None:
    """Of another band the radio of homes says nothing: how little could be heard must be said."""
    freq, _ = least_dbm(plan)
    file = answered(plan, tmp_path, {"freq_mhz": f"{freq:g}"} | answer)
    done = run("import", plan, file, "--as", "survey")
    assert done.exit_code != 0
    assert "no frequency or no level" in done.output
    assert levels(plan) == []


def test_qfield_asks_it_too(tmp_path: Path) -> None:
    deployment = example_deployment()
    sites = [Site(one.id, one.name, one.latitude, one.longitude) for one in deployment.sites]
    base = edits.put(Plan(), sites).plan
    path, file = tmp_path / "field.cnplan.gpkg", tmp_path / "survey.gpkg"
    info = replace(base.info, name=deployment.meta.plan, secret=deployment.meta.secret)
    Project.create(path, replace(base, info=info)).close()
    write_qfield(deployment, file)
    freq, least = least_dbm(path)
    with closing(sqlite3.connect(file)) as telephone:
        for (name,) in telephone.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            telephone.execute(f'DROP TRIGGER "{name}"')
        (style,) = telephone.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'levels'").fetchone()
        field = next(one for one in ET.fromstring(style).iter("field") if one.get("name") == "nothing_heard")  # noqa: S314
        assert {one.get("value") for one in field.iter("Option")} >= {"yes", "no"}
        (shape,) = telephone.execute("SELECT geom FROM visits LIMIT 1").fetchone()
        (heard,) = telephone.execute("SELECT id FROM visits WHERE kind = 'site' LIMIT 1").fetchone()
        telephone.execute("INSERT INTO levels (geom, day, heard, freq_mhz, nothing_heard) VALUES (?, ?, ?, ?, ?)",
                          (shape, "2026-11-21", heard, f"{freq:g}", "yes"))  # fmt: skip
        telephone.commit()
    done = run("import", path, file, "--as", "survey")
    assert done.exit_code == 0, done.output
    with Project.open(path) as project:
        (one,) = project.plan.measurements.values()
    assert (one.level_dbm, one.floor_dbm, one.censored) == (least, least, True)
