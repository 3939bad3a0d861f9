"""The network book, for those who run it: what to watch, links two a page, channels, addresses, security, settings."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from cn_planner.drawing.labels import shorten
from cn_planner.drawing.map_far import without_far
from cn_planner.drawing.map_sheet import map_sheet
from cn_planner.drawing.plan_views import map_content
from cn_planner.export.book import MOST_LINK_PAGES, LinkDrawings
from cn_planner.export.network_fit import BETWEEN, WIDTH, map_height
from cn_planner.export.network_links import link_halves
from cn_planner.export.paper_words import Paper
from cn_planner.export.pdf import DrawingSheet, pages_of
from cn_planner.export.pdf_data import DASH, Tongue, breakable, printable
from cn_planner.export.text import cell_text, slug
from cn_planner.message import Message, counted, msg
from cn_planner.model.plan import SiteRole
from cn_planner.progress import ALONE, Run
from cn_planner.report import words
from cn_planner.report.security import security_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.export.pdf import Pages
    from cn_planner.report.address_records import AddressRecord, NameRecord
    from cn_planner.report.deployment import AntennaRecord, CapacityRecord, DeploymentPlan, LinkRecord
    from cn_planner.report.work_records import ChannelRecord
    from cn_planner.terrain.surface import Surface

_NO_MAP_HEIGHT = 40.0
_SIZE = 7.5
_HOST, _RADIO, _IPV6, _SOURCE, _NAME = 92.0, 72.0, 108.0, 84.0, 130.0
_MOST_SILENT, _MOST_CONFLICTS = 2, 8
_FULLEST = {
    "sector": msg("Fullest sector"), "link": msg("Fullest link"), "uplink": msg("Fullest connection"),
}  # fmt: skip


def network_pages(
    plan: DeploymentPlan,
    surface: Surface | None,
    folder: Path,
    *,
    drawn: LinkDrawings | None = None,
    base: BaseSheet | None = None,
    beside: Mapping[str, tuple[str, Message]] | None = None,
    tongue: Tongue | None = None,
    run: Run = ALONE,
) -> Pages:
    """Make the network book ready to be set, in the plan's language where none is given.

    Parameters
    ----------
    plan : DeploymentPlan
        The network.
    surface : Surface or None
        The ground, for relief and profiles.
    folder : Path
        Empty; it is read when the document is set.
    drawn : LinkDrawings, optional
        What is known of the ground along links, where other formats show it too.
    base : BaseSheet, optional
        Roads, water and names under the map.
    beside : mapping, optional
        By their keys the suffixes and the words of what is written with it: it sends its reader to no other file.
    """
    tongue = tongue or Tongue.of(plan.meta.language)
    paper, sheet = Paper(plan, tongue), DrawingSheet(folder)
    formats = beside or {}
    run.progress(0.0, msg("Drawing maps"))
    shown = without_far(map_content(plan, homes=False, areas=False, lengths=True), tongue.say)
    first = _first_page(paper, formats)
    tall = map_height(first) if shown.towers else _NO_MAP_HEIGHT
    drawn_map = sheet.add(map_sheet(shown, surface, width=WIDTH, height=tall, language=plan.meta.language, base=base))
    run.check()
    run.progress(0.3, msg("Drawing the pages of the links"))
    public = plan.meta.homes_blurred_m is not None
    drawings = LinkDrawings(plan, surface) if drawn is None else drawn
    halves = link_halves(paper, drawings, sheet, MOST_LINK_PAGES, with_owners=not public)
    run.check()
    data = {
        **first,
        "map": drawn_map,
        "links": halves,
        "between": BETWEEN,
        "channels": _channels(paper, formats),
        "law": _law(paper),
        "addresses": _addresses(paper, formats),
        "security": _security(paper),
        "settings": _settings(paper),
        "files": _files(paper, formats),
        "foot": " · ".join((_version(paper), paper.foot())),
        "paper": paper.say(msg("Network book")),
    }
    return pages_of(folder, "network.typ", plan, tongue, data)


def _version(paper: Paper) -> str:
    meta = paper.plan.meta
    return paper.say(msg("Plan version {n}", n=meta.version))


def _first_page(paper: Paper, formats: Mapping[str, object]) -> dict[str, Any]:
    plan, head = paper.plan, paper.plan.headline
    title = msg("The network is not planned yet: this book fills as it is")
    if head.towers:
        title = msg(
            "{towers} and {links} bring the Internet to {homes}",
            towers=counted("{count:,g} tower", "{count:,g} towers", head.towers),
            links=counted("{count:,g} link", "{count:,g} links", len(plan.links)),
            homes=counted("{count:,g} home", "{count:,g} homes", head.homes_reached),
        )
    return {
        "head": paper.head(title, msg("a book for those who run it")),
        "lead": _lead(paper),
        "watch": {"title": paper.say(msg("Watch these first")), "items": list(_watch(paper))},
        "keeps": _keeps(paper),
        "more-links": _more_links(paper, formats),
        "no-links": paper.blank(msg("which towers are linked? The plan has no link yet.")),
    }


def _more_links(paper: Paper, formats: Mapping[str, object]) -> str:
    count = len(paper.plan.links)
    if count <= MOST_LINK_PAGES:
        return ""
    where = msg("The {shown} weakest of {count} links stand here.", shown=MOST_LINK_PAGES, count=count)
    if "xlsx" in formats:
        where = msg("The {shown} weakest of {count} links stand here; the spreadsheet has all.",
                    shown=MOST_LINK_PAGES, count=count)  # fmt: skip
    return paper.say(where)


def _lead(paper: Paper) -> list[dict[str, str]]:
    """Return the few numbers: towers, links, homes, connection, busiest hour."""
    plan, tongue = paper.plan, paper.tongue
    uplinks = [one for one in plan.capacity if one.kind == "uplink"]
    rows = [
        (paper.number(plan.headline.towers), msg("towers")),
        (paper.number(len(plan.links)), msg("links")),
        (paper.homes(plan.headline.homes_reached), msg("homes on the network")),
    ]
    known = [one.capacity_mbps for one in uplinks]
    total = sum(one for one in known if one is not None)
    rows.append(
        (tongue.rate(total) if known and None not in known else "?",
         msg("Internet connection") if len(uplinks) < 2 else msg("Internet connections together"))
    )  # fmt: skip
    rows.append((tongue.rate(sum(one.demand_mbps for one in uplinks)) if uplinks else "?", msg("at the busiest hour")))
    return [{"figure": figure, "words": paper.say(said)} for figure, said in rows]


def _name(paper: Paper, site: str) -> str:
    """Return what a site is called, on one line beside others."""
    name = next((one.name for one in paper.plan.sites if one.id == site and one.name), site)
    return shorten(printable(name), 9.0, _NAME)


def _between(paper: Paper, link: LinkRecord) -> str:
    return f"{_name(paper, link.a.site)} – {_name(paper, link.b.site)}"


def _watch(paper: Paper) -> Iterator[dict[str, Any]]:
    """Return what is to be watched first: the report's own records, the worst of each kind."""
    plan = paper.plan
    if plan.links:
        weakest = plan.links[0]
        said = msg("{link}: {verdict}.", link=_between(paper, weakest), verdict=words.VERDICT_WORDS[weakest.verdict])
        more = "" if weakest.spare is None else paper.say(weakest.spare)
        yield {**paper.item(msg("Weakest link"), said), "more": more}
    for kind, lead in _FULLEST.items():
        known = [one for one in plan.capacity if one.kind == kind and one.load_pct is not None]
        if known:
            fullest = max(known, key=lambda one: one.load_pct or 0.0)
            yield {**paper.item(lead, _full(paper, fullest)), "more": ""}
    for one in [each for each in plan.failures if each.homes_lost > 0.0][:_MOST_SILENT]:
        lead = msg("If {site} fails", site=_name(paper, one.site))
        said = counted("{count:,g} home falls silent.", "{count:,g} homes fall silent.", one.homes_lost)
        yield {**paper.item(lead, said), "more": ""}
    if plan.power:
        dark = plan.power[0]
        if dark.uptime_pct is not None:
            lead = msg("Least power")
            said = msg("{site}: power in {hours} of 100 hours.", site=_name(paper, dark.site),
                       hours=paper.tongue.number(dark.uptime_pct, 1))  # fmt: skip
            yield {**paper.item(lead, said), "more": ""}


def _full(paper: Paper, one: CapacityRecord) -> Message:
    link = next((each for each in paper.plan.links if each.id == one.id), None) if one.kind == "link" else None
    place = _between(paper, link) if link is not None else _name(paper, one.site)
    if one.kind == "sector":
        place = f"{place}, {printable(one.id)}"
    return msg(
        "{place}: {load} of {room} at the busiest hour ({pct} %).", place=place,
        load=paper.tongue.rate(one.demand_mbps),
        room=DASH if one.capacity_mbps is None else paper.tongue.rate(one.capacity_mbps),
        pct=paper.number(one.load_pct or 0.0),
    )  # fmt: skip


def _keeps(paper: Paper) -> dict[str, Any]:
    """Return who keeps it running, as far as people have answered; the public is told no names."""
    answers, public = paper.plan.papers.purpose, paper.plan.meta.homes_blurred_m is not None
    keepers = paper.blank(msg("how many keepers, and who?"))
    if answers.keepers is not None:
        keepers = {"blank": False, "text": paper.number(answers.keepers)}
    days = paper.blank(msg("within how many days is a fault mended?"))
    if answers.repair_days is not None:
        parts = 0 if float(answers.repair_days).is_integer() else 1
        days = {"blank": False, "text": paper.tongue.number(answers.repair_days, parts)}
    rows = [(msg("Keepers"), keepers), (msg("Days until a fault is mended"), days)]
    if not public:
        rows.append((msg("Whom to call"), paper.answer(answers.call, msg("whose telephone, day and night?"))))
    return {
        "title": paper.say(msg("Who keeps it running")),
        "rows": [{"title": paper.say(title), **value} for title, value in rows],
    }


def _table(paper: Paper, title: Message, columns: list[tuple[Message, bool]]) -> dict[str, Any]:
    return {
        "title": paper.say(title),
        "columns": [{"title": paper.say(one), "right": right} for one, right in columns],
        "notes": [],
    }


# Channels


def _channels(paper: Paper, formats: Mapping[str, object]) -> dict[str, Any]:
    plan = paper.plan
    heard = {(one.kind, one.id, one.site if one.kind == "sector" else ""): one for one in plan.air.channels}
    columns = [
        (msg("Radio"), False), (msg("Channel, MHz"), True), (msg("Width, MHz"), True), (msg("Sent, dBm"), True),
        (msg("Radiated; allowed"), True), (msg("Over noise; with others, dB"), True),
    ]  # fmt: skip
    towers = []
    for site, group in groupby(plan.antennas, key=lambda one: one.site):
        rows = []
        for one in group:
            found = heard.get(("link", one.id, "") if one.towards else ("sector", one.id, one.site))
            rows.append(_channel(paper, one, found))
        towers.append({"name": _name(paper, site), "rows": rows})
    notes = [paper.say(one) for one in plan.air.notes]
    if any(one.dfs for one in plan.antennas):
        notes.append(paper.say(msg("* Radar goes first on this channel (DFS): the radio may leave it by itself.")))
    notes += [f"{paper.say(one.text)} {paper.say(one.fix)}" for one in plan.air.conflicts[:_MOST_CONFLICTS]]
    more = len(plan.air.conflicts) - _MOST_CONFLICTS
    if more > 0 and "pdf" in formats:
        notes.append(paper.say(counted("And {count} more is in the report's table of conflicts.",
                                       "And {count} more are in the report's table of conflicts.", more)))  # fmt: skip
    elif more > 0:
        notes.append(paper.say(msg("and {count} more", count=more)))
    return {
        **_table(paper, msg("Channels, tower by tower"), columns),
        "towers": towers, "notes": notes,
        "empty": paper.blank(msg("which radios hang where? No antenna is planned yet.")),
    }  # fmt: skip


def _channel(paper: Paper, one: AntennaRecord, heard: ChannelRecord | None) -> list[str]:
    radio = paper.say(msg("to {site}", site=_name(paper, one.towards))) if one.towards else printable(one.id)
    star = "*" if one.dfs else ""

    def pair(*values: float | None) -> str:
        return "; ".join(DASH if value is None else paper.tongue.number(value, 1) for value in values)

    ratios = (None, None) if heard is None else (heard.snr_db, heard.sinr_db)
    return [
        breakable(radio, _RADIO, _SIZE), "?" if one.freq_mhz is None else f"{one.freq_mhz:g}{star}",
        "?" if one.width_mhz is None else f"{one.width_mhz:g}", pair(one.tx_power_dbm),
        pair(one.eirp_dbm, one.limit_dbm), pair(*ratios),
    ]  # fmt: skip


def _law(paper: Paper) -> dict[str, Any]:
    """Return what the rules of the country say of the antennas: once what they say of many."""
    said: dict[str, list[str]] = {}
    for one in paper.plan.antennas:
        said.setdefault(paper.say(one.legal), []).append(f"{_name(paper, one.site)} {printable(one.id)}")
    count, items = len(paper.plan.antennas), []
    for law, where in said.items():
        whom = msg("All {count} antennas:", count=count) if len(where) == count else counted(
            "{count} antenna, {names}:", "{count} antennas, {names}:", len(where), names=", ".join(where))  # fmt: skip
        items.append({"lead": paper.say(whom), "text": law})
    cautions = dict.fromkeys(paper.say(one.caution) for one in paper.plan.antennas if one.caution is not None)
    return {"title": paper.say(msg("What the rules of the country say")), "items": items, "notes": list(cautions)}


# Addresses


def _addresses(paper: Paper, formats: Mapping[str, object]) -> dict[str, Any]:
    plan = paper.plan
    by_part: dict[tuple[str, str, str], AddressRecord] = {(one.site, one.part, one.kind): one for one in plan.addresses}
    columns = [
        (msg("Device"), False), (msg("Looked after at, IPv4"), False), (msg("IPv6"), False), (msg("VLAN"), True),
        (msg("Its homes or its link, IPv4"), False), (msg("IPv6"), False), (msg("Homes; room"), True),
    ]  # fmt: skip
    gateways = {one.id for one in plan.sites if one.role is SiteRole.GATEWAY}
    towers: list[dict[str, Any]] = []
    for site, group in groupby(plan.names, key=lambda one: one.site):
        name = _name(paper, site)
        whole, own = by_part.get((site, "", "site")), by_part.get((site, "", "loopback"))
        head = [] if printable(site) == name else [printable(site)]
        if whole is not None:
            head += [whole.ipv4, whole.ipv6]
        if own is not None:
            head.append(paper.say(msg("the router itself {ipv4}, {ipv6}", ipv4=own.ipv4, ipv6=own.ipv6)))
        if site in gateways:
            head.append(paper.say(msg("gateway")))
        rows = [_device(paper, one, by_part) for one in group]
        towers.append({"name": name, "head": head, "rows": rows})
    ranges = [
        " · ".join(part for part in (one.ipv4, one.ipv6, "" if one.note is None else paper.say(one.note)) if part)
        for one in plan.addresses if one.kind == "network"
    ]  # fmt: skip
    blank = paper.blank(msg("which addresses? They are given once there is a tower."))
    wrong = next((one for one in plan.missing if one.key == "addresses"), None)
    if wrong is not None:
        blank = {"blank": True, "text": f"{paper.say(wrong.what)} {paper.say(wrong.fix)}"}
    return {
        **_table(paper, msg("Addresses of towers, gateways and devices"), columns),
        "ranges": ranges, "towers": towers, "empty": blank, "notes": _homes_elsewhere(paper, formats),
    }  # fmt: skip


def _device(paper: Paper, one: NameRecord, by_part: dict[tuple[str, str, str], AddressRecord]) -> list[str]:
    sector, prefixes, link = (by_part.get((one.site, one.part, kind)) for kind in ("sector", "homes", "link"))
    ranges = ["", "", ""]
    if one.kind == "sector" and sector is not None:
        homes = DASH if sector.homes is None else paper.homes(sector.homes)
        room = f"{homes}; {DASH if sector.room is None else paper.number(sector.room)}"
        ranges = [sector.ipv4, sector.ipv6 if prefixes is None else prefixes.ipv6, room]
    elif one.kind == "link" and link is not None:
        ranges = [link.ipv4, link.ipv6, ""]
    return [
        breakable(printable(one.name), _HOST, _SIZE), one.management_ipv4,
        breakable(one.management_ipv6, _IPV6, _SIZE), "" if one.vlan is None else str(one.vlan),
        ranges[0], breakable(ranges[1], _IPV6, _SIZE), ranges[2],
    ]  # fmt: skip


_WHERE_HOMES = {
    "xlsx": msg("the spreadsheet"), "csv": msg("the plain tables"), "pdf": msg("the report"),
    "html": msg("the report on the telephone"),
}  # fmt: skip


def _homes_elsewhere(paper: Paper, formats: Mapping[str, object]) -> list[str]:
    """Return where each home's own address stands, of what was written."""
    if not paper.plan.home_addresses:
        return []
    where = [paper.say(said) for key, said in _WHERE_HOMES.items() if key in formats]
    told = msg("Each home has an address of its own within the range of its sector.")
    if where:
        told = msg("Each home has an address of its own within the range of its sector. They stand in the table "
                   "“Addresses of homes”, in {files}.", files=", ".join(where))  # fmt: skip
    return [paper.say(told)]


# Security, settings, files


def _security(paper: Paper) -> dict[str, Any]:
    columns = [(msg("What to do"), False), (msg("Where"), False), (msg("Who"), False), (msg("Source"), False)]
    groups = []
    for topic, group in groupby(security_once(paper.plan.security), key=lambda one: one.topic):
        rows = [[paper.say(one.what), paper.say(one.where), paper.say(one.who),
                 breakable(printable(one.source), _SOURCE, _SIZE)] for one in group]  # fmt: skip
        groups.append({"topic": paper.say(words.SECURITY_TOPICS[topic]), "rows": _once_each(rows)})
    note = msg(
        "The four actions are those of MANRS, manrs.org/netops: here by its Implementation Guide 1.1 "
        "of 25 January 2017 (BCOP series). Who has no number of an autonomous system asks the upstream for its "
        "part."
    )
    return {
        **_table(paper, msg("Security, once for all devices"), columns),
        "groups": groups, "notes": [paper.say(note)] if groups else [],
        "empty": paper.blank(msg("what keeps it safe? That is said once there is a tower.")),
    }  # fmt: skip


def _once_each(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows with who and which source left out where the row above says the same."""
    found, above = [], ["", "", "", ""]
    for row in rows:
        found.append([*row[:2], *("″" if row[n] and row[n] == above[n] else row[n] for n in (2, 3))])
        above = row
    return found


def _settings(paper: Paper) -> dict[str, Any]:
    columns = [(msg("Setting"), False), (msg("Value"), False), (msg("Source"), False), (msg("Name"), False)]
    rows = []
    for one in paper.plan.assumptions:
        if one.default:
            continue
        value = one.value
        shown = DASH if value in (None, "") else printable(cell_text(value, paper.plan.meta.language))
        if isinstance(value, int | float):
            shown = paper.tongue.number(value, next(n for n in range(7) if n == 6 or round(value, n) == value))
        unit = "" if one.unit == "1" else paper.tongue.unit(one.unit)
        rows.append([paper.say(one.meaning), breakable(f"{shown} {unit}".strip(), 130.0, 8.0),
                     breakable(printable(one.source), 100.0, 8.0) or DASH, one.key])  # fmt: skip
    return {
        **_table(paper, msg("Settings that differ from the usual"), columns),
        "rows": rows, "empty": paper.say(msg("None: the program's own values hold throughout.")),
    }  # fmt: skip


def _files(paper: Paper, beside: Mapping[str, tuple[str, Message]]) -> dict[str, Any]:
    name = slug(paper.plan.meta.plan)
    return {
        "title": paper.say(msg("Where the files are")),
        "lead": paper.say(msg("Written with this book, in the same folder:")),
        "rows": [[f"{name}{suffix}", paper.say(said)] for suffix, said in beside.values()],
    }
