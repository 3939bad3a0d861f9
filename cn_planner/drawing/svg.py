"""A display list as SVG: the same list gives the same text, byte for byte."""

from __future__ import annotations

import base64
import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from cn_planner.drawing.display import Anchor, Image, ItemGroup, Marker, Polygon, Polyline, Text, outline
from cn_planner.drawing.labels import LINE_HEIGHT, text_width
from cn_planner.drawing.palette import Theme, colour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.drawing.display import XY, DisplayItem, DisplayList, Fill, Hatch, Stroke

FONT_FAMILIES = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Ethiopic")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _number(value: float) -> str:
    """Return a length with at most two decimals and no more characters than it needs."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _clean(text: str) -> str:
    """Return the text without the characters that XML 1.0 cannot hold, escaped."""
    return escape(_NOT_XML.sub("\ufffd", text))


def _family(character: str) -> str:
    code = ord(character)
    if 0x0600 <= code < 0x0780 or 0x08A0 <= code < 0x0900 or 0xFB50 <= code < 0xFE00 or 0xFE70 <= code < 0xFEFF:
        return FONT_FAMILIES[1]
    if 0x0900 <= code < 0x0980 or 0xA8E0 <= code < 0xA900:
        return FONT_FAMILIES[2]
    if 0x1200 <= code < 0x13A0 or 0x2D80 <= code < 0x2DE0 or 0xAB00 <= code < 0xAB30:
        return FONT_FAMILIES[3]
    return FONT_FAMILIES[0]


def _spans(text: str) -> str:
    """Return the text with each script in its own family: a renderer that knows one fallback shapes them all right."""
    runs = [(family, "".join(chars)) for family, chars in groupby(text, _family)]
    return "".join(
        _clean(run)
        if family == FONT_FAMILIES[0]
        else f'<tspan font-family="{family}, sans-serif">{_clean(run)}</tspan>'
        for family, run in runs
    )


class _Writer:
    """Collects the lines of one document; hatches become patterns, each once, clips likewise."""

    def __init__(
        self, theme: Theme, *, with_text: bool = True, prefix: str = "", titles: Mapping[str, str] | None = None
    ) -> None:
        self.theme = theme
        self.with_text = with_text
        self.prefix = prefix
        self.titles = titles
        self.hatches: dict[Hatch, str] = {}
        self.clips: dict[tuple[float, float, float, float], str] = {}
        self.body: list[str] = []

    def _stroke(self, stroke: Stroke | None) -> str:
        if stroke is None:
            return ""
        parts = [f' stroke="{colour(stroke.role, self.theme)}" stroke-width="{_number(stroke.width)}"']
        if stroke.dash:
            parts.append(f' stroke-dasharray="{" ".join(_number(d) for d in stroke.dash)}"')
        if stroke.opacity < 1.0:
            parts.append(f' stroke-opacity="{_number(stroke.opacity)}"')
        return "".join(parts)

    def _fill(self, fill: Fill | None) -> str:
        if fill is None:
            return ' fill="none"'
        opacity = f' fill-opacity="{_number(fill.opacity)}"' if fill.opacity < 1.0 else ""
        return f' fill="{colour(fill.role, self.theme)}"{opacity}'

    @staticmethod
    def _path(rings: tuple[tuple[XY, ...], ...], *, closed: bool) -> str:
        end = "Z" if closed else ""
        return "".join("M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in ring) + end for ring in rings if ring)

    def polyline(self, line: Polyline) -> None:
        """Write a line."""
        if len(line.points) > 1:
            d = self._path((line.points,), closed=False)
            self.body.append(f'<path d="{d}" fill="none"{self._stroke(line.stroke)}/>')

    def polygon(self, polygon: Polygon) -> None:
        """Write a polygon: its fill, then its hatch, then its outline."""
        d = self._path(polygon.rings, closed=True)
        if not d:
            return
        if polygon.hatch is not None:
            key = self.hatches.setdefault(polygon.hatch, f"{self.prefix}hatch{len(self.hatches) + 1}")
            if polygon.fill is not None:
                self.body.append(f'<path d="{d}" fill-rule="evenodd"{self._fill(polygon.fill)}/>')
            paint = f' fill="url(#{key})"'
        else:
            paint = self._fill(polygon.fill)
        self.body.append(f'<path d="{d}" fill-rule="evenodd"{paint}{self._stroke(polygon.stroke)}/>')

    def text(self, text: Text) -> None:
        """Write a line of text on its plate, where texts are wanted."""
        if not self.with_text or not text.text:
            return
        turn = ""
        if text.angle_deg:
            turn = f' transform="rotate({_number(text.angle_deg)} {_number(text.x)} {_number(text.y)})"'
        if text.plate is not None and self.titles is None:  # what a script moves has its ground from the style
            width = text_width(text.text, text.size, bold=text.bold) + 4.0
            height = text.size * LINE_HEIGHT
            left = text.x - {Anchor.START: 2.0, Anchor.MIDDLE: width / 2, Anchor.END: width - 2.0}[text.anchor]
            self.body.append(
                f'<rect x="{_number(left)}" y="{_number(text.y - height / 2)}" width="{_number(width)}"'
                f' height="{_number(height)}" rx="1.5" fill="{colour(text.plate, self.theme)}"'
                f' fill-opacity="{_number(text.plate_opacity)}"{turn}/>'
            )
        # The middle of the capitals: 0.714 em high in Noto Sans. dominant-baseline is not understood everywhere.
        baseline = text.y + 0.357 * text.size
        weight = ' font-weight="600"' if text.bold else ""
        anchor = "" if text.anchor is Anchor.START else f' text-anchor="{text.anchor.value}"'
        self.body.append(
            f'<text x="{_number(text.x)}" y="{_number(baseline)}" font-size="{_number(text.size)}"{weight}{anchor}'
            f' fill="{colour(text.role, self.theme)}"{turn}>{_spans(text.text)}</text>'
        )

    def image(self, image: Image) -> None:
        """Write an image, its bytes within."""
        data = base64.b64encode(image.png).decode("ascii")
        matrix = " ".join(f"{value:.6g}" for value in image.affine)
        self.body.append(
            f'<image width="{image.columns}" height="{image.rows}" transform="matrix({matrix})"'
            f' preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
        )

    def group(self, group: ItemGroup) -> None:
        """Write a group; its clip is in its own lengths."""
        attributes = ""
        if group.clip is not None:
            key = self.clips.setdefault(group.clip, f"{self.prefix}clip{len(self.clips) + 1}")
            attributes += f' clip-path="url(#{key})"'
        if group.offset != (0.0, 0.0):
            attributes += f' transform="translate({_number(group.offset[0])} {_number(group.offset[1])})"'
        name = f" data-name={quoteattr(_NOT_XML.sub(chr(0xFFFD), group.name))}" if group.name else ""
        self.body.append(f"<g{name}{attributes}>")
        self.items(group.items)
        self.body.append("</g>")

    def items(self, items: tuple[DisplayItem, ...]) -> None:
        """Write items in their order."""
        for item in items:
            match item:
                case Polyline():
                    self.polyline(item)
                case Polygon():
                    self.polygon(item)
                case Marker():
                    self.marker(item)
                case Text():
                    self.text(item)
                case Image():
                    self.image(item)
                case ItemGroup():
                    self.group(item)

    def marker(self, marker: Marker) -> None:
        """Write a symbol; one that has a title by itself, with its place, so that a script finds and sizes it."""
        title = (self.titles or {}).get(marker.key)
        if title is not None:
            self.body.append(
                f'<g data-x="{_number(marker.x)}" data-y="{_number(marker.y)}"><title>{_clean(title)}</title>'
            )
        self.items(outline(marker))
        if title is not None:
            self.body.append("</g>")

    def defs(self) -> list[str]:
        """Return the patterns and clips that the body names."""
        lines = []
        for hatch, key in self.hatches.items():
            step, middle = _number(hatch.spacing), _number(hatch.spacing / 2)
            opacity = f' stroke-opacity="{_number(hatch.opacity)}"' if hatch.opacity < 1.0 else ""
            lines.append(
                f'<pattern id="{key}" width="{step}" height="{step}" patternUnits="userSpaceOnUse"'
                f' patternTransform="rotate({_number(hatch.angle_deg)})"><path d="M0 {middle}H{step}"'
                f' stroke="{colour(hatch.role, self.theme)}" stroke-width="{_number(hatch.width)}"{opacity}/></pattern>'
            )
        for (x, y, width, height), key in self.clips.items():
            lines.append(
                f'<clipPath id="{key}"><rect x="{_number(x)}" y="{_number(y)}" width="{_number(width)}"'
                f' height="{_number(height)}"/></clipPath>'
            )
        return ["<defs>", *lines, "</defs>"] if lines else []


def svg(drawing: DisplayList, theme: Theme = Theme.PRINT, *, with_text: bool = True) -> str:
    """Return the drawing as an SVG document in points.

    Parameters
    ----------
    drawing : DisplayList
        What to write.
    theme : Theme
        Whose colours the roles take.
    with_text : bool
        False leaves the texts out, for a painter that sets them itself (`display.texts`).
    """
    writer = _Writer(theme, with_text=with_text)
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *_document(drawing, writer), ""])


def inline_svg(drawing: DisplayList, prefix: str, titles: Mapping[str, str] | None = None) -> str:
    """Return the drawing as an element of an HTML page.

    Parameters
    ----------
    drawing : DisplayList
        What to write.
    prefix : str
        Of the ids within, which are the page's: each drawing of a page needs its own.
    titles : mapping, optional
        What markers are called, by their keys: shown by readers where one points.
    """
    return "\n".join(_document(drawing, _Writer(Theme.LIGHT, prefix=prefix, titles=titles)))


def _document(drawing: DisplayList, writer: _Writer) -> list[str]:
    writer.items(drawing.items)
    width, height = _number(drawing.width), _number(drawing.height)
    family = ", ".join((*FONT_FAMILIES, "sans-serif"))
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}"'
        f' font-family="{family}" stroke-linejoin="round" stroke-linecap="round" role="img">'
    )
    head = [root]
    if drawing.title:
        head.append(f"<title>{_clean(drawing.title)}</title>")
    if drawing.description:
        head.append(f"<desc>{_clean(drawing.description)}</desc>")
    return [*head, *writer.defs(), *writer.body, "</svg>"]
