"""Pages as those who read them see them: none nearly empty, no word under a figure, four for a tower."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from paper_example import paper_plan
from pypdf import PdfReader
from small_network import flat_ground, small_network

from cn_planner.drawing.labels import text_width
from cn_planner.export.assembly import assembly_data
from cn_planner.export.paper_words import Paper
from cn_planner.export.pdf import DrawingSheet, towers_pages
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.reader_papers import assembly_pages, proposal_pages
from cn_planner.export.tower_pages import tower_pages
from cn_planner.report.build import build_report
from cn_planner.report.tower_packs import letter_of
from cn_planner.report.tower_records import HorizonPoint
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.export.pdf import Pages
    from cn_planner.report.deployment import DeploymentPlan


@pytest.fixture(scope="module")
def report() -> DeploymentPlan:
    study = Study(small_network(country="KE"), flat_ground(), load_catalogue(), None)
    return build_report(study, version=7, date="2026-11-28")


def _texts(pages: Pages) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pages.document())).pages]


@pytest.mark.parametrize("hamlets", [12, 20, *range(26, 32)])
def test_no_page_of_a_proposal_has_a_line_or_two_alone(hamlets: int, tmp_path: Path) -> None:
    """The note of the risks stood on a page of its own, and what is measured on the next but one."""
    pages = _texts(proposal_pages(paper_plan(hamlets=hamlets, towers=6), None, tmp_path))
    assert min(len(page) for page in pages[:-1]) > 700, [len(page) for page in pages]
    assert [f"{n} / {len(pages)}" in page for n, page in enumerate(pages, 1)] == [True] * len(pages)


def test_amounts_of_the_three_choices_lie_on_no_word(tmp_path: Path) -> None:
    """In pesos "construir" ran into 67,862,964."""
    plan = paper_plan()
    dear = tuple(replace(one, cost=one.cost + 148_000_000.0) for one in plan.papers.choices)
    plan = replace(plan, meta=replace(plan.meta, currency="CLP", language="es"),
                   papers=replace(plan.papers, choices=dear))  # fmt: skip
    page = PdfReader(io.BytesIO(assembly_pages(plan, None, tmp_path).document())).pages[0]
    words: list[tuple[float, float, str, float]] = []

    def seen(text: str, matrix: list[float], *more: object) -> None:
        if text.strip():
            words.append((matrix[4], matrix[5], text.strip(), float(str(more[-1]))))

    page.extract_text(visitor_text=seen)
    amounts = [one for one in words if one[2].startswith(("151.665.100", "151,665,100"))]
    assert amounts
    for x, y, _, _ in amounts:
        beside = [one for one in words if abs(one[1] - y) < 14.0 and one[0] < x - 1.0]
        assert beside
        assert all(left + text_width(text, size or 7.5) <= x + 0.5 for left, _, text, size in beside), beside


def test_a_hamlet_with_a_long_name_stays_in_its_column() -> None:
    plan = paper_plan()
    named = tuple(replace(one, hamlet="Genadenberg") for one in plan.papers.left_out)
    told = assembly_data(Paper(replace(plan, papers=replace(plan.papers, left_out=named)), Tongue.of("en")))
    parts = told["one"]["left"]["rows"][0]["hamlet"].split("\u200b")
    assert all(1.08 * text_width(part, 8.5) <= 62.0 for part in parts)


def test_a_tower_with_many_links_has_four_pages_and_no_strip_is_torn(report: DeploymentPlan, tmp_path: Path) -> None:
    pack = next(one for one in report.packs if one.site == "A")
    hills = tuple(HorizonPoint(float(off), 2.0, 1.0) for off in range(-30, 31, 5))
    link = replace(next(one for one in pack.radios if one.card.towards), horizon=hills)
    sector = next(one for one in pack.radios if not one.card.towards)
    for links in range(1, 6):
        radios = [replace(one, letter=letter_of(n)) for n, one in enumerate([sector, sector, *[link] * links])]
        folder = tmp_path / f"{links}"
        folder.mkdir()
        shown = _texts(towers_pages(replace(report, packs=(replace(pack, radios=tuple(radios)),)), folder))
        assert len(shown) == 4
        assert sum("10 m away from the mast" in page for page in shown) >= 1
        assert min(len(page) for page in shown) > 400


def test_long_names_of_radios_take_a_line_each(report: DeploymentPlan, tmp_path: Path) -> None:
    """Three names took two lines each, and the note under the bill had a page for itself."""
    pack = next(one for one in report.packs if one.site == "A")
    sector = next(one for one in pack.radios if not one.card.towards)
    card = replace(sector.card, model="MikroTik mANTBox 2 12s (911G-2HPnD-12S) \u00b7 built in", task="phones")
    radios = tuple(replace(sector, letter=letter_of(n), card=card) for n in range(3))
    told = replace(report, meta=replace(report.meta, language="pt"), packs=(replace(pack, radios=radios),))
    (pages,) = tower_pages(told, DrawingSheet(tmp_path), Tongue.of("pt"))
    names = [row[1] for row in pages["radios"]["rows"]]
    assert all(name.startswith("MikroTik mANTBox 2 12s") for name in names)
    # With the widest figures beside it the column has 124 points.
    assert all(text_width(name, 8.5) <= 124.0 for name in names)


def test_a_long_name_of_the_far_end_leaves_its_distance_whole(report: DeploymentPlan, tmp_path: Path) -> None:
    pack = next(one for one in report.packs if one.site == "A")
    link = next(one for one in pack.radios if one.card.towards)
    link = replace(link, card=replace(link.card, towards_name="Pic de Casamanya, at its foot"), distance_m=4_660.0)
    told = replace(report, packs=(replace(pack, radios=(link,)),))
    (pages,) = tower_pages(told, DrawingSheet(tmp_path), Tongue.of("en"))
    seen = pages["radios"]["rows"][0][2]
    assert seen.replace("\u00a0", " ").endswith("\u2026, 4.66 km")
    assert text_width(seen, 8.5) <= 124.0
