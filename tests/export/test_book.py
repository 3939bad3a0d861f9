"""The plan as a book on paper and on a telephone, read back by other libraries than wrote it."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
import re
import tempfile
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deployment_example import example_deployment, printed
from export_hostile import TEXTS, hostile_deployment
from lxml import html
from pypdf import PdfReader

from cn_planner.export.book import MAP_WIDTH
from cn_planner.export.page import render_page
from cn_planner.export.pdf import Pages, cards_pages, plan_pages, tables_pages
from cn_planner.export.pdf_pack import packed
from cn_planner.message import msg
from cn_planner.report.checklists import CHECKLISTS
from cn_planner.report.deployment import DeploymentPlan, LinkReport, WhatIf
from cn_planner.report.tower_records import AlignmentCard, Landmark

if TYPE_CHECKING:
    from collections.abc import Callable


def card(plan: DeploymentPlan, number: int) -> AlignmentCard:
    one = plan.antennas[number]
    landmark = Landmark("Church", msg("area"), one.azimuth_deg + 3.0, 3.0, 2100.0)
    return AlignmentCard(
        one.site, one.site.title(), one.id, one.task, one.towards, one.towards.title(), one.radio, one.height_m,
        one.azimuth_deg, one.azimuth_magnetic_deg, one.tilt_deg, one.freq_mhz, one.width_mhz, one.tx_power_dbm,
        landmark, "", None, -58.0, -64.0, -80.0,
    )  # fmt: skip


def book() -> DeploymentPlan:
    plan = example_deployment()
    what_if = WhatIf(msg("Trees {more:.0f} m taller", more=5.0), "check_on_site", 9.9, 65.0, 2.0, 0.4)
    report = LinkReport("vila-serra", (20.0, 14.0), (what_if,), msg("A relay at {place}.", place="Pla"), ())
    return replace(
        plan, cards=tuple(card(plan, number) for number in range(len(plan.antennas))), link_reports=(report,)
    )


def rendered(make: Callable[[DeploymentPlan, Path], Pages | None], plan: DeploymentPlan, folder: Path) -> bytes:
    """What is set of a document, in a folder of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        made = make(plan, Path(name))
        assert made is not None
        return made.document()


@pytest.fixture(scope="module")
def pages() -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(printed(book()))).pages]


def test_chapters_follow_each_other_by_number(pages: list[str]) -> None:
    whole = "\n".join(pages[2:])
    places = [
        re.search(rf"^{number}\s+{title}", whole, re.MULTILINE)
        for number, title in ((1, "Aim and assumptions"), (2, "Maps"), (3, "Sites"), (4, "Antennas"), (5, "Links"),
                              (6, "Homes"), (7, "Capacity"), (10, "Bill of materials"), (11, "Budget"),
                              (14, "Risks"), (15, "Field sheets"), (16, "Checklists"))
    ]  # fmt: skip
    assert all(places)
    starts = [place.start() for place in places if place is not None]
    assert starts == sorted(starts)


def test_the_index_names_the_pages_on_which_a_site_stands(pages: list[str]) -> None:
    index = pages[1][pages[1].index("Index of sites") :]
    found = re.search(r"Pla, not used\s+([\d, ]+)", index)
    assert found is not None
    told = {int(number) for number in found[1].split(",")}
    about = {n for n, page in enumerate(pages, start=1) if n > 2 and re.search(r"^pla\b", page, re.MULTILINE)}
    assert about  # its row in the table of sites, its survey sheet
    assert about <= told
    assert all("Pla, not used" in pages[number - 1] or "pla" in pages[number - 1] for number in told)


def test_a_link_has_its_page_with_budget_heights_and_what_if(pages: list[str]) -> None:
    page = next(page for page in pages if "Vila – Serra" in page and "Arrives" in page)
    for words in ("likely", "Free space", "−123.1 dB", "−58.2 dBm", "17.8 dB", "98 Mbit/s", "Both by the same",
                  "20.0 m", "Trees 5 m taller", "check on site", "A relay at Pla."):  # fmt: skip
        assert words in page, words


def test_checklists_are_printed_whole_with_their_sources(pages: list[str]) -> None:
    text = " ".join("\n".join(pages).split())
    for one in CHECKLISTS:
        for item, _ in one.items:
            assert " ".join(str(item).split()) in text
        assert all(source.split(",")[0] in text for source in one.sources)


def test_cards_are_a5_one_an_antenna_with_what_to_measure(tmp_path: Path) -> None:
    plan = book()
    last = plan.cards[-1]
    assert last.landmark is not None
    plan = replace(plan, cards=(*plan.cards[:-1], replace(last, landmark=replace(last.landmark, name="மலை"))))
    reader = PdfReader(io.BytesIO(rendered(cards_pages, plan, tmp_path)))
    assert len(reader.pages) == len(plan.cards)
    for page, one in zip(reader.pages, plan.cards, strict=True):
        assert [round(float(side) / 72 * 25.4) for side in (page.mediabox.width, page.mediabox.height)] == [148, 210]
        text = page.extract_text()
        for words in (one.site_name, f"{one.azimuth_deg:.1f}°", "−58 dBm", "−64 dBm", "−80 dBm", "Measured, dBm",
                      "point 3° left of it", f"{one.freq_mhz:.0f} MHz"):  # fmt: skip
            assert words in text, words
        # The card itself says which letters stand as empty boxes on it.
        assert ("3 letters of names cannot be printed here" in text) is (one is plan.cards[-1])


def test_a_table_too_long_for_the_plan_stands_in_a_volume_with_every_row(tmp_path: Path) -> None:
    plan = book()
    homes = tuple(replace(plan.homes[0], id=f"H{number:04d}", name="மலை") for number in range(401))
    plan = replace(plan, homes=homes)
    whole = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(printed(plan))).pages)
    tables = rendered(tables_pages, plan, tmp_path)
    volume = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(tables)).pages)
    assert "Rows: 401. They stand in the volume of tables" in whole
    assert "H0007" not in whole
    assert all(home.id in volume for home in homes)
    assert volume.count("3 letters of names cannot be printed here, such as Tamil letter ma (U+0BAE).") == 1
    assert tables_pages(book(), tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_in_a_book_of_many_cells_large_tables_stand_in_the_volume_too(tmp_path: Path) -> None:
    """Of each antenna some twenty figures are printed: those of fifty towers fill a third of a book."""
    plan = book()
    antennas = tuple(replace(plan.antennas[0], site=f"S{number:03d}") for number in range(300))
    alone = replace(plan, antennas=antennas)
    assert tables_pages(alone, tmp_path) is None, "the book has room for them"
    plan = replace(alone, homes=tuple(replace(plan.homes[0], id=f"H{number:04d}") for number in range(399)))
    whole = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(printed(plan))).pages)
    tables = rendered(tables_pages, plan, tmp_path)
    volume = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(tables)).pages)
    assert "Rows: 300. They stand in the volume of tables" in whole
    assert "S007" not in whole
    assert all(one.site in volume for one in antennas)


def test_a_packed_pdf_holds_the_same_objects_in_less_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rendered(cards_pages, book(), tmp_path)
    monkeypatch.setattr("cn_planner.export.pdf.packed", lambda document: document)
    plain = rendered(cards_pages, book(), tmp_path)
    assert len(whole) < 0.8 * len(plain)
    assert packed(plain) == whole
    assert packed(whole) == whole  # it is packed already
    assert packed(b"%PDF-1.7 what is this") == b"%PDF-1.7 what is this"
    one, other = (PdfReader(io.BytesIO(document), strict=True) for document in (plain, whole))
    for number in range(1, int(one.trailer["/Size"])):
        there, here = (
            re.sub(r"\d{9,}", "", repr(reader.get_object(number))) for reader in (one, other)
        )  # no addresses
        assert here == there
    assert [page.extract_text() for page in other.pages] == [page.extract_text() for page in one.pages]


@pytest.fixture(scope="module")
def page() -> str:
    return render_page(book())


def test_the_page_holds_every_row_and_asks_nothing_of_the_net(page: str) -> None:
    tree = html.document_fromstring(page.encode())
    text = " ".join(tree.text_content().split())
    plan = book()
    for one in (*plan.sites, *plan.homes):
        assert one.name in text
    for words in ("Valle Alto: a network for 3 of 4 homes", "Vila – Serra", "Alignment cards"):
        assert words in text
    assert not tree.xpath("//link | //iframe | //object | //embed | //base | //form | //*[@style] | //script[@src]")
    for one in tree.iter():
        for name, value in one.attrib.items():
            assert not name.startswith("on")
            if name in {"src", "href"}:
                assert value.startswith(("#", "data:image/png"))
    assert not re.search(r"url\((?!#)|@import", tree.findtext(".//style") or "")


def test_the_policy_lets_only_its_own_style_and_script_run(page: str) -> None:
    tree = html.document_fromstring(page.encode())
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "default-src 'none'" in policy
    for tag in ("style", "script"):
        (body,) = tree.xpath(f"//{tag}/text()")
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_everything_on_the_map_can_be_named_by_a_tap(page: str) -> None:
    tree = html.document_fromstring(page.encode())
    told = {title.text.split("\n")[0] for title in tree.xpath("//div[@class='map']//*[@data-x]/title")}
    assert told == {one.name for one in (*book().sites, *book().homes, *book().places)}
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))  # hatches and clips of one drawing are not those of another


@pytest.mark.parametrize("text", [text for text in TEXTS if len(text) < 1000])
def test_texts_of_people_are_no_markup_of_the_page(text: str) -> None:
    plan = hostile_deployment(text)
    tree = html.document_fromstring(render_page(plan).encode("utf-8", "surrogatepass"))
    assert len(tree.xpath("//script")) == 1
    assert not tree.xpath("//b[text()='bold']")
    wanted = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Co"} and not c.isspace())
    assert wanted in "".join("".join(tree.xpath("//td//text()")).split())


def _along(plan: DeploymentPlan, **same: float) -> DeploymentPlan:
    """The same places, all at one latitude or one longitude."""
    return replace(
        plan, sites=tuple(replace(one, **same) for one in plan.sites),
        homes=tuple(replace(one, **same) for one in plan.homes),
    )  # fmt: skip


def test_the_map_of_page_one_takes_what_room_the_words_leave(tmp_path: Path) -> None:
    """Between 260 and 150 points there was no size: with long words it was a stamp, and a hundred points empty."""
    plan_pages(_along(book(), latitude=42.05), None, tmp_path)
    maps = json.loads((tmp_path / "data.json").read_text(encoding="utf-8"))["first-maps"]
    tall = [one["height"] for one in maps]
    assert all(larger - smaller <= 81.0 for larger, smaller in itertools.pairwise(tall))
    assert tall[-1] <= 190.0


def test_a_network_from_north_to_south_stands_beside_the_words_and_its_links_on_no_strip(tmp_path: Path) -> None:
    plan = book()
    found = {}
    for name, one in (("tall", _along(plan, longitude=1.9)), ("wide", _along(plan, latitude=42.05))):
        folder = tmp_path / name
        folder.mkdir()
        plan_pages(one, None, folder)
        data = json.loads((folder / "data.json").read_text(encoding="utf-8"))
        link = next(block for chapter in data["chapters"] for block in chapter["blocks"] if block["kind"] == "link")
        found[name] = data["map-beside"], data["first-maps"][0]["width"], link["drawings"][0]["width"]
    assert found == {"tall": (True, 290.0, 220.0), "wide": (False, MAP_WIDTH, MAP_WIDTH)}
    tall = rendered(lambda one, to: plan_pages(one, None, to), _along(plan, longitude=1.9), tmp_path)
    text = PdfReader(io.BytesIO(tall))
    first, second = (text.pages[number].extract_text() for number in range(2))
    assert "What comes next" in first
    assert "We have decided:" in first
    assert "Contents" in second
