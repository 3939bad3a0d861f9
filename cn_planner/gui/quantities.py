"""Lengths, places and money as the user reads them: metric or imperial, in the chosen form of coordinates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from cn_planner.gui.settings import Settings

FOOT_M = 0.3048
MILE_M = 1609.344


def height(value_m: float, units: str) -> Message:
    """Return a height in whole metres or feet."""
    if units == "imperial":
        return msg("{value:,.0f} ft", value=value_m / FOOT_M)
    return msg("{value:,.0f} m", value=value_m)


def set_height(value_m: float, units: str) -> Message:
    """Return a height that people set, as it is kept: 6.5 m is not 6 m."""
    if units == "imperial" or round(value_m, 1).is_integer():
        return height(value_m, units)
    return msg("{value:,.1f} m", value=value_m)


def distance(value_m: float, units: str) -> Message:
    """Return a distance, in the smaller unit where the larger would say little."""
    if units == "imperial":
        if value_m < 0.25 * MILE_M:
            return msg("{value:,.0f} ft", value=value_m / FOOT_M)
        return msg("{value:,.1f} mi", value=value_m / MILE_M)
    if value_m < 1000.0:
        return msg("{value:,.0f} m", value=value_m)
    return msg("{value:,.1f} km", value=value_m / 1000.0)


def money_words(value: float, currency: str) -> Message:
    """Return an amount without its small coin: plans are not that exact."""
    return msg("{value:,.0f} {currency}", value=float(value), currency=currency)


def position(latitude: float, longitude: float, form: str) -> str:
    """Return a place in one of the forms of the setting ``coordinates``.

    What is written is rounded as a whole: 59.9996 minutes are the next degree, never 60 minutes.
    """
    if form == "mgrs":
        from cn_planner.geo import mgrs

        return mgrs(latitude, longitude)
    if form == "degrees":
        return f"{abs(latitude):.5f} {_north(latitude)}  {abs(longitude):.5f} {_east(longitude)}"
    write = _minutes if form == "minutes" else _seconds
    return f"{write(abs(latitude))} {_north(latitude)}  {write(abs(longitude))} {_east(longitude)}"


def _north(latitude: float) -> str:
    return "S" if latitude < 0 else "N"


def _east(longitude: float) -> str:
    return "W" if longitude < 0 else "E"


def _minutes(value: float) -> str:
    thousandths = round(value * 60_000)
    degrees, rest = divmod(thousandths, 60_000)
    return f"{degrees}° {rest / 1000:06.3f}′"


def _seconds(value: float) -> str:
    tenths = round(value * 36_000)
    degrees, rest = divmod(tenths, 36_000)
    minutes, rest = divmod(rest, 600)
    return f"{degrees}° {minutes:02d}′ {rest / 10:04.1f}″"


class Quantities:
    """The user's way of reading quantities, taken from the settings each time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def height(self, value_m: float) -> Message:
        """Return a height."""
        return height(value_m, self._settings.get("units"))

    def set_height(self, value_m: float) -> Message:
        """Return a height that people set."""
        return set_height(value_m, self._settings.get("units"))

    def unit(self, sign: str) -> tuple[float, str]:
        """Return the unit in which what the plan keeps in ``sign`` (m, km) is typed: how many of it, and its sign."""
        imperial = self._settings.get("units") == "imperial"
        return {"m": (FOOT_M, "ft"), "km": (MILE_M / 1000.0, "mi")}.get(sign, (1.0, sign)) if imperial else (1.0, sign)

    def area(self, value_km2: float) -> Message:
        """Return the size of an area."""
        if self._settings.get("units") == "imperial":
            return msg("{size:,.2f} mi²", size=value_km2 / (MILE_M / 1000.0) ** 2)
        return msg("{size:,.2f} km²", size=value_km2)

    def height_unit(self) -> tuple[float, str]:
        """Return the unit in which heights are typed: its metres, and its sign."""
        return self.unit("m")

    def distance(self, value_m: float) -> Message:
        """Return a distance."""
        return distance(value_m, self._settings.get("units"))

    def position(self, latitude: float, longitude: float) -> str:
        """Return a place."""
        return position(latitude, longitude, self._settings.get("coordinates"))

    def place(self, latitude: float, longitude: float, ground_m: float | None) -> Message:
        """Return a place with the height of its ground; says where none is known."""
        where = self.position(latitude, longitude)
        if ground_m is None or math.isnan(ground_m):
            return msg("{place} · no terrain here", place=where)
        return msg("{place} · {height}", place=where, height=self.height(ground_m))
