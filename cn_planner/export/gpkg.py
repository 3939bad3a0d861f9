"""The plan as a GeoPackage for QGIS and the like: one layer a kind, with the columns of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.export.geometry import line_between, outline_polygons
from cn_planner.export.labels import Labels, values
from cn_planner.export.qgis_styles import styles
from cn_planner.export.text import about_lines, about_text, cell_text
from cn_planner.gis.vector import VectorLayer, write_geopackage
from cn_planner.report.columns import MONEY, NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.columns import Table
    from cn_planner.report.deployment import DeploymentPlan


def write_gpkg(plan: DeploymentPlan, path: Path) -> None:
    """Write the layers sites, homes, places, links and coverage with how QGIS shows them, and the table about."""
    import shapely

    language = plan.meta.language
    sites, homes, links, public = Labels(plan).wanted()
    places = {site.id: (site.longitude, site.latitude) for site in plan.sites}
    pairs = about_lines(plan)
    lines = [line_between(places[link.a.site], places[link.b.site]) for link in plan.links]
    kind = "LineString"
    if any(line.geom_type != kind for line in lines):  # a layer holds lines of one kind
        kind = "MultiLineString"
        lines = [line if line.geom_type == kind else shapely.MultiLineString([line]) for line in lines]
    layers = (
        VectorLayer(
            "sites",
            "Point",
            [shapely.Point(site.longitude, site.latitude) for site in plan.sites],
            _columns(sites, language),
        ),
        VectorLayer(
            "homes",
            "Point",
            [shapely.Point(home.longitude, home.latitude) for home in plan.homes],
            _columns(homes, language),
        ),
        VectorLayer(
            "places",
            "Point",
            [shapely.Point(place.longitude, place.latitude) for place in plan.places],
            _columns(public, language),
        ),
        VectorLayer(
            "links",
            kind,
            lines,
            _columns(links, language),
        ),
        VectorLayer(
            "coverage",
            "MultiPolygon",
            [outline_polygons(outline) for outline in plan.outlines],
            {
                "site": [cell_text(outline.site, language) for outline in plan.outlines],
                "about": [about_text(plan) for _ in plan.outlines],
            },
        ),
        # A layer of points without places: a table that every program lists beside the others.
        VectorLayer(
            "about",
            "Point",
            [None for _ in pairs],
            {"label": [label for label, _ in pairs], "text": [text for _, text in pairs]},
        ),
    )
    write_geopackage(path, layers, date=plan.meta.date, styles=styles(plan))


def _columns(table: Table, language: str) -> dict[str, Any]:
    """Return the cells by column. A column of numbers stays one where nothing in it is known (NaN, read as NULL)."""
    rows = [[value for _, _, value in values(table, row, language)] for row in table.rows]
    columns: dict[str, Any] = {}
    for place, column in enumerate(table.columns):
        cells = [row[place] for row in rows]
        numbers = column.kind in (NUMBER, MONEY)
        columns[column.key] = (
            np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64) if numbers else cells
        )
    return columns
