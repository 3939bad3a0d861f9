"""The plan as GPX 1.1: what people on foot take along. Sites with their antennas, homes, public places.

What the tables say of each stands in its extensions, where devices pass over it: the file comes back as it went.
Written with lxml: gpxpy leaves attributes unescaped, so that a quotation mark in a source's name damages the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.export.labels import Labels, values
from cn_planner.export.text import about_text, attribution, cell_text, exact_text
from cn_planner.export.words import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan, HomeRecord, SiteRecord
    from cn_planner.report.public_places import PlaceRecord

_NAMESPACE = "http://www.topografix.com/GPX/1/1"
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
_OWN = "urn:cn-planner:plan"


def write_gpx(plan: DeploymentPlan, path: Path) -> None:
    """Write a waypoint for each site, each home and each public place."""
    from lxml import etree

    labels = Labels(plan)
    creator = cell_text(plan.meta.program, "en")
    root = etree.Element(
        f"{{{_NAMESPACE}}}gpx",
        {"version": "1.1", "creator": creator, f"{{{_SCHEMA}}}schemaLocation": f"{_NAMESPACE} {_NAMESPACE}/gpx.xsd"},
        nsmap={None: _NAMESPACE, "xsi": _SCHEMA, "cn": _OWN},
    )

    def add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
        element = etree.SubElement(parent, f"{{{_NAMESPACE}}}{tag}", attributes)
        element.text = text
        return element

    def waypoint(
        place: SiteRecord | HomeRecord | PlaceRecord,
        label: tuple[str, str],
        symbol: str,
        kind: str,
        said: Iterable[tuple[str, str, str | float | None]],
    ) -> None:
        point = add(root, "wpt", lat=exact_text(place.latitude), lon=exact_text(place.longitude))
        ground_m = getattr(place, "ground_m_amsl", None)
        if ground_m is not None:
            add(point, "ele", f"{ground_m:.1f}")
        add(point, "name", label[0])
        add(point, "desc", label[1])
        add(point, "sym", symbol)
        add(point, "type", kind)
        own = add(point, "extensions")
        for key, value in (("layer", kind), *((key, value) for key, _, value in said)):
            if value not in (None, ""):
                text = f"={value}" if isinstance(value, str) else exact_text(value)  # else 007 is read as a number
                etree.SubElement(own, f"{{{_OWN}}}{key}").text = text

    metadata = add(root, "metadata")
    add(metadata, "name", cell_text(plan.meta.plan, "en"))
    add(metadata, "desc", about_text(plan))
    add(add(metadata, "copyright", author=attribution(plan) or creator), "year", plan.meta.date[:4])
    add(metadata, "time", f"{plan.meta.date}T00:00:00Z")
    sites, homes, _, public = labels.wanted()
    language = plan.meta.language
    for site, row in zip(plan.sites, sites.rows, strict=True):
        symbol = "Tower" if site.mast_height_m is not None else "Flag, Blue"
        waypoint(site, labels.site(site), symbol, "site", values(sites, row, language))
    for home, row in zip(plan.homes, homes.rows, strict=True):
        waypoint(home, labels.home(home), "Residence", "home", values(homes, row, language))
    for one, row in zip(plan.places, public.rows, strict=True):
        waypoint(one, labels.place(one), "Flag, Green", "place", values(public, row, language))
    path.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def write_waypoints(path: Path, points: Sequence[tuple[float, float, str]], creator: str) -> None:
    """Write places to go to, each latitude, longitude and name, whole or not at all.

    Raises
    ------
    FileError
        Where the file cannot be written.
    """
    from lxml import etree

    root = etree.Element(f"{{{_NAMESPACE}}}gpx", {"version": "1.1", "creator": creator}, nsmap={None: _NAMESPACE})
    for latitude, longitude, name in points:
        place = {"lat": f"{latitude:.6f}", "lon": f"{longitude:.6f}"}
        etree.SubElement(etree.SubElement(root, f"{{{_NAMESPACE}}}wpt", place), f"{{{_NAMESPACE}}}name").text = name
    write_whole(path, etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
