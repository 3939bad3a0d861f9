"""The deployment plan as one HTML file for a telephone without a network: the same book, with a map that one can move.

Nothing is fetched: style, script and drawings stand in the file, and its policy forbids everything else. Without the
script the map stands still and all can be read. Every text of people is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from html import escape
from itertools import chain
from typing import TYPE_CHECKING, Any

from cn_planner import paths
from cn_planner.drawing.map_legend import legend_entries
from cn_planner.drawing.map_sheet import map_sheet
from cn_planner.drawing.plan_views import map_content
from cn_planner.drawing.svg import inline_svg
from cn_planner.export import pdf_data
from cn_planner.export.book import chapters
from cn_planner.export.book_fields import cards
from cn_planner.export.labels import Labels
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.text import about_lines
from cn_planner.export.two_ways import figures_apart, names_apart
from cn_planner.i18n import say
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.drawing.display import DisplayList
    from cn_planner.drawing.map_content import SheetContent
    from cn_planner.export.book import LinkDrawings
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.terrain.surface import Surface

_BOX = "&#9744;"
_MAP = (720.0, 560.0)
_PIXELS = 2.2
"""A point of the map: enough to come three times nearer."""
_ZERO_WIDTH_SPACE = "\u200b"


class _Drawings:
    """Takes drawings as elements of the page; the ids of each begin with its number."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, display: DisplayList) -> dict[str, Any]:
        """Return a drawing as the page holds it."""
        self.count += 1
        return {"svg": inline_svg(display, f"d{self.count}-"), "notes": display.notes}


def render_page(
    plan: DeploymentPlan,
    surface: Surface | None = None,
    *,
    drawn: LinkDrawings | None = None,
    base: BaseSheet | None = None,
    run: Run = ALONE,
) -> str:
    """Return the deployment plan as an HTML document.

    ``plan``: what is shown. ``surface``: the ground, for relief and profiles. ``drawn``: the drawings of the links,
    where other formats show them too. ``base``: roads, water and names under the map.
    """
    return "".join(_page(plan, surface, drawn, base, run))


def write_page(
    plan: DeploymentPlan,
    surface: Surface | None,
    path: Path,
    *,
    drawn: LinkDrawings | None = None,
    base: BaseSheet | None = None,
    run: Run = ALONE,
) -> None:
    """Write the deployment plan as an HTML file; see `render_page`."""
    # Piece by piece: a sign beyond the usual makes every letter of one long text four bytes, in each copy of it.
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_page(plan, surface, drawn, base, run))


def _page(
    plan: DeploymentPlan, surface: Surface | None, drawn: LinkDrawings | None, base: BaseSheet | None, run: Run
) -> Iterator[str]:
    tongue = Tongue.of(plan.meta.language)
    words = pdf_data.words(plan, tongue)
    style, script = (
        (paths.resources() / "report" / name).read_text(encoding="utf-8") for name in ("page.css", "page.js")
    )
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    language = escape(tongue.code.split("-", maxsplit=1)[0].lower() or "en")
    yield (
        f'<!DOCTYPE html>\n<html lang="{language}" dir="{tongue.direction}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(words['title'])}</title>\n<style>{style}</style>\n</head>\n<body>\n"
    )
    run.progress(0.0, msg("Drawing maps"))
    for part in _assembly(plan, tongue, words, _map(plan, surface, base, tongue)):
        yield f"{part}\n"
    written = chapters(plan, surface, _Drawings(), tongue, on_paper=False, drawn=drawn, run=run)
    if tongue.direction == "rtl":
        written = names_apart(written)
    for part in chain(_contents(written, words), _chapters(plan, tongue, words, written)):
        yield f"{part}\n"
    run.progress(1.0)
    yield f"<script>{script}</script>\n</body>\n</html>\n"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(text: str) -> str:
    """Return a text escaped, without the places to break that paper needs."""
    return escape(figures_apart(text.replace(_ZERO_WIDTH_SPACE, "")))


def _list(items: Iterable[str], kind: str) -> str:
    return f'<ul class="{kind}">' + "".join(f"<li>{one}</li>" for one in items) + "</ul>"


def _map(plan: DeploymentPlan, surface: Surface | None, base: BaseSheet | None, tongue: Tongue) -> str:
    content = map_content(plan, candidates=True)
    labels = Labels(plan)
    titles = {f"site:{one.id}": "\n".join(labels.site(one)) for one in plan.sites}
    titles |= {f"home:{one.id}": "\n".join(labels.home(one)) for one in plan.homes}
    titles |= {f"home:place:{one.id}": "\n".join(labels.place(one)) for one in plan.places}
    keyed = replace(
        content,
        towers=tuple(replace(one, id=f"site:{one.id}", name=one.name or one.id) for one in content.towers),
        homes=tuple(replace(one, id=f"home:{one.id}") for one in content.homes),
    )
    drawn = map_sheet(
        keyed,
        surface,
        width=_MAP[0],
        height=_MAP[1],
        language=tongue.code,
        legend=False,
        pixels_per_point=_PIXELS,
        base=base,
    )
    buttons = "".join(
        f'<button type="button" aria-label="{_text(tongue.say(label))}">{sign}</button>'
        for sign, label in (("+", msg("Nearer")), ("\u2212", msg("Farther")), ("\u2302", msg("All")))
    )
    notes = "".join(f'<p class="muted">{_text(note)}</p>' for note in (*drawn.notes, _legend(content, tongue)))
    return (
        f'<div class="map">{inline_svg(drawn, "m-", titles)}<div class="tools">{buttons}</div>'
        f'<output dir="auto" aria-live="polite"></output></div>{notes}'
    )


def _legend(content: SheetContent, tongue: Tongue) -> str:
    """Return in words what stands on the map, with the signs that letters have for it."""
    signs = {
        "home": "\u25a0", "home_not_reached": "\u2341", "school": "\u2302", "clinic": "\u271a",
        "tower": "\u25b3", "gateway": "\u25b2", "suggested": "\u25b5", "sure": "\u2501", "check": "\u2505",
        "area": "\u25a8",
    }  # fmt: skip
    entries = legend_entries(content, missing=False)
    return " \u00b7 ".join(f"{signs.get(key, '')} {say(words, tongue.code)}".strip() for key, words in entries)


def _assembly(plan: DeploymentPlan, tongue: Tongue, words: dict[str, str], shown: str) -> Iterator[str]:
    first = pdf_data.first_page(plan, tongue)
    yield f'<header><h1>{_text(words["title"])}</h1><p class="muted">{_text(words["subtitle"])}</p>'
    if first["invented"]:
        yield f"<p><b>{_text(words['invented'])}</b></p>"
    if first["headline"]:
        yield _list((f"<b>{_text(c['value'])}</b>{_text(c['label'])}" for c in first["headline"]), "headline")
    if first["bound"]:
        yield f'<p class="muted">{_text(first["bound"])}</p>'
    yield "</header><main>"
    yield shown
    yield '<div class="two">'
    for title, points, none in (("risks", first["risks"], "no-risks"), ("actions", first["actions"], "no-actions")):
        yield f"<section><h3>{_text(words[title])}</h3>"
        if points:
            rows = "".join(f"<li><b>{_text(p['title'])}</b>{_text(p['detail'])}</li>" for p in points)
            yield f'<ol class="points">{rows}</ol></section>'
        else:
            yield f"<p>{_text(words[none])}</p></section>"
    yield "</div>"
    left = first["left-out"]
    yield f"<h3>{_text(left['title'])}</h3>{_list(map(_text, left['lines']), 'points')}"
    if first["missing"]:
        items = (f"<b>{_text(one['what'])}</b> {_text(one['fix'])}" for one in first["missing"])
        yield f"<h3>{_text(words['missing'])}</h3>{_list(items, 'ticks')}"
    if first["example"]:
        yield f"<p>{_text(words['example'])}</p>"


def _contents(written: list[dict[str, Any]], words: dict[str, str]) -> Iterator[str]:
    items = "".join(
        f'<li value="{one["number"]}"><a href="#c{one["number"]}">{_text(one["title"])}</a></li>' for one in written
    )
    yield f"<nav><h2>{_text(words['contents'])}</h2><ol>{items}</ol></nav>"


def _chapters(
    plan: DeploymentPlan, tongue: Tongue, words: dict[str, str], written: list[dict[str, Any]]
) -> Iterator[str]:
    writers = {"table": _table, "link": _link, "survey": _survey, "checklist": _checklist, "chart": _chart}
    for chapter in written:
        yield f'<section id="c{chapter["number"]}"><h2>{chapter["number"]} {_text(chapter["title"])}</h2>'
        for block in chapter["blocks"]:
            yield from writers[block["kind"]](block, words)
        yield "</section>"
    held = cards(plan, tongue)
    if held:
        yield f"<section><h2>{_text(words['cards'])}</h2>"
        for card in held:
            yield from _card(card, words)
        yield "</section>"
    lines = "<br>".join(f"{_text(label)}: {_text(text)}" for label, text in about_lines(plan))
    yield f"</main><footer><p>{lines}</p></footer>"


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]], foot: Iterable[str] = ()) -> str:
    titles, body, ends = "".join(head), "".join(f"<tr>{''.join(row)}</tr>" for row in rows), "".join(foot)
    top = f"<thead><tr>{titles}</tr></thead>" if titles else ""
    bottom = f"<tfoot><tr>{ends}</tr></tfoot>" if ends else ""
    return f'<div class="scroll"><table>{top}<tbody>{body}</tbody>{bottom}</table></div>'


def _table(block: dict[str, Any], words: dict[str, str]) -> Iterator[str]:
    if block["title"]:
        yield f"<h3>{_text(block['title'])}</h3>"
    kinds = [' class="n"' if c["right"] else ' class="wide"' if c["width"] > 130.0 else "" for c in block["columns"]]
    units = [f"<br><small>{_text(c['unit'])}</small>" if c["unit"] else "" for c in block["columns"]]
    head = (
        f"<th{kind}>{_text(c['title'])}{unit}</th>"
        for c, kind, unit in zip(block["columns"], kinds, units, strict=True)
    )
    boxes = [_BOX if c["box"] else "" for c in block["columns"]]
    rows = (
        (f"<td{kind}>{box or _text(cell)}</td>" for cell, kind, box in zip(row, kinds, boxes, strict=True))
        for row in block["rows"]
    )
    foot: Iterable[str] = ()
    if block["totals"]:
        totals = list(block["totals"])
        totals[0] = totals[0] or words["total"]
        foot = (f"<td{kind}>{_text(cell)}</td>" for cell, kind in zip(totals, kinds, strict=True))
    yield _rows(head, rows, foot)
    yield from (f'<p class="muted">{_text(note)}</p>' for note in block["notes"])


def _grid(grid: dict[str, Any]) -> str:
    return _rows(
        (f"<th>{_text(one)}</th>" for one in grid["columns"]),
        ((f"<td>{_text(cell)}</td>" for cell in row) for row in grid["rows"]),
    )


_SIGNS = {"likely": "\u25cf", "check_on_site": "\u25b3", "blocked": "\u2715"}


def _link(block: dict[str, Any], _words: dict[str, str]) -> Iterator[str]:
    yield f"<h3>{_text(block['title'])}</h3>"
    yield f'<p class="verdict">{_SIGNS.get(block["verdict"], "?")} {_text(block["word"])}</p>'
    yield from (f"<p>{_text(fact)}</p>" for fact in block["facts"])
    for drawing in block["drawings"]:
        yield f"<figure>{drawing['svg']}</figure>"
        yield from (f'<p class="muted">{_text(note)}</p>' for note in drawing["notes"])
    yield from (_grid(one) for one in block["grids"])
    yield from (f"<p>{_text(note)}</p>" for note in block["notes"])


def _chart(block: dict[str, Any], _words: dict[str, str]) -> Iterator[str]:
    yield f"<figure>{block['drawing']['svg']}</figure>"


def _pairs(pairs: Iterable[dict[str, str]]) -> str:
    items = "".join(f"<div><dt>{_text(p['label'])}</dt><dd>{_text(p['value'])}</dd></div>" for p in pairs)
    return f'<dl class="known">{items}</dl>'


def _survey(block: dict[str, Any], _words: dict[str, str]) -> Iterator[str]:
    yield f"<h3>{_text(block['title'])}</h3>"
    yield _pairs(block["known"])
    if block["looks"]["rows"]:
        yield _grid(block["looks"])


def _checklist(block: dict[str, Any], _words: dict[str, str]) -> Iterator[str]:
    yield f"<h3>{_text(block['title'])}</h3>"
    yield _list((f"{_text(i['text'])} <small>[{_text(i['source'])}]</small>" for i in block["items"]), "ticks")
    yield f'<p class="muted">{_text(block["sources-label"])}: {_text("; ".join(block["sources"]))}</p>'


def _card(card: dict[str, Any], words: dict[str, str]) -> Iterator[str]:
    yield f'<article class="card"><h3>{_text(card["site"])} \u2013 {_text(card["aim"])}</h3>'
    if card["model"]:
        yield f'<p class="muted">{_text(card["model"])}</p>'
    compass, *others = card["figures"]
    yield f'<p>{_text(compass["label"])} <span class="big">{_text(compass["value"])}</span></p>'
    yield _pairs([*others, {"label": card["channel-label"], "value": card["channel"]}])
    if card["landmark"]:
        yield f"<p><b>{_text(words['seen'])}:</b> {_text(card['landmark'])}</p>"
    if card["levels"]:
        yield _rows(
            (), ((f"<td>{_text(one[key])}</td>" for key in ("label", "value", "why")) for one in card["levels"])
        )
        yield f'<p class="muted">{_text(card["heard"])}</p>'
    yield "</article>"
