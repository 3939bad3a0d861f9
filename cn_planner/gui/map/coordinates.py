"""Coordinates as people write them."""

from __future__ import annotations

import re

from cn_planner.errors import InputError
from cn_planner.geo import check_position
from cn_planner.message import msg

_NUMBER = r"(\d+(?:\.\d+)?)"
_PART = re.compile(
    rf"\s*([NSEW]?)\s*([+−-]?)\s*{_NUMBER}\s*°?\s*(?:{_NUMBER}\s*['′’]\s*(?:{_NUMBER}\s*(?:\"|″|”|'')\s*)?)?([NSEW]?)\s*",
    re.IGNORECASE,
)


def parse_place(text: str) -> tuple[float, float]:
    """Return latitude and longitude of ``42.0931, 1.8082``, ``42.0931 N 1.8082 E`` or ``42°5'35" N, 1°48'30" E``.

    Raises
    ------
    InputError
        Where the text is not that.
    """
    # A comma may part the two or be a decimal sign: where there are three, the middle one parts.
    commas = text.count(",")
    if commas == 3 and "." not in text:
        first, second = re.match(r"([^,]*,[^,]*),(.*)", text).groups()  # type: ignore[union-attr]
        text = f"{first.replace(',', '.')} {second.replace(',', '.')}"
    elif commas == 2 and "." not in text and re.search(r",\d+\s+\S*\d+,\d", text):
        text = text.replace(",", ".")
    cleaned = text.replace(",", " ").replace(";", " ").replace("−", "-").strip()
    first = _PART.match(cleaned)
    # A letter on both sides of the first number: the second one belongs to the second number.
    end = 0 if first is None else first.start(6) if first.group(1) and first.group(6) else first.end()
    second = _PART.fullmatch(cleaned, end) if first else None
    if first is None or second is None:
        raise _not_coordinates(text)
    values = []
    for found in (first, second):
        before, sign, degrees, minutes, seconds, after = found.groups()
        letter = (before or after).upper()
        value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
        values.append((-value if sign == "-" or letter in ("S", "W") else value, letter))
    (a, letter_a), (b, letter_b) = values
    if letter_a in ("E", "W") and letter_b in ("N", "S", ""):
        a, b = b, a
    elif letter_b in ("N", "S") or letter_a in ("E", "W"):
        raise _not_coordinates(text)
    check_position(a, b)
    return a, b


def _not_coordinates(text: str) -> InputError:
    return InputError(
        msg("{text} is not a latitude and a longitude.", text=text.strip()[:60]),
        fix=msg("Write them in degrees, latitude first: 42.0931, 1.8082."),
    )
