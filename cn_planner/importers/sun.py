"""The sun of a place from the files of two public services: NASA POWER and PVGIS, CSV or JSON as they give it.

What a file is, is told from what it holds. NASA POWER: climatologies, months, days and hours of ALLSKY_SFC_SW_DWN
(power.larc.nasa.gov/docs/services/api/temporal). PVGIS: monthly radiation (MRcalc), grid-connected PV (PVcalc), hourly
radiation (seriescalc) and typical years (tmy), as the pages of the Joint Research Centre on these tools lay them out.
Figures are of level ground, or of a surface tilted towards the equator; several years become the mean of each month.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from cn_planner.errors import FileError, InputError
from cn_planner.faults import reading, walled
from cn_planner.importers.table import clean, encoding_of, read_bytes
from cn_planner.message import Message, counted, msg
from cn_planner.model.power import Sun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_MOST_BYTES = 1 << 26
"""Sixteen years of hours of PVGIS as JSON are 25 MB."""
_MOST_SUN = 12.0  # as the plan has it: above the air there is no more on level ground
_LEAST_SHARE = 0.9  # of the figures of a month that must be there
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_POWER = "ALLSKY_SFC_SW_DWN"
# What one figure is in kWh/m² a day. Figures of hours are the mean of an hour, of which a day has 24.
_UNITS = {
    "kw-hr/m^2/day": 1.0, "kwh/m^2/day": 1.0, "kw-hr/m2/day": 1.0, "kwh/m2/day": 1.0,
    "mj/m^2/day": 1.0 / 3.6, "mj/m2/day": 1.0 / 3.6,
    "w/m^2": 0.024, "w/m2": 0.024, "wh/m^2": 0.024, "wh/m2": 0.024, "kw-hr/m^2": 24.0, "kwh/m^2": 24.0,
    "mj/hr": 24.0 / 3.6, "mj/m^2/hr": 24.0 / 3.6,
}  # fmt: skip
_FILL = -999.0
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PLACE = re.compile(r"latitude\s+(-?[\d.]+)\s+longitude\s+(-?[\d.]+)", re.IGNORECASE)
_UNIT = re.compile(r"\(([^()]*)\)\s*$")
_EQUATOR_DEG = 45.0


@dataclass(frozen=True, slots=True)
class FoundSun:
    """What a file says.

    Attributes
    ----------
    sun : Sun
        With its source and its years.
    latitude, longitude : float or None
        The place that the file is for.
    warnings : tuple of Message
        What the user should look at.
    """

    sun: Sun
    latitude: float | None
    longitude: float | None
    warnings: tuple[Message, ...]


@dataclass(slots=True)
class _Months:
    """Figures as they come, kWh/m² a day, by month."""

    file: str
    sums: list[float] = field(default_factory=lambda: [0.0] * 12)
    counts: list[int] = field(default_factory=lambda: [0] * 12)
    gone: list[int] = field(default_factory=lambda: [0] * 12)
    years: set[int] = field(default_factory=set)

    def add(self, month: int, value: Any, factor: float, *, fill: float = _FILL, place: str = "") -> None:
        """Take one figure of a month (0 January); one that the service could not compute is counted as gone."""
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise InputError(
                msg("“{text}” is not a number.", text=clean(str(value))[:40]),
                where=f"{self.file}, {place}",
                fix=msg("Download it again."),
            )
        if number == fill or number <= _FILL:
            self.gone[month] += 1
            return
        if number < -1e-6:
            raise InputError(msg("{value:g} cannot be an amount of sun.", value=number), where=f"{self.file}, {place}")
        self.sums[month] += max(number, 0.0) * factor
        self.counts[month] += 1

    def means(self) -> tuple[tuple[float, ...], tuple[Message, ...]]:
        """Return the mean of each month, and what is to be said.

        Raises InputError where a month is missing, or is no sun.
        """
        every = [count + gone for count, gone in zip(self.counts, self.gone, strict=True)]
        poor = [_MONTHS[n] for n in range(12) if self.counts[n] < max(_LEAST_SHARE * every[n], 1)]
        if poor:
            raise InputError(
                msg("Figures are missing for {months}.", months=", ".join(poor)),
                where=self.file,
                fix=msg("Ask the service for whole years, January to December."),
            )
        means = tuple(round(total / count, 4) for total, count in zip(self.sums, self.counts, strict=True))
        if max(means) > _MOST_SUN:
            worst = max(range(12), key=lambda n: means[n])
            raise InputError(
                msg("{month} has {value:.1f} kWh/m² a day: more than the sun gives.", month=_MONTHS[worst],
                    value=means[worst]),
                where=self.file,
                fix=msg("Look at the unit of the file."),
            )  # fmt: skip
        if not any(means):
            raise InputError(msg("The file has no sun in any month."), where=self.file)
        lost = sum(self.gone)
        said = () if not lost else (
            counted("{count} figure is missing in the file; the others of its month stand for it.",
                    "{count} figures are missing in the file; the others of their months stand for them.", lost),
        )  # fmt: skip
        return means, said


@walled
def read_sun(path: Path) -> FoundSun:
    """Read the sun of a place.

    Raises
    ------
    FileError
        Where the file cannot be read, is too large, cut off, or of another kind.
    InputError
        Where it is of one of the services and lacks what is needed: a month, the parameter, a unit that is known.
    """
    with reading(path):
        size = path.stat().st_size
    if size > _MOST_BYTES:
        raise FileError(
            msg("The file has {size} MB; at most {most} MB are read.", size=size >> 20, most=_MOST_BYTES >> 20),
            where=str(path),
            fix=msg("Ask the service for the months instead of the hours."),
        )
    data = read_bytes(path)
    encoding, warnings = encoding_of(data, path)
    text = data.decode(encoding)
    found = _json(text, path) if text.lstrip()[:1] in {"{", "["} else _csv(text, path)
    return FoundSun(found.sun, found.latitude, found.longitude, (*warnings, *found.warnings))


def _no_sun(path: Path) -> FileError:
    return FileError(
        msg("The file is neither from NASA POWER nor from PVGIS."),
        where=str(path),
        fix=msg("Download it from either service as CSV or JSON, or give twelve figures by hand."),
    )


def _cut_off(path: Path) -> FileError:
    return FileError(msg("The file is cut off."), where=str(path), fix=msg("Download it again."))


def _found(months: _Months, title: str, place: tuple[float | None, float | None], tilt_deg: float = 0.0) -> FoundSun:
    means, said = months.means()
    latitude, longitude = place
    if latitude is not None and longitude is not None:
        title = f"{title}, {latitude:.3f} {longitude:.3f}"
    years = "" if not months.years else f"{min(months.years)}-{max(months.years)}"
    return FoundSun(Sun(means, tilt_deg, None, title, years), latitude, longitude, said)


# JSON


def _json(text: str, path: Path) -> FoundSun:
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as problem:
        if "truncated" in str(problem):
            raise _cut_off(path) from problem
        raise FileError(
            msg("The file is damaged: {problem}.", problem=clean(str(problem))), where=str(path)
        ) from problem
    if isinstance(content, dict):
        inner = _at(content, "properties", "parameter")
        if isinstance(inner, dict):
            return _power_json(content, inner, path.name)
        if isinstance(_at(content, "inputs", "location"), dict) and isinstance(content.get("outputs"), dict):
            return _pvgis_json(content, path)
        told = content.get("message") or content.get("detail") or content.get("messages")
        if isinstance(told, str | list) and told:  # what both services give in place of figures
            raise InputError(msg("The service gave no figures: {said}", said=clean(str(told))[:200]), where=path.name)
    raise _no_sun(path)


def _at(content: Any, *names: str) -> Any:
    for name in names:
        content = content.get(name) if isinstance(content, dict) else None
    return content


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):  # JSON holds whole numbers of any length
        return None
    return number if math.isfinite(number) else None


def _power_json(content: dict[str, Any], parameters: dict[str, Any], file: str) -> FoundSun:
    figures = parameters.get(_POWER)
    if not isinstance(figures, dict) or not figures:
        raise _no_parameter(file, parameters)
    unit = str(_at(content, "parameters", _POWER, "units") or "")
    factor = _factor(unit, file)
    fill = _number(_at(content, "header", "fill_value"))
    months = _Months(file)
    for key, value in figures.items():
        month = _month_of_key(key, months.years)
        if month is not None:
            months.add(month, value, factor, fill=_FILL if fill is None else fill, place=key)
    header = _at(content, "header")
    if not months.years:
        _take_years(months, " ".join(str(one) for one in header.values()) if isinstance(header, dict) else "")
    spot = _at(content, "geometry", "coordinates")
    place = (_number(spot[1]), _number(spot[0])) if isinstance(spot, list) and len(spot) >= 2 else (None, None)
    return _found(months, f"NASA POWER, {_POWER}", place)


def _month_of_key(key: str, years: set[int]) -> int | None:
    """Return the month (0 January) that a key of NASA POWER is of; None of the year's mean."""
    if key in _MONTHS:
        return _MONTHS.index(key)
    if len(key) in (6, 8, 10) and key.isdecimal() and 1 <= int(key[4:6]) <= 12:
        years.add(int(key[:4]))
        return int(key[4:6]) - 1
    return None


def _no_parameter(file: str, has: Iterable[str]) -> InputError:
    return InputError(
        msg("The file has no {parameter}, the sun on level ground.", parameter=_POWER),
        where=file,
        fix=msg("Ask NASA POWER for it. The file has: {columns}.", columns=clean(", ".join(list(has)[:20]))),
    )


def _factor(unit: str, file: str) -> float:
    factor = _UNITS.get(unit.strip().lower())
    if factor is None:
        raise InputError(
            msg("The unit “{unit}” of {parameter} is not known.", unit=clean(unit)[:40], parameter=_POWER),
            where=file,
            fix=msg("Ask the service for the community RE (renewable energy): kW-hr/m^2/day."),
        )
    return factor


def _take_years(months: _Months, text: str) -> None:
    months.years.update(int(year) for year in _YEAR.findall(text))


def _pvgis_json(content: dict[str, Any], path: Path) -> FoundSun:
    file, outputs, inputs = path.name, content["outputs"], content["inputs"]
    place = (_number(_at(inputs, "location", "latitude")), _number(_at(inputs, "location", "longitude")))
    base = clean(str(_at(inputs, "meteo_data", "radiation_db") or "")) or "PVGIS"
    months = _Months(file)
    for name in ("year_min", "year_max"):
        year = _number(_at(inputs, "meteo_data", name))
        if year is not None:
            months.years.add(int(year))
    rows, what = _pvgis_rows(outputs)
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            msg("The file has no figures of a fixed surface by month or by hour."),
            where=file,
            fix=msg("Ask PVGIS for monthly radiation on level ground."),
        )
    column = _column(rows[0], file)
    planes = _at(inputs, "mounting_system") or _at(inputs, "plane")
    tilt = _tilt(planes, column, place[0], file)
    for number, row in enumerate(rows, start=1):
        _pvgis_row(months, row, column, f"{what} {number}")
    return _found(months, f"{base}, {' + '.join(column)}", place, tilt)


def _pvgis_rows(outputs: dict[str, Any]) -> tuple[list[Any], str]:
    monthly = outputs.get("monthly")
    if isinstance(monthly, dict):
        monthly = monthly.get("fixed")
    for rows, what in ((monthly, "month"), (outputs.get("hourly"), "hour"), (outputs.get("tmy_hourly"), "hour")):
        if isinstance(rows, list) and rows:
            return rows, what
    return [], ""


# Level ground first; then surfaces that the plan may know the tilt of; then the parts that make them up.
_COLUMNS = (
    ("H(h)_m",), ("G(h)",), ("H(i)_d",), ("Hd",), ("H(i_opt)_m",), ("H(i)_m",), ("G(i)",), ("Gb(i)", "Gd(i)", "Gr(i)"),
)  # fmt: skip
_LEVEL = frozenset({"H(h)_m", "G(h)"})
_A_MONTH = frozenset({"H(h)_m", "H(i_opt)_m", "H(i)_m"})
_A_DAY = frozenset({"H(i)_d", "Hd"})


def _column(names: Iterable[str], file: str) -> tuple[str, ...]:
    there = [name.strip() for name in names]
    for column in _COLUMNS:
        if all(name in there for name in column):
            return column
    raise InputError(
        msg("The file has no global radiation of level ground or of a fixed surface."),
        where=file,
        fix=msg("Ask PVGIS for it. The file has: {columns}.", columns=clean(", ".join(there[:20]))),
    )


def _tilt(planes: Any, column: tuple[str, ...], latitude: float | None, file: str) -> float:
    """Return the tilt of the surface that figures are for; refuse one that does not look at the equator."""
    if column[0] in _LEVEL:
        return 0.0
    order = ["fixed_inclined_optimal", "fixed_inclined", "fixed", "fixed_horizontal"]
    if column[0] == "H(i)_m":
        order[:2] = order[1::-1]
    plane = next((planes[name] for name in order if isinstance(planes, dict) and name in planes), None)
    slope, azimuth = _number(_at(plane, "slope", "value")), _number(_at(plane, "azimuth", "value"))
    return _checked_tilt(slope, azimuth, latitude, file)


def _checked_tilt(slope: float | None, azimuth: float | None, latitude: float | None, file: str) -> float:
    if slope is None or not 0.0 <= slope <= 90.0:
        raise InputError(
            msg("The file does not say how its surface is tilted."),
            where=file,
            fix=msg("Ask PVGIS for the radiation on level ground."),
        )
    wanted = 180.0 if latitude is not None and latitude < 0.0 else 0.0  # PVGIS: 0 is south
    off = abs((0.0 if azimuth is None else azimuth) - wanted) % 360.0
    if slope > 0.0 and azimuth is not None and min(off, 360.0 - off) > _EQUATOR_DEG:
        raise InputError(
            msg("The file is for a surface that does not look towards the equator."),
            where=file,
            fix=msg("Ask PVGIS for the radiation on level ground."),
        )
    return slope


def _pvgis_row(months: _Months, row: Mapping[str, Any], column: tuple[str, ...], place: str) -> None:
    """Take one row of PVGIS in: of a month, or of an hour."""
    time = str(row.get("time", row.get("time(UTC)", "")))
    if time:
        if not re.match(r"\d{8}:\d{4}$", time):
            raise InputError(msg("“{text}” is not a time.", text=clean(time)[:40]), where=f"{months.file}, {place}")
        year, month = int(time[:4]), int(time[4:6]) - 1
    else:
        year, month = int(_number(row.get("year")) or 0), _pvgis_month(row.get("month"))
    if not 0 <= month < 12:
        raise InputError(msg("There is no such month."), where=f"{months.file}, {place}")
    if year:
        months.years.add(year)
    if column[0] in _A_MONTH:
        days = 29 if month == 1 and year and year % 4 == 0 else _DAYS[month]
        factor = 1.0 / days
    else:
        factor = 1.0 if column[0] in _A_DAY else 0.024
    values = [row.get(name) for name in column]
    numbers = [_number(one) for one in values]
    known = [one for one in numbers if one is not None]
    whole = (
        sum(known) if len(known) == len(values) else next(v for v, n in zip(values, numbers, strict=True) if n is None)
    )
    months.add(month, whole, factor, place=place)


def _pvgis_month(value: Any) -> int:
    number = _number(value)
    if number is not None:
        return int(number) - 1 if number.is_integer() else -1
    word = str(value).strip().upper()[:3]
    return _MONTHS.index(word) if word in _MONTHS else -1


# CSV


def _csv(text: str, path: Path) -> FoundSun:
    lines = text.splitlines()
    if any(line.strip() == "-BEGIN HEADER-" for line in lines[:5]):
        return _power_csv(lines, text, path)
    if any(line.lower().startswith("latitude (decimal degrees)") for line in lines[:5]):
        return _pvgis_csv(lines, path)
    raise _no_sun(path)


def _power_csv(lines: list[str], text: str, path: Path) -> FoundSun:
    ends = [number for number, line in enumerate(lines) if line.strip() == "-END HEADER-"]
    if not ends or len(lines) < ends[0] + 3:
        raise _cut_off(path)
    file, header, body = path.name, lines[: ends[0]], lines[ends[0] + 1 :]
    if not text.endswith(("\n", "\r")):
        raise _cut_off(path)  # within a number, maybe
    names = [name.strip() for name in body[0].split(",")]
    units = {line.split()[0]: _UNIT.search(line) for line in header if line.strip()}
    unit = units.get(_POWER)
    months = _Months(file)
    first = ends[0] + 3  # the number of the first row, as an editor counts
    rows = [(first + n, [cell.strip() for cell in line.split(",")]) for n, line in enumerate(body[1:]) if line.strip()]
    if names[0] == "PARAMETER":
        own = [(row, cells) for row, cells in rows if cells[0] == _POWER]
        if not own:
            raise _no_parameter(file, dict.fromkeys(cells[0] for _, cells in rows))
        factor = _factor("" if unit is None else unit[1], file)
        for row, cells in own:
            _whole(cells, names, file, row)
            if "YEAR" in names:
                _take_years(months, cells[names.index("YEAR")])
            for n, name in enumerate(names):
                if name in _MONTHS:
                    months.add(_MONTHS.index(name), cells[n], factor, place=f"row {row}, {name}")
    else:
        if _POWER not in names or "YEAR" not in names:
            raise _no_parameter(file, names)
        factor = _factor("" if unit is None else unit[1], file)
        for row, cells in rows:
            _whole(cells, names, file, row)
            cell = dict(zip(names, cells, strict=True))
            months.add(_month_of_day(cell, file, row), cell[_POWER], factor, place=f"row {row}")
            _take_years(months, cell["YEAR"])
    if not months.years:
        _take_years(months, " ".join(header))
    place = _PLACE.search(" ".join(header))
    return _found(
        months, f"NASA POWER, {_POWER}", (None, None) if place is None else (_number(place[1]), _number(place[2]))
    )


def _whole(cells: Sequence[str], names: Sequence[str], file: str, row: int) -> None:
    if len(cells) != len(names):
        raise InputError(
            msg("The row has {count} cells, the columns are {columns}.", count=len(cells), columns=len(names)),
            where=f"{file}, row {row}",
        )


def _month_of_day(cell: Mapping[str, str], file: str, row: int) -> int:
    """Return the month of a row of days or hours, by MO or by the day of the year."""
    month = _number(cell.get("MO"))
    if month is not None and 1 <= month <= 12:
        return int(month) - 1
    year, day = _number(cell.get("YEAR")), _number(cell.get("DOY"))
    if year is not None and day is not None and 1 <= day <= 366:
        left = int(day)
        for number, days in enumerate(_DAYS):
            left -= days + (number == 1 and int(year) % 4 == 0)
            if left <= 0:
                return number
    raise InputError(msg("The row does not say its month."), where=f"{file}, row {row}")


def _pvgis_csv(lines: list[str], path: Path) -> FoundSun:
    file = path.name
    if not any(line.strip().startswith("PVGIS (c)") for line in lines[-5:]):
        raise _cut_off(path)
    said = dict(_said(lines[:20]))
    place = (said.get("latitude"), said.get("longitude"))
    named = (line.partition(":")[2].strip() for line in lines[:20] if line.lower().startswith("radiation database"))
    base = next(named, "PVGIS")
    heads = ((number, _cells(line)) for number, line in enumerate(lines))
    # Typical years say first, in two columns, of which year each month is.
    start = next((number for number, row in heads if len(row) > 2 and row[0].lower() in _FIRSTS), None)
    if start is None:
        raise _no_sun(path)
    names = [{"year": "year", "month": "month"}.get(name.lower(), name) for name in _cells(lines[start])]
    column = _column(names, file)
    tilt = 0.0
    if column[0] not in _LEVEL:
        slope = said.get("optimal") if column[0] == "H(i_opt)_m" else said.get("slope", said.get("optimal"))
        tilt = _checked_tilt(slope, said.get("azimuth"), place[0], file)
    months = _Months(file)
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        cells = _cells(line)
        if not cells:
            break
        if cells[0] == "Year":  # the sum below the months
            break
        _whole(cells, names, file, number)
        _pvgis_row(months, dict(zip(names, cells, strict=True)), column, f"row {number}")
    return _found(months, f"{clean(base)}, {' + '.join(column)}", place, tilt)


_FIRSTS = frozenset({"year", "month", "time", "time(utc)"})


def _cells(line: str) -> list[str]:
    """Return the cells of a row of PVGIS: tabs, often two of them, or commas."""
    parts = line.split("\t") if "\t" in line else line.split(",")
    return [part.strip() for part in parts if part.strip()]


def _said(lines: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Yield what the head of a file of PVGIS says, by the first word of it that is known."""
    for line in lines:
        key, colon, rest = line.partition(":")
        number = re.search(r"-?\d+(?:\.\d+)?", rest)
        if not colon or number is None:
            continue
        word = key.lower()
        for name, marks in (
            ("latitude", ("latitude",)), ("longitude", ("longitude",)), ("optimal", ("optimal slope", "optimal incl")),
            ("slope", ("slope", "inclination")), ("azimuth", ("azimuth", "orientation")),
        ):  # fmt: skip
            if any(mark in word for mark in marks):
                yield name, float(number[0])
                break
