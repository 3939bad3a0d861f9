"""A survey goes out to phones and comes back: nothing is lost on the way, nothing is counted twice."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from deployment_example import example_deployment
from openpyxl import Workbook
from plan_examples import village
from survey_examples import HOME, SITE, choice, jpeg, run, sheets, village_file

from cn_planner.errors import FileError
from cn_planner.export.files import export_all
from cn_planner.export.qfield import write_qfield
from cn_planner.export.xlsform import write_xlsform
from cn_planner.gis.photo import MOST_BYTES, MOST_PX, photo_of
from cn_planner.model import edits
from cn_planner.model.evidence import Seen, Visit
from cn_planner.model.plan import Plan, Site, Status
from cn_planner.report.survey_form import survey_tag
from cn_planner.session.project import Project


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "form.xlsx"
    write_xlsform(example_deployment(), path)
    return path


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


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return village_file(tmp_path)


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
        seen = project.plan.evidence[f"survey-aaaa-2-{SITE}"]
        assert (seen.about_id, seen.towards, seen.seen) == (HOME, SITE, Seen.TREES)
        assert project.plan.evidence["survey-aaaa-2"].visit is Visit.REFUSED
        assert project.plan.households[HOME].weight == 0.0, "who refused is not planned for"
        assert project.plan.evidence["survey-aaaa-1"].who == "Juma"
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


@pytest.mark.parametrize(("group", "place"), [("visit-", "visit-place-"), ("visit/inner/", "visit/inner/_place_"),
                                              ("visit.", "visit._place_")])  # fmt: skip
def test_a_form_that_was_given_groups_comes_back_as_without_them(
    plan: Path, tmp_path: Path, group: str, place: str
) -> None:
    """ODK writes the names of groups with a hyphen before those of questions, Kobo with a slash or a point."""
    site, tag = choice(plan, "sites", SITE, tmp_path), survey_tag("a0", village().info.name)
    said = {"kind": "site", "site": site, "status": "agreed", "max_height_m": "18", "move": "yes", "note": "a wood"}
    rows = {f"{group}{name}": word for name, word in said.items()} | {
        f"{group}wood-kind": "pine",
        "Status": "hasIssues",
    }
    stood = {f"{place}Latitude": "-1.4002", f"{place}Longitude": "36.5002"}
    file = answers(tmp_path / "a.csv", {"plan_id": tag, **rows, **stood, "meta-instanceID": "uuid:g"})
    done = run("import", plan, file, "--as", "survey")
    assert done.exit_code == 0, done.output
    with Project.open(plan) as project:
        found = project.plan.sites[SITE]
        assert (found.status, found.max_height_m, found.latitude) == (Status.AGREED, 18.0, -1.4002)
        assert project.plan.notes["survey-g"].text.startswith("status: agreed")


def test_an_answer_of_no_known_kind_is_said_to_be_that(plan: Path, tmp_path: Path) -> None:
    """As where the answers were saved with labels in place of their names."""
    file = answers(tmp_path / "a.csv", {"kind": "A home of the village", "KEY": "x"})
    assert "what it is about" in run("import", plan, file, "--as", "survey").output


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
        ({"kind": "site", "site": "hill", "move": "yes", "place-Latitude": "36.55", "place-Longitude": "-1.45",
          "KEY": "x"}, "turned round"),
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


@pytest.mark.parametrize("own", ["_status", "Status"])
@pytest.mark.parametrize("question", ["status", "group_ab1/status"])
def test_how_an_answer_was_sent_is_no_answer(plan: Path, tmp_path: Path, own: str, question: str) -> None:
    """Nobody said how far the place has come: Kobo's "submitted_via_web" stood in the record as what they said."""
    one = {"kind": "site", "site": "hill", question: "", "note": "wet", own: "rejected", "KEY": "k"}
    assert run("import", plan, answers(tmp_path / "answers.csv", one), "--as", "survey").exit_code == 0
    with Project.open(plan) as project:
        assert project.plan.notes["survey-k"].text == "note: wet"
        assert project.plan.sites[SITE].status is not Status.REJECTED


@pytest.mark.parametrize("day", ["2026-02-31", "20260231"])
def test_a_day_that_no_calendar_has_is_said_and_the_answer_counts_without_it(
    plan: Path, tmp_path: Path, day: str
) -> None:
    answer = {"start": day, "kind": "tree", "tree_height_m": "14", "place-Latitude": "-1.405",
              "place-Longitude": "36.505", "KEY": "uuid:d"}  # fmt: skip
    done = run("import", plan, answers(tmp_path / "a.csv", answer), "--as", "survey")
    assert done.exit_code == 0, done.output
    assert f"{day} is a day that no calendar has" in done.output
    with Project.open(plan) as project:
        assert project.plan.notes["survey-d"].date == ""


def test_the_workbook_that_kobo_gives_is_read_as_its_csv(plan: Path, tmp_path: Path) -> None:
    """It is what Kobo gives where nothing else is chosen, with days and numbers as such: "a ZIP without a table"."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["start", "kind", "place", "_place_latitude", "_place_longitude", "tree_height_m", "_uuid"])
    sheet.append([dt.date(2026, 11, 20), "tree", "-1.405 36.505 0 0", -1.405, 36.505, 14.5, "k1"])
    file = tmp_path / "answers.xlsx"
    book.save(file)
    done = run("import", plan, file, "--as", "survey")
    assert done.exit_code == 0, done.output
    with Project.open(plan) as project:
        tree, note = project.plan.obstacles["survey-k1"], project.plan.notes["survey-k1"]
        assert (tree.latitude, tree.longitude, tree.height_m, note.date) == (-1.405, 36.505, 14.5, "2026-11-20")
    table = answers(
        tmp_path / "answers.csv",
        {"start": "2026-11-20T09:30", "kind": "tree", "_place_latitude": "-1.405", "_place_longitude": "36.505",
         "tree_height_m": "14.5", "_uuid": "k1"},
    )  # fmt: skip
    assert "was read before" in run("import", plan, table, "--as", "survey").output


def test_answers_left_out_are_told_by_question_and_twice_is_no_other_survey(plan: Path, tmp_path: Path) -> None:
    """A mast of 500 m stood beside a frequency, with that one's reason; read twice it was another plan's survey."""
    at = {"place-Latitude": "-1.405", "place-Longitude": "36.505"}
    file = answers(
        tmp_path / "answers.csv",
        {"kind": "tree", "tree_height_m": "9", "KEY": "a"} | at,
        {"kind": "measurement", "heard": "hill", "freq_mhz": "5.56", "level_dbm": "-71", "KEY": "b"} | at,
        {"kind": "site", "site": "hill", "max_height_m": "500", "KEY": "c"},
        {"plan_id": "other", "kind": "tree", "tree_height_m": "9", "KEY": "d"} | at,
    )
    for said in ("import 1 answer", "1 answer was read before"):
        done = run("import", plan, file, "--as", "survey")
        assert done.exit_code == 0, done.output
        words = " ".join(done.output.split())
        assert "(row 3): freq_mhz: 5.56 is not between 30 and 100000." in words
        assert "(row 4): max_height_m: 500 is not between 0 and 150." in words
        assert "(row 5): It is an answer about another plan." in words
        assert said in words


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_photograph_is_kept_small_and_upright_and_without_what_the_camera_wrote(plan: Path, tmp_path: Path) -> None:
    from rasterio.io import MemoryFile

    source = jpeg(tmp_path / "1.jpg")
    assert b"Secret Camera" in source.read_bytes()
    tag, site = survey_tag("a0", village().info.name), choice(plan, "sites", SITE, tmp_path)
    table = answers(tmp_path / "a.csv", {"plan_id": tag, "kind": "site", "site": site, "photo": "1.jpg",
                                         "start": "1970-01-01T00:00:00Z", "KEY": "uuid:p"})  # fmt: skip
    packed = tmp_path / "answers.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(table, "survey.csv")
        archive.write(source, "media/1.jpg")
    done = run("import", plan, packed, "--as", "survey")
    assert done.exit_code == 0
    assert "1 photograph is kept" in done.output
    assert "clock stood at 1970-01-01" in done.output
    with Project.open(plan) as project:
        seen = project.plan.evidence["survey-p"]
        assert seen.date == ""
        kept = project.photo(seen.photos)
        assert project.photo("none") is None
    assert kept is not None
    assert len(kept) < 400_000
    assert b"Secret" not in kept
    assert b"Exif" not in kept
    with MemoryFile(kept) as memory, memory.open() as picture:
        assert (picture.width, picture.height) == (MOST_PX // 2, MOST_PX)
        colours = picture.read()
    # Turned to the right: what was at the left is at the top.
    assert colours[0, 100].mean() > 200
    assert colours[0, -100].mean() < 50


def test_a_photograph_that_is_too_large_or_none_is_refused_in_words(tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(200 << 20)
    with pytest.raises(FileError, match="200 MB"):
        photo_of(large)
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff" + bytes(3000))
    (tmp_path / "b.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    for name, says in (("a.jpg", "damaged"), ("b.heic", "no photograph"), ("gone.jpg", "no such file")):
        with pytest.raises(FileError, match=says):
            photo_of(tmp_path / name)
    assert MOST_BYTES < 200 << 20


def test_an_answer_whose_photograph_cannot_be_kept_still_counts(plan: Path, tmp_path: Path) -> None:
    tag, site = survey_tag("a0", village().info.name), choice(plan, "sites", SITE, tmp_path)
    table = answers(tmp_path / "a.csv", {"plan_id": tag, "kind": "site", "site": site, "photo": "../../1.jpg",
                                         "note": "a wood", "KEY": "uuid:q"})  # fmt: skip
    done = run("import", plan, table, "--as", "survey")
    assert done.exit_code == 0
    assert "is not there" in done.output
    with Project.open(plan) as project:
        assert project.plan.evidence["survey-q"].note == "a wood"


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_photograph_that_is_torn_in_the_zip_stops_nothing(plan: Path, tmp_path: Path) -> None:
    tag, site = survey_tag("a0", village().info.name), choice(plan, "sites", SITE, tmp_path)
    rows = [{"plan_id": tag, "kind": "site", "site": site, "photo": f"{n}.jpg", "note": "a wood", "KEY": f"uuid:{n}"}
            for n in (1, 2)]  # fmt: skip
    packed = tmp_path / "answers.zip"
    picture = jpeg(tmp_path / "1.jpg", 64, 48).read_bytes()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.write(answers(tmp_path / "a.csv", *rows), "survey.csv")
        archive.writestr("media/1.jpg", picture)
        archive.writestr("media/2.jpg", picture + b"the other")
    whole = packed.read_bytes()
    packed.write_bytes(whole.replace(picture[:30], bytes(30), 1))
    done = run("import", plan, packed, "--as", "survey")
    assert done.exit_code == 0, done.output
    assert "1.jpg was left out" in done.output
    with Project.open(plan) as project:
        assert project.plan.evidence["survey-1"].note == "a wood"
        assert project.plan.evidence["survey-2"].photos


@pytest.fixture(scope="module")
def field_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the export writes of the example."""
    path = tmp_path_factory.mktemp("qfield") / "survey.gpkg"
    write_qfield(example_deployment(), path)
    return path


def test_the_file_for_qfield_has_a_form_for_every_question(field_file: Path) -> None:
    with closing(sqlite3.connect(field_file)) as base:
        forms = dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles"))
        columns = {name: {row[1] for row in base.execute(f"PRAGMA table_info({name})")} for name in forms}
        count = base.execute("SELECT count(*) FROM visits").fetchone()[0]
    assert set(forms) == {"visits", "looks", "trees", "levels"}
    assert count == len(example_deployment().sites) + len(example_deployment().homes)
    for name, form in forms.items():
        root = ET.fromstring(form)  # noqa: S314 - written here
        fields = {one.get("name"): one.find("editWidget").get("type") for one in root.iter("field") if len(one)}
        assert set(fields) <= columns[name]
        assert fields["plan_id"] == fields["day"] == "Hidden"
        (day,) = root.iter("default")
        assert (day.get("field"), day.get("applyOnUpdate")) == ("day", "1")
        assert "now()" in day.get("expression")
    assert "ValueMap" in forms["looks"]
    assert "ExternalResource" in forms["visits"]
    secret = example_deployment().meta.secret
    assert not secret or secret.encode() not in field_file.read_bytes()


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_what_was_filled_in_on_a_map_comes_back_and_twice_does_no_harm(tmp_path: Path, field_file: Path) -> None:
    """A telephone fills in the file that the program writes; here SQLite does."""
    deployment = example_deployment()
    first, second = deployment.sites[:2]
    sites = [Site(one.id, one.name, one.latitude, one.longitude) for one in deployment.sites]
    base = edits.put(Plan(), sites).plan
    path = tmp_path / "field.cnplan.gpkg"
    Project.create(path, replace(base, info=replace(base.info, name=deployment.meta.plan,
                                                    secret=deployment.meta.secret))).close()  # fmt: skip
    file = tmp_path / "back" / "survey.gpkg"
    file.parent.mkdir()
    shutil.copy(field_file, file)
    jpeg(file.parent / "2.jpg", 400, 300)
    with closing(sqlite3.connect(file)) as telephone:
        looks = telephone.execute("SELECT id, towards FROM looks").fetchall()
        telephone.execute("DROP TRIGGER IF EXISTS rtree_looks_geom_update1")
        for table in ("looks", "visits"):
            names = [row[0] for row in telephone.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,))]  # fmt: skip
            for name in names:
                telephone.execute(f'DROP TRIGGER "{name}"')
        telephone.execute("UPDATE visits SET who = 'Juma', status = 'agreed', owner = 'Asha', photo = '2.jpg' "
                          "WHERE kind = 'site' AND id = ?", (first.id,))  # fmt: skip
        telephone.execute("UPDATE looks SET seen = 'hidden', note = 'a ridge', day = '2026-11-21' WHERE fid = 1")
        telephone.commit()
    done = run("import", path, file, "--as", "survey")
    assert done.exit_code == 0, done.output
    with Project.open(path) as project:
        plan = project.plan
        assert plan.sites[first.id].owner == "Asha"
        assert plan.sites[first.id].status is Status.AGREED
        assert plan.sites[second.id] == sites[1], "who was not asked is as before"
        lines = [one for one in plan.evidence.values() if one.towards]
        assert [(one.about_id, one.towards, one.seen) for one in lines] == [(*looks[0], Seen.HIDDEN)]
        assert [(one.date, one.from_height_m) for one in lines] == [("2026-11-21", 1.7)]
        written = dt.datetime.fromtimestamp(file.stat().st_mtime).astimezone().date().isoformat()
        assert {one.date for one in plan.evidence.values()} == {"2026-11-21", written}, "no row is without a day"
        (photo,) = {one.photos for one in plan.evidence.values()} - {""}
        assert project.photo(photo) is not None
    again = run("import", path, file, "--as", "survey")
    assert "read before" in again.output
    with Project.open(path) as project:
        assert project.plan == plan


def test_another_database_is_no_survey(plan: Path, tmp_path: Path) -> None:
    done = run("import", plan, plan, "--as", "survey")
    assert done.exit_code == 1
    assert "no survey" in done.output
