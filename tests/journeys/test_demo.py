"""The demo: what a newcomer runs first."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import openpyxl
import pypdf

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.conftest import CommandLine, CommandLineHere

_OTHERS = "-network", "-cards", "-tables", "-assembly", "-proposal", "-towers"
SUFFIXES = {
    ".sh",
    ".pdf", ".html", ".xlsx", ".kmz", ".geojson", ".gpx", ".csv", ".gpkg", ".tif",
    ".txt", ".uci", ".rsc", ".lime-node", "",
}  # fmt: skip


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_demo_goes_all_the_way_and_replaces_an_earlier_one_by_the_same(
    run: CommandLine, here: CommandLineHere, tmp_path: Path
) -> None:
    said = run("demo", "--out", "demo", "--date", "2026-11-25", "--threads", "1")
    before = digests(tmp_path / "demo")
    for path in before:
        (tmp_path / "demo" / path).write_bytes(b"old")
    run("demo", "--out", "demo", "--date", "2026-11-25", "--threads", "3")
    assert digests(tmp_path / "demo") == before, "the same plan must give the same files, for any number of threads"
    assert {path.suffix for path in (tmp_path / "demo").rglob("*") if path.is_file()} == SUFFIXES
    assert "invented" in said.err

    pdf = next(path for path in (tmp_path / "demo").glob("*.pdf") if not path.stem.endswith(_OTHERS))
    first = pypdf.PdfReader(pdf).pages[0].extract_text()
    assert "invented" in first
    assert "homes reached" in first
    assert "of the cost of this one could be saved" in " ".join(first.split())
    book = openpyxl.load_workbook(next((tmp_path / "demo").glob("*.xlsx")))
    assert len(book.sheetnames) >= 8

    # The plan is one file that can be worked on.
    plan = next((tmp_path / "demo").glob("*.cnplan.gpkg"))
    answer = here("check", plan, "--json").json
    assert all(problem["fix"] for problem in answer["problems"])
    assert not [problem for problem in answer["problems"] if problem["severity"] == "error"]
