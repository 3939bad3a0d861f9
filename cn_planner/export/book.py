"""The plan as a book: its chapters and what stands in each, as strings and drawings that are ready to set.

Paper and telephone are given the same book: ``pdf`` hands it to typst, ``page`` makes one HTML file of it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from cn_planner.drawing.map_sheet import frame_of, map_sheet
from cn_planner.drawing.plan_views import link_map_content, link_profile, map_content
from cn_planner.drawing.profile_chart import profile_chart
from cn_planner.drawing.work_chart import work_charts
from cn_planner.export.book_fields import checklists, survey_blocks
from cn_planner.export.pdf_data import breakable, printable, table
from cn_planner.message import Message, counted, msg
from cn_planner.progress import ALONE, Run
from cn_planner.report import words
from cn_planner.report.chapters import CHAPTERS, CHECKLISTS, FIELD_SHEETS, LINKS, MAPS, WORK, by_chapter
from cn_planner.report.tables import tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.drawing.display import DisplayList
    from cn_planner.drawing.profile_chart import ProfileContent
    from cn_planner.export.pdf_data import Tongue
    from cn_planner.report.columns import Table
    from cn_planner.report.deployment import AntennaRecord, DeploymentPlan, LinkRecord, LinkReport
    from cn_planner.terrain.surface import Surface

MOST_LINK_PAGES = 60
"""The weakest links come first; the table holds all."""
MAP_WIDTH = 519.0
_TALL = 610.0
_STRIP, _PROFILE = 108.0, 150.0
_BLOCK, _LARGER = (220.0, 160.0), 1.8
"""A link from north to south has a map of this size where it is drawn so much larger on it than along a strip."""
_STRIP_PIXELS = 0.65
"""A point of a link's map: 47 dots an inch. There is one for each link."""
_LONG, _MOST_CELLS, _LARGE = 400, 10_000, 4_000
"""A table of more rows stands in a volume of its own, and in a book of more cells each table of so many: to set all
tables of fifty towers in one takes a gigabyte, 13 KB a cell."""


_IN_NETWORK_BOOK = msg(
    "They stand in the network book, which was written with this report: two links a page, the weakest first, each "
    "with its profile, its budget both ways and what to check on site. Its file ends in -network.pdf."
)


class LinkDrawings:
    """The map and the profile of each link, drawn once for all formats that show them."""

    def __init__(self, plan: DeploymentPlan, surface: Surface | None) -> None:
        self._plan, self._surface = plan, surface
        self._drawn: dict[str, tuple[DisplayList, ...]] = {}
        self._profiles: dict[str, ProfileContent | None] = {}

    @cached_property
    def _crs(self) -> str:
        """That of all the maps: to make one for each takes longer than to draw it."""
        whole = frame_of(map_content(self._plan), MAP_WIDTH, _STRIP)
        return "" if whole is None else whole.crs

    def of(self, link: LinkRecord) -> tuple[DisplayList, ...]:
        """Return the drawings of a link: its map, and its profile where the ground is known."""
        if link.id not in self._drawn:
            self._drawn[link.id] = tuple(self._draw(link))
        return self._drawn[link.id]

    def profile(self, link: LinkRecord) -> ProfileContent | None:
        """Return the ground along a link; None where none is known."""
        if self._surface is None:
            return None
        if link.id not in self._profiles:
            self._profiles[link.id] = link_profile(self._plan, link, self._surface)
        return self._profiles[link.id]

    def _draw(self, link: LinkRecord) -> Iterator[DisplayList]:
        language = self._plan.meta.language
        profile = self.profile(link)
        content = link_map_content(self._plan, link, profile)
        width, height = MAP_WIDTH, _STRIP
        strip, block = frame_of(content, MAP_WIDTH, _STRIP, self._crs), frame_of(content, *_BLOCK, self._crs)
        if strip is not None and block is not None and strip.m_per_point > _LARGER * block.m_per_point:
            width, height = _BLOCK
        yield map_sheet(
            content, self._surface, width=width, height=height, language=language, legend=False,
            pixels_per_point=_STRIP_PIXELS, crs=self._crs,
        )  # fmt: skip
        if profile is not None:
            yield profile_chart(profile, width=MAP_WIDTH, height=_PROFILE, language=language)


class Sheet(Protocol):
    """Where drawings go; what it returns for one is what the book holds in its place."""

    def add(self, display: DisplayList) -> dict[str, Any]:
        """Keep a drawing."""
        ...


def chapters(
    plan: DeploymentPlan,
    surface: Surface | None,
    sheet: Sheet,
    tongue: Tongue,
    *,
    on_paper: bool = True,
    drawn: LinkDrawings | None = None,
    base: BaseSheet | None = None,
    spreadsheet: bool = True,
    link_pages: bool = True,
    run: Run = ALONE,
) -> list[dict[str, Any]]:
    """Return the chapters after the page for the assembly; those with nothing in them are left out.

    Parameters
    ----------
    plan : DeploymentPlan
        What is printed.
    surface : Surface or None
        The ground, for relief and profiles.
    sheet : Sheet
        Takes the drawings.
    tongue : Tongue
        The language.
    on_paper : bool
        Whether maps are drawn, and tables cut to the width of a page; a screen has a map of its own and room to move.
    drawn : LinkDrawings, optional
        The drawings of the links, where other formats show them too.
    base : BaseSheet, optional
        Roads, water and names under the maps.
    spreadsheet : bool
        Whether there is one, to which readers are sent for large tables.
    link_pages : bool
        Whether each link has a page of its own; else a sentence says that the network book has them.
    """
    printed = [one for one in tables(plan) if one.paper]
    by_number, apart = by_chapter(printed), _in_volume(printed)
    drawings = LinkDrawings(plan, surface) if drawn is None else drawn
    found = []
    for chapter in CHAPTERS[1:]:
        run.check()
        blocks: list[dict[str, Any]] = []
        if chapter.number == MAPS and on_paper:
            blocks += _maps(plan, surface, base, sheet, tongue)
        if chapter.number == WORK and plan.work:
            blocks += [
                {"kind": "chart", "drawing": sheet.add(one)} for one in work_charts(plan, width=MAP_WIDTH, height=_TALL)
            ]
        if chapter.number == FIELD_SHEETS:
            blocks += survey_blocks(plan, tongue)
        if chapter.number == CHECKLISTS:
            blocks += checklists(tongue)
        title = tongue.say(chapter.title)
        for one in by_number[chapter.number]:
            if on_paper and one.key in apart:
                blocks.append(_elsewhere(one, tongue, spreadsheet=spreadsheet))
                continue
            parts = [{"kind": "table", **part} for part in table(one, tongue, whole=not on_paper)]
            if parts and not blocks and parts[0]["title"] == title:
                parts[0]["title"] = ""  # the chapter says it
            blocks += parts
        if chapter.number == LINKS and not link_pages and plan.links:
            blocks.append({"kind": "note", "title": tongue.say(msg("The pages of the links")),
                           "text": tongue.say(_IN_NETWORK_BOOK)})  # fmt: skip
        elif chapter.number == LINKS:
            blocks += _link_pages(plan, drawings, sheet, tongue, run)
        if blocks:
            found.append({"number": chapter.number, "title": title, "blocks": blocks})
    return found


def long_tables(plan: DeploymentPlan, tongue: Tongue) -> list[dict[str, Any]]:
    """Return the tables that stand in a volume of their own."""
    printed = [one for one in tables(plan) if one.paper]
    apart = _in_volume(printed)
    return [{"kind": "table", **part} for one in printed if one.key in apart for part in table(one, tongue)]


def _in_volume(on_paper: Sequence[Table]) -> frozenset[str]:
    """Return the keys of the tables that stand in a volume of their own."""
    cells = {
        one.key: len(one.rows) * sum(column.paper and not column.counts for column in one.columns)
        for one in on_paper if len(one.rows) <= _LONG
    }  # fmt: skip
    most = _LARGE if sum(cells.values()) > _MOST_CELLS else sum(cells.values())
    return frozenset(one.key for one in on_paper if one.key not in cells or cells[one.key] > most)


def _elsewhere(one: Table, tongue: Tongue, *, spreadsheet: bool) -> dict[str, Any]:
    words = msg("Rows: {count}. They stand in the volume of tables.", count=len(one.rows))
    if spreadsheet:
        words = msg("Rows: {count}. They stand in the volume of tables, and in the spreadsheet.", count=len(one.rows))
    return {"kind": "note", "title": tongue.say(one.title), "text": tongue.say(words)}


def _maps(
    plan: DeploymentPlan, surface: Surface | None, base: BaseSheet | None, sheet: Sheet, tongue: Tongue
) -> list[dict[str, Any]]:
    language = plan.meta.language
    if not plan.sites and not plan.homes:
        return []
    contents = [(msg("Homes, towers and links"), map_content(plan, candidates=True))]
    if plan.links:
        contents.append((msg("Towers and links"), map_content(plan, homes=False, areas=False, lengths=True)))
    if len(plan.phases) > 1:
        contents.append((msg("What is built in which phase"), map_content(plan, areas=False, phases=True)))
    return [
        {
            "kind": "map",
            "title": tongue.say(title),
            "drawing": sheet.add(
                map_sheet(shown, surface, width=MAP_WIDTH, height=_TALL, language=language, base=base)
            ),
        }
        for title, shown in contents
    ]


def _link_pages(
    plan: DeploymentPlan, drawings: LinkDrawings, sheet: Sheet, tongue: Tongue, run: Run
) -> Iterator[dict[str, Any]]:
    reports = {report.link: report for report in plan.link_reports}
    names = {site.id: site.name or site.id for site in plan.sites}
    for number, link in enumerate(plan.links[:MOST_LINK_PAGES]):
        if link.a.site not in names or link.b.site not in names:
            continue
        run.check()
        run.progress(number / len(plan.links), msg("Drawing the pages of the links"))
        yield {
            **_link_page(plan, number, (names[link.a.site], names[link.b.site]), reports.get(link.id), tongue),
            "drawings": [sheet.add(one) for one in drawings.of(link)],
        }


def _link_page(
    plan: DeploymentPlan, number: int, names: tuple[str, str], report: LinkReport | None, tongue: Tongue
) -> dict[str, Any]:
    link = plan.links[number]
    a, b = (printable(name) for name in names)
    radios = {one.site: one for one in plan.antennas if one.id == link.id}
    return {
        "kind": "link",
        "title": breakable(f"{a} – {b}", 500.0, 12.0),
        "sites": [link.a.site, link.b.site],
        "verdict": link.verdict,
        "word": tongue.say(words.VERDICT_WORDS[link.verdict]),
        "facts": link_facts(plan, number, tongue),
        "grids": [
            *_budget(link, radios, (a, b), tongue),
            *_heights(link, report, (a, b), tongue),
            *_what_ifs(report, tongue),
        ],
        "notes": [
            *_legal(radios, link, (a, b), tongue),
            *([] if report is None or report.relay is None else [tongue.say(report.relay)]),
            *([] if report is None else [tongue.say(one) for one in report.told]),
        ],
    }


def link_facts(plan: DeploymentPlan, number: int, tongue: Tongue) -> list[str]:
    """Return what stands under a link's profile: the verdict and why, what to do, and the figures both ways."""
    link = plan.links[number]
    facts = [tongue.say(link.reason)]
    if link.spare is not None:
        facts.append(tongue.say(link.spare))
    if link.fix is not None:
        facts.append(tongue.say(link.fix))
    figures = [tongue.figure(link.distance_m / 1000, "km", 2)]
    if link.freq_mhz is not None:
        figures.append(tongue.figure(link.freq_mhz, "MHz"))
    figures += [
        tongue.say(
            msg(
                "into {site}: {rate}, {margin} dB spare",
                site=end.site,
                rate=tongue.rate(end.rate_mbps),
                margin=tongue.number(end.margin_db, 1),
            )
        )
        for end in (link.b, link.a)
        if end.rate_mbps is not None and end.margin_db is not None
    ]
    if link.carries_mbps is not None:
        figures.append(tongue.say(msg("carries {rate} on its channel", rate=tongue.rate(link.carries_mbps))))
    if link.homes_lost_if_fails:
        figures.append(
            tongue.say(
                counted(
                    "{count:,g} home loses the network if it fails",
                    "{count:,g} homes lose the network if it fails",
                    link.homes_lost_if_fails,
                )
            )
        )
    facts.append(" · ".join(figures))
    return facts


def _grid(heading: Message, columns: list[str], rows: list[list[str]], tongue: Tongue) -> dict[str, Any]:
    return {"columns": [tongue.say(heading), *columns], "rows": rows}


def _budget(
    link: LinkRecord, radios: dict[str, AntennaRecord], names: tuple[str, str], tongue: Tongue
) -> list[dict[str, Any]]:
    """Return the budget of both directions, line by line: from what is sent to what is to spare."""
    if link.a.rsl_dbm is None and link.b.rsl_dbm is None:
        return []
    ways = ((link.a, link.b), (link.b, link.a))
    losses = (
        (msg("Free space"), link.loss_free_space_db),
        (msg("Hills"), link.loss_diffraction_db),
        (msg("Trees"), link.loss_vegetation_db),
        (msg("Gases"), link.loss_gas_db),
        (msg("Rain"), link.loss_rain_db),
    )

    def radio(key: str, field: str) -> float | None:
        return getattr(radios.get(key), field, None)

    lines: list[tuple[Message, list[str]]] = [
        (msg("Sent"), [tongue.figure(heard.sent_dbm, "dBm", 1) for _, heard in ways]),
        (msg("Cable here"), [tongue.figure(_less(radio(sent.site, "cable_loss_db")), "dB", 1) for sent, _ in ways]),
        (msg("Antenna here"), [tongue.figure(radio(sent.site, "gain_dbi"), "dBi", 1) for sent, _ in ways]),
        *((what, [tongue.figure(-loss, "dB", 1)] * 2) for what, loss in losses if loss),
        (msg("Antenna there"), [tongue.figure(radio(heard.site, "gain_dbi"), "dBi", 1) for _, heard in ways]),
        (
            msg("Cable there"),
            [tongue.figure(_less(radio(heard.site, "cable_loss_db")), "dB", 1) for _, heard in ways],
        ),
        (msg("Arrives"), [tongue.figure(heard.rsl_dbm, "dBm", 1) for _, heard in ways]),
        (msg("To spare"), [tongue.figure(heard.margin_db, "dB", 1) for _, heard in ways]),
        (msg("Mode"), [printable(heard.mcs) or "\u2013" for _, heard in ways]),
        (msg("Rate"), ["\u2013" if heard.rate_mbps is None else tongue.rate(heard.rate_mbps) for _, heard in ways]),
    ]
    columns = [tongue.say(msg("{a} to {b}", a=a, b=b)) for a, b in (names, names[::-1])]
    return [_grid(msg("Budget"), columns, [[tongue.say(what), *figures] for what, figures in lines], tongue)]


def _less(value: float | None) -> float | None:
    return None if value is None else -value


def _heights(
    link: LinkRecord, report: LinkReport | None, names: tuple[str, str], tongue: Tongue
) -> list[dict[str, Any]]:
    if link.a.height_needed_m is None and link.b.height_needed_m is None:
        return []
    both = None if report is None else report.equal_heights_m
    rows = [
        (msg("As planned"), link.a.height_m, link.b.height_m),
        (msg("Least at {site}, the other kept", site=names[0]), link.a.height_needed_m, link.b.height_m),
        (msg("Least at {site}, the other kept", site=names[1]), link.a.height_m, link.b.height_needed_m),
        *([] if both is None else [(msg("Both by the same"), *both)]),
    ]
    shown = [[tongue.say(what), tongue.figure(a, "m", 1), tongue.figure(b, "m", 1)] for what, a, b in rows]
    return [_grid(msg("Heights that leave enough clear"), list(names), shown, tongue)]


def _what_ifs(report: LinkReport | None, tongue: Tongue) -> list[dict[str, Any]]:
    if report is None or not report.what_ifs:
        return []
    rows = [
        [
            tongue.say(one.what),
            tongue.say(words.VERDICT_WORDS[one.verdict]),
            tongue.figure(one.margin_db, "dB", 1),
            "\u2013" if one.rate_mbps is None else tongue.rate(one.rate_mbps),
            tongue.figure(one.clearance_m, "m", 1),
            tongue.figure(one.clearance_f1, "F1", 1),
        ]
        for one in report.what_ifs
    ]
    columns = [msg("Verdict"), msg("To spare"), msg("Rate"), msg("Worst clearance"), msg("In Fresnel zones")]
    return [_grid(msg("What if"), [tongue.say(column) for column in columns], rows, tongue)]


def _legal(radios: dict[str, AntennaRecord], link: LinkRecord, names: tuple[str, str], tongue: Tongue) -> list[str]:
    """Return what the law says of the ends: once where it says the same of both."""
    said = {name: tongue.say(radios[end.site].legal) for name, end in zip(names, (link.a, link.b), strict=True)
            if end.site in radios}  # fmt: skip
    if len(set(said.values())) == 1:
        return [tongue.say(msg("Rules of the country, at both ends: {words}", words=next(iter(said.values()))))]
    return [
        tongue.say(msg("Rules of the country, at {site}: {words}", site=name, words=words_))
        for name, words_ in said.items()
    ]
