"""Files put into a folder: each whole or not at all, the same bytes for the same plan, nothing left behind."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from deployment_example import example_deployment
from pypdf import PdfReader

from cn_planner.errors import CancelledError, FileError, InputError
from cn_planner.export.files import export_all
from cn_planner.export.formats import FORMATS, TYPESET, Given
from cn_planner.export.pdf import cards_pages
from cn_planner.export.words import explained
from cn_planner.gis import worker
from cn_planner.gis.worker import PYOGRIO, end_idle, warm_for
from cn_planner.model.plan import Info, Plan
from cn_planner.progress import CancelToken, Run

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.report.deployment import DeploymentPlan

SUFFIXES = {".pdf", ".html", ".xlsx", ".kmz", ".geojson", ".gpx", ".csv", ".gpkg", ".txt", ".tif"}


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def empty_deployment() -> DeploymentPlan:
    """The example with nothing in any table."""
    plan = example_deployment()
    headline = replace(
        plan.headline, homes=0.0, homes_reached=0.0, towers=0, tower_heights_m=(), capex=0.0,
        cost_per_home=None, monthly=0.0, fees=(), complete=False,
    )  # fmt: skip
    tables = {
        one.name: () for one in fields(plan) if one.name != "missing" and isinstance(getattr(plan, one.name), tuple)
    }
    meta = replace(plan.meta, sources=(), plan="")
    return replace(plan, meta=meta, headline=headline, **tables)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The files of every format, in one folder; the volume of tables is that of a plan with more homes."""
    folder = tmp_path_factory.mktemp("exported")
    plan = example_deployment()
    paths = export_all(plan, None, folder, FORMATS.names(), source=Plan(info=Info(name="x")))
    homes = tuple(replace(plan.homes[0], id=f"H{number:04d}") for number in range(401))
    return (*paths, *export_all(replace(plan, homes=homes), None, folder, ("tables",)))


def test_the_same_plan_gives_the_same_bytes(
    exported: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither the day nor the place may be in the files.
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.chdir(tmp_path)
    again = export_all(example_deployment(), None, tmp_path)
    # Without the volume of tables, the copy of the plan file, and the two forms of the survey.
    assert len(again) == len(exported) - 4
    assert digests(tmp_path).items() <= digests(exported[0].parent).items()


def test_every_format_is_there_and_nothing_else(exported: tuple[Path, ...]) -> None:
    folder = exported[0].parent
    assert {str(path.relative_to(folder)) for path in exported} == set(digests(folder))
    assert {path.suffix for path in exported} == SUFFIXES
    assert all(path.stat().st_size > 0 for path in exported)


def test_an_empty_plan_makes_every_file(tmp_path: Path) -> None:
    paths = export_all(empty_deployment(), None, tmp_path)
    assert {path.suffix for path in paths} == SUFFIXES


def test_no_volume_of_tables_is_written_or_left_over_where_no_table_is_long(tmp_path: Path) -> None:
    (tmp_path / "valle-alto-tables.pdf").write_text("of an older plan", encoding="utf-8")
    paths = export_all(example_deployment(), None, tmp_path, ("tables", "gpx"))
    assert [path.name for path in paths] == ["valle-alto.gpx"]
    assert [path.name for path in tmp_path.iterdir()] == ["valle-alto.gpx"]


def test_a_report_alone_brings_its_volume_of_tables_and_names_no_file_that_is_not_there(tmp_path: Path) -> None:
    plan = example_deployment()
    homes = tuple(replace(plan.homes[0], id=f"H{number:04d}") for number in range(401))
    paths = export_all(replace(plan, homes=homes), None, tmp_path, ("pdf",))
    assert [path.name for path in paths] == ["valle-alto.pdf", "valle-alto-tables.pdf"]
    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(paths[0]).pages)
    assert "Rows: 401. They stand in the volume of tables." in text
    assert "and in the spreadsheet" not in text


def test_pdfs_made_beside_the_others_are_the_same_and_their_errors_are_told(tmp_path: Path) -> None:
    names = ("pdf", "gpx", "cards")
    together = export_all(example_deployment(), None, tmp_path / "a", names)
    assert [path.name for path in together] == ["valle-alto.pdf", "valle-alto.gpx", "valle-alto-cards.pdf"]
    for name in names:
        export_all(example_deployment(), None, tmp_path / "b", (name,))
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    no_day = replace(example_deployment(), meta=replace(example_deployment().meta, date="2026"))
    with pytest.raises(InputError, match="not a day"):
        export_all(no_day, None, tmp_path / "c" / "d", ("pdf", "linkplanner"))
    assert not (tmp_path / "c").exists(), "no empty folder stays, nor the one above it that was made for it"


def test_an_unknown_format_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        export_all(example_deployment(), None, tmp_path / "new", ("xlsx", "docx"))
    assert "docx" in str(caught.value)
    assert "geojson" in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_a_cancel_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "valle-alto.gpx").write_text("old", encoding="utf-8")
    token = CancelToken()

    def stop_at_the_end(done: float, doing: Message | None = None, /) -> None:
        if done > 0.5:
            token.cancel()

    with pytest.raises(CancelledError):
        export_all(
            example_deployment(),
            None,
            tmp_path,
            ("gpx", "csv", "geojson"),
            run=Run(progress=stop_at_the_end, cancel=token),
        )
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"valle-alto.gpx": "old"}


def test_what_is_in_the_way_is_said_and_kept(tmp_path: Path) -> None:
    (tmp_path / "valle-alto.gpx").mkdir()
    (tmp_path / "valle-alto.gpx" / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        export_all(example_deployment(), None, tmp_path, ("gpx",))
    assert "valle-alto.gpx" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["valle-alto.gpx"]


def test_where_one_file_cannot_be_put_the_others_stay_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "valle-alto.geojson").write_text("old", encoding="utf-8")
    (tmp_path / "valle-alto.gpx").mkdir()  # what is open in another program cannot be replaced either
    with pytest.raises(FileError, match="in the way"):
        export_all(example_deployment(), None, tmp_path, ("geojson", "csv", "gpx"))
    assert (tmp_path / "valle-alto.geojson").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["valle-alto.geojson", "valle-alto.gpx"]


def test_a_file_that_another_program_holds_is_named_with_what_to_do(tmp_path: Path) -> None:
    what, fix = explained(PermissionError(errno.EACCES, "held by another process"))  # as Windows tells it
    assert "cannot be written" in str(what)
    assert "open in another program" in str(fix)


class _Ready:
    """Pages that are set already."""

    def __init__(self, document: bytes) -> None:
        self.set = document

    def document(self, _cancel: CancelToken | None = None, **_how: bool) -> bytes:
        return self.set


@pytest.mark.parametrize("held", [True, False], ids=("held", "a folder in the way"))
@pytest.mark.parametrize("name", FORMATS.names())
def test_what_cannot_be_replaced_is_named_in_every_format_and_all_stays(
    name: str, held: bool, exported: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suffix = FORMATS.all()[name].suffix
    folder = exported[0].parent
    made = folder / f"valle-alto{suffix}"

    def write(_given: Given, path: Path) -> Any:
        if made.is_dir():
            shutil.copytree(made, path)
        elif name in TYPESET:
            return _Ready(made.read_bytes())
        else:
            shutil.copyfile(made, path)
        return None

    if name != "plan":
        monkeypatch.setitem(FORMATS._loaded, name, replace(FORMATS.all()[name], write=write, folder=False))
    there = sorted(made.iterdir()) if made.is_dir() else [made]
    targets = [tmp_path / one.relative_to(folder) for one in there]
    for target in targets:
        target.parent.mkdir(exist_ok=True)
        target.write_text("old", encoding="utf-8")
    last = targets[-1]
    if held and made.is_dir():  # a folder is put into its place as a whole
        last = last.parent
    if held:  # as Windows tells it; other systems replace what is open
        put = Path.replace
        monkeypatch.setattr(Path, "replace", lambda one, to: put(one, to) if one != last else _refused(one))
    else:
        last.unlink()
        last.mkdir()
    before = digests(tmp_path)
    with pytest.raises(FileError) as caught:
        export_all(example_deployment(), None, tmp_path, (name,), source=Plan(info=Info(name="x")))
    assert caught.value.where == str(last)
    assert ("cannot be written" if held else "in the way") in str(caught.value)
    assert ("open in another program" if held else "Move it away") in str(caught.value.fix)
    assert digests(tmp_path) == before
    assert {path for path in tmp_path.rglob("*") if path.is_dir()} <= {last, targets[-1].parent}


def _refused(path: Path) -> Path:
    raise PermissionError(errno.EACCES, "held by another process", str(path))


_FULL = """
import os, resource, signal, sys
from pathlib import Path
from deployment_example import example_deployment
from cn_planner.errors import PlannerError
from dataclasses import replace
from cn_planner.export.files import export_all
from cn_planner.model.plan import Info, Plan
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, left = Path(sys.argv[1]), int(sys.argv[2])
sys.dont_write_bytecode, os.environ["PYTHONDONTWRITEBYTECODE"] = True, "1"  # half of one would stay
resource.setrlimit(resource.RLIMIT_FSIZE, (left, resource.RLIM_INFINITY))
plan = example_deployment()
homes = tuple(replace(plan.homes[0], id=f"H{number:04d}") for number in range(401))  # for a volume of tables
for name in sys.argv[3:]:
    try:
        export_all(replace(plan, homes=homes), None, folder, (name,), source=Plan(info=Info(name="x")))
    except PlannerError as error:
        print(name, "|", error, "|", error.fix)
    else:
        print(name, "| written")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit on the size of files")
def test_a_disk_without_room_is_said_for_every_format_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "valle-alto.gpx").write_text("old", encoding="utf-8")
    path = os.pathsep.join((str(Path(__file__).parents[1]), *sys.path))
    words = [sys.executable, "-c", _FULL, str(tmp_path), "200", *FORMATS.names()]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": path})
    told = dict(line.split(" | ", maxsplit=1) for line in done.stdout.splitlines() if " | " in line)
    assert set(told) == set(FORMATS.names()), done.stdout
    for said in told.values():
        assert said.startswith(str(tmp_path / "valle-alto"))  # where it was to be, not where it was made
        assert "cannot be written" in said or "The disk did not take" in said
        assert said.endswith(("Choose another folder.", "the space on the disk.", "then do it again."))
    assert [path.name for path in tmp_path.iterdir()] == ["valle-alto.gpx"]
    assert (tmp_path / "valle-alto.gpx").read_text(encoding="utf-8") == "old"


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        export_all(example_deployment(), None, tmp_path / "here", ("gpx",))
    assert caught.value.fix is not None


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    real = FORMATS.all()["geojson"]

    def half(_given: Given, path: Path) -> None:
        path.write_text("{", encoding="utf-8")
        full()

    monkeypatch.setitem(FORMATS._loaded, "geojson", replace(real, write=half))
    with pytest.raises(FileError, match="disk is full"):
        export_all(example_deployment(), None, tmp_path, ("gpx", "geojson"))
    assert list(tmp_path.iterdir()) == []
    assert real.write is not half


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Valle Alto", "valle-alto"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "plan-con"),
        ("", "plan"),
        ("...", "plan"),
        ("C:\\temp\\x", "c-temp-x"),
        ("गाँव", "गाँव"),
    ],
)
def test_a_plan_of_any_name_stays_in_its_folder(name: str, stem: str, tmp_path: Path) -> None:
    plan = example_deployment()
    named = replace(plan, meta=replace(plan.meta, plan=name))
    (path,) = export_all(named, None, tmp_path, ("gpx",))
    assert path == tmp_path / f"{stem}.gpx"


def test_what_waits_to_write_for_gdal_stays_beside_a_small_document_and_goes_before_a_large_one(
    tmp_path: Path,
) -> None:
    end_idle()
    warm_for(PYOGRIO)
    (waiting,) = worker._idle
    pages = cards_pages(example_deployment(), tmp_path)
    small = pages.document(beside=True)
    assert worker._idle == [waiting]
    assert pages.document() == small
    assert worker._idle == []


def test_small_files_come_first_then_small_documents_then_what_gdal_writes_the_report_last(tmp_path: Path) -> None:
    told: list[str] = []

    def tell(_done: float, doing: Message | None = None, /) -> None:
        if doing is not None and doing.key == "Writing {name}":
            told.append(str(dict(doing.values)["name"]))

    export_all(example_deployment(), None, tmp_path, run=Run(progress=tell))
    every = FORMATS.all()
    first = [f"valle-alto{every[name].suffix}" for name in ("settings", "cards", "gpkg", "geotiff", "tables")]
    assert told[: len(first)] == first
    assert told.index("valle-alto.pdf") == len(TYPESET) + 2
    assert len(told) == len(set(told))
