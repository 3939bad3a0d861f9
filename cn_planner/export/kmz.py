"""The plan as KMZ: folders by status, then by kind. Texts of people are escaped; icons travel inside the file."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.drawing.palette import rgb
from cn_planner.drawing.png import encode_classes
from cn_planner.export.archive import write_zip
from cn_planner.export.geometry import outline_polygons, wedge
from cn_planner.export.geotiff import TITLE as REACH
from cn_planner.export.icons import icons
from cn_planner.export.labels import COLOURS, OUTLINE_COLOUR, PLACE_COLOUR, SITE_COLOUR, Labels, values
from cn_planner.export.text import about_text, attribution, cell_text, exact_text
from cn_planner.message import msg
from cn_planner.model.plan import Status
from cn_planner.report import words
from cn_planner.report.columns import MONEY
from cn_planner.report.reach import reach_counts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cn_planner.report.columns import Table, TableCell
    from cn_planner.report.deployment import DeploymentPlan, SiteRecord
    from cn_planner.report.reach import ReachCounts

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_OVERLAY = "overlays/coverage.png"
_COVER = ((0, 0, 0, 0), *((*rgb(OUTLINE_COLOUR), opacity) for opacity in (70, 110, 150)))
"""None, one, two, three towers and more."""
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
"""What begins a tag of HTML; another "<" is shown as it stands (HTML standard, 13.2.5.6, tag open state)."""
_WEDGE_M = 1200.0
"""How long a sector's wedge is where it serves no home whose distance is known."""


def write_kmz(plan: DeploymentPlan, path: Path) -> None:
    """Write sites, sectors and links by status, homes reached and not reached, and coverage."""
    covered = reach_counts(plan)
    document = _Document(plan, covered)
    members = {"doc.kml": document.xml(), **{f"icons/{name}.png": image for name, image in icons().items()}}
    if covered is not None:
        members[_OVERLAY] = encode_classes(np.minimum(covered.counts, len(_COVER) - 1), _COVER)
    write_zip(path, members, plan.meta.date)


def _kml_colour(colour: str, alpha: int = 255) -> str:
    """Return a colour as KML writes it: alpha, blue, green, red."""
    return f"{alpha:02x}{colour[5:7]}{colour[3:5]}{colour[1:3]}"


class _Document:
    """One KML document as it grows."""

    def __init__(self, plan: DeploymentPlan, covered: ReachCounts | None) -> None:
        from lxml import etree

        self._etree = etree
        self._plan, self._language, self._covered = plan, plan.meta.language, covered
        self._labels = Labels(plan)
        self._root = etree.Element(f"{{{_NAMESPACE}}}kml", nsmap={None: _NAMESPACE})
        self._document = self._add(self._root, "Document")

    def _add(self, parent: Any, tag: str, text: str | None = None, **attributes: str) -> Any:
        element = self._etree.SubElement(parent, f"{{{_NAMESPACE}}}{tag}", attributes)
        element.text = text
        return element

    def _folder(self, parent: Any, name: str) -> Any:
        folder = self._add(parent, "Folder")
        self._add(folder, "name", name)
        return folder

    def xml(self) -> bytes:
        """Return the whole document."""
        self._add(self._document, "name", cell_text(self._plan.meta.plan, "en"))
        self._add(self._document, "description", self._escaped(about_text(self._plan)))
        self._styles()
        sites, homes, links, public = self._labels.wanted()
        for status in Status:
            self._status_folder(status, sites, links)
        self._homes(homes)
        self._places(public)
        self._coverage()
        # The attribution comes last, as a comment for those who read the file itself.
        note = attribution(self._plan).replace("--", "- -").rstrip("-")
        self._document.append(self._etree.Comment(f" {note} "))
        return bytes(self._etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", pretty_print=True))

    def _escaped(self, text: str) -> str:
        """Return a text for a place that some readers take for HTML and others, this program among them, for text.

        What HTML shows as it stands stays as it is, so that "Jo's & Ann" is that to all of them.
        """
        if html.unescape(text) != text:
            text = text.replace("&", "&amp;")
        return _TAG.sub("&lt;", text).replace("\n", "<br>")

    def _styles(self) -> None:
        def icon_style(key: str, icon: str, colour: str, scale: str) -> None:
            style = self._add(self._document, "Style", id=key)
            icon_element = self._add(style, "IconStyle")
            self._add(icon_element, "color", _kml_colour(colour))
            self._add(icon_element, "scale", scale)
            self._add(self._add(icon_element, "Icon"), "href", f"icons/{icon}.png")
            label = self._add(style, "LabelStyle")
            self._add(label, "scale", "0.8" if icon in {"tower", "place", "public-place"} else "0")

        icon_style("tower", "tower", SITE_COLOUR, "1.1")
        icon_style("place", "place", SITE_COLOUR, "0.9")
        icon_style("public-place", "public-place", PLACE_COLOUR, "0.9")
        for verdict, colour in COLOURS.items():
            icon_style(f"home-{verdict}", "home", colour, "0.6")
            icon_style(f"home-not-reached-{verdict}", "home-not-reached", colour, "0.6")
            style = self._add(self._document, "Style", id=f"link-{verdict}")
            line = self._add(style, "LineStyle")
            self._add(line, "color", _kml_colour(colour))
            self._add(line, "width", "3")
        style = self._add(self._document, "Style", id="sector")
        line = self._add(style, "LineStyle")
        self._add(line, "color", _kml_colour(SITE_COLOUR))
        self._add(line, "width", "1.5")
        self._add(self._add(style, "PolyStyle"), "color", _kml_colour(SITE_COLOUR, 40))
        style = self._add(self._document, "Style", id="coverage")
        line = self._add(style, "LineStyle")
        self._add(line, "color", _kml_colour(OUTLINE_COLOUR))
        self._add(line, "width", "1")
        self._add(self._add(style, "PolyStyle"), "color", _kml_colour(OUTLINE_COLOUR, 64))

    def _placemark(
        self,
        folder: Any,
        style: str,
        label: tuple[str, str],
        layer: str,
        table: Table | None = None,
        row: tuple[TableCell, ...] = (),
    ) -> Any:
        mark = self._add(folder, "Placemark")
        self._add(mark, "name", label[0])
        self._add(mark, "description", self._escaped(label[1]))
        self._add(mark, "styleUrl", f"#{style}")
        extended = self._add(mark, "ExtendedData")
        self._add(self._add(extended, "Data", name="layer"), "value", layer)
        if table is not None:
            for column, (key, title, value) in zip(table.columns, values(table, row, self._language), strict=True):
                if value is None or value == "":
                    continue
                data = self._add(extended, "Data", name=key)
                self._add(data, "displayName", self._escaped(title))
                text = exact_text(value, money=column.kind is MONEY) if isinstance(value, float) else value
                self._add(data, "value", self._escaped(text))
        return mark

    def _status_folder(self, status: Status, sites: Table, links: Table) -> None:
        own_sites = [pair for pair in zip(self._plan.sites, sites.rows, strict=True) if pair[0].status is status]
        own_links = [pair for pair in zip(self._plan.links, links.rows, strict=True) if pair[0].status is status]
        if not own_sites and not own_links:
            return
        folder = self._folder(self._document, self._labels.say(words.STATUS_WORDS[status]))
        places = {site.id: (site.longitude, site.latitude) for site in self._plan.sites}
        for in_network, title in ((True, msg("Towers")), (False, msg("Places not in this plan"))):
            group = [(site, row) for site, row in own_sites if (site.mast_height_m is not None) is in_network]
            inner = self._folder(folder, self._labels.say(title)) if group else None
            for site, row in group:
                style = "tower" if in_network else "place"
                mark = self._placemark(inner, style, self._labels.site(site), "site", sites, row)
                self._point(mark, site.latitude, site.longitude)
        self._sectors(folder, {site.id: site for site, _ in own_sites})
        inner = self._folder(folder, self._labels.say(msg("Links"))) if own_links else None
        for link, row in own_links:
            mark = self._placemark(inner, f"link-{link.verdict}", self._labels.link(link), "link", links, row)
            line = self._add(mark, "LineString")
            self._add(line, "tessellate", "1")
            ends = (places[link.a.site], places[link.b.site])
            self._add(line, "coordinates", " ".join(f"{x:.6f},{y:.6f}" for x, y in ends))

    def _sectors(self, folder: Any, sites: dict[str, SiteRecord]) -> None:
        """Draw the sectors of sites as wedges as wide as their beams, as long as the way to their farthest home."""
        sectors = [one for one in self._plan.antennas if one.task == "access" and one.site in sites]
        if not sectors:
            return
        far: dict[tuple[str | None, str], float] = {}
        for home in self._plan.homes:
            key = home.server, home.sector
            far[key] = max(far.get(key, 0.0), home.distance_m or 0.0)
        inner = self._folder(folder, self._labels.say(msg("Sectors")))
        for one in sectors:
            site = sites[one.site]
            mark = self._placemark(inner, "sector", self._labels.sector(one), "sector")
            length = far.get((one.site, one.id)) or _WEDGE_M
            ring = wedge(site.latitude, site.longitude, one.azimuth_deg or 0.0, one.beamwidth_az_deg, length)
            polygon = self._add(mark, "Polygon")
            self._add(polygon, "tessellate", "1")
            self._ring(polygon, "outerBoundaryIs", ring)

    def _ring(self, polygon: Any, tag: str, ring: Iterable[tuple[float, float]]) -> None:
        text = " ".join(f"{x:.6f},{y:.6f}" for x, y in ring)
        self._add(self._add(self._add(polygon, tag), "LinearRing"), "coordinates", text)

    def _point(self, mark: Any, latitude: float, longitude: float) -> None:
        self._add(self._add(mark, "Point"), "coordinates", f"{exact_text(longitude)},{exact_text(latitude)}")

    def _homes(self, homes: Table) -> None:
        if not self._plan.homes:
            return
        folder = self._folder(self._document, self._labels.say(msg("Homes")))
        for reached, title in ((True, msg("Reached")), (False, msg("Not reached"))):
            group = [pair for pair in zip(self._plan.homes, homes.rows, strict=True) if pair[0].reached is reached]
            inner = self._folder(folder, self._labels.say(title)) if group else None
            for home, row in group:
                style = f"home-{home.verdict}" if reached else f"home-not-reached-{home.verdict}"
                mark = self._placemark(inner, style, self._labels.home(home), "home", homes, row)
                self._point(mark, home.latitude, home.longitude)

    def _places(self, public: Table) -> None:
        if not self._plan.places:
            return
        folder = self._folder(self._document, self._labels.say(msg("Public places")))
        for place, row in zip(self._plan.places, public.rows, strict=True):
            mark = self._placemark(folder, "public-place", self._labels.place(place), "place", public, row)
            self._point(mark, place.latitude, place.longitude)

    def _coverage(self) -> None:
        if not self._plan.outlines:
            return
        folder = self._folder(self._document, self._labels.say(msg("Coverage")))
        for outline in self._plan.outlines:
            polygons = outline_polygons(outline)
            mark = self._placemark(folder, "coverage", self._labels.outline(outline.site), "coverage")
            many = self._add(mark, "MultiGeometry")
            for one in polygons.geoms:
                polygon = self._add(many, "Polygon")
                self._add(polygon, "tessellate", "1")
                self._ring(polygon, "outerBoundaryIs", one.exterior.coords)
                for hole in one.interiors:
                    self._ring(polygon, "innerBoundaryIs", hole.coords)
        self._overlay(folder)

    def _overlay(self, folder: Any) -> None:
        """Lay the picture of how many towers serve a place over the ground."""
        if self._covered is None:
            return
        overlay = self._add(folder, "GroundOverlay")
        self._add(overlay, "name", self._labels.say(REACH))
        self._add(overlay, "visibility", "0")  # the outlines are shown; who looks closer turns it on
        self._add(self._add(overlay, "Icon"), "href", _OVERLAY)
        box = self._add(overlay, "LatLonBox")
        south, west, north, east = self._covered.bounds
        for side, degrees in (("north", north), ("south", south), ("east", east), ("west", west)):
            self._add(box, side, f"{degrees:.8f}")
