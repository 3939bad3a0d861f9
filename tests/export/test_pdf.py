"""The printed plan, read back by another library than wrote it."""

from __future__ import annotations

import dataclasses
import io
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from babel.messages import Catalog, pofile
from deployment_example import printed
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from cn_planner import i18n
from cn_planner.errors import CancelledError, InputError
from cn_planner.export import pdf_data
from cn_planner.export.letters import USUAL, unprinted
from cn_planner.export.pdf import font_folders
from cn_planner.export.pdf_data import Tongue
from cn_planner.gis.raster import RasterGrid
from cn_planner.message import msg
from cn_planner.model.plan import HomeKind, PowerSource, Priority, SiteRole, Status
from cn_planner.progress import CancelToken
from cn_planner.report import words
from cn_planner.report.deployment import (
    CoverageOutline,
    DeploymentPlan,
    Fee,
    Headline,
    HomeRecord,
    LinkEnd,
    LinkRecord,
    Meta,
    MissingInfo,
    MoneyLine,
    NextAction,
    Risk,
    SiteRecord,
    SourceRecord,
    UnservedGroup,
)
from cn_planner.report.tables import plan_table
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from pathlib import Path

LAT, LON = 9.1, 38.1


def _site(number: int, name: str) -> SiteRecord:
    return SiteRecord(
        id=f"S{number}", name=name, role=SiteRole.GATEWAY if number == 1 else SiteRole.CANDIDATE, status=Status.IDEA,
        latitude=LAT + 0.02 * number, longitude=LON + 0.02 * (number % 3), utm="", mgrs="", ground_m_amsl=1800.0,
        mast_height_m=18.0, mast="Mast", antenna_heights_m=(18.0,), sectors=2, homes=10, hops=number - 1, upstream=None,
        power=PowerSource.SOLAR, power_w=20.0, owner="", consent="", access="", hazard="", phase=1, cost=1234.5,
        homes_lost_if_fails=10, note="",
    )  # fmt: skip


def _home(number: int, *, reached: bool) -> HomeRecord:
    return HomeRecord(
        id=f"H{number:04d}", name=f"House {number}", latitude=LAT + 0.0003 * number, longitude=LON + 0.0002 * number,
        kind=HomeKind.HOME, priority=Priority.NORMAL, weight=1.0, reached=reached, server="S1" if reached else None,
        sector="", verdict="likely" if reached else "blocked", distance_m=1200.0, azimuth_deg=10.0, rsl_dbm=-60.5,
        margin_db=12.0, rate_down_mbps=50.0, rate_up_mbps=20.0, antenna_height_m=5.0, height_needed_m=None, kit="Roof",
        second_choice=None, reason=None if reached else msg("A hill stands in between."), fix=None, fix_cost=None,
        note="",
    )  # fmt: skip


def _end(site: str) -> LinkEnd:
    return LinkEnd(site, 18.0, 10.0, None, 0.1, 1800.0, -60.0, 30.0, "MCS 7", 150.0, 12.0, 10.0)


def _link(number: int, a: str, b: str) -> LinkRecord:
    return LinkRecord(
        id=f"L{number}", status=Status.IDEA, kit="Long link", freq_mhz=5500.0, width_mhz=40.0, a=_end(a), b=_end(b),
        distance_m=3000.0, loss_free_space_db=117.0, loss_diffraction_db=0.0, loss_vegetation_db=0.0, loss_gas_db=0.0,
        loss_rain_db=0.0, loss_total_db=117.0, margin_db=12.0, availability_pct=99.9, clearance_m=10.0,
        clearance_f1=1.2, clearance_at_m=1500.0, probability=0.95, verdict="likely", reason=msg("The line is clear."),
        fix=None, load_mbps=10.0, load_pct=7.0, homes_lost_if_fails=10, hops=1,
    )  # fmt: skip


def _meta(name: str, language: str = "en") -> Meta:
    sources = (SourceRecord(msg("Elevation"), "SRTM", "2000", "public domain"),)
    return Meta(name, 7, "2026-11-12", language, "ETB", "ET", False, "CN Planner", "", 1.0, "", sources, words.ESTIMATE)


def make(
    name: str = "Valle Alto", names: tuple[str, ...] = ("Vila", "Serra", "Coll"), homes: int = 12, language: str = "en"
) -> DeploymentPlan:
    """A small plan in which every printed part has something to print."""
    people = tuple(_home(i, reached=i % 4 != 0) for i in range(homes))
    reached = sum(h.reached for h in people)
    head = Headline(homes, reached, len(names), (18.0,), 18400.0, 130.0, 420.0, (Fee(50, 5, 6.2),), True, True)
    ring = ((LAT, LON), (LAT + 0.03, LON), (LAT + 0.03, LON + 0.03), (LAT, LON))
    return DeploymentPlan(
        meta=_meta(name, language), headline=head, assumptions=(),
        sites=tuple(_site(i, n) for i, n in enumerate(names, start=1)), antennas=(),
        links=tuple(_link(i, "S1", f"S{i + 1}") for i in range(1, len(names))), homes=people, capacity=(), bom=(),
        site_bom=(), budget=(MoneyLine("a", msg("Radios"), None, 18400.0),),
        monthly=(MoneyLine("b", msg("Internet connection"), None, 420.0),), failures=(),
        risks=tuple(Risk(msg("Risk number {n}", n=i), msg("What can be done."), 9 - i) for i in range(1, 6)),
        actions=tuple(NextAction(msg("Step number {n}", n=i), msg("Two people.")) for i in range(1, 6)),
        unserved=(UnservedGroup(msg("A hill stands in between."), msg("A taller pole."), 150.0, ("H0000",), 3.0),),
        missing=(MissingInfo("trees", msg("Nobody has said how tall the trees are."), msg("Say it in Area.")),),
        outlines=(CoverageOutline("S1", (ring,)),),
    )  # fmt: skip


def _surface() -> Surface:
    rows = columns = 240
    r, c = np.mgrid[0:rows, 0:columns]
    values = (1800 + 80 * np.sin(r / 17) * np.cos(c / 23)).astype(np.float32)
    step = 1 / 1200
    transform = (step, 0.0, LON - 0.05, 0.0, -step, LAT + 0.15)
    return Surface([RasterGrid("made", values, "EPSG:4326", transform, "EGM96", "made here", "none")])


def _pages(document: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


def _letters(text: str) -> str:
    """Compatibility forms and order of marks aside, the letters that are there."""
    text = unicodedata.normalize("NFKC", text).replace("\u200b", "")
    return "".join(c for c in text if not c.isspace())


@pytest.fixture(scope="module")
def document() -> bytes:
    """The small plan, printed."""
    return printed(make(), _surface())


@pytest.fixture(scope="module")
def long_pages() -> list[str]:
    """The words of each page of a plan of 300 homes."""
    return _pages(printed(make(homes=300), _surface()))


def test_page_one_says_each_reason_once_with_what_takes_least() -> None:
    """Three of its four lines said the same of a home or two each; the fourth reason was not on the page."""
    plan = make()
    far, hill = msg("No tower is near."), msg("A hill is in the way.")
    groups = tuple(
        UnservedGroup(why, fix, cost, ("h",), weight)
        for why, fix, cost, weight in (
            (far, msg("A tall mast."), 900.0, 2.0),
            (far, msg("A pole."), 300.0, 1.0),
            (far, msg("Nothing helps."), None, 4.0),
            (hill, msg("A relay."), None, 1.0),
        )
    )
    head = dataclasses.replace(plan.headline, homes=20.0, homes_reached=12.0)
    told = pdf_data._left_out(dataclasses.replace(plan, headline=head, unserved=groups), Tongue.of("en"))
    assert told["lines"][0].startswith("7 homes: No tower is near. What takes least: A pole. From ")
    assert told["lines"][1:] == ["1 home: A hill is in the way. A relay."]


def test_the_assembly_reads_everything_on_page_one(document: bytes) -> None:
    pages = _pages(document)
    first = pages[0]
    for words_ in (
        "Valle Alto: a network for 9 of 12 homes", "9 of 12", "What could go wrong", "Risk number 5", "What comes next",
        "Step number 5", "We have decided:", "Nobody has said how tall", "SRTM 2000", "Estimate. Check on site",
        f"1 / {len(pages)}", "Vila", "Serra", "Coll", "home not yet reached",
    ):  # fmt: skip
        assert words_ in first, words_


def test_every_page_names_plan_version_date_and_sources(long_pages: list[str]) -> None:
    assert len(long_pages) > 8
    for number, page in enumerate(long_pages[1:], start=2):
        for part in ("Valle Alto", "version 7", "November 12, 2026", "SRTM 2000", f"{number} / {len(long_pages)}"):
            assert part in page


def test_a_long_table_repeats_its_header_and_loses_no_row(long_pages: list[str]) -> None:
    text = "\n".join(long_pages)
    assert all(text.count(f"H{i:04d}") >= 1 for i in range(300))
    of_homes = [page for page in long_pages if "H0299" in page or "H0150" in page]
    assert of_homes
    assert all("Latitude" in page or "Reason" in page or "Kit" in page for page in of_homes)


def test_a_table_of_two_parts_prints_no_row_that_says_nothing() -> None:
    """Why a home is left out stands in the second part: no dashes for the hundreds that are reached."""
    plan = make(homes=120)
    why = msg("No site reaches it with enough clearance, margin and rate; the chapel comes nearest to that.")
    reached = tuple(
        dataclasses.replace(
            home, reached=n > 0, reason=None if n else why, fix=None if n else why, fix_cost=None, note="",
            distance_m=900.0 + n, rsl_dbm=-60.0 - n / 9, margin_db=n / 9, rate_down_mbps=50.0 + n, kit=f"Roof {n}",
            height_needed_m=n / 10, second_choice=f"T{n:03d}",
        )
        for n, home in enumerate(plan.homes)
    )  # fmt: skip
    first, *others = pdf_data.table(plan_table(dataclasses.replace(plan, homes=reached), "homes"), Tongue.of("en"))
    assert len(first["rows"]) == 120
    [reasons] = [part for part in others if any(column["title"] == "Reason" for column in part["columns"])]
    assert [row[0] for row in reasons["rows"]] == [plan.homes[0].id]


def test_the_same_plan_gives_the_same_bytes(document: bytes) -> None:
    assert printed(make(), _surface()) == document


NAMES = {
    "Arabic": "جبل النور",
    "Devanagari": "ग्राम पंचायत",
    "Ethiopic": "አዲስ መንደር",
    "Latin": "Łódź-Çağrı ñandú",
}


def test_names_in_their_own_scripts_are_set_in_fonts_and_read_back() -> None:
    names = tuple(NAMES.values())
    reader = PdfReader(io.BytesIO(printed(make(name=" · ".join(names), names=names), _surface())))
    everything = _letters("".join(page.extract_text() for page in reader.pages))
    # pypdf gives the glyphs in the order of drawing: the letters are compared, whatever their order.
    assert set(_letters("".join(names))) <= set(everything)
    fonts = {str(f.get_object()["/BaseFont"]) for p in reader.pages for f in p["/Resources"]["/Font"].values()}
    for wanted in ("Arabic", "NotoSans", "Ethiopic"):  # Noto Sans holds Devanagari itself
        assert any(wanted in font for font in fonts)
    assert reader.metadata is not None
    assert all(name in str(reader.metadata.title) for name in names)


MARKUP = (
    "#panic()", '#eval("1")', "$x^2$ *bold* _it_ `raw` <label> @ref = Heading", "\\ // /* [ ] { } ~ -- ---",
    '"quoted" \'s',
    '</svg><script>x</script>&amp;', "=1+1", "#image(\"/etc/passwd\")", "\\u{41}",
)  # fmt: skip


def test_markup_in_names_is_printed_as_it_is() -> None:
    plan = make(name=" ".join(MARKUP), names=MARKUP)
    text = _letters("".join(_pages(printed(plan, _surface()))))
    for name in MARKUP:
        assert text.count(_letters(name)) >= 4


def test_control_characters_and_long_names_do_no_harm() -> None:
    long = "Santa-Maria-de-los-Montes-Altos" * 12
    plan = make(name="A\nB\x00C\u202eD", names=(long, "x" * 300, "", "மலை 村"))
    pages = _pages(printed(plan, None))
    text = _letters("".join(pages))
    assert long in text
    assert "x" * 300 in text
    assert "We have decided:" in pages[0]
    # No type for Tamil and Chinese comes with the program: said by names that can be printed.
    said = "4 letters of names cannot be printed here, such as Tamil letter ma (U+0BAE)"
    assert said in " ".join(pages[0].split())


@pytest.mark.parametrize(
    ("name", "left"),
    [
        *((name, "") for name in NAMES.values()), ("A\u200fB\u00a0\u202e\n\x00\ufe0f", ""), ("Ελιά Крым", ""),
        ("বন", "বন"), ("ป่า", "ป่า"), ("山 A", "山"), ("Hill 🏔️", "🏔"),
    ],
)  # fmt: skip
def test_letters_that_no_font_has_are_found(name: str, left: str) -> None:
    assert set(unprinted(name, font_folders())) == set(left)


def test_signs_for_which_no_font_is_opened_are_in_every_latin_one() -> None:
    fonts = sorted(font_folders()[0].rglob("*.ttf"))
    assert fonts
    for path in fonts:
        with TTFont(path, lazy=True) as font:
            assert {ord(sign) for sign in USUAL} <= font.getBestCmap().keys(), path


def test_a_plan_with_nothing_in_it_says_what_is_missing() -> None:
    empty = DeploymentPlan(
        meta=dataclasses.replace(_meta(""), sources=()),
        headline=Headline(0, 0, 0, (), 0.0, None, 0.0, (), False, False),
        assumptions=(), sites=(), antennas=(), links=(), homes=(), capacity=(), bom=(), site_bom=(), budget=(),
        monthly=(), failures=(), risks=(), actions=(), unserved=(),
        missing=(MissingInfo("homes", msg("No home is in the plan."), msg("Import a list, or place them.")),),
        outlines=(),
    )  # fmt: skip
    pages = _pages(printed(empty, None))
    assert "A plan without a name" in pages[0]
    assert "No home is in the plan." in pages[0]
    assert "Nothing is on the map yet" in pages[0]
    assert "Import a list" in pages[1]


def test_many_words_on_page_one_stay_on_page_one() -> None:
    plan = make()
    long = msg("{words}", words="A long sentence that somebody wrote about what may happen. " * 3)
    plan = dataclasses.replace(
        plan,
        risks=tuple(Risk(r.title, long, r.weight) for r in plan.risks),
        actions=tuple(NextAction(a.title, long) for a in plan.actions),
        missing=tuple(MissingInfo(f"m{i}", msg("Thing {n} is missing.", n=i), msg("Find it.")) for i in range(12)),
    )
    pages = _pages(printed(plan, _surface()))
    assert "We have decided:" in pages[0]
    assert "And 7 more" in pages[0]
    assert "Contents" in pages[1]
    assert "Thing 11 is missing." in pages[1]


def test_the_file_says_nothing_of_who_made_it_and_is_tagged(document: bytes) -> None:
    reader = PdfReader(io.BytesIO(document))
    assert reader.metadata is not None
    assert set(reader.metadata) <= {"/Title", "/Creator", "/CreationDate", "/ModDate", "/Producer"}
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date().isoformat() == "2026-11-12"
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en"
    assert b"/tmp/" not in document
    assert b"/home/" not in document


def test_more_rows_than_paper_bears_are_said_to_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_data, "_MOST_ROWS", 40)
    pages = _pages(printed(make(homes=45), None))
    assert "The first 40 of 45 rows" in " ".join("\n".join(pages).split())


def test_numbers_money_and_dates_as_a_language_writes_them() -> None:
    english, spanish, unknown = Tongue.of("en"), Tongue.of("es"), Tongue.of("zz-unknown")
    assert english.number(-12345.678, 1) == "\u221212,345.7"
    assert english.number(-0.001, 1) == "0.0"
    assert spanish.number(12345.678, 1) == "12.345,7"
    assert english.money(18400, "EUR", 0) == "€18,400"
    assert spanish.money(6.2, "EUR") == "6,20\N{NO-BREAK SPACE}€"
    assert unknown.number(1234.5, 2) == "1,234.50"
    assert Tongue.of("ar").number(1234, 0).isascii()


def test_a_language_that_runs_from_the_right_turns_the_page(tmp_path: Path) -> None:
    catalogue = Catalog(locale="ar")
    catalogue.add("What could go wrong", "ما الذي قد يفشل")
    with (tmp_path / "ar.po").open("wb") as file:
        pofile.write_po(file, catalogue)
    before = list(i18n._folders)
    i18n._folders[:] = []  # what a test before has in use
    i18n._catalogue.cache_clear()
    assert Tongue.of("ar").direction == "ltr"  # the words are English while nothing is translated
    i18n.use_catalogues(tmp_path)
    try:
        assert Tongue.of("ar").direction == "rtl"
        document = printed(make(language="ar"), None)
    finally:
        i18n._folders[:] = before
        i18n._catalogue.cache_clear()
    root: Any = PdfReader(io.BytesIO(document)).trailer["/Root"]
    assert str(root["/Lang"]).startswith("ar")
    assert str(root["/ViewerPreferences"]["/Direction"]) == "/R2L"


def test_a_date_that_is_none_is_refused_in_words() -> None:
    plan = make()
    with pytest.raises(InputError, match="not a day"):
        printed(dataclasses.replace(plan, meta=dataclasses.replace(plan.meta, date="yesterday")))


def test_a_cancelled_report_stops() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        printed(make(), _surface(), cancel=token)


def test_the_fonts_are_there() -> None:
    assert all(any(folder.rglob("*.ttf")) for folder in font_folders())
