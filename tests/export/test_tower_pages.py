"""The packs of the towers as they are printed: four pages each, with what those who climb need on them."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader
from small_network import flat_ground, small_network

from cn_planner.drawing.alignment import horizon_view, level_bands
from cn_planner.drawing.display import texts
from cn_planner.drawing.labels import shorten_middle, text_width
from cn_planner.drawing.tower_elevation import mm_a_metre, tower_elevation, tower_from_above
from cn_planner.drawing.tower_wiring import tower_wiring
from cn_planner.export.files import export_all
from cn_planner.export.pdf import towers_pages
from cn_planner.report.build import build_report
from cn_planner.report.privacy import for_public
from cn_planner.report.tower_packs import letter_of
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.drawing.display import DisplayList
    from cn_planner.report.deployment import DeploymentPlan


@pytest.fixture(scope="module")
def report() -> DeploymentPlan:
    study = Study(small_network(), flat_ground(), load_catalogue(), None)
    return build_report(study, version=3, date="2026-11-28")


def _pages(plan: DeploymentPlan, folder: Path) -> list[str]:
    folder.mkdir()
    document = towers_pages(plan, folder).document()
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


@pytest.fixture(scope="module")
def pages(report: DeploymentPlan, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return _pages(report, tmp_path_factory.mktemp("towers") / "pages")


def test_a_pack_has_four_pages(report: DeploymentPlan, pages: list[str]) -> None:
    assert len(pages) == 4 * len(report.packs)
    for number, pack in enumerate(report.packs):
        own = pages[4 * number : 4 * number + 4]
        assert [pack.name in page.replace("\n", " ") for page in own] == [True] * 4
        assert all(f"{n} / 4" in page for n, page in enumerate(own, start=1))


def test_each_radio_has_one_letter_in_table_ports_labels_and_card(report: DeploymentPlan, pages: list[str]) -> None:
    for number, pack in enumerate(report.packs):
        mast, wires, aim, rescue = pages[4 * number : 4 * number + 4]
        for radio in pack.radios:
            assert f"{radio.letter}: " in mast
            assert radio.label in wires
            assert f"{radio.cable_m:g} m" in wires
            assert radio.managed_ipv4 in rescue
            bearing = radio.card.azimuth_magnetic_deg
            assert bearing is not None
            assert f"{round(bearing) % 360}°" in aim + wires
        assert "10 Ω" in wires
        assert pack.laptop_ipv4 in rescue


def test_in_public_there_is_no_page_of_settings(report: DeploymentPlan, pages: list[str], tmp_path: Path) -> None:
    shown = _pages(for_public(report, 200.0), tmp_path / "public")
    assert len(shown) == 3 * len(report.packs)
    whole, public = " ".join(pages), " ".join(shown)
    told = [one.managed_ipv4 for pack in report.packs for one in pack.radios if one.managed_ipv4]
    told += [one for pack in report.packs for one in (pack.router_ipv4, pack.laptop_ipv4, pack.switch_ipv4) if one]
    told += ["VLAN", "SSH"]
    assert all(one in whole for one in told)
    assert not any(one in public for one in told)
    assert "1 / 3" in shown[0]


def test_no_limit_is_printed_for_a_battery(pages: list[str]) -> None:
    wires = " ".join(pages[1].split())
    assert "Battery, rested: what does its maker ask? ____ V" in wires
    assert "24 V or more" not in wires


def test_bearings_are_taken_away_from_iron(report: DeploymentPlan, pages: list[str]) -> None:
    for number, pack in enumerate(report.packs):
        said = " ".join(" ".join(pages[4 * number + 1 : 4 * number + 3]).split())
        links = sum(bool(one.card.towards) for one in pack.radios)
        strip = 1 if links < len(pack.radios) else 0
        assert said.count("10 m away from the mast and any iron") == links + strip


@pytest.mark.parametrize("language", ["ar", "en", "es", "fr", "hi", "pt", "sw"])
@pytest.mark.parametrize("links", [4, 5])
def test_towers_of_many_links_have_four_pages(
    report: DeploymentPlan, links: int, language: str, tmp_path: Path
) -> None:
    told = replace(report, meta=replace(report.meta, language=language))
    pack = next(one for one in told.packs if one.site == "A")
    link = next(one for one in pack.radios if one.card.towards and one.horizon and one.over_dbm is not None)
    sector = next(one for one in pack.radios if not one.card.towards)
    kinds = [*[sector] * 3, *[link] * links]
    radios = tuple(
        replace(one, letter=letter_of(n), card=replace(one.card, azimuth_magnetic_deg=7.0 + 41.0 * n))
        for n, one in enumerate(kinds)
    )
    shown = _pages(replace(told, packs=(replace(pack, radios=radios),)), tmp_path / "many")
    assert len(shown) == 4
    aims = "".join(shown[2:]).replace("\u2068", "").replace("\u2069", "")
    assert all(f"{round(7.0 + 41.0 * n) % 360}°" in aims for n in range(len(kinds)))
    assert all(radio.managed_ipv4 in shown[3] for radio in radios)


def test_forty_radios_hang_on_one_mast(report: DeploymentPlan, tmp_path: Path) -> None:
    pack = next(one for one in report.packs if one.site == "A")
    many = tuple(replace(pack.radios[n % len(pack.radios)], letter=letter_of(n)) for n in range(40))
    shown = _pages(replace(report, packs=(replace(pack, radios=many),)), tmp_path / "many")
    assert "AN" in shown[0] + shown[1]


def test_guys_are_given_from_mast_to_anchor_and_never_as_cut(report: DeploymentPlan) -> None:
    pack = next(one for one in report.packs if one.site == "A")
    drawn = tower_elevation(pack, width=346.0, height=396.0, language="en")
    said = " ".join(one.text for one in texts(drawn.items)).replace("\N{NO-BREAK SPACE}", " ")
    assert "guys, from mast to anchor on level ground: at 16.5 m: 20.4 m" in said
    assert "cut" not in said


def test_a_level_s_words_are_whole(report: DeploymentPlan) -> None:
    cards = [one for pack in report.packs for one in pack.radios if one.card.towards and one.over_dbm is not None]
    for one in cards:
        drawn = level_bands(one.card, one.over_dbm or 0.0, width=322.0, language="en")
        said = [word.text for word in texts(drawn.items)]
        assert "…" not in "".join(said)
        assert "main lobe" in " ".join(said)


def test_names_of_one_maker_stay_apart_where_they_are_shortened() -> None:
    names = [f"Ubiquiti LiteBeam 5AC {one}" for one in ("16-120", "Gen2", "LR", "23")]
    short = [shorten_middle(one, 8.2, 96.0) for one in names]
    assert len(set(short)) == len(names)
    assert all(text_width(one, 8.2) <= 96.0 for one in short)
    assert shorten_middle("Earth bar", 8.2, 96.0) == "Earth bar"


def test_what_nobody_answered_is_asked(pages: list[str]) -> None:
    assert "Not answered: what is the strongest gust" in pages[0].replace("\n", " ")


def test_a_plan_without_towers_says_so(report: DeploymentPlan, tmp_path: Path) -> None:
    (page,) = _pages(replace(report, packs=()), tmp_path / "none")
    assert "no tower" in page


@pytest.mark.parametrize("language", ["ar", "hi", "fr"])
def test_it_is_set_in_other_languages_and_scripts(report: DeploymentPlan, language: str, tmp_path: Path) -> None:
    told = replace(report, meta=replace(report.meta, language=language), packs=report.packs[:1])
    assert len(_pages(told, tmp_path / language)) == 4


def test_export_writes_it_by_name(report: DeploymentPlan, tmp_path: Path) -> None:
    (path,) = export_all(replace(report, packs=report.packs[:1]), None, tmp_path, ("towers",))
    assert path.name == "small-towers.pdf"
    assert path.read_bytes().startswith(b"%PDF")


def _off_the_sheet(drawn: DisplayList) -> list[str]:
    """Return the words of a drawing that run off it."""
    found = []
    for one in texts(drawn.items):
        wide = text_width(one.text, one.size, bold=one.bold)
        left = one.x - {"start": 0.0, "middle": wide / 2.0, "end": wide}[one.anchor.value]
        if left < -3.0 or left + wide > drawn.width + 3.0 or not -1.0 < one.y < drawn.height + 1.0:
            found.append(one.text)
    return found


def test_no_word_runs_off_a_drawing(report: DeploymentPlan) -> None:
    for pack in report.packs:
        for drawn in (
            tower_elevation(pack, width=346.0, height=396.0, language="en"),
            tower_from_above(pack, width=163.0, language="en"),
            tower_wiring(pack, width=519.0, language="en"),
        ):
            assert _off_the_sheet(drawn) == [], pack.name
        for radio in pack.radios:
            if radio.horizon:
                for width in (322.0, 200.0):
                    assert _off_the_sheet(horizon_view(radio, width=width, language="en")) == []
            if radio.over_dbm is not None:
                for width, language in itertools.product((322.0, 189.0), ("ar", "en", "es", "fr", "hi", "pt", "sw")):
                    drawn = level_bands(radio.card, radio.over_dbm, width=width, language=language)
                    assert _off_the_sheet(drawn) == []


def test_heights_are_drawn_to_the_scale_that_is_named(report: DeploymentPlan) -> None:
    pack = next(one for one in report.packs if one.site == "A")
    drawn = tower_elevation(pack, width=346.0, height=396.0, language="en")
    marks = {one.text: one.y for one in texts(drawn.items) if one.text in ("3 m", "18 m")}
    points = (marks["3 m"] - marks["18 m"]) / 15.0
    assert points * 25.4 / 72.0 == pytest.approx(mm_a_metre(pack, 346.0, 396.0), rel=1e-6)


def test_a_quantity_and_its_amount_never_read_as_one_number(report: DeploymentPlan, tmp_path: Path) -> None:
    (pack,) = [one for one in report.packs if one.site == "A"]
    lines = tuple(
        replace(one, name=f"Battery {n} of a kind with a name that is long", quantity=12_345.0, total=1_234_567_890.0)
        for n, one in enumerate(one for one in report.site_bom if one.site == "A")
    )
    told = replace(report, packs=(pack,), site_bom=lines)
    (tmp_path / "bill").mkdir()
    page = PdfReader(io.BytesIO(towers_pages(told, tmp_path / "bill").document())).pages[0]
    rows: dict[float, list[tuple[float, str]]] = {}

    def seen(text: str, matrix: list[float], *_: object) -> None:
        if text.strip():
            rows.setdefault(round(matrix[5], 1), []).append((matrix[4], text.strip()))

    page.extract_text(visitor_text=seen)
    told_rows = [sorted(row) for row in rows.values() if any(text == "1,234,567,890" for _, text in row)]
    assert sum(text == "1,234,567,890" for row in told_rows for _, text in row) == len(lines)
    for row in told_rows:
        for (x, text), (after, _) in itertools.pairwise(row):
            assert x + text_width(text, 8.2) + 3.0 < after, row
