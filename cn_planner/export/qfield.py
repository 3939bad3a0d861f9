"""The survey as a GeoPackage for QField: places, homes and lines to be filled in, each layer with its form.

The forms stand in the styles of the layers (QGIS's XML): lists to choose from, a camera for photographs. The questions
and answers are those of `report.survey_form`; `importers.survey` reads the edited file back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from cn_planner.export.qgis_styles import form_style, marker_of
from cn_planner.export.text import cell_text
from cn_planner.export.xlsform import choice_name
from cn_planner.geo import destination
from cn_planner.gis.vector import VectorLayer, write_geopackage
from cn_planner.importers.field_map import DAY, FIELD_LAYERS
from cn_planner.report.field_sheets import survey_sheets
from cn_planner.report.survey_form import CHOICES, SURVEY_QUESTIONS, survey_tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

_LOOK_M = 60.0
"""A line to look along is a point so far from where one stands: it can be touched on a telephone."""
_COLOURS = {"visits": "#0c6b58", "looks": "#00527f", "trees": "#8a5a00", "levels": "#6b2d8a"}


def write_qfield(plan: DeploymentPlan, path: Path) -> None:
    """Write the layers visits (places and homes), looks (lines), trees and levels, each with its form."""
    import shapely

    rows: dict[str, list[dict[str, Any]]] = {
        "visits": [*_visits(plan)], "looks": [*_looks(plan)], "trees": [], "levels": [],
    }  # fmt: skip
    layers = []
    for name, asked in FIELD_LAYERS.items():
        columns = ("plan_id", "kind", "id", "name", "was_latitude", "was_longitude", DAY, *asked)
        layers.append(
            VectorLayer(
                name,
                "Point",
                [shapely.Point(*row["at"]) for row in rows[name]],
                {column: [row.get(column) for row in rows[name]] for column in columns},
            )
        )
    sites = {f"{one.name or one.id} ({one.id})": choice_name(one.id) for one in plan.sites}
    write_geopackage(
        path, layers, date=plan.meta.date,
        styles={name: _form(plan.meta.language, name, sites) for name in FIELD_LAYERS},
    )  # fmt: skip


def _visits(plan: DeploymentPlan) -> Iterator[dict[str, Any]]:
    tag = survey_tag(plan.meta.secret, plan.meta.plan)
    for kind, things in (("site", plan.sites), ("home", plan.homes)):
        for one in things:
            yield {
                "plan_id": tag, "kind": kind, "id": choice_name(one.id), "name": one.name,
                "was_latitude": one.latitude, "was_longitude": one.longitude, "at": (one.longitude, one.latitude),
            }  # fmt: skip


def _looks(plan: DeploymentPlan) -> Iterator[dict[str, Any]]:
    tag = survey_tag(plan.meta.secret, plan.meta.plan)
    names = {one.id: one.name or one.id for one in plan.sites}
    for sheet in survey_sheets(plan):
        site = sheet.site
        for look in sheet.looks:
            latitude, longitude = destination(site.latitude, site.longitude, look.azimuth_deg, _LOOK_M)
            yield {
                "plan_id": tag, "kind": "site", "id": choice_name(site.id), "towards": choice_name(look.towards),
                "name": f"{names[site.id]} → {names.get(look.towards, look.towards)}", "at": (longitude, latitude),
            }  # fmt: skip


def _form(language: str, layer: str, sites: Mapping[str, str]) -> str:
    """Return the style of a layer with its form."""
    questions = {one.name: one for one in SURVEY_QUESTIONS}
    widgets, aliases = [], []
    for name in FIELD_LAYERS[layer]:
        one = questions[name]
        kind, _, which = one.kind.partition(" ")
        if kind == "select_one" and which in CHOICES:
            pairs = {cell_text(words, language): key for key, words in CHOICES[which].items()}
            widgets.append(_widget(name, "ValueMap", _choices(pairs)))
        elif kind == "select_one":
            widgets.append(_widget(name, "ValueMap", _choices(sites)))
        elif kind == "image":
            widgets.append(_widget(name, "ExternalResource", _PHOTO))
        elif kind == "decimal" and one.low is not None and one.high is not None:
            limits = f'<Option name="Min" type="double" value="{one.low:g}"/>'
            limits += f'<Option name="Max" type="double" value="{one.high:g}"/>'
            widgets.append(_widget(name, "Range", f'{limits}<Option name="AllowNull" type="bool" value="true"/>'))
        else:
            widgets.append(_widget(name, "TextEdit", '<Option name="IsMultiline" type="bool" value="false"/>'))
        aliases.append(f'<alias field={quoteattr(name)} index="0" name={quoteattr(cell_text(one.label, language))}/>')
    fixed = ("plan_id", "kind", "id", "was_latitude", "was_longitude", DAY)
    # Most rows go out with the file: it is the change that has a day.
    today = "format_date(now(), 'yyyy-MM-dd')"
    day = f'<defaults><default field="{DAY}" expression="{today}" applyOnUpdate="1"/></defaults>'
    hidden = "".join(_widget(name, "Hidden", "") for name in fixed)
    shown = "".join(f'<field name="{name}" editable="0"/>' for name in ("name", *fixed) if name != DAY)
    return form_style(
        marker_of(_COLOURS[layer]),
        f"<fieldConfiguration>{hidden}{''.join(widgets)}</fieldConfiguration><aliases>{''.join(aliases)}</aliases>{day}"
        f"<editable>{shown}</editable><previewExpression>name</previewExpression>",
    )


_PHOTO = (
    '<Option name="DocumentViewer" type="int" value="1"/><Option name="RelativeStorage" type="int" value="1"/>'
    '<Option name="StorageMode" type="int" value="0"/><Option name="FileWidget" type="bool" value="true"/>'
)


def _widget(name: str, kind: str, options: str) -> str:
    return (
        f'<field name={quoteattr(name)}><editWidget type="{kind}"><config><Option type="Map">{options}</Option>'
        "</config></editWidget></field>"
    )


def _choices(pairs: Mapping[str, str]) -> str:
    rows = "".join(
        f'<Option type="Map"><Option name={quoteattr(words)} type="QString" value={quoteattr(key)}/></Option>'
        for words, key in pairs.items()
    )
    return f'<Option name="map" type="List">{rows}</Option>'
