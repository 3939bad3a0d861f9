"""A survey goes out to phones and comes back: nothing is lost on the way, nothing is counted twice."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from deployment_example import example_deployment
from plan_examples import village
from typer.testing import CliRunner, Result

from cn_planner.cli.main import app
from cn_planner.export.files import export_all
from cn_planner.export.xlsform import write_xlsform
from cn_planner.model import edits
from cn_planner.model.plan import Household, Plan, Site, Status
from cn_planner.report.survey_form import survey_tag
from cn_planner.session.project import Project


def run(*words: object) -> Result:
    return CliRunner().invoke(app, list(map(str, words)))


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "form.xlsx"
    write_xlsform(example_deployment(), path)
    return path


def sheets(form: Path) -> dict[str, list[dict[str, str]]]:
    book = openpyxl.load_workbook(form)
    found = {}
    for name in book.sheetnames:
        head, *rows = [["" if cell is None else str(cell) for cell in row] for row in book[name].values]
        found[name] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def test_the_form_is_what_pyxform_takes(form: Path) -> None:
    pyxform = pytest.importorskip("pyxform.xls2xform", reason="pyxform is not installed")
    warnings: list[str] = []
    made = pyxform.convert(str(form), warnings=warnings, validate=False)
    assert "<h:html" in made.xform
    assert "instanceID" in made.xform
    assert not warnings


def test_the_form_names_no_list_question_or_choice_that_is_not_there(form: Path) -> None:
    """The rules of XLSForm that break a form on the phone, written out here."""
    found = sheets(form)
    assert set(found) == {"survey", "choices", "settings"}
    names = [row["name"] for row in found["survey"]]
    assert len(names) == len(set(names))
    lists = {row["list_name"] for row in found["choices"]}
    for row in found["survey"]:
        kind, _, rest = row["type"].partition(" ")
        assert kind in {"start", "calculate", "text", "select_one", "geopoint", "decimal", "image"}
        assert (kind == "select_one") == bool(rest)
        assert not rest or rest in lists
        assert kind in {"start", "calculate"} or row["label"]
        for word in row["relevant"].split("${")[1:]:
            assert word.split("}")[0] in names
    for name in lists:
        choices = [row["name"] for row in found["choices"] if row["list_name"] == name]
        assert len(choices) == len(set(choices))
        assert all(one and not set(one) & set(" \t'\"") for one in choices)
    (settings,) = found["settings"]
    assert settings["form_id"].startswith("cn_planner_")
    secret = example_deployment().meta.secret
    assert not secret or all(secret not in str(row) for rows in found.values() for row in rows)


def test_the_form_is_written_by_its_name_and_is_the_same_twice(tmp_path: Path) -> None:
    one, two = (tmp_path / name for name in ("one", "two"))
    for folder in (one, two):
        export_all(example_deployment(), None, folder, ("xlsform",))
    (first,), (second,) = one.iterdir(), two.iterdir()
    assert first.name.endswith("-survey.xlsx")
    assert first.read_bytes() == second.read_bytes()


SITE, HOME = "hügel 1", "home\u00a07"
"""Ids that no choice of a form may be called."""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    base = village()
    base = replace(base, info=replace(base.info, secret="a0"))  # noqa: S106 - of an example
    base = edits.put(base, [Site(SITE, "Hügel", -1.4, 36.5), Household(HOME, "Asha", -1.41, 36.51)]).plan
    path = tmp_path / "village.cnplan.gpkg"
    Project.create(path, base).close()
    return path


def choice(plan: Path, name: str, key: str, tmp_path: Path) -> str:
    """What the form calls a thing: read off the form that the program itself writes."""
    deployment = example_deployment()
    with Project.open(plan) as project:
        source: Plan = project.plan
    sites = tuple(replace(deployment.sites[0], id=one.id, name=one.name) for one in source.sites.values())
    homes = tuple(replace(deployment.homes[0], id=one.id, name=one.name) for one in source.households.values())
    path = tmp_path / "choices.xlsx"
    write_xlsform(replace(deployment, sites=sites, homes=homes), path)
    rows = [row for row in sheets(path)["choices"] if row["list_name"] == name]
    return next(row["name"] for row in rows if row["label"].startswith(key))


def answers(path: Path, *rows: dict[str, str]) -> Path:
    """A CSV as ODK Central writes it."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def test_what_was_filled_in_comes_back_and_twice_does_no_harm(plan: Path, tmp_path: Path) -> None:
    site, home = choice(plan, "sites", SITE, tmp_path), choice(plan, "homes", HOME, tmp_path)
    tag = survey_tag("a0", village().info.name)
    file = answers(
        tmp_path / "answers.csv",
        {"SubmissionDate": "2026-11-20T10:00:00Z", "start": "2026-11-20T09:00:00+03:00", "plan_id": tag, "kind": "site",
         "site": site, "who": "Juma", "status": "agreed", "max_height_m": "18", "owner": "Mama Asha, 07",
         "power": "solar", "access": "on foot in the rains", "place-Latitude": "-1.4002", "place-Longitude": "36.5002",
         "move": "yes", "photo": "1732.jpg", "KEY": "uuid:aaaa-1"},
        {"plan_id": tag, "kind": "home", "home": home, "home_state": "refused", "antenna_height_m": "7",
         "towards": site, "seen": "trees", "KEY": "uuid:aaaa-2"},
        {"plan_id": tag, "kind": "tree", "tree_height_m": "14", "place-Latitude": "-1.405", "place-Longitude": "36.505",
         "KEY": "uuid:aaaa-3"},
        {"plan_id": tag, "kind": "measurement", "heard": site, "freq_mhz": "5560", "level_dbm": "-77", "height_m": "4",
         "place-Latitude": "-1.41", "place-Longitude": "36.51", "who": "Juma", "KEY": "uuid:aaaa-4"},
    )  # fmt: skip
    done = run("import", plan, file, "--as", "survey")
    assert done.exit_code == 0, done.output
    with Project.open(plan) as project:
        place = project.plan.sites[SITE]
        assert (place.status, place.max_height_m, place.owner) == (Status.AGREED, 18.0, "Mama Asha, 07")
        assert (place.latitude, place.longitude, place.access) == (-1.4002, 36.5002, "on foot in the rains")
        assert project.plan.households[HOME].antenna_height_m == 7.0
        assert project.plan.households[HOME].latitude == -1.41
        notes = {key: one for key, one in project.plan.notes.items() if key.startswith("survey-")}
        assert len(notes) == 4
        assert notes["survey-aaaa-2"].about_id == HOME
        assert notes["survey-aaaa-2"].text == f"home_state: refused; towards: {SITE}; seen: trees"
        assert notes["survey-aaaa-1"].date == "2026-11-20"
        assert "1732.jpg" in notes["survey-aaaa-1"].text
        tree = project.plan.obstacles["survey-aaaa-3"]
        assert (tree.latitude, tree.height_m) == (-1.405, 14.0)
        level = project.plan.measurements["survey-aaaa-4"]
        assert (level.site, level.level_dbm, level.height_m, level.who) == (SITE, -77.0, 4.0, "Juma")
        project.apply(edits.put(project.plan, [replace(place, owner="nobody since")]))
        before = project.plan
    again = run("import", plan, file, "--as", "survey")
    assert again.exit_code == 0
    assert "read before" in again.output
    with Project.open(plan) as project:
        assert project.plan == before
        assert len(project.history.steps) == 2


def test_a_zip_with_photographs_is_read_as_its_table(plan: Path, tmp_path: Path) -> None:
    tag = survey_tag("a0", village().info.name)
    table = answers(tmp_path / "a.csv", {"plan_id": tag, "kind": "tree", "tree_height_m": "9", "place-Latitude": "-1.4",
                                         "place-Longitude": "36.5", "KEY": "uuid:z"})  # fmt: skip
    packed = tmp_path / "answers.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(table, "survey.csv")
        archive.writestr("media/1.jpg", b"\xff\xd8\xff" + bytes(2000))
    assert run("import", plan, packed, "--as", "survey").exit_code == 0
    with Project.open(plan) as project:
        assert project.plan.obstacles["survey-z"].height_m == 9.0


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"plan_id": "other", "kind": "tree", "KEY": "x"}, "survey of another plan"),
        ({"kind": "tree", "tree_height_m": "9", "KEY": "x"}, "does not say where"),
        ({"kind": "site", "site": "gone", "KEY": "x"}, "has no gone"),
        ({"kind": "measurement", "heard": "hill", "freq_mhz": "5500", "level_dbm": "77", "place-Latitude": "-1.4",
          "place-Longitude": "36.5", "KEY": "x"}, "Is the sign missing"),
        ({"kind": "tree", "tree_height_m": "900", "place-Latitude": "-1.4", "place-Longitude": "36.5", "KEY": "x"},
         "between 0 and 500"),
        ({"kind": "tree"}, "no key"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_and_changes_nothing(
    plan: Path, tmp_path: Path, answer: dict[str, str], says: str
) -> None:
    before = plan.read_bytes()
    done = run("import", plan, answers(tmp_path / "bad.csv", answer), "--as", "survey")
    assert done.exit_code == 1
    assert says in done.output
    assert plan.read_bytes() == before
