"""The demo: what a newcomer runs first."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import openpyxl
import pypdf

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.conftest import CommandLine

SUFFIXES = {
    ".pdf", ".html", ".xlsx", ".kmz", ".geojson", ".gpx", ".csv", ".gpkg", ".tif",
    ".txt", ".uci", ".rsc", ".lime-node", "",
}  # fmt: skip


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_demo_goes_all_the_way_and_twice_the_same(run: CommandLine, tmp_path: Path) -> None:
    said = run("demo", "--out", "one", "--date", "2026-11-25", "--threads", "1")
    run("demo", "--out", "two", "--date", "2026-11-25", "--threads", "3")
    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    assert {path.suffix for path in (tmp_path / "one").rglob("*") if path.is_file()} == SUFFIXES
    assert one == two, "the same plan must give the same files, for any number of threads"
    assert "invented" in said.err

    pdf = next(path for path in (tmp_path / "one").glob("*.pdf") if not path.stem.endswith(("-cards", "-tables")))
    first = pypdf.PdfReader(pdf).pages[0].extract_text()
    assert "invented" in first
    assert "homes reached" in first
    assert "of the cost of this one could be saved" in " ".join(first.split())
    book = openpyxl.load_workbook(next((tmp_path / "one").glob("*.xlsx")))
    assert len(book.sheetnames) >= 8

    # The plan is one file that can be worked on.
    plan = next((tmp_path / "one").glob("*.cnplan.gpkg"))
    answer = run("check", plan, "--json").json
    assert all(problem["fix"] for problem in answer["problems"])
    assert not [problem for problem in answer["problems"] if problem["severity"] == "error"]


def test_an_earlier_demo_is_replaced(run: CommandLine, tmp_path: Path) -> None:
    run("demo", "--out", "demo", "--date", "2026-11-25")
    before = digests(tmp_path / "demo")
    run("demo", "--out", "demo", "--date", "2026-11-25")
    assert digests(tmp_path / "demo") == before
