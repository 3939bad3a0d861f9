"""Words that more than one command takes: positions, models, numbers of threads."""

from __future__ import annotations

import math
import re
from datetime import date as day
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_click_type
from typer.models import OptionInfo

from cn_planner.model.fields import MOST_MONEY, TWO_READINGS
from cn_planner.model.propagation_models import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# What typer makes of an Enum: a class of click, or of typer itself, by typer's version.
_Choice: Any = type(get_click_type(annotation=Enum("_", {}), parameter_info=OptionInfo()))


class OneOf(_Choice):  # type: ignore[misc] # that class has no name
    """One of some words that are looked up when they are needed, not when the command is loaded."""

    def __init__(self, words: Callable[[], Sequence[str]]) -> None:
        self._words = words
        super().__init__([])

    @property
    def choices(self) -> Sequence[str]:
        """The words."""
        return self._words()

    @choices.setter
    def choices(self, _none: Sequence[str]) -> None:
        """Leave them: typer sets them once, at the beginning."""


def adding(others: Callable[[], Sequence[str]]) -> type[TyperCommand]:
    """Return the kind of command whose help tells at its end what other packages add."""

    class Adding(TyperCommand):
        def format_help(self, ctx: Any, formatter: Any) -> None:
            if lines := others():
                self.epilog = "\n\n".join(["Of other packages:", *lines])
            super().format_help(ctx, formatter)

    return Adding


def other_models() -> list[str]:
    """Return what the help says of models of other packages."""
    return [
        f"{key}: {one.name}, {one.freq_mhz[0]:g} to {one.freq_mhz[1]:g} MHz ({one.source})"
        for key, one in MODELS.others().items()
    ]


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def position_option(text: str) -> tuple[float, float, float]:
    """Return latitude, longitude and height of ``LAT,LON,HEIGHT``."""
    try:
        latitude, longitude, height = (_number(part) for part in text.split(","))
    except ValueError as problem:
        raise typer.BadParameter(f"{text!r} is not LAT,LON,HEIGHT, such as 42.09,1.81,12") from problem
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise typer.BadParameter(f"{text!r}: latitude goes from -90 to 90, longitude from -180 to 180")
    return latitude, longitude, height


def factor(text: str) -> float:
    """Return a number that may be written as a fraction: ``4/3``."""
    try:
        above, _, below = text.partition("/")
        value = _number(above) / (_number(below) if below else 1.0)
    except (ValueError, ZeroDivisionError) as problem:
        raise typer.BadParameter(f"{text!r} is not a number or a fraction such as 4/3") from problem
    if value <= 0:
        raise typer.BadParameter(f"{text!r} must be greater than 0")
    return value


def share(text: str) -> float:
    """Return a share between 0 and 1, which may be written as a percentage: ``95%``."""
    word = text.strip()
    try:
        value = _number(word[:-1]) / 100.0 if word.endswith("%") else _number(word)
    except ValueError as problem:
        raise typer.BadParameter(f"{text!r} is not a share such as 0.95 or 95%") from problem
    if not word.endswith("%") and 1.0 < value <= 100.0:
        raise typer.BadParameter(f"{text!r} is more than all: did you mean {value:g}%?")
    if not 0.0 <= value <= 1.0:
        raise typer.BadParameter(f"{text!r}: a share goes from 0 to 1, or from 0% to 100%")
    return value


_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[ '\u00a0\u202f]\d{3})+(?:\.\d+)?")


def amount(text: str) -> float:
    """Return an amount of money; thousands may be parted where that can be read in one way only."""
    word = text.strip()
    if TWO_READINGS.fullmatch(word) is not None:
        whole, part = re.sub("[.,]", "", word), float(word.replace(",", "."))
        raise typer.BadParameter(f"{text!r} may be {whole} or {part:g}: write {whole}, or {part:.2f}")
    if _THOUSANDS.fullmatch(word) is not None:
        word = re.sub("[, '\u00a0\u202f]", "", word)
    try:
        value = _number(word)
    except ValueError as problem:
        raise typer.BadParameter(f"{text!r} is not an amount such as 25000 or 1,250,000") from problem
    if value < 0:
        raise typer.BadParameter(f"{text!r} must be 0 or more")
    if value > MOST_MONEY:
        raise typer.BadParameter(f"{text!r} is more than any plan costs: at most {MOST_MONEY:,.0f}")
    return value


_LONGEST_M = 100_000.0
"""Homes that are moved, grouped or thinned by more would be those of another country."""


def metres(text: str) -> float:
    """Return a length in metres; the unit may stand behind it: ``200m``."""
    try:
        value = _number(text.strip().removesuffix("m"))
    except ValueError as problem:
        raise typer.BadParameter(f"{text!r} is not a length such as 200 or 200m") from problem
    if value < 0:
        raise typer.BadParameter(f"{text!r} must be 0 or more")
    if value > _LONGEST_M:
        raise typer.BadParameter(f"{text!r} is longer than any such distance: at most {_LONGEST_M:g} m")
    return value


def finite(value: float | None) -> float | None:
    """Return a number as it is, unless it is none: `nan` passes every limit."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a number")
    return value


def key_values(pairs: Sequence[str]) -> dict[str, str]:
    """Return what ``KEY=VALUE`` words say, by key."""
    texts = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"{pair!r} is not KEY=VALUE")
        texts[key.strip()] = value
    return texts


def given_or_today(date: str | None) -> str:
    """Return the date that was given, or today's: the one place where the program asks the clock for a date."""
    if date is None:
        return datetime.now().astimezone().date().isoformat()
    try:
        return day.fromisoformat(date).isoformat()
    except ValueError as problem:
        raise typer.BadParameter(f"{date!r} is not a date such as 2026-11-25") from problem


PlanPath = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan: NAME.cnplan.gpkg", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
TimeLimit = Annotated[float | None, typer.Option("--time-limit", callback=finite, min=0, metavar="S", help="Seconds.")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="How many threads; default: one a core.")]
Date = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Date on what is written; default: today.")
]
Dem = Annotated[
    list[Path],
    typer.Option("--dem", metavar="FILE", help="Elevation: .hgt, .hgt.zip, .hgt.gz, GeoTIFF. May be repeated."),
]
K = Annotated[float, typer.Option("--k", parser=factor, metavar="K", help="Effective earth radius factor.")]
Canopy = Annotated[
    float, typer.Option("--canopy-m", callback=finite, min=0, max=80, help="Trees to assume on the path, m.")
]
TreesOption = Annotated[
    list[Path] | None, typer.Option("--trees", metavar="FILE", help="Tree heights, GeoTIFF. May be repeated.")
]
LandCover = Annotated[
    list[Path] | None, typer.Option("--land-cover", metavar="FILE", help="Land cover, a height for each class.")
]
ClassHeights = Annotated[
    str, typer.Option("--heights", metavar="CLASS=M;…", help="Heights of classes of land cover: “10=12; 50=4”.")
]
TimePct = Annotated[
    float, typer.Option("--time-pct", callback=finite, min=0.001, max=99.999, help="Percentage of time.")
]
LocationPct = Annotated[
    float, typer.Option("--location-pct", callback=finite, min=0.001, max=99.999, help="And of places.")
]
N0 = Annotated[float, typer.Option("--n0", callback=finite, min=100, max=500, help="Refractivity at sea level, N.")]
DeltaN = Annotated[float, typer.Option("--delta-n", callback=finite, min=0, max=200, help="Its gradient, N/km.")]
Climate = Annotated[int, typer.Option("--climate", min=1, max=7, help="Radio climate of ITM.")]
CountryOption = Annotated[str | None, typer.Option("--country", metavar="XX", help="Whose limits cap the kits.")]
_POWER_DBM = (-40.0, 60.0)
"""From a tenth of a microwatt, less than any radio of the shelf can be set to, to a kilowatt."""
_GAIN_DBI = (-50.0, 80.0)
"""As measurements have it; the largest dish of all, 305 m across, had 73 dBi at 2.4 GHz."""
_CABLE_DB = (0.0, 30.0)
"""As kits have it."""


def _within(name: str, bounds: tuple[float, float], text: str) -> Any:
    """Return an option that takes what some radio could be, and nothing beyond."""
    return typer.Option(name, callback=finite, min=bounds[0], max=bounds[1], help=text)


TxPower = Annotated[float | None, _within("--tx-power-dbm", _POWER_DBM, "Power of the radios.")]
TxGain = Annotated[float | None, _within("--tx-gain-dbi", _GAIN_DBI, "Antenna of the first end, or of the towers.")]
RxGain = Annotated[float | None, _within("--rx-gain-dbi", _GAIN_DBI, "Antenna of the second end, or of the receivers.")]
CableLoss = Annotated[float | None, _within("--cable-loss-db", _CABLE_DB, "Cable at either end, of such radios.")]
Width = Annotated[
    float | None,
    typer.Option("--width-mhz", callback=finite, min=1, max=2160, help="Channel width: that of the kit, or 20."),
]
AIM = "AZIMUTH,TILT"


def aim(text: str) -> tuple[float, float]:
    """Return azimuth and tilt of an antenna."""
    try:
        azimuth, tilt = (float(one) for one in text.split(","))
    except ValueError:
        azimuth, tilt = math.nan, math.nan
    if not (0.0 <= azimuth <= 360.0 and -90.0 <= tilt <= 90.0):
        raise typer.BadParameter(f"{text!r} is not {AIM}: 0 to 360 from true north, -90 to 90 degrees upwards")
    return azimuth, tilt


def check_class_heights(heights: str, *, land_cover: bool) -> None:
    """Stop where heights of classes are given and no classes, which would change nothing."""
    if heights.strip() and not land_cover:
        what = "--heights are those of classes of land cover: give its file too"
        raise typer.BadParameter(what, param_hint="--heights")


def check_radio(
    kit: str | None,
    power_dbm: float | None,
    gains_dbi: tuple[float | None, float | None],
    cable_loss_db: float | None,
) -> None:
    """Stop where a radio is given both ways, or half."""
    figures = (power_dbm, *gains_dbi)
    if kit is not None and any(one is not None for one in (*figures, cable_loss_db)):
        raise typer.BadParameter("give --kit or the radio's figures, not both")
    if any(one is not None for one in figures) and None in figures:
        raise typer.BadParameter("--tx-power-dbm, --tx-gain-dbi and --rx-gain-dbi belong together")
