"""Coordinates as people write them, and as telephones send them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from cn_planner.errors import InputError
from cn_planner.geo import WGS84, check_position, from_mgrs, transform
from cn_planner.message import Message, msg
from cn_planner.model.fields import TURNING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = r"(\d+(?:\.\d+)?)"
_PART = re.compile(
    rf"\s*([NSEW]?)\s*([+−-]?)\s*{_NUMBER}\s*°?\s*(?:{_NUMBER}\s*['′’]\s*(?:{_NUMBER}\s*(?:\"|″|”|'')\s*)?)?([NSEW]?)\s*",
    re.IGNORECASE,
)
_PAIR = r"(-?\d{1,3}(?:\.\d+)?)"
# What stands in links of maps; the pin goes before the middle of the view.
_LINKS = (
    re.compile(rf"!3d{_PAIR}!4d{_PAIR}"),
    re.compile(rf"[?&]mlat={_PAIR}&mlon={_PAIR}"),
    re.compile(rf"[?&](?:q|query|ll|daddr|destination|center|sll|cp)=(?:loc:)?\+?{_PAIR}[,~]\+?{_PAIR}", re.IGNORECASE),
    re.compile(rf"/(?:place|search|dir)/\+?{_PAIR},\+?{_PAIR}"),
    re.compile(rf"@{_PAIR},{_PAIR}"),
    re.compile(rf"#(?:map=)?[\d.]+/{_PAIR}/{_PAIR}"),
)
_GEO = re.compile(rf"geo:{_PAIR},{_PAIR}(?:,-?[\d.]+)?(?:[;?].*)?", re.IGNORECASE)
_UTM = re.compile(
    r"(?:UTM\s*)?(?:zone\s*)?(\d{1,2})\s*([C-HJ-NP-X])\s*(?:m?E\s*)?(\d{6}(?:\.\d+)?)\s*m?E?[\s,;]+(?:m?N\s*)?"
    r"(\d{1,8}(?:\.\d+)?)\s*m?N?",
    re.IGNORECASE,
)
_MGRS = re.compile(r"\d{1,2}[C-HJ-NP-X]\s*[A-HJ-NP-Z]{2}\s*(?:\d\s*){2,10}", re.IGNORECASE)
_PLUS_SIGNS = "23456789CFGHJMPQRVWX"
_PLUS = re.compile(rf"(?<![\w+])([{_PLUS_SIGNS}]{{4,8}}\+[{_PLUS_SIGNS}]{{0,7}})(?![\w+])", re.IGNORECASE)


class _Reading(NamedTuple):
    """What a text may mean.

    ``latitude``, ``longitude``: degrees. ``how``: as what it was read.
    """

    latitude: float
    longitude: float
    how: Message


def place_readings(text: str, near: tuple[float, float] | None = None) -> tuple[_Reading, ...]:
    """Return what a text may mean, the likeliest first; more than one where it can be read two ways.

    Decimal degrees, degrees with minutes and seconds, UTM, MGRS, plus codes, ``geo:`` addresses, and links of the usual
    maps. Of two plain numbers the first is the latitude, unless only the other way round lies near.

    Parameters
    ----------
    text : str
        One place.
    near : (latitude, longitude), optional
        Where the plan is: what lies nearest goes first, and short plus codes are filled up.

    Raises
    ------
    InputError
        Where it is none of these.

    References
    ----------
    RFC 5870 (geo:); Open Location Code specification, google/open-location-code; NGA.STND.0037 (UTM, MGRS).
    """
    text = text.translate(TURNING).strip()
    found = list(_read(text, near))
    if not found:
        raise InputError(
            msg("{text} is not a latitude and a longitude.", text=text[:60]),
            fix=msg("Write them in degrees, latitude first: 42.0931, 1.8082."),
        )
    if near is not None and len(found) > 1:
        found.sort(key=lambda one: _apart_deg(one, near) > _NEAR_DEG)
    return tuple(found)


_NEAR_DEG = 5.0
_LONGEST = 200


def _apart_deg(one: _Reading, near: tuple[float, float]) -> float:
    east = (one.longitude - near[1] + 180.0) % 360.0 - 180.0
    return math.hypot(one.latitude - near[0], east * math.cos(math.radians(near[0])))


def _read(text: str, near: tuple[float, float] | None) -> Iterator[_Reading]:
    link = text.startswith(("http://", "https://", "om://")) or "/maps" in text
    if link or text.lower().startswith("geo:"):
        yield from _link(text)
        return
    text = " ".join(text.split())  # the patterns would try each share of a long run of spaces or digits
    if len(text) > _LONGEST:
        return
    if _UTM.fullmatch(text):
        yield from _utm(text)
        return
    if _MGRS.fullmatch(text):
        latitude, longitude = from_mgrs(text)
        yield _Reading(latitude, longitude, msg("MGRS"))
        return
    code = _PLUS.search(text)
    if code is not None and not re.match(r"\s*[-+]?\d+\.\d", text):
        yield from _plus(code[1].upper(), near)
        return
    yield from _degrees(text)


def _link(text: str) -> Iterator[_Reading]:
    plain = unquote(text)
    found = _GEO.fullmatch(plain)
    if found is None:
        found = next((one for pattern in _LINKS if (one := pattern.search(plain)) is not None), None)
    if found is None:
        raise InputError(
            msg("The link does not hold the coordinates themselves."),
            fix=msg("Open it where there is Internet, and copy the coordinates that the map shows."),
        )
    latitude, longitude = float(found[1]), float(found[2])
    check_position(latitude, longitude)
    yield _Reading(latitude, longitude, msg("the link of a map"))


def _utm(text: str) -> Iterator[_Reading]:
    zone, letter, east, north = _UTM.fullmatch(text).groups()  # type: ignore[union-attr]
    if not 1 <= int(zone) <= 60:
        return
    letter = letter.upper()
    # S may say "southern hemisphere" or be the band from 32 to 40 degrees north; N is north of the equator either way.
    souths = (True, False) if letter == "S" else (letter < "N",)
    for south in souths:
        x, y = transform(f"EPSG:{(32700 if south else 32600) + int(zone)}", WGS84, [float(east)], [float(north)])
        latitude, longitude = float(y[0]), float(x[0])
        if not (math.isfinite(latitude) and -80.5 <= latitude <= 84.5):
            continue
        if letter == "S" and not south and not 31.5 <= latitude <= 40.5:
            continue
        yield _Reading(latitude, longitude, msg("UTM, south") if south else msg("UTM, north"))


def _plus(code: str, near: tuple[float, float] | None) -> Iterator[_Reading]:
    """Decode a plus code; a short one is the place of that code which lies nearest."""
    before, after = code.split("+")
    if len(after) == 1:
        return
    short = len(before) < 8
    if short:
        if near is None:
            raise InputError(
                msg("The plus code {code} is a short one, which says where only within a region.", code=code),
                fix=msg("Write it whole, with its first four signs: 6GCRPR6P+VQ."),
            )
        head = _plus_code(*near)[: 8 - len(before)]
    else:
        head = ""
    latitude, longitude = _plus_middle(head + before + after)
    if short:
        step = 20.0 ** (2 - (8 - len(before)) // 2)
        latitude += step * round((near[0] - latitude) / step)  # type: ignore[index]
        longitude += step * round((near[1] - longitude) / step)  # type: ignore[index]
    check_position(latitude, longitude)
    yield _Reading(latitude, longitude, msg("plus code"))


def _plus_middle(signs: str) -> tuple[float, float]:
    """Return the middle of the cell of a whole code without its plus; five pairs of signs, then cells of 4 by 5."""
    values = [_PLUS_SIGNS.index(sign) for sign in signs]
    south, west, high, wide = -90.0, -180.0, 400.0, 400.0
    for place, value in enumerate(values[:10]):
        if place % 2 == 0:
            high /= 20.0
            south += high * value
        else:
            wide /= 20.0
            west += wide * value
    for value in values[10:]:
        high, wide = high / 5.0, wide / 4.0
        south += high * (value // 4)
        west += wide * (value % 4)
    return south + high / 2.0, west + wide / 2.0


def _plus_code(latitude: float, longitude: float) -> str:
    """Return the first eight signs of a place's code."""
    up, aside, size, out = min(latitude + 90.0, 179.999999), (longitude + 180.0) % 360.0, 20.0, ""
    for _ in range(4):
        out += _PLUS_SIGNS[int(up // size)] + _PLUS_SIGNS[int(aside // size)]
        up, aside, size = up % size, aside % size, size / 20.0
    return out


def _degrees(text: str) -> Iterator[_Reading]:
    # A comma may part the two or be a decimal sign: where there are three, the middle one parts.
    commas = text.count(",")
    if commas == 3 and "." not in text:
        first, second = re.match(r"([^,]*,[^,]*),(.*)", text).groups()  # type: ignore[union-attr]
        text = f"{first.replace(',', '.')} {second.replace(',', '.')}"
    elif commas == 2 and "." not in text and re.search(r",\d[^,]*[\s;][^,]*\d,\d", text):
        text = text.replace(",", ".")
    cleaned = text.replace(",", " ").replace(";", " ").replace("−", "-").strip()
    first_part = _PART.match(cleaned)
    if first_part is None:
        return
    # A letter on both sides of the first number: the second one belongs to the second number.
    both = first_part.group(1) and first_part.group(6)
    second_part = _PART.fullmatch(cleaned, first_part.start(6) if both else first_part.end())
    if second_part is None:
        return
    values = []
    for found in (first_part, second_part):
        before, sign, degrees, minutes, seconds, after = found.groups()
        letter = (before or after).upper()
        value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
        values.append((-value if sign == "-" or letter in ("S", "W") else value, letter))
    (a, letter_a), (b, letter_b) = values
    if letter_a in ("E", "W") and letter_b in ("N", "S", ""):
        a, b = b, a
    elif letter_b in ("N", "S") or letter_a in ("E", "W"):
        return
    plain = not letter_a and not letter_b
    if plain and abs(a) > 90.0 >= abs(b):
        check_position(b, a)
        yield _Reading(b, a, msg("longitude, latitude"))
        return
    check_position(a, b)
    yield _Reading(a, b, msg("latitude, longitude"))
    if plain and abs(b) <= 90.0 and a != b:
        yield _Reading(b, a, msg("longitude, latitude"))
