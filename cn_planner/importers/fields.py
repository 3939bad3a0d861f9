"""What a column can mean: the fields of a file, the names that people give them, and how a cell is read."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.i18n import SOURCE_LANGUAGE, say
from cn_planner.importers.table import clean, wrong_columns
from cn_planner.message import Message, in_a_row, msg
from cn_planner.model.fields import TURNING, two_readings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from enum import Enum

    from cn_planner.importers.table import SourceTable


class CellError(Exception):
    """A cell cannot be read; ``what`` says why, and ``fix`` what can be done where that is not plain."""

    def __init__(self, what: Message, fix: Message | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


@dataclass(frozen=True, slots=True)
class TargetField:
    """One thing that a file can say of a row.

    Attributes
    ----------
    name : str
        As in ``--map name=column``.
    target : str
        The field of the plan's thing.
    read : callable
        From a cell to a value; raises CellError. An empty cell never comes here.
    aliases : tuple of str
        Names of columns, as `normal` writes them; the earlier ones go first.
    required : bool
    instead : tuple of str
        Fields of which one may stand in its place, where it is required.
    money : tuple of str
        Names of columns behind which a table of the program's own says the currency.
    """

    name: str
    target: str
    read: Callable[[Any], Any]
    aliases: tuple[str, ...] = ()
    required: bool = False
    instead: tuple[str, ...] = ()
    money: tuple[str, ...] = ()

    def in_currency(self, currency: str) -> TargetField:
        """Return the field with what its columns are called in a table of that currency: an amount of none other."""
        names = tuple(f"{name}_{currency.lower()}" for name in self.money if currency)
        return replace(self, aliases=(*self.aliases, *names)) if names else self


def normal(column: str) -> str:
    """Return a column's name in small letters without accents, with one underscore where there was anything else."""
    plain = unicodedata.normalize("NFKD", column.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[^\w]+|_+", "_", plain).strip("_")


_SEXAGESIMAL = re.compile(
    r"([A-Z]?)\s*([-\u2212]?)(\d{1,3})\s*°\s*(\d{1,2}(?:[.,]\d+)?)\s*['′’]\s*"
    r"(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|”|'')\s*)?([A-Z]?)",
    re.IGNORECASE,
)
_HEMISPHERE = re.compile(r"^([NSEWO])?\s*([-+]?[\d.,]+)\s*°?\s*([NSEWO])?$", re.IGNORECASE)


_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE58, 0xFE63, 0xFF0D), "-")
_UNSEEN = TURNING | dict.fromkeys((0x061C, 0x200B, 0x2060))


def plain_signs(text: str) -> str:
    """Return a text whose dashes, of whatever length, are a minus, without the marks that only say how it runs."""
    return text.translate(_DASHES | _UNSEEN)


def read_number(cell: Any) -> float:
    """Return the number in a cell; a comma may stand for the point.

    Raises CellError where there is none, or it is not finite.
    """
    if isinstance(cell, int | float):
        try:
            value = float(cell)
        except OverflowError as problem:
            raise CellError(msg("A number is too large.")) from problem
    else:
        text = plain_signs(cell).strip().replace("\u00a0", "").replace("\u202f", "")
        if "," in text and "." not in text and text.count(",") == 1:
            text = text.replace(",", ".")
        try:
            if "_" in text:
                raise ValueError(text)
            value = float(text)
        except ValueError as problem:
            raise CellError(msg("{text} is not a number.", text=_quoted(cell))) from problem
    if not math.isfinite(value):
        raise CellError(msg("{text} is not a finite number.", text=_quoted(cell)))
    return value


# 12,000: one comma before exactly three digits; 0,500 and 012,000 can only be decimals.
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")


def _quoted(cell: Any) -> str:
    return f"'{clean(str(cell))[:40]}'"


def _refuse_two_readings(cell: Any, low: float, high: float) -> None:
    """Raise CellError where a comma may part thousands or decimals, and both numbers are within the limits."""
    if not isinstance(cell, str) or _GROUPED.fullmatch(plain_signs(cell).strip()) is None:
        return
    whole = read_number(cell.replace(",", ""))
    if low <= whole <= high:
        raise CellError(
            msg(
                "{text} may be {whole:.0f} or {part:g}: write it without a comma, or with a point for the decimals.",
                text=clean(cell)[:40],
                whole=whole,
                part=read_number(cell),
            )
        )


def number_between(low: float, high: float, unit: str) -> Callable[[Any], float]:
    """Return a reader of numbers between two limits.

    A comma stands for the point; where it may as well part the thousands the cell is refused. Of money, whose decimals
    are two, so is a point.
    """

    def read(cell: Any) -> float:
        value = read_number(cell)
        _refuse_two_readings(cell, low, high)
        if unit == "currency" and isinstance(cell, str) and (said := two_readings(cell)) is not None:
            raise CellError(said)
        if not low <= value <= high:
            if unit:
                raise CellError(
                    msg(
                        "{value:g} is not between {low:g} and {high:g} {unit}.",
                        value=value,
                        unit=unit,
                        low=low,
                        high=high,
                    )
                )
            raise CellError(msg("{value:g} is not between {low:g} and {high:g}.", value=value, low=low, high=high))
        return value

    return read


def degrees(limit: float, positive: str, negative: str) -> Callable[[Any], float]:
    """Return a reader of degrees, such as 42.09, -3.5, 42,09, 42.09N or 42°05'24"N.

    It does not check the limit: see place.py.
    """
    signs = {positive: 1.0, negative: -1.0}

    def read(cell: Any) -> float:
        if isinstance(cell, int | float):
            return read_number(cell)
        try:
            return float(cell) if "_" not in cell and cell.strip().lower() not in _WORDS else read_number(cell)
        except ValueError:
            value, letter = _of_hemisphere(cell)
            if letter == "O" and "W" in signs:
                raise CellError(
                    msg(
                        "{text}: O is Ost (east) in German and ouest, oeste, ovest (west) elsewhere. Write E or W.",
                        text=_quoted(cell),
                    )
                ) from None
            if letter and letter not in signs:
                raise CellError(msg("{text} is of the other axis.", text=_quoted(cell))) from None
            return value * signs.get(letter, 1.0)

    read.__name__ = f"degrees_{limit:g}"
    return read


def _of_hemisphere(cell: str) -> tuple[float, str]:
    """Return the degrees of a cell, and the letter of its hemisphere where it has one."""
    cell = " ".join(cell.split())  # the patterns would try each share of a long run of spaces
    found = _HEMISPHERE.match(cell)
    if found is not None and not (found[1] and found[3]):
        return read_number(found[2]), (found[1] or found[3] or "").upper()
    found = _SEXAGESIMAL.fullmatch(cell)
    if found is not None:
        minutes, seconds = read_number(found[4]), read_number(found[5] or "0")
        letters = found[1] + found[6]
        whole = not found[5] or minutes.is_integer()
        if len(letters) + len(found[2]) <= 1 and whole and minutes < 60.0 and seconds < 60.0:
            value = int(found[3]) + minutes / 60.0 + seconds / 3600.0
            return -value if found[2] else value, letters.upper()
    if any(sign in cell for sign in "°'′"):
        raise CellError(msg("{text} is not in decimal degrees, such as 42.0932.", text=_quoted(cell)))
    return read_number(cell), ""


_WORDS = {"nan", "+nan", "-nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"}


def text(cell: Any) -> str:
    """Return a cell as one line of plain text."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)[:80]


_IN_ANOTHER_LANGUAGE = msg("If the table is in another language, choose that as the plan's language, then import it.")


class Word:
    """A reader of one of few words. Words that mean nothing here are counted, and kept in the note, or refused.

    ``language``: that in which the plan's own tables are printed; its words for the same are read as well.
    """

    def __init__(self, meanings: Mapping[str, Enum], *, strict: bool) -> None:
        self._meanings = meanings
        self._strict = strict
        self._translated: dict[str, Enum] | None = None
        self.language = SOURCE_LANGUAGE
        self.unknown: Counter[str] = Counter()

    def __call__(self, cell: Any) -> Any:
        """Return the meaning of a cell, None where it has none."""
        word = text(cell)
        meaning = self._meanings.get(normal(word)) or self._in_language(word)
        if meaning is None:
            if self._strict:
                known = ", ".join(dict.fromkeys(one.value for one in self._meanings.values()))
                raise CellError(
                    msg("{word} is not one of {known}.", word=_quoted(word), known=known),
                    _IN_ANOTHER_LANGUAGE,
                )
            self.unknown[word[:80]] += 1
        return meaning

    def _in_language(self, word: str) -> Enum | None:
        if self._translated is None:
            # No `msg`: these words are in the catalogue because the program shows them elsewhere.
            own = {
                normal(say(Message(key.replace("_", " ")), self.language)): key for key in reversed([*self._meanings])
            }
            self._translated = {said: self._meanings[key] for said, key in own.items()}
        return self._translated.get(normal(word))


def filled_values(fields: Sequence[TargetField], fill: Mapping[str, str]) -> dict[str, Any]:
    """Return what the user says of every row, by the field of the plan's thing.

    Raises
    ------
    InputError
        Where there is no such field, or the value cannot stand there.
    """
    by_name = {one.name: one for one in fields}
    values = {}
    for name, word in fill.items():
        if name not in by_name:
            raise InputError(
                msg("There is no field {name} to fill.", name=clean(name)),
                fix=msg("The fields are {fields}.", fields=", ".join(by_name)),
            )
        try:
            value = by_name[name].read(word)
        except CellError as problem:
            raise InputError(problem.what, where=f"--fill {clean(name)}={clean(word)}") from problem
        if value is None:
            raise InputError(
                msg("{word} means nothing as {field}.", word=_quoted(word), field=name),
                where=f"--fill {clean(name)}={clean(word)}",
            )
        values[by_name[name].target] = value
    return values


@dataclass(frozen=True, slots=True)
class TargetColumn:
    """A field and the column that holds it."""

    field: TargetField
    index: int
    name: str


def match_columns(
    table: SourceTable, fields: Sequence[TargetField], mapping: Mapping[str, str], filled: Collection[str] = ()
) -> list[TargetColumn]:
    """Find the column of each field: as the user says, else by the names that people use.

    ``filled``: fields that need none, as the user says what they are in every row.

    Raises
    ------
    InputError
        Where the user names a field or a column that is not there, or a field that is needed has no column.
    """
    by_name = {one.name: one for one in fields}
    counts = Counter(table.columns)
    by_normal: dict[str, int] = {}
    for index, column in enumerate(table.columns):
        by_normal.setdefault(normal(column), index)
    for name, column in mapping.items():
        if name not in by_name:
            raise InputError(
                msg("There is no field {name} to map.", name=clean(name)),
                fix=msg("The fields are {fields}.", fields=", ".join(by_name)),
            )
        if column not in counts and normal(column) not in by_normal:
            raise wrong_columns(msg("There is no column {column}.", column=clean(column)), table.file, table.columns)
        if counts[column] > 1:
            raise wrong_columns(msg("Two columns are called {column}.", column=column), table.file, table.columns)
    taken = {
        table.columns.index(column) if column in counts else by_normal[normal(column)] for column in mapping.values()
    }
    found: list[TargetColumn] = []
    missing: list[TargetField] = []
    for one in fields:
        place = _index_of(one, table, mapping, by_normal, taken)
        if place is not None:
            column = table.columns[place]
            feet = one.name.endswith("_m") and normal(column).endswith(_FEET)
            found.append(TargetColumn(_of_feet(one) if feet else one, place, column))
        elif one.required and one.name not in filled:
            missing.append(one)
    names = {used.field.name for used in found} | set(filled)
    for one in missing:
        if not names & set(one.instead):
            raise _metres(table, by_normal) or _without(one, table)
    for used in found:
        if counts[used.name] > 1:
            raise wrong_columns(msg("Two columns are called {column}.", column=used.name), table.file, table.columns)
    return found


def _index_of(
    one: TargetField, table: SourceTable, mapping: Mapping[str, str], by_normal: Mapping[str, int], taken: set[int]
) -> int | None:
    if one.name in mapping:
        column = mapping[one.name]
        return table.columns.index(column) if column in table.columns else by_normal[normal(column)]
    # The position of a geometry is what GeoJSON is for: it goes before properties that say the same.
    special = {"latitude": table.y_column, "longitude": table.x_column}.get(one.name)
    if special:
        return table.columns.index(special)
    for alias in (one.name, *one.aliases):
        index = by_normal.get(alias)
        if index is not None and index not in taken:
            return index
    for alias in (one.name, *one.aliases) if one.name.endswith("_m") else ():
        for feet in _FEET:
            index = by_normal.get(alias.removesuffix("_m") + feet)
            if index is not None and index not in taken:
                return index
    return None


_FEET, _FOOT_M = ("_ft", "_feet"), 0.3048
"""How columns of feet end, where a field is in metres; and what one is."""


def _of_feet(field: TargetField) -> TargetField:
    return replace(field, read=lambda cell: field.read(read_number(cell) * _FOOT_M))


EAST_COLUMNS = ("easting", "eastings", "utm_easting", "utm_e", "utm_x", "x_utm", "este", "abscisse", "x_m")
NORTH_COLUMNS = ("northing", "northings", "utm_northing", "utm_n", "utm_y", "y_utm", "norte", "ordonnee", "y_m")
"""What columns of metres in a grid are called."""


def _metres(table: SourceTable, by_normal: Mapping[str, int]) -> InputError | None:
    """Return the error of a table that has metres of a grid in place of degrees, None where it has none."""
    found = [next((by_normal[one] for one in few if one in by_normal), None) for few in (EAST_COLUMNS, NORTH_COLUMNS)]
    if None in found or table.y_column:
        return None
    return InputError(
        msg(
            "{columns} are metres of a grid, and no column says in which zone.",
            columns=", ".join(clean(table.columns[at]) for at in found if at is not None),
        ),
        where=table.file,
        fix=msg("Add a column zone with the UTM zone, as 36N, or save the list in degrees (WGS 84)."),
    )


def _without(one: TargetField, table: SourceTable) -> InputError:
    """Return the error of a table that lacks a field; names with letters beyond English may be of another language."""

    def is_number(cell: str) -> bool:
        try:
            read_number(cell)
        except CellError:
            return False
        return True

    if any(map(is_number, table.columns)):
        first = msg("The first row holds values: it must hold the names of the columns.")
        return wrong_columns(first, table.file, table.columns)
    error = wrong_columns(msg("No column holds {field}.", field=one.name), table.file, table.columns)
    letters = filter(str.isalpha, "".join(table.columns))
    if error.fix is None or all(map(str.isascii, letters)):
        return error
    return InputError(error.what, where=error.where, fix=in_a_row(error.fix, _IN_ANOTHER_LANGUAGE))
