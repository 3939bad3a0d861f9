"""What the report's template is given: strings that are ready to print, and the sizes of columns.

Every string is data. The template sets it as text and never reads it as markup.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel import Locale, UnknownLocaleError, dates, numbers

from cn_planner.drawing.display import texts
from cn_planner.drawing.labels import on_one_line, right_to_left, shorten, text_width
from cn_planner.drawing.palette import Theme, colour
from cn_planner.errors import InputError
from cn_planner.export.long_cells import MANY_ROWS, said_below
from cn_planner.i18n import say
from cn_planner.message import Message, counted, joined, msg
from cn_planner.report.columns import BOX, MONEY, NUMBER
from cn_planner.report.deployment import SEAMS
from cn_planner.report.hotspots import page_one_words
from cn_planner.report.money_notes import rate_notes
from cn_planner.report.paper_money import whole
from cn_planner.report.tables import weight_decimals
from cn_planner.units import rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.drawing.display import DisplayList
    from cn_planner.report.columns import Table, TableCell, TableColumn
    from cn_planner.report.deployment import AgreedFee, DeploymentPlan, Risk, UnservedGroup

_MOST_ROWS = 2000
"""A printed table holds no more rows; the spreadsheet holds all."""
_MOST_REASONS = 4
"""For which homes are left out, on page one; the table has all."""
_SIZE = 7.0
_PORTRAIT, _LANDSCAPE = 519.0, 766.0
_PAD = 7.0


def day_of(text: str) -> dt.date:
    """Return the day of an ISO 8601 date, or raise InputError."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise InputError(
            msg("The date {date} is not a day as in 2026-11-12.", date=repr(text)),
            where="date",
            fix=msg("Give the date as year-month-day."),
        ) from error


def printable(text: str) -> str:
    """Return the text on one line, without characters that no font prints."""
    if text.isprintable():
        return text
    kept = (" " if c in "\n\r\t\v\f\x85\u2028\u2029" else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co"))


_THOUSANDS = 3


@lru_cache(maxsize=1 << 15)
def _number(value: float, decimals: int, locale: Locale) -> str:
    """Return a number as a language writes it; paper and telephone ask for the same ones."""
    groups = "#,##0" if locale.decimal_formats[None].grouping[1] == _THOUSANDS else "#,##,##0"  # 49,69,265 in Hindi
    pattern = groups + ("." + "0" * decimals if decimals else "")
    text = numbers.format_decimal(value, pattern, locale, decimal_quantization=True, numbering_system="latn")
    return text.replace("-", "\u2212") if any(c in "123456789" for c in text) else text.lstrip("-")


DASH = "\u2013"
"""Stands where nothing is known."""
_LENGTHS = {"m": msg("{value:g} m"), "km": msg("{value:g} km")}
_SOME = 7


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language, and how it writes numbers, money and dates; digits are 0 to 9, as on radios and on invoices."""

    code: str
    locale: Locale

    @classmethod
    def of(cls, language: str) -> Tongue:
        """Return the tongue of a BCP 47 tag; one that Babel does not know counts as in English."""
        try:
            return cls(language, Locale.parse(language, sep="-"))
        except (UnknownLocaleError, ValueError):
            return cls(language, Locale("en"))

    @property
    def direction(self) -> str:
        """``rtl`` or ``ltr``: as the words run that the page is set in, which are English where none are translated."""
        return "rtl" if right_to_left(self.say(msg("What could go wrong"))) else "ltr"

    def say(self, message: Message) -> str:
        """Return a message in this language, on one line."""
        return printable(say(message, self.code))

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with so many decimals."""
        return _number(value + 0.0, decimals, self.locale)

    def homes(self, count: float) -> str:
        """Return a number of homes."""
        return self.number(count, weight_decimals((count,)))

    def figure(self, value: float | None, unit: str, decimals: int = 0) -> str:
        """Return a number with its unit, which languages of other letters write their own way; a dash for None."""
        if value is None:
            return DASH
        if unit == "MHz":  # a channel is typed as it stands: 5190, not 5,190
            return self.say(msg("{freq:g} MHz", freq=value))
        number = self.number(value, decimals)
        if unit in _LENGTHS:
            return self.say(replace(_LENGTHS[unit], values=(("value", _SOME),))).replace(str(_SOME), number)
        return f"{number}{'' if unit == '°' else ' '}{unit}"

    def unit(self, unit: str) -> str:
        """Return a unit as this language writes it."""
        if unit not in _LENGTHS:
            return unit
        return self.say(replace(_LENGTHS[unit], values=(("value", _SOME),))).replace(str(_SOME), "").strip()

    def rate(self, value_mbps: float) -> str:
        """Return a rate with its unit: whole Mbit/s, or the smaller unit where a radio is slow."""
        value, unit, decimals = rate(value_mbps)
        return f"{self.number(value, 0 if unit == 'Mbit/s' and value >= 1.0 else decimals)} {unit}"

    def money(self, value: float, currency: str, decimals: int = 2) -> str:
        """Return an amount with its currency where this language puts it."""
        pattern = self.locale.currency_formats["standard"].pattern.split(";")[0]
        pattern = pattern.replace("0.00", "0" + ("." + "0" * decimals if decimals else ""))
        sign = numbers.get_currency_symbol(currency, self.locale)
        if self.locale.text_direction == "rtl" and sign.isascii() and not sign.isalpha():
            pattern = pattern.replace("\xa4", "\xa4\xa4")  # USD: between words that run the other way US$ becomes $US
        text = numbers.format_currency(
            value + 0.0, currency, pattern, self.locale, currency_digits=False, numbering_system="latn"
        )
        # A code of letters is set apart from its amount, a sign is not.
        return printable(re.sub(r"(?<=[^\W\d_])(?=[\d-])", "\N{NO-BREAK SPACE}", text))

    def date(self, day: dt.date) -> str:
        """Return a day in words."""
        return printable(dates.format_date(day, "long", self.locale))


def drawing(name: str, display: DisplayList) -> dict[str, Any]:
    """Return a drawing as the template places it: the file beside it, and each text at its place."""
    return {
        "file": name,
        "width": display.width,
        "height": display.height,
        "alt": printable(display.description or display.title),
        "notes": [printable(note) for note in display.notes],
        "texts": [
            {
                "x": round(t.x, 2),
                "y": round(t.y, 2),
                "text": printable(t.text),
                "size": t.size,
                "fill": colour(t.role, Theme.PRINT),
                "anchor": t.anchor.value,
                "bold": t.bold,
                "rtl": right_to_left(t.text),
                "plate": None if t.plate is None else colour(t.plate, Theme.PRINT),
                "plate-opacity": round(100 * t.plate_opacity),
            }
            for t in texts(display.items)
            if t.text
        ],
    }


def _cell(value: TableCell, column: TableColumn, tongue: Tongue) -> str:
    if column.kind is BOX:
        return ""
    if value is None:
        return "\u2013"
    if isinstance(value, Message):
        return tongue.say(value)
    if isinstance(value, str):
        return printable(value)
    if column.unit == "MHz":
        return tongue.figure(value, column.unit).split()[0]
    if column.kind in (NUMBER, MONEY):
        return tongue.number(value, column.decimals)
    return tongue.number(value, 0 if float(value).is_integer() else 3)


_ZERO_WIDTH_SPACE = "\u200b"


def breakable(text: str, width: float, size: float = _SIZE) -> str:
    """Return the text with places to break within words that are wider than their column."""
    out: list[str] = []
    for word in text.split(" "):
        if text_width(word, size) <= width:
            out.append(word)
            continue
        parts, run = [], 0.0
        for character in word:
            run += text_width(character, size)
            # A mark stays with its letter, and scripts whose letters join are broken only where they must.
            if run > width and not unicodedata.combining(character):
                parts.append(_ZERO_WIDTH_SPACE)
                run = text_width(character, size)
            parts.append(character)
        out.append("".join(parts))
    return " ".join(out)


def _total(table: Table, number: int, tongue: Tongue) -> str:
    column = table.columns[number]
    if not column.total:
        return ""
    values = [row[number] for row in table.rows]
    known = [v for v in values if isinstance(v, int | float)]
    return tongue.number(sum(known), column.decimals) if known else "\u2013"


def _width(column: TableColumn, cells: Sequence[str], title: str) -> float:
    """Return what a column needs: numbers whole, words by the longest word, long texts room to run."""
    longest_word = max((text_width(w, _SIZE, bold=True) for w in [*title.split(), column.unit]), default=0.0)
    cell = max((text_width(c, _SIZE) for c in cells), default=0.0)
    if column.kind in (NUMBER, MONEY):
        return max(cell, longest_word) + _PAD
    if column.wide:
        return min(max(cell, longest_word, 40.0), 190.0) + _PAD
    return max(min(cell, 84.0), longest_word, 16.0) + _PAD


_KEYS = frozenset({"id", "site", "name", "a_site", "b_site", "item"})


def _packed(indices: Sequence[int], widths: Sequence[float], room: float) -> list[list[int]]:
    parts: list[list[int]] = [[]]
    used = 0.0
    for i in indices:
        if parts[-1] and used + widths[i] > room:
            parts.append([])
            used = 0.0
        parts[-1].append(i)
        used += widths[i]
    return parts


def _parts(columns: Sequence[TableColumn], widths: Sequence[float]) -> list[list[int]]:
    """Return the columns of each part of a table too wide for one page: what names the row is in every part."""
    everything = list(range(len(columns)))
    if sum(widths) <= _LANDSCAPE:
        return [everything]
    keys = [i for i in everything[:4] if columns[i].key in _KEYS]
    others = [i for i in everything if i not in keys]
    room = _LANDSCAPE - sum(widths[i] for i in keys)
    count = len(_packed(others, widths, room))
    # As few parts as the page allows, and about as wide as each other.
    even = sum(widths[i] for i in others) / count
    while len(parts := _packed(others, widths, min(even, room))) > count:
        even *= 1.03
    return [[*keys, *one] for one in parts]


def _spread(widths: Sequence[float], room: float) -> list[float]:
    """Return widths that fill the page, but set few columns no further apart than the eye follows."""
    factor = min(room / sum(widths), 1.6)
    return [round(width * factor, 2) for width in widths]


def _says_one_thing(column: TableColumn, cells: Sequence[str]) -> bool:
    """Return whether a column is better said once, under the table: many rows, and the same in all."""
    named = column.key in _KEYS or column.total or column.kind is BOX
    return not named and len(cells) >= MANY_ROWS and len(set(cells)) == 1


def _with_unit(title: str, cell: str, column: TableColumn) -> str:
    return f"{title} {cell} {column.unit}".rstrip()


def table(one: Table, tongue: Tongue, *, whole: bool = False) -> list[dict[str, Any]]:
    """Return a table as the template sets it: one dictionary a part; columns that are empty throughout are named.

    One part holds all columns where they fit on a page, or the table is wanted whole.
    """
    if not one.rows:
        return []
    rows = one.rows[:_MOST_ROWS]
    cells = [[_cell(value, column, tongue) for value, column in zip(row, one.columns, strict=True)] for row in rows]
    everything = [i for i, column in enumerate(one.columns) if not column.counts]
    wanted = [i for i in everything if whole or one.columns[i].paper]
    filled = [i for i in wanted if one.columns[i].kind is BOX or any(row[i] not in (None, "") for row in one.rows)]
    empty = [tongue.say(one.columns[i].title) for i in wanted if i not in filled]
    same = [i for i in filled if _says_one_thing(one.columns[i], [row[i] for row in cells])]
    shown = [i for i in filled if i not in same]
    cells_of_first = cells[0]
    columns = [one.columns[i] for i in shown]
    titles = [tongue.say(c.title) for c in columns]
    cells = [[row[i] for i in shown] for row in cells]
    below = {} if whole else said_below(cells, range(len(columns)), _SIZE)
    totals = [_total(one, i, tongue) for i in shown]
    widths = [_width(c, [*(row[n] for row in cells), totals[n]], titles[n]) for n, c in enumerate(columns)]
    notes = [tongue.say(note) for note in one.notes]
    if same:
        said = "; ".join(_with_unit(tongue.say(one.columns[i].title), cells_of_first[i], one.columns[i]) for i in same)
        notes.append(tongue.say(msg("The same in every row: {columns}.", columns=said)))
    if empty:
        notes.append(tongue.say(msg("Not known yet: {columns}.", columns=", ".join(empty))))
    if len(wanted) < len(everything):
        more = ", ".join(dict.fromkeys(tongue.say(one.columns[i].title) for i in everything if i not in wanted))
        notes.append(tongue.say(msg("In the spreadsheet alone: {columns}.", columns=more)))
    if len(one.rows) > len(rows):
        notes.append(
            tongue.say(
                msg("The first {n} of {all} rows; the spreadsheet holds them all.", n=len(rows), all=len(one.rows))
            )
        )
    parts = [list(range(len(columns)))] if whole else _parts(columns, widths)
    out = []
    for number, part in enumerate(parts, start=1):
        landscape = len(parts) > 1 or sum(widths[i] for i in part) > _PORTRAIT
        sizes = _spread([widths[i] for i in part], _LANDSCAPE if landscape else _PORTRAIT)
        sized = list(zip(part, sizes, strict=True))
        printed = range(len(rows)) if number == 1 else _that_say_more(one, [shown[i] for i in part])
        title = tongue.say(one.title)
        out.append(
            {
                "key": one.key,
                "title": title if number == 1 else f"{title} ({number}/{len(parts)})",
                "first": number == 1,
                "landscape": landscape,
                "columns": [
                    {
                        "title": titles[i],
                        "unit": tongue.unit(columns[i].unit),
                        "right": columns[i].kind in (NUMBER, MONEY),
                        "box": columns[i].kind is BOX,
                        "width": size,
                    }
                    for i, size in sized
                ],
                "rows": [[breakable(cells[n][i], size - _PAD) for i, size in sized] for n in printed],
                "low": [
                    all(
                        columns[i].kind is not BOX and on_one_line(cells[n][i], _SIZE, size - _PAD) for i, size in sized
                    )
                    for n in printed
                ],
                "totals": [totals[i] for i in part] if any(totals[i] for i in part) else None,
                "sites": _sites_of_rows(one) if number == 1 else [],
                "notes": [*(text for i in part for text in below.get(i, ())), *(notes if number == 1 else ())],
            }
        )
    return out


def _that_say_more(one: Table, part: Sequence[int]) -> list[int]:
    """Return the rows that hold something in these columns beside what they are called by."""
    more = [i for i in part if one.columns[i].key not in _KEYS]
    boxes = any(one.columns[i].kind is BOX for i in more)
    return [n for n, row in enumerate(one.rows[:_MOST_ROWS]) if boxes or any(row[i] not in (None, "") for i in more)]


_NAMES_SITES = frozenset({"site", "a_site", "b_site"})


def _sites_of_rows(one: Table) -> list[list[str]]:
    """Return the ids of the sites that a row is the first of the table to be about, for the index; empty for none."""
    places = [i for i, c in enumerate(one.columns) if c.key in _NAMES_SITES or (one.key, c.key) == ("sites", "id")]
    if not places:
        return []
    known: set[str] = set()
    found = []
    for row in one.rows[:_MOST_ROWS]:
        new = [str(row[i]) for i in places if row[i] and str(row[i]) not in known]
        known.update(new)
        found.append(new)
    return found


def index_of_sites(plan: DeploymentPlan) -> list[dict[str, str]]:
    """Return the sites by name, for the index."""
    names = sorted((site.name or site.id, site.id) for site in plan.sites)
    return [{"name": printable(name), "id": key} for name, key in names]


def _points(points: Iterable[Risk], tongue: Tongue) -> list[dict[str, str]]:
    return [{"title": tongue.say(p.title), "detail": tongue.say(p.detail)} for p in points]


def _headline(plan: DeploymentPlan, tongue: Tongue) -> list[dict[str, str]]:
    head, currency = plan.headline, plan.meta.currency

    def money(value: float | None) -> str:
        if value is None:
            return "\u2013"
        return tongue.money(whole(value), currency, 0) if abs(value) >= 100.0 else tongue.money(value, currency, 2)

    if not head.complete and not head.towers:
        # Nothing was computed: a nought would read as a result.
        return []
    homes = msg("{reached} of {all}", reached=tongue.homes(head.homes_reached), all=tongue.homes(head.homes))
    reached = msg("homes reached")
    if head.homes_range is not None:
        between = [tongue.number(one) for one in head.homes_range]
        reached = msg(
            "homes reached as predicted; of these, four times in five {low} to {high} in truth",
            low=between[0], high=between[1],
        )  # fmt: skip
    if head.people_reached is not None:
        reached = counted("{words}; {count:,.0f} person", "{words}; {count:,.0f} people", head.people_reached,
                          words=reached)  # fmt: skip
    towers = msg("towers")
    if head.tower_heights_m:
        low, high = head.tower_heights_m[0], head.tower_heights_m[-1]
        towers = (
            msg("towers, {low:g} m", low=low)
            if low == high
            else msg("towers, {low:g} to {high:g} m", low=low, high=high)
        )
    fee = head.agreed
    cells = [
        (tongue.say(homes), tongue.say(reached)),
        (tongue.number(head.towers), tongue.say(towers)),
        (money(head.capex), tongue.say(msg("to build"))),
        (money(head.cost_per_home), tongue.say(msg("to build, per home"))),
        (money(head.monthly), tongue.say(msg("a month, to run"))),
        (
            money(fee.fee_month if fee else None),
            tongue.say(_fee_words(head.agreed)),
        ),
    ]
    return [{"value": value, "label": label} for value, label in cells]


def _fee_words(fee: AgreedFee | None) -> Message:
    """Return what stands under the fee: of how many homes it is, whether somebody set it, what share of incomes."""
    if fee is None:
        return msg("a month each")
    words = msg("a month each, where {pct:g} % of the homes pay", pct=fee.uptake_pct)
    if fee.given:
        words = msg("a month each, as set, where {pct:g} % of the homes pay", pct=fee.uptake_pct)
    return words if fee.income_pct is None else msg("{words}: {pct:.1f} % of income", words=words, pct=fee.income_pct)


def _left_out(plan: DeploymentPlan, tongue: Tongue) -> dict[str, Any]:
    """Return who is left out: a sentence, and for each reason how many homes and what it takes."""
    head = plan.headline
    gone = head.homes - head.homes_reached
    if not head.homes:
        return {"title": tongue.say(msg("Who is left out")), "lines": [tongue.say(msg("No home is in the plan yet."))]}
    on_foot = page_one_words(plan.phones)
    first = [] if on_foot is None else [tongue.say(on_foot)]
    if gone <= 0:
        return {
            "title": tongue.say(msg("Who is left out")),
            "lines": [*first, tongue.say(msg("Nobody: every home is reached."))],
        }
    reasons: dict[str, list[UnservedGroup]] = {}
    for group in plan.unserved:
        reasons.setdefault(tongue.say(group.reason), []).append(group)
    alike = sorted(reasons.values(), key=lambda groups: -sum(group.weight for group in groups))
    lines = [*first, *(_left_out_line(groups, plan.meta.currency, tongue) for groups in alike[:_MOST_REASONS])]
    more = len(alike) - _MOST_REASONS
    if more > 0:
        lines.append(
            tongue.say(
                counted(
                    "And {count} more reason, in the table of homes not reached.",
                    "And {count} more reasons, in the table of homes not reached.",
                    more,
                )
            )
        )
    return {
        "title": tongue.say(counted("The {count:,g} home not reached", "The {count:,g} homes not reached", gone)),
        "lines": lines,
    }


def _left_out_line(groups: list[UnservedGroup], currency: str, tongue: Tongue) -> str:
    """Return how many homes a reason leaves out, and what it takes to reach them: where that differs, the cheapest."""
    least = min(groups, key=lambda group: (group.fix_cost is None, group.fix_cost or 0.0, -group.weight))
    homes = sum(group.weight for group in groups)
    parts = [tongue.say(counted("{count:,g} home: {reason}", "{count:,g} homes: {reason}", homes,
                                reason=groups[0].reason))]  # fmt: skip
    if least.fix is not None:
        fix = least.fix if len(groups) == 1 else msg("What takes least: {fix}", fix=least.fix)
        parts.append(tongue.say(fix))
    if least.fix_cost is not None:
        parts.append(tongue.say(msg("From {cost}.", cost=tongue.money(least.fix_cost, currency, 0))))
    return " ".join(parts)


def _sources(plan: DeploymentPlan, tongue: Tongue) -> str:
    """Return the sources in one or two lines: one of each kind, and how many more; the table of sources has all."""
    kinds: dict[str, list[str]] = {}
    for source in plan.meta.sources:
        if source.what == SEAMS:
            continue
        name = shorten(f"{source.name.split(': ', maxsplit=1)[0]} {source.date}".strip(), 7.0, 150.0)
        kinds.setdefault(tongue.say(source.what), []).append(name)
    parts = [
        f"{kind}: {names[0]}" + (f" (+{len(names) - 1})" if len(names) > 1 else "") for kind, names in kinds.items()
    ]
    return "; ".join(parts)


def words(plan: DeploymentPlan, tongue: Tongue) -> dict[str, str]:
    """Return the sentences that the template itself sets."""
    meta = plan.meta
    day = tongue.date(day_of(meta.date))
    version = tongue.say(msg("version {n}", n=meta.version))
    head = plan.headline
    title = printable(meta.plan) or tongue.say(msg("A plan without a name"))
    if head.homes and head.complete:
        title = tongue.say(
            msg(
                "{plan}: a network for {reached} of {all} homes",
                plan=title,
                reached=tongue.homes(head.homes_reached),
                all=tongue.homes(head.homes),
            )
        )
    footer = tongue.say(meta.estimate)
    if meta.sources:
        footer += " " + tongue.say(msg("Data: {sources}.", sources=_sources(plan, tongue)))
    said = {
        "risks": msg("What could go wrong"),
        "actions": msg("What comes next"),
        "no-risks": msg("No risk was found yet: the plan is not complete."),
        "no-actions": (
            msg("Nothing is left to do before the vote.")
            if head.complete
            else msg("First find what is missing, then make the plan.")
        ),
        "missing": msg("What is missing"),
        "decided": msg("We have decided:"),
        "build": msg("Build this plan"),
        "change": msg("Change it first"),
        "again": msg("Look again"),
        "day": msg("Date"),
        "assembly": msg("For the assembly"),
        "n": msg("N"),
        "e": msg("E"),
        "s": msg("S"),
        "w": msg("W"),
        "contents": msg("Contents"),
        "index": msg("Index of sites"),
        "cards": msg("Alignment cards"),
        "no-cards": msg("No antenna is part of this plan yet."),
        "seen": msg("Seen in that direction"),
        "volume": msg("Tables"),
        "total": msg("Total"),
        "more-missing": msg("And {n} more, on the next page.", n=len(plan.missing) - 5),
        "invented": msg("This place is invented: an example to learn from."),
    }
    out = {key: tongue.say(message) for key, message in said.items()}
    out |= {
        "example": joined(*(tongue.say(note) for note in rate_notes(plan))),
        "title": title,
        "title-lines": breakable(title, 440.0, 12.0),
        "plan": printable(meta.plan),
        "subtitle": " · ".join([version, day, tongue.say(msg("for the assembly to decide"))]),
        "running": " · ".join(part for part in (shorten(printable(meta.plan), 7.5, 200.0), version, day) if part),
        "footer": printable(footer),
        "footer-short": tongue.say(meta.estimate),
        "made-with": printable(" · ".join(p for p in (meta.program, meta.catalogue) if p)),
    }
    return out


def first_page(plan: DeploymentPlan, tongue: Tongue) -> dict[str, Any]:
    """Return the page for the assembly."""
    return {
        "headline": _headline(plan, tongue),
        "bound": "" if plan.headline.bound is None else tongue.say(plan.headline.bound),
        "risks": _points(plan.risks[:5], tongue),
        "actions": [{"title": tongue.say(a.title), "detail": tongue.say(a.detail)} for a in plan.actions[:5]],
        "left-out": _left_out(plan, tongue),
        "missing": [{"what": tongue.say(m.what), "fix": tongue.say(m.fix)} for m in plan.missing],
        "invented": plan.meta.invented,
        "example": bool(rate_notes(plan)),
    }
