"""Make resources/countries/borders.npz from Natural Earth's 1:10m countries, as TopoJSON (world-atlas 2.0.2).

    python tools/make_borders.py countries-10m.json resources/countries/borders.npz

Lines are simplified one by one, so that neighbours keep sharing them. Islands of less than 1 km2 are left out unless
they are all that a country has.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from babel.core import get_global
from shapely import LineString

STEP_DEG = 0.0001
TOLERANCE_DEG = 0.005
LEAST_AREA_DEG2 = 1e-4
# What Natural Earth draws by itself and ISO 3166 has no number for: by whose rules it may go, to be asked in any case.
DISPUTED = {
    "Dhekelia": "GB,CY", "Akrotiri": "GB,CY", "Somaliland": "SO", "Kosovo": "XK,RS", "N. Cyprus": "CY",
    "Cyprus U.N. Buffer Zone": "CY", "Siachen Glacier": "IN,PK", "Baikonur": "KZ", "USNB Guantanamo Bay": "US,CU",
    "Indian Ocean Ter.": "AU", "Coral Sea Is.": "AU", "Clipperton I.": "FR",
}  # fmt: skip
# Parts of a country that ISO 3166 has a code of its own for, and regulators rules: south, west, north, east.
OVERSEAS = {
    "GF": (1.0, -56.0, 7.0, -50.0), "GP": (15.7, -62.0, 16.6, -60.9), "MQ": (14.3, -61.4, 15.0, -60.7),
    "RE": (-22.0, 55.0, -20.5, 56.0), "YT": (-13.5, 44.5, -12.3, 45.5), "BQ": (11.9, -68.6, 17.8, -62.8),
    "SJ": (74.0, 10.0, 81.0, 34.0),
}  # fmt: skip
MOTHERS = {"FR", "NL", "NO"}


def codes_of(geometry: dict[str, object]) -> str:
    """Return the country of a geometry; where that is not settled those it may be, with commas, and a question mark."""
    name = geometry["properties"]["name"]  # type: ignore[index]
    if "id" not in geometry:
        return DISPUTED.get(name, "") and DISPUTED[name] + ",?"
    (alpha2,) = get_global("territory_aliases")[geometry["id"]]
    return str(alpha2)


def main() -> None:
    """Read the one file and write the other."""
    world = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    scale, move = np.array(world["transform"]["scale"]), np.array(world["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + move for arc in world["arcs"]]
    thin = [np.array(LineString(arc).simplify(TOLERANCE_DEG).coords) for arc in arcs]
    used: dict[int, int] = {}
    names, ring_country, ring_part, ring_arcs, ring_offset = [], [], [], [], [0]
    part = 0
    for geometry in world["objects"]["countries"]["geometries"]:
        codes = codes_of(geometry)
        if not codes:
            continue
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        areas = [_area(np.concatenate([_way(arcs, i) for i in rings[0]])) for rings in polygons]
        for rings, area in zip(polygons, areas, strict=True):
            if area < LEAST_AREA_DEG2 and area < max(areas):
                continue
            here = _overseas(np.concatenate([_way(arcs, i) for i in rings[0]])) if codes in MOTHERS else ""
            if (here or codes) not in names:
                names.append(here or codes)
            for ring in rings:
                ring_country.append(names.index(here or codes))
                ring_part.append(part)
                ring_arcs += [_signed(used, i) for i in ring]
                ring_offset.append(len(ring_arcs))
            part += 1
    kept = [thin[i] if len(thin[i]) > 3 or len(arcs[i]) < 5 else arcs[i] for i in used]
    steps = [np.round(arc / STEP_DEG).astype(np.int32) for arc in kept]
    deltas = [np.diff(arc, axis=0, prepend=np.zeros((1, 2), np.int32)) for arc in steps]
    np.savez_compressed(
        sys.argv[2],
        step_deg=STEP_DEG,
        codes=np.array(names),
        deltas=np.concatenate(deltas).astype(np.int32),
        arc_offset=np.cumsum([0, *map(len, deltas)]).astype(np.int32),
        ring_country=np.array(ring_country, np.int16),
        ring_part=np.array(ring_part, np.int32),
        ring_arcs=np.array(ring_arcs, np.int32),
        ring_offset=np.array(ring_offset, np.int32),
    )


def _overseas(ring: np.ndarray) -> str:
    lon, lat = ring.mean(axis=0)
    return next((code for code, (s, w, n, e) in OVERSEAS.items() if s < lat < n and w < lon < e), "")


def _area(ring: np.ndarray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))))


def _way(arcs: list[np.ndarray], number: int) -> np.ndarray:
    return arcs[number] if number >= 0 else arcs[~number][::-1]


def _signed(used: dict[int, int], number: int) -> int:
    at = used.setdefault(max(number, ~number), len(used))
    return at if number >= 0 else ~at


main()
