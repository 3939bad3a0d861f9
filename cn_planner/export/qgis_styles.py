"""How QGIS shows the layers of the GeoPackage: a style each, in the table in which it looks for them.

The style is QGIS's own XML ("QML"), symbology alone. Verdicts differ by colour and, for homes, by shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from cn_planner.drawing.palette import rgb
from cn_planner.export.labels import COLOURS, OUTLINE_COLOUR, PLACE_COLOUR, SITE_COLOUR, Labels
from cn_planner.report import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.report.deployment import DeploymentPlan

_WHITE = "#ffffff"


def styles(plan: DeploymentPlan) -> dict[str, str]:
    """Return a style by layer; categories are the words that the layers hold, in the plan's language."""
    labels = Labels(plan)
    reached = [(labels.say(words.YES), _marker("square", SITE_COLOUR, 2.0)),
               (labels.say(words.NO), _marker("square", SITE_COLOUR, 2.4, filled=False))]  # fmt: skip
    verdicts = [(labels.say(words.VERDICT_WORDS[key]), _line(colour)) for key, colour in COLOURS.items()]
    return {
        "sites": _single(_marker("triangle", SITE_COLOUR, 4.4), "marker"),
        "homes": _categories("reached", "marker", reached),
        "places": _single(_marker("circle", PLACE_COLOUR, 3.4), "marker"),
        "links": _categories("verdict", "line", verdicts),
        "coverage": _single(_area(OUTLINE_COLOUR), "fill"),
    }


def _ink(colour: str, opacity: int = 255) -> str:
    return ",".join(map(str, (*rgb(colour), opacity)))


def _layer(kind: str, **options: str) -> str:
    rows = "".join(
        f'<Option type="QString" name={quoteattr(key)} value={quoteattr(value)}/>' for key, value in options.items()
    )
    return f'<layer class="{kind}" enabled="1" locked="0" pass="0"><Option type="Map">{rows}</Option></layer>'


def _marker(shape: str, colour: str, size_mm: float, *, filled: bool = True) -> str:
    return _layer(
        "SimpleMarker", name=shape, color=_ink(colour if filled else _WHITE), outline_color=_ink(colour),
        outline_width="0.5", outline_style="solid", size=f"{size_mm:g}", size_unit="MM",
    )  # fmt: skip


def _line(colour: str) -> str:
    return _layer("SimpleLine", line_color=_ink(colour), line_width="0.8", line_width_unit="MM", line_style="solid")


def _area(colour: str) -> str:
    return _layer(
        "SimpleFill", color=_ink(colour, 50), style="solid", outline_color=_ink(colour), outline_width="0.3",
        outline_style="solid",
    )  # fmt: skip


def _symbol(number: int, kind: str, layer: str) -> str:
    return f'<symbol type="{kind}" name="{number}" alpha="1" force_rhr="0" clip_to_extent="1">{layer}</symbol>'


def _style(renderer: str) -> str:
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis version="3.22" styleCategories="Symbology">{renderer}</qgis>\n'
    )


def _single(layer: str, kind: str) -> str:
    symbols = f"<symbols>{_symbol(0, kind, layer)}</symbols>"
    return _style(f'<renderer-v2 type="singleSymbol" enableorderby="0" forceraster="0">{symbols}</renderer-v2>')


def marker_of(colour: str) -> str:
    """Return the mark of points to be filled in."""
    return _marker("circle", colour, 4.0, filled=False)


def form_style(layer: str, form: str) -> str:
    """Return a style of points with a form: QGIS's XML of its fields."""
    return (
        _single(layer, "marker")
        .replace("</qgis>", f"{form}</qgis>")
        .replace('styleCategories="Symbology"', 'styleCategories="Symbology|Fields|Forms"')
    )


def _categories(column: str, kind: str, pairs: Iterable[tuple[str, str]]) -> str:
    known = dict(pairs)
    rows = "".join(
        f'<category symbol="{number}" value={quoteattr(word)} label={quoteattr(word)} render="true" type="string"/>'
        for number, word in enumerate(known)
    )
    symbols = "".join(_symbol(number, kind, layer) for number, layer in enumerate(known.values()))
    return _style(
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(column)} enableorderby="0" forceraster="0">'
        f"<categories>{rows}</categories><symbols>{symbols}</symbols></renderer-v2>"
    )
