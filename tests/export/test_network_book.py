"""The network book: links two a page, the weakest first, security once, no home's address; whole, whatever the plan."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from deployment_example import example_deployment
from paper_example import LongTongue
from pypdf import PdfReader
from small_network import flat_ground, small_network

from cn_planner.drawing.display import texts
from cn_planner.drawing.inset_profile import TightPlace, inset_profile
from cn_planner.drawing.labels import text_width
from cn_planner.drawing.plan_views import link_profile
from cn_planner.drawing.rate_chart import RateSteps, rate_chart, staircase
from cn_planner.export.files import export_all
from cn_planner.export.formats import FORMATS
from cn_planner.export.network_book import network_pages
from cn_planner.export.pdf_data import Tongue
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link, Plan, Sector, Site
from cn_planner.report.build import build_report
from cn_planner.report.privacy import for_public
from cn_planner.report.security import security_once
from cn_planner.report.tables import plan_table
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan


_EVERY = {key: (one.suffix, one.words) for key, one in FORMATS.all().items()}


def _report(plan: Plan, surface: Surface | None = None) -> DeploymentPlan:
    study = Study(plan, flat_ground() if surface is None else surface, load_catalogue(), None)
    return build_report(study, version=3, date="2026-11-28")


def _pages(
    plan: DeploymentPlan, folder: Path, surface: Surface | None = None, tongue: Tongue | None = None
) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    pages = network_pages(plan, surface, folder, tongue=tongue, beside=_EVERY)
    return [page.extract_text() for page in PdfReader(io.BytesIO(pages.document())).pages]


@pytest.fixture(scope="module")
def report() -> DeploymentPlan:
    return _report(small_network())


@pytest.fixture(scope="module")
def pages(report: DeploymentPlan, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return _pages(report, tmp_path_factory.mktemp("network") / "pages", flat_ground())


def _flat(pages: list[str]) -> str:
    return " ".join(" ".join(pages).split())


def _names(plan: DeploymentPlan) -> dict[str, str]:
    return {one.id: one.name or one.id for one in plan.sites}


def test_links_stand_two_a_page_the_weakest_first(report: DeploymentPlan, pages: list[str]) -> None:
    assert [len(re.findall(r"(\d+) of 3, weakest first", page)) for page in pages[:3]] == [0, 2, 1]
    assert all(f"Network book · {n} / {len(pages)}" in " ".join(page.split()) for n, page in enumerate(pages, 1))
    said, names = _flat(pages[1:3]), _names(report)
    titles = [said.index(f"{names[link.a.site]} – {names[link.b.site]}") for link in report.links]
    assert titles == sorted(titles)
    spare = [link.fallback_db for link in report.links]
    assert spare == sorted(spare)


def test_every_page_says_which_version_it_is_of(pages: list[str]) -> None:
    assert all("Plan version 3" in page for page in pages)


def test_the_book_says_of_a_link_what_the_table_and_its_record_say(report: DeploymentPlan, pages: list[str]) -> None:
    table = plan_table(report, "links")
    halves = re.split(r"Check on site", "\n".join(pages[1:3]))[:-1]
    assert len(halves) == len(report.links)
    tongue = Tongue.of("en")
    for half, link, row in zip(halves, report.links, table.rows, strict=True):
        for key, title in (("rsl_dbm", "Arrives, dBm"), ("margin_db", r"To spare, dB \(10 wanted\)")):
            printed = re.search(rf"{title}\s+([\u2212\d.]+)\s+([\u2212\d.]+)", half)
            assert printed is not None, half
            for end, text in zip("ba", printed.groups(), strict=True):
                value = row[table.column(f"{end}_{key}")]
                assert text == tongue.number(value, 1) == tongue.number(getattr(getattr(link, end), key), 1)
        rates = re.search(r"Mbit/s; the busiest hour needs\s+(\d+); ([\d.]+)\s+(\d+); ([\d.]+)", half)
        assert rates is not None
        assert int(rates[1]) == round(link.b.rate_mbps)
        assert int(rates[3]) == round(link.a.rate_mbps)
        assert rates[2] == rates[4] == tongue.number(link.load_mbps, 1)


def test_a_link_falls_back_by_its_modes_to_what_the_busiest_hour_passes(
    report: DeploymentPlan, pages: list[str]
) -> None:
    modes = {one.link: one.modes_b for one in report.link_reports}
    for link, found in zip(report.links, re.findall(r"Falls back to ([\d, ]+) Mbit/s", _flat(pages)), strict=True):
        slower = {round(one.rate_mbps) for one in modes[link.id] if one.rate_mbps < link.b.rate_mbps - 1e-6}
        assert {int(one) for one in found.split(",")} <= slower
        counted = next(one for one in modes[link.id] if one.mode == link.b.mcs)
        assert counted.spare_db == pytest.approx(link.b.margin_db)
        assert max(one.spare_db for one in modes[link.id]) == pytest.approx(link.fallback_db)


def test_what_is_watched_first_are_the_report_s_own_records(report: DeploymentPlan, pages: list[str]) -> None:
    said, names = _flat(pages[:1]), _names(report)
    weakest = report.links[0]
    assert f"Weakest link {names[weakest.a.site]} – {names[weakest.b.site]}: likely." in said
    worst = report.failures[0]
    assert f"If {worst.name} fails {worst.homes_lost:g} homes fall silent." in said
    sector = max((one for one in report.capacity if one.kind == "sector"), key=lambda one: one.load_pct)
    assert f"Fullest sector {names[sector.site]}, {sector.id}:" in said


def test_security_rows_are_said_once(report: DeploymentPlan, pages: list[str]) -> None:
    alike = [one for one in report.security if one.topic == "anti-spoofing" and "From the homes of" in str(one.what)]
    assert len(alike) == 3
    said = _flat(pages)
    assert said.count("From the homes of") == 1
    assert "towards all 3 sectors: ash-b-hill-b-s1, birch-s1, cedar-s1" in said
    rows = [str(one.what) for one in security_once(report.security)]
    assert len(rows) == len(set(rows)) == len(report.security) - 2
    for topic in ("MANRS 1: routes", "MANRS 2: false sources", "MANRS 3: contacts", "MANRS 4: registries"):
        assert said.count(topic) == 1
    assert security_once(alike[:1]) == alike[:1]  # type: ignore[arg-type,comparison-overlap]


def test_it_is_no_telephone_book(report: DeploymentPlan, pages: list[str]) -> None:
    said = "".join("".join(pages).split())
    assert report.home_addresses
    for home in report.home_addresses:
        assert home.ipv6 not in said
        assert home.name not in said
    assert all(one.management_ipv4 in said and one.management_ipv6 in said for one in report.names)
    assert all(one.ipv4 in said for one in report.addresses if one.kind == "sector")
    where = _flat(pages)
    assert "They stand in the table “Addresses of homes”, in the spreadsheet, the plain tables, the report" in where


def test_it_sends_nobody_to_a_file_that_is_not_there(report: DeploymentPlan, tmp_path: Path) -> None:
    document = network_pages(report, None, tmp_path).document()
    said = _flat([page.extract_text() for page in PdfReader(io.BytesIO(document)).pages])
    assert "Each home has an address of its own within the range of its sector." in said
    for words in ("Addresses of homes", "spreadsheet", "Where the files are"):
        assert words not in said


def test_settings_that_nobody_changed_are_not_listed(report: DeploymentPlan, pages: list[str]) -> None:
    said = _flat(pages)
    changed = [one for one in report.assumptions if not one.default]
    assert changed
    assert all(one.key in said for one in changed)
    kept = [one.key for one in report.assumptions if one.default]
    assert not [one for one in kept if f" {one} " in said]


def test_what_nobody_answered_is_asked(pages: list[str]) -> None:
    said = _flat(pages)
    for question in ("how many keepers, and who?", "within how many days is a fault mended?",
                     "whose telephone, day and night?"):  # fmt: skip
        assert f"not answered: {question}" in said


def test_the_report_leaves_its_link_pages_to_the_book_and_keeps_them_alone(
    report: DeploymentPlan, tmp_path: Path
) -> None:
    def printed(folder: Path, *formats: str) -> tuple[int, str]:
        (pdf,) = (one for one in export_all(report, flat_ground(), folder, formats) if one.name == "small.pdf")
        read = PdfReader(pdf).pages
        return len(read), " ".join(page.extract_text() for page in read)

    alone, said_alone = printed(tmp_path / "alone", "pdf")
    both, said_both = printed(tmp_path / "both", "pdf", "network")
    assert alone - both == len(report.links) - 1
    assert "Heights that leave enough clear" in said_alone
    assert "Heights that leave enough clear" not in said_both
    assert "They stand in the network book" in " ".join(said_both.split())
    assert "network book" not in said_alone
    assert "small-network.pdf" in {one.name for one in (tmp_path / "both").iterdir()}


def test_the_same_bytes_twice(report: DeploymentPlan, tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written.append(network_pages(report, flat_ground(), tmp_path / name).document())
    assert written[0] == written[1]


def test_in_public_it_names_no_owner_no_home_and_nobody_to_call(report: DeploymentPlan, tmp_path: Path) -> None:
    said = _flat(_pages(for_public(report, 200.0), tmp_path / "public", flat_ground()))
    for words in ("Whom to call", "Has the owner signed?", "Addresses of homes"):
        assert words not in said
    assert "weakest first" in said


@pytest.mark.parametrize("language", ["es", "ar", "hi", "sw"])
def test_it_is_set_in_other_languages_and_scripts(report: DeploymentPlan, language: str, tmp_path: Path) -> None:
    plan = replace(report, meta=replace(report.meta, language=language))
    pages = _pages(plan, tmp_path / language, flat_ground())
    assert len(pages) <= 7
    assert "Birch" in pages[1]


def test_words_that_are_a_third_longer_fit_two_links_a_page(report: DeploymentPlan, tmp_path: Path) -> None:
    tongue = LongTongue("en", Tongue.of("en").locale)
    pages = _pages(report, tmp_path / "long", flat_ground(), tongue)
    flat = [" ".join(page.split()) for page in pages[:3]]
    assert [len(re.findall(r"\d of 3, weakest first", page)) for page in flat] == [0, 2, 1]


def test_a_plan_without_links_without_terrain_and_without_anything(tmp_path: Path) -> None:
    alone = small_network()
    alone = replace(alone, links=Items(()), sites=Items([alone.sites["G"]]), households=Items(()))
    said = _flat(_pages(_report(alone), tmp_path / "alone", flat_ground()))
    assert "1 tower and 0 links" in said
    assert "not answered: which towers are linked? The plan has no link yet." in said

    bare = build_report(Study(small_network(), Surface([]), load_catalogue(), None), version=3, date="2026-11-28")
    pages = _pages(bare, tmp_path / "bare")
    assert _flat(pages).count("not answered: what stands between them? No terrain is known.") == 3
    assert [page.count("weakest first") for page in pages[:3]] == [0, 2, 1]

    nothing = build_report(Study(Plan(), Surface([]), load_catalogue(), None), version=1, date="2026-11-28")
    pages = _pages(nothing, tmp_path / "nothing")
    said = _flat(pages)
    assert "The network is not planned yet" in said
    assert "not answered: which addresses? They are given once there is a tower." in said
    assert len(pages) <= 2


def test_a_link_without_a_channel_is_asked_for_it(report: DeploymentPlan, tmp_path: Path) -> None:
    first = report.links[0]
    nothing = {"rsl_dbm": None, "rate_mbps": None, "margin_db": None, "sent_dbm": None, "mcs": ""}
    dark = replace(first, freq_mhz=None, width_mhz=None, a=replace(first.a, **nothing), b=replace(first.b, **nothing),
                   margin_db=None, fallback_db=None, carries_mbps=None, spare=None)  # fmt: skip
    plan = replace(report, links=(dark, *report.links[1:]), link_reports=report.link_reports[1:])
    pages = _pages(plan, tmp_path / "dark", flat_ground())
    assert "not answered: on which channel, with which kit?" in " ".join(pages[1].split())
    assert pages[1].count("weakest first") == 2


def test_names_may_be_long_and_hold_any_sign(tmp_path: Path) -> None:
    network = small_network()
    names = {
        "G": "#let x = [*Town*] $a_1$ \\ @cite <b> `c`",
        "A": "Wood" * 20,
        "B": "A hill " * 11 + "end",
        "C": "~// /* c",
    }
    sites = [replace(one, name=names.get(one.id, one.name)) for one in network.sites.values()]
    pages = _pages(_report(replace(network, sites=Items(sites))), tmp_path / "signs", flat_ground())
    said = "".join("".join(pages).replace("\u200b", "").split())
    for name in ("#letx=[*Town*]$a_1$\\@cite<b>`c`", "Wood" * 20, "~////*c".replace("////", "///")):
        assert name in said
    assert [page.count("weakest first") for page in pages[:3]] == [0, 2, 1]


def test_what_the_example_by_hand_lacks_is_left_out(tmp_path: Path) -> None:
    """Records that hold no modes, no heights and no what-ifs."""
    plan = example_deployment()
    pages = _pages(plan, tmp_path / "example")
    assert sum(page.count("weakest first") for page in pages) == len(plan.links)


def many(count: int) -> Plan:
    """Return a chain of towers with two sectors each, so many links, and a home at each."""
    sites = [
        Site(f"t{n}", f"Tower {n}", -1.25 - 0.006 * (n % 60), 36.35 + 0.006 * n, mast_height_m=20.0,
             role=small_network().sites["G"].role if n == 0 else small_network().sites["A"].role,
             sectors=tuple(Sector(f"s{m}", "village-sector-5ghz", 120.0 * m) for m in range(2)))
        for n in range(count + 1)
    ]  # fmt: skip
    homes = [Household(f"h{n}", f"Home {n}", one.latitude + 0.004, one.longitude, server=one.id)
             for n, one in enumerate(sites)]  # fmt: skip
    links = [Link(f"l{n:02d}", f"t{n}", f"t{n + 1}") for n in range(count)]
    plan = small_network()
    return replace(plan, sites=Items(sites), households=Items(homes), links=Items(links))


def test_sixty_links_are_about_thirty_five_pages(tmp_path: Path) -> None:
    report = _report(many(60))
    pages = _pages(report, tmp_path / "many", flat_ground())
    assert [page.count("weakest first") for page in pages[1:31]] == [2] * 30
    assert 35 <= len(pages) <= 41  # 240 radios and 300 devices have their rows
    more = replace(report, links=(*report.links, replace(report.links[0], id="more")))
    said = _pages(more, tmp_path / "more")
    assert sum(page.count("weakest first") for page in said) == 60
    assert "The 60 weakest of 61 links stand here; the spreadsheet has all." in _flat(said)


def test_no_word_runs_off_a_drawing_of_a_link(report: DeploymentPlan) -> None:
    steps = RateSteps(
        ((-95.0, 17.6, "18"), (-90.0, 70.0, "70"), (-62.0, 234.0, "234")), 1, (("Wood" * 20, -50.0), ("B" * 80, -30.0)),
        "12.9 dB to spare", "Mbit/s by what arrives", "dBm that arrive, sent as in MCS4", "both ways",
    )  # fmt: skip
    drawings = [rate_chart(steps, width=252.0, height=92.0)]
    for at_m in (0.0, 40.0, 3000.0, 1e9):
        for clear_m, f1 in ((4.0, 0.8), (-3.0, -0.4), (4.0, None)):
            profile = link_profile(report, report.links[0], flat_ground())
            assert profile is not None
            profile = replace(profile, start="Wood" * 20, end="B" * 80)
            drawings.append(inset_profile(profile, TightPlace(at_m, clear_m, f1, 0.6), width=523.0, height=122.0))
    for drawing in drawings:
        for one in texts(drawing.items):
            wide = text_width(one.text, one.size, bold=one.bold)
            left = one.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[one.anchor.value] * wide
            assert left > -4.0, one
            assert left + wide < drawing.width + 6.0, one
            assert 0.0 < one.y < drawing.height, one


def test_a_mode_that_asks_for_more_and_gives_less_is_no_step() -> None:
    modes = [(-60.0, 100.0, "MCS5"), (-70.0, 120.0, "MCS4"), (-80.0, 50.0, "MCS1"), (-79.0, 50.0, "MCS2")]
    assert staircase(modes) == ((-80.0, 50.0, "MCS1"), (-70.0, 120.0, "MCS4"))
