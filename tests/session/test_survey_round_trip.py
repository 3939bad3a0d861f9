"""Each question of the form is answered as ODK, Kobo and QField send it back, and each answer is in the plan then."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
from deployment_example import example_deployment
from survey_examples import choice, jpeg, run, village_file

from cn_planner.export.qfield import write_qfield
from cn_planner.export.xlsform import write_xlsform
from cn_planner.model import edits
from cn_planner.model.plan import Household, Plan, Site
from cn_planner.report.survey_form import survey_tag
from cn_planner.session.project import Project

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
_X = "{http://www.w3.org/2002/xforms}"
SAID = {
    "who": "Juma Ökonomo", "move": "no", "status": "agreed", "max_height_m": "18.5", "owner": "Mama Asha, 07",
    "consent": "by word, 3 Nov", "power": "solar", "access": "ford; dry season", "hazard": "bees, two hives",
    "home_state": "visited", "antenna_height_m": "7.25", "seen": "clear", "from_height_m": "6.5",
    "tree_height_m": "13.5", "freq_mhz": "5560.5", "nothing_heard": "no", "level_dbm": "-77.5", "height_m": "4.5",
    "note": "two words",
}  # fmt: skip
STOOD = {"Latitude": "-1.4003", "Longitude": "36.5004", "Altitude": "1720.5", "Accuracy": "6.2"}


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return village_file(tmp_path)


class Form(NamedTuple):
    """What pyxform makes of the form: its questions with type and condition, and the names of choices."""

    questions: dict[str, tuple[str, str]]
    choices: dict[str, list[str]]


def form_of(path: Path) -> Form:
    convert = pytest.importorskip("pyxform.xls2xform", reason="pyxform is not installed").convert
    root = ET.fromstring(convert(str(path), warnings=[], validate=False).xform)  # noqa: S314 - made here
    binds = {one.get("nodeset", "").split("/")[-1]: one for one in root.iter(f"{_X}bind")}
    choices = {
        one.get("id", ""): [str(name.text) for name in one.iter(f"{_X}name")]
        for one in root.iter(f"{_X}instance")
        if one.get("id")
    }
    questions = {name: (one.get("type", ""), one.get("relevant", "")) for name, one in binds.items()}
    return Form(questions, choices)


def answers_to(form: Form, chosen: dict[str, str], tag: str) -> list[dict[str, str]]:
    """One answer of each kind with all that it is asked, in the columns of ODK Central."""
    rows = []
    for number, kind in enumerate(form.choices["kinds"]):
        key = f"uuid:0000000{number}-aaaa-bbbb-cccc-ddddeeeeffff"
        row = {"SubmissionDate": "2026-11-20T10:00:00.123Z", "start": "2026-11-19T09:00:00.000+03:00", "plan_id": tag}
        for name, (what, when) in form.questions.items():
            if name in {*row, "instanceID", "kind"} or (when and f"'{kind}'" not in when):
                continue
            if what == "geopoint":
                row |= {f"{name}-{part}": value for part, value in STOOD.items()}
            else:
                row[name] = f"17320{number}.jpg" if what == "binary" else (chosen | SAID)[name]
        rows.append(row | {"kind": kind, "meta-instanceID": key, "KEY": key, "AttachmentsPresent": "1"})
    return rows


def table(rows: list[dict[str, str]], **how: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), **how)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def all_said(source: Plan) -> str:
    """All that the plan says, but how it stood before."""
    parts = ("sites", "households", "obstacles", "measurements", "evidence", "notes")
    return "\n".join(str(asdict(row)) for part in parts for row in getattr(source, part).values())


def test_every_answer_of_odk_and_every_photograph_is_in_the_plan(plan: Path, tmp_path: Path) -> None:
    deployment = example_deployment()
    with Project.open(plan) as project:
        source = project.plan
    sites = tuple(replace(deployment.sites[0], id=one.id, name=one.name) for one in source.sites.values())
    homes = tuple(replace(deployment.homes[0], id=one.id, name=one.name) for one in source.households.values())
    path = tmp_path / "form.xlsx"
    write_xlsform(replace(deployment, sites=sites, homes=homes), path)
    form = form_of(path)
    site, other = form.choices["sites"][:2]
    chosen = {"site": site, "heard": site, "home": form.choices["homes"][0], "towards": other}
    rows = answers_to(form, chosen, survey_tag("a0", source.info.name))
    assert len(rows) == 4
    packed = tmp_path / "answers.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("cn_planner.csv", table(rows))
        for number in range(4):
            archive.write(jpeg(tmp_path / "1.jpg", 200 + number, 100), f"media/17320{number}.jpg")
    done = run("import", plan, packed, "--as", "survey")
    assert done.exit_code == 0, done.output
    with Project.open(plan) as project:
        after = project.plan
        photos = {name for one in after.evidence.values() for name in one.photos.split()}
        assert len(photos) == 4
        assert all(project.photo(name) for name in photos)
    said = all_said(after)
    for name, value in SAID.items():
        if name not in ("move", "nothing_heard"):
            assert value in said, f"the answer to {name} is lost"
    assert "nothing_heard: no" in said
    assert said.count("place: -1.4003 36.5004 1720.5 6.2") == 4
    stood = {(one.from_latitude, one.from_longitude) for one in after.evidence.values()}
    here = (float(STOOD["Latitude"]), float(STOOD["Longitude"]))
    assert here in stood
    # Kobo: semicolons, a column of all four figures, keys of its own; the same answers.
    kobo = []
    for row in rows:
        plain = {name: one for name, one in row.items() if not name.startswith(("place-", "meta-", "KEY", "Sub"))}
        kobo.append(plain | {"place": " ".join(STOOD.values()), "_place_latitude": STOOD["Latitude"],
                             "_place_longitude": STOOD["Longitude"], "_id": "1", "_uuid": row["KEY"][5:],
                             "_submission_time": "2026-11-20T10:00:00"})  # fmt: skip
    again = tmp_path / "kobo.csv"
    again.write_text(table(kobo, delimiter=";", quoting=csv.QUOTE_ALL), encoding="utf-8-sig")
    for file in (packed, again):
        assert "read before" in run("import", plan, file, "--as", "survey").output
    with Project.open(plan) as project:
        assert project.plan == after


def test_who_looked_from_elsewhere_is_taken_at_their_word(plan: Path, tmp_path: Path) -> None:
    site, home = choice(plan, "sites", "hügel 1", tmp_path), choice(plan, "homes", "home", tmp_path)
    tag = survey_tag("a0", example_name(plan))
    row = {"plan_id": tag, "kind": "home", "home": home, "towards": site, "seen": "clear", "from_height_m": "2"}
    rows = [row | {"place-Latitude": latitude, "place-Longitude": "36.51", "KEY": f"uuid:{number}"}
            for number, latitude in enumerate(("-1.4102", "-1.413", "-1.9", "95"))]  # fmt: skip
    file = tmp_path / "a.csv"
    file.write_text(table(rows), encoding="utf-8")
    done = run("import", plan, file, "--as", "survey")
    assert done.exit_code == 0, done.output
    assert "stood 332 m from it" in done.output  # 0.003 degrees of latitude, by hand: 111.3 km each, 0.99 of it there
    with Project.open(plan) as project:
        looks = [project.plan.evidence[f"survey-{number}-hügel 1"].from_latitude for number in range(4)]
    assert looks == [-1.4102, -1.413, -1.41, -1.41]


def example_name(path: Path) -> str:
    with Project.open(path) as project:
        return project.plan.info.name


def test_every_answer_of_qfield_is_in_the_plan(tmp_path: Path) -> None:
    deployment = example_deployment()
    sites = [Site(one.id, one.name, one.latitude, one.longitude) for one in deployment.sites]
    homes = [Household(one.id, one.name, one.latitude, one.longitude) for one in deployment.homes]
    base = edits.put(Plan(), [*sites, *homes]).plan
    path = tmp_path / "field.cnplan.gpkg"
    info = replace(base.info, name=deployment.meta.plan, secret=deployment.meta.secret)
    Project.create(path, replace(base, info=info)).close()
    file = tmp_path / "back" / "survey.gpkg"
    (file.parent / "DCIM").mkdir(parents=True)
    write_qfield(deployment, file)
    for number in range(4):
        jpeg(file.parent / "DCIM" / f"{number}.jpg", 200 + number, 100)
    ask = {"who": "Juma Ökonomo", "note": "two words"}
    asked = {
        ("visits", "site"): ["status", "max_height_m", "owner", "consent", "power", "access", "hazard"],
        ("visits", "home"): ["home_state", "antenna_height_m"],
        ("looks", "site"): ["seen", "from_height_m"],
    }
    with closing(sqlite3.connect(file)) as telephone:
        # QField writes through GDAL, whose own functions keep the spatial index.
        for (name,) in telephone.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            telephone.execute(f'DROP TRIGGER "{name}"')
        for number, ((layer, kind), names) in enumerate(asked.items()):
            values = {name: SAID[name] for name in names} | ask | {"photo": f"DCIM/{number}.jpg", "day": "2026-11-21"}
            sets = ", ".join(f"{name} = ?" for name in values)
            telephone.execute(f"UPDATE {layer} SET {sets} WHERE fid = (SELECT min(fid) FROM {layer} WHERE kind = ?)",  # noqa: S608
                              (*values.values(), kind))  # fmt: skip
        (shape,) = telephone.execute("SELECT geom FROM visits LIMIT 1").fetchone()
        (heard,) = telephone.execute("SELECT id FROM visits WHERE kind = 'site' LIMIT 1").fetchone()
        new = {
            "trees": ask | {"tree_height_m": "13.5", "photo": "DCIM/3.jpg"},
            "levels": ask | {"heard": heard, "freq_mhz": "5560.5", "level_dbm": "-77.5", "height_m": "4.5"},
        }
        for layer, values in new.items():
            columns = ", ".join(("geom", "day", *values))
            telephone.execute(f"INSERT INTO {layer} ({columns}) VALUES ({', '.join('?' * (2 + len(values)))})",  # noqa: S608
                              (shape, "2026-11-21", *values.values()))  # fmt: skip
        telephone.commit()
    done = run("import", path, file, "--as", "survey")
    assert done.exit_code == 0, done.output
    with Project.open(path) as project:
        after = project.plan
        photos = {name for one in after.evidence.values() for name in one.photos.split()}
        assert len(photos) == 4
    said = all_said(after)
    for name, value in SAID.items():
        if name not in ("move", "nothing_heard"):
            assert value in said, f"the answer to {name} is lost"
    days = [one.date for one in after.evidence.values()] + [one.date for one in after.measurements.values()]
    assert set(days) == {"2026-11-21"}
    assert "read before" in run("import", path, file, "--as", "survey").output
    with Project.open(path) as project:
        assert project.plan == after


def test_a_photograph_that_was_too_large_comes_when_it_is_made_smaller(plan: Path, tmp_path: Path) -> None:
    site, tag = choice(plan, "sites", "hügel 1", tmp_path), survey_tag("a0", example_name(plan))
    rows = [
        {"plan_id": tag, "kind": "site", "site": site, "photo": "a.jpg", "KEY": "uuid:a"},
        {"plan_id": tag, "kind": "tree", "tree_height_m": "9", "place": "-1.4 36.5", "photo": "b.jpg", "KEY": "uuid:b"},
    ]
    large = b"\xff\xd8\xff" + bytes(33 << 20)

    def packed(name: str, *pictures: bytes) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", table(rows))
            for key, picture in zip("ab", pictures, strict=True):
                archive.writestr(f"media/{key}.jpg", picture)
        return path

    assert "33 MB" in run("import", plan, packed("large.zip", large, large), "--as", "survey").output
    small = jpeg(tmp_path / "1.jpg", 200, 100).read_bytes(), jpeg(tmp_path / "2.jpg", 100, 100).read_bytes()
    done = run("import", plan, packed("small.zip", *small), "--as", "survey")
    assert "2 photographs are kept" in done.output
    with Project.open(plan) as project:
        after = project.plan
        assert all(project.photo(after.evidence[f"survey-{key}"].photos) for key in "ab")
    run("import", plan, tmp_path / "small.zip", "--as", "survey")
    with Project.open(plan) as project:
        assert project.plan == after
