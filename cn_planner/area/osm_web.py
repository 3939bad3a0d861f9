"""Of OpenStreetMap, from the net: what a base map of a box is drawn from, with its roofs; and where a name lies.

Asked once, when the user says so, for a box of a plan: never in bulk. Sources: Overpass API, language guide (2026);
Nominatim, search API and usage policy (2026).
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from cn_planner.area.elevation_sources import box_area_km2
from cn_planner.errors import FileError, InputError
from cn_planner.gis.base_map import PLACES, ROAD_CLASSES, WATERWAYS
from cn_planner.message import msg
from cn_planner.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.area.elevation_sources import GeoBox
    from cn_planner.area.web import Web
    from cn_planner.progress import Progress

MAP_ADDRESS = "https://overpass-api.de/api/interpreter"
NAMES_ADDRESS = "https://nominatim.openstreetmap.org/search"
MOST_KM2 = 2_500.0
"""A larger box is no valley: such a piece is taken out of an extract."""
_LARGEST_MAP_BYTES = 256 << 20
_LARGEST_NAMES_BYTES = 1 << 20
_MOST_NAMES = 5
ANSWER_S = 180.0
"""So long the server may take to put a map together."""
_TAIL_BYTES = 4096
_HIGH = "mast|tower|communications_tower|water_tower|silo|chimney"


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A place that a server knows by a name: as it writes it, and where it is, degrees WGS 84."""

    name: str
    latitude: float
    longitude: float


def map_query(box: GeoBox) -> str:
    """Return what a server is asked for the map of a box, in the language of Overpass."""
    return (
        f"[out:xml][timeout:{ANSWER_S:.0f}][maxsize:{_LARGEST_MAP_BYTES}];("
        + "".join(_wanted(box))
        + ");(._;>;);out;"  # by type, then by id: the library that reads it counts on that
    )


def _wanted(box: GeoBox) -> Iterator[str]:
    either = (
        f'["highway"~"^({"|".join(ROAD_CLASSES)})$"]', f'["waterway"~"^({"|".join(WATERWAYS)})$"]',
        '["natural"~"^(water|wood)$"]', '["landuse"~"^(forest|reservoir|basin)$"]', '["building"]',
    )  # fmt: skip
    places = "|".join(one for one in PLACES if one != "peak")
    points = (f'["place"~"^({places})$"]', '["natural"="peak"]', f'["man_made"~"^({_HIGH})$"]')
    for west, east in box.parts:
        where = f"({box.south:.6f},{west:.6f},{box.north:.6f},{east:.6f});"
        yield from (f"way{what}{where}" for what in either)
        yield from (f"relation{what}{where}" for what in either[2:])
        yield from (f"node{what}{where}" for what in points)


def fetch_map(web: Web, box: GeoBox, target: Path, *, server: str = "", progress: Progress = silent) -> Path:
    """Fetch what the map of a box is drawn from; what is there already stays.

    Parameters
    ----------
    web : Web
    box : GeoBox
    target : Path
        ``NAME.osm``; its folder must be there.
    server : str
        In place of the public one.
    progress
        Told as bytes come: how many there will be no such server says.

    Raises
    ------
    InputError
        Where the box is too large, or the address none.
    FileError
        As `Web.fetch`; also where the server gave up within its answer.
    CancelledError
        Where the user cancelled.
    """
    if target.exists():
        return target
    area = box_area_km2(box)
    if area > MOST_KM2:
        raise InputError(
            msg("The box is of {area:,.0f} km²; a server is asked for at most {most:,.0f}.", area=area, most=MOST_KM2),
            fix=msg("Choose a smaller box, or bring an extract of OpenStreetMap as a file."),
        )
    address = (server or MAP_ADDRESS).rstrip("/") + "?" + urlencode({"data": map_query(box)}, quote_via=quote)
    coming = target.with_name(f"{target.name}.coming")
    there = web.fetch(address, coming, largest=_LARGEST_MAP_BYTES, progress=progress)
    try:
        if not there or not _is_whole(coming):
            raise FileError(
                msg("The server gave no whole map: it is busy, or the box holds too much."),
                where=server or MAP_ADDRESS,
                fix=msg("Try again later, or choose a smaller box. The terrain does not need it."),
            )
        coming.replace(target)
    finally:
        coming.unlink(missing_ok=True)
    return target


def _is_whole(path: Path) -> bool:
    """Return whether an answer is OpenStreetMap XML to its end, and not one that the server broke off with a remark."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(_TAIL_BYTES)
        stream.seek(max(0, size - _TAIL_BYTES))
        tail = stream.read()
    return b"<osm" in head and b"</osm>" in tail and b"<remark>" not in tail


def find_names(web: Web, text: str, *, server: str = "", language: str = "en") -> tuple[PlaceFound, ...]:
    """Ask a server where a name lies; the likeliest first, at most five.

    Raises
    ------
    FileError
        As `Web.fetch`; also where the answer is none.
    CancelledError
        Where the user cancelled.
    """
    asked = urlencode({"q": text, "format": "jsonv2", "limit": _MOST_NAMES, "accept-language": language})
    root = (server or NAMES_ADDRESS).rstrip("/")
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "names.json"
        there = web.fetch(f"{root}?{asked}", answer, largest=_LARGEST_NAMES_BYTES)
        try:
            rows: Any = json.loads(answer.read_text("utf-8")) if there else None
            return tuple(_place(row) for row in rows[:_MOST_NAMES])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise FileError(
                msg("The server does not say where names lie."), where=root, fix=msg("Choose another server.")
            ) from problem


def _place(row: Any) -> PlaceFound:
    latitude, longitude = float(row["lat"]), float(row["lon"])
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
        raise ValueError(row)
    return PlaceFound(" ".join(str(row["display_name"]).split())[:120], latitude, longitude)
