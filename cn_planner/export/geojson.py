"""The plan as GeoJSON (RFC 7946), with colours as simplestyle says them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cn_planner.export.geometry import line_between, outline_polygons
from cn_planner.export.labels import COLOURS, OUTLINE_COLOUR, PLACE_COLOUR, SITE_COLOUR, Labels, values
from cn_planner.export.text import about_lines, about_text, attribution, cell_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan


def write_geojson(plan: DeploymentPlan, path: Path) -> None:
    """Write sites, homes, links, public places and coverage outlines as one collection."""
    collection = {
        "type": "FeatureCollection",
        "name": cell_text(plan.meta.plan, "en"),
        "description": about_text(plan),
        "attribution": attribution(plan),
        "about": [list(pair) for pair in about_lines(plan)],
        "features": list(_features(plan)),
    }
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _feature(kind: str, label: tuple[str, str], geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"layer": kind, "title": label[0], "description": label[1], **properties},
    }


def _point(latitude: float, longitude: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def _features(plan: DeploymentPlan) -> Iterator[dict[str, Any]]:
    labels, language = Labels(plan), plan.meta.language
    sites, homes, links, public = labels.wanted()
    places = {site.id: (round(site.longitude, 6), round(site.latitude, 6)) for site in plan.sites}

    for outline in plan.outlines:
        polygons = outline_polygons(outline)
        coordinates = [
            [[[round(x, 6), round(y, 6)] for x, y in ring.coords] for ring in (one.exterior, *one.interiors)]
            for one in polygons.geoms
        ]
        style = {"fill": OUTLINE_COLOUR, "fill-opacity": 0.2, "stroke": OUTLINE_COLOUR, "stroke-width": 1}
        geometry: dict[str, Any] = {"type": "MultiPolygon", "coordinates": coordinates}
        yield _feature(
            "coverage", labels.outline(outline.site), geometry, {"site": cell_text(outline.site, "en"), **style}
        )
    for link, row in zip(plan.links, links.rows, strict=True):
        style = {"stroke": COLOURS[link.verdict], "stroke-width": 3, "stroke-opacity": 1.0}
        line = line_between(places[link.a.site], places[link.b.site])
        parts = [[[round(x, 6), round(y, 6)] for x, y in one.coords] for one in getattr(line, "geoms", (line,))]
        geometry = {"type": line.geom_type, "coordinates": parts[0] if len(parts) == 1 else parts}
        columns = {key: value for key, _, value in values(links, row, language)}
        yield _feature("link", labels.link(link), geometry, {**columns, **style})
    for site, row in zip(plan.sites, sites.rows, strict=True):
        style = {"marker-color": SITE_COLOUR, "marker-size": "large", "marker-symbol": "communications-tower"}
        columns = {key: value for key, _, value in values(sites, row, language)}
        geometry = _point(site.latitude, site.longitude)
        yield _feature("site", labels.site(site), geometry, {**columns, **style})
    for home, row in zip(plan.homes, homes.rows, strict=True):
        style = {
            "marker-color": COLOURS[home.verdict],
            "marker-size": "small",
            "marker-symbol": "building" if home.reached else "cross",
        }
        columns = {key: value for key, _, value in values(homes, row, language)}
        geometry = _point(home.latitude, home.longitude)
        yield _feature("home", labels.home(home), geometry, {**columns, **style})
    for place, row in zip(plan.places, public.rows, strict=True):
        style = {"marker-color": PLACE_COLOUR, "marker-size": "medium", "marker-symbol": "circle"}
        columns = {key: value for key, _, value in values(public, row, language)}
        yield _feature("place", labels.place(place), _point(place.latitude, place.longitude), {**columns, **style})
