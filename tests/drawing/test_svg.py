"""Drawings as SVG: what cannot be opened, or differs from one day to the next, is no use to the village."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cn_planner.drawing.display import (
    Anchor,
    DisplayList,
    Fill,
    Hatch,
    Image,
    ItemGroup,
    Marker,
    Polygon,
    Polyline,
    Stroke,
    Symbol,
    Text,
    texts,
)
from cn_planner.drawing.palette import PALETTES, Role, Theme, colour
from cn_planner.drawing.png import png_bytes
from cn_planner.drawing.svg import svg

SVG = "{http://www.w3.org/2000/svg}"


def _everything(name: str = "Serra") -> DisplayList:
    ring = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0))
    hole = ((4.0, 1.0), (8.0, 1.0), (8.0, 4.0))
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    items = (
        Image(png_bytes(pixels), 4, 3, (2.0, 0.0, 0.0, 2.0, 5.0, 5.0)),
        Polygon((ring, hole), Fill(Role.COVERAGE, 0.2), Stroke(Role.COVERAGE), Hatch(Role.COVERAGE, 30.0)),
        Polyline(((0.0, 0.0), (5.0, -0.001)), Stroke(Role.LINK, 2.0, (3.0, 2.0), 0.5)),
        *(Marker(symbol, 20.0, 20.0, 9.0, Role.TOWER, Role.PAPER) for symbol in Symbol),
        ItemGroup(
            (Text(3.0, 4.0, name, 8.0, Role.INK, Anchor.MIDDLE, bold=True, plate=Role.PLATE),),
            name=name,
            offset=(10.0, 20.0),
            clip=(0.0, 0.0, 50.0, 50.0),
        ),
    )
    return DisplayList(100.0, 80.0, items, title=name, description=name)


@given(st.text(max_size=60))
def test_any_name_gives_a_file_that_opens_and_shows_it(name: str) -> None:
    root = etree.fromstring(svg(_everything(name)).encode())
    shown = "".join("".join(t.itertext()) for t in root.iter(f"{SVG}text"))
    allowed = [c for c in name if c in "\t\n\r" or c >= " "]
    # XML reads a return as a new line; what XML cannot hold at all is shown as a replacement.
    assert [c for c in shown if c not in "\ufffd\r\n"] == [c for c in allowed if c not in "\ufffd\r\n\ufffe\uffff"]


@pytest.mark.parametrize("name", ["</text><script>alert(1)</script>", "&amp;<![CDATA[", '"onload="x'])
def test_markup_in_a_name_stays_a_name(name: str) -> None:
    root = etree.fromstring(svg(_everything(name)).encode())
    assert not list(root.iter(f"{SVG}script"))
    assert "".join(next(root.iter(f"{SVG}text")).itertext()) == name
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert svg(_everything()) == svg(_everything())


def test_every_symbol_and_hatch_is_drawn_and_every_reference_resolves() -> None:
    root = etree.fromstring(svg(_everything()).encode())
    ids = {e.get("id") for e in root.iter() if e.get("id")}
    used = {
        value[len("url(#") : -1]
        for e in root.iter()
        for key in ("fill", "clip-path")
        if (value := e.get(key, "")).startswith("url(#")
    }
    assert used
    assert used <= ids


def test_an_image_keeps_its_pixels() -> None:
    root = etree.fromstring(svg(_everything()).encode())
    data = next(root.iter(f"{SVG}image")).get("href").removeprefix("data:image/png;base64,")
    png = base64.b64decode(data)
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (4, 3)
    at = png.index(b"IDAT")
    length = struct.unpack(">I", png[at - 4 : at])[0]
    raw = np.frombuffer(zlib.decompress(png[at + 4 : at + 4 + length]), np.uint8).reshape(3, 5)
    assert (raw[:, 0] == 2).all()
    assert (np.cumsum(raw[:, 1:], axis=0, dtype=np.uint8) == np.arange(12).reshape(3, 4)).all()


def test_a_painter_of_text_gets_each_text_at_its_place_on_the_sheet() -> None:
    (one,) = texts(_everything().items)
    assert (one.x, one.y, one.text) == (13.0, 24.0, "Serra")
    assert "<text" not in svg(_everything(), with_text=False)


def _luminance(hexa: str) -> float:
    parts = [int(hexa[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", list(Theme))
def test_what_must_be_read_stands_out_from_its_ground(theme: Theme) -> None:
    assert set(PALETTES[theme]) == set(Role)
    ground = _luminance(colour(Role.PAPER, theme))
    for role in (Role.INK, Role.MUTED, Role.ACCENT, Role.GOOD, Role.CAUTION, Role.BAD, Role.LINK, Role.TOWER):
        high, low = sorted((ground, _luminance(colour(role, theme))), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, role  # WCAG 2.2, 1.4.3
