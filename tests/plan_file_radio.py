"""Plan files and radio once more, in plain words, sharing nothing with the program.

The plan is read with sqlite3, elevation files with rasterio, shelf and law by `plan_file_shelf`.
P.525 and P.526-15 give the loss, F.1336-5 what sectors give, clearance comes from samples of its own, and so does the
chance that a path is clear on ground that is off.
"""

from __future__ import annotations

import json
import math
import sqlite3
import struct
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import numpy as np
import pyproj
import rasterio
import rasterio.warp
from scipy.ndimage import binary_dilation, find_objects, label
from scipy.special import log_ndtr, ndtr

from tests.plan_file_shelf import Shelf, regulations

if TYPE_CHECKING:
    from collections.abc import Callable

_GEOD = pyproj.Geod(ellps="WGS84")
_LIGHT = 299_792_458.0
_EARTH_M = 6_371_000.0
# Its samples are not those of the program: what stands at a limit may lie so much on the other side of it.
SLACK_M, SLACK_DB, SLACK_DEG, SLACK_SHARE = 0.5, 0.25, 1.0, 0.01


# What the file says


def _point(blob: bytes) -> tuple[float, float]:
    longitude, latitude = struct.unpack_from("<dd", blob, 13)
    return latitude, longitude


def _ring(blob: bytes) -> list[tuple[float, float]]:
    (count,) = struct.unpack_from("<I", blob, 17)
    flat = struct.unpack_from(f"<{2 * count}d", blob, 21)
    return [(flat[2 * n + 1], flat[2 * n]) for n in range(count)]


def read(path: Path) -> dict[str, Any]:
    """Return the sections of a plan file by their names, and its tables by the ids of their rows."""
    plan: dict[str, Any] = {"folder": path.parent}
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file, file:
        file.row_factory = sqlite3.Row
        for part, data in file.execute("SELECT part, data FROM cnplan_mirror WHERE fid = 0"):
            plan[part] = json.loads(data)
        for table in ("sites", "households", "links", "zones", "obstacles", "terrain"):
            rows = [dict(row) for row in file.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608  # of ours
            plan[table] = {row["id"]: row for row in rows}
            assert len(plan[table]) == len(rows), f"an id stands twice in {table}"
    for row in (*plan["sites"].values(), *plan["households"].values(), *plan["obstacles"].values()):
        row["at"] = _point(row["geom"])
    for row in plan["sites"].values():
        row["sectors"] = json.loads(row["sectors"] or "[]")
        row["uplink"] = json.loads(row["uplink"]) if row["uplink"] else None
    for row in plan["zones"].values():
        row["ring"] = _ring(row["geom"])
    return plan


# The ground


def _without_small_voids(values: np.ndarray) -> np.ndarray:
    """Return heights whose voids of up to 16 samples, with all neighbours known, are filled by Laplace's equation."""
    rows, columns = values.shape
    areas, count = label(np.isnan(values), np.ones((3, 3)))
    for number, (down, right) in enumerate(find_objects(areas, count), 1):
        if down.start == 0 or right.start == 0 or down.stop == rows or right.stop == columns:
            continue
        window = values[down.start - 1 : down.stop + 1, right.start - 1 : right.stop + 1]
        void = areas[down.start - 1 : down.stop + 1, right.start - 1 : right.stop + 1] == number
        at = {tuple(cell): n for n, cell in enumerate(np.argwhere(void))}
        if len(at) > 16 or np.isnan(window[~void & binary_dilation(void, np.ones((3, 3)))]).any():
            continue
        equations, known = np.zeros((len(at), len(at))), np.zeros(len(at))
        for (r, c), n in at.items():
            equations[n, n] = 4.0
            for beside in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if beside in at:
                    equations[n, at[beside]] = -1.0
                else:
                    known[n] += window[beside]
        window[void] = np.linalg.solve(equations, known)
    return values


class Ground:
    """Heights by bilinear interpolation between the middles of the cells."""

    def __init__(self, files: list[Path]) -> None:
        self.tiles = []
        for path in files:
            inside = f"/vsizip/{path.resolve()}/{ZipFile(path).namelist()[0]}" if path.suffix == ".zip" else path
            with rasterio.open(inside) as file:
                values = file.read(1, masked=True).astype(np.float64).filled(np.nan)
                self.tiles.append((_without_small_voids(values), file.transform, file.crs))
        _, move, crs = self.tiles[0]
        # Half a cell on the ground, the shorter side of a cell in degrees at 60 degrees at most.
        self.step_m = 0.5 * abs(move.a) * (1.0 if crs.is_projected else 111_000.0 * 0.7)
        self.error = self._error(files[0].name)
        assert all(self._error(path.name) == self.error for path in files), "one source of ground is read"
        self.ways: dict[Any, Way] = {}
        """Those that were asked for, of all plan files on the same ground, by all that they follow from."""

    def _error(self, name: str) -> tuple[float, float, float]:
        """Return the error of heights on level ground, what slopes add, and its reach, m: docs/propagation.md.

        SRTM: 4.7 m at 90 % are 2.9 m; 9 m at 90 % in place are 4.2 m by each axis, and a tenth of a cell lies between
        samples. The error of one place says something of the next for two cells, and 100 m at least.
        """
        if name.startswith("sample-valley"):
            return 0.0, 0.0, 100.0  # invented, and so as it was invented
        assert ".hgt" in name, "a source of ground that this checker does not know"
        values, move, _ = self.tiles[0]
        south = math.radians(abs(move.f + move.e * values.shape[0] / 2))
        cell = min(abs(move.e), abs(move.a) * math.cos(south)) * math.pi / 180.0 * 6_378_137.0
        return 2.9, math.hypot(4.2, 0.1 * cell), max(2.0 * cell, 100.0)

    def heights(self, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
        found = np.full(latitude.shape, np.nan)
        for values, move, crs in self.tiles:
            x, y = rasterio.warp.transform("EPSG:4326", crs, longitude, latitude) if crs.is_projected else (
                longitude, latitude)  # fmt: skip
            column = (np.asarray(x) - move.c) / move.a - 0.5
            row = (np.asarray(y) - move.f) / move.e - 0.5
            rows, columns = values.shape
            inside = (row >= -1e-6) & (row <= rows - 1 + 1e-6) & (column >= -1e-6) & (column <= columns - 1 + 1e-6)
            r, c = np.clip(row[inside], 0, rows - 1), np.clip(column[inside], 0, columns - 1)
            top, left = np.minimum(r.astype(int), rows - 2), np.minimum(c.astype(int), columns - 2)
            down, right = r - top, c - left
            upper = values[top, left] * (1 - right) + values[top, left + 1] * right
            lower = values[top + 1, left] * (1 - right) + values[top + 1, left + 1] * right
            here = upper * (1 - down) + lower * down
            at = np.flatnonzero(inside)
            found[at] = np.where(np.isnan(found[at]), here, found[at])
        return found


_GROUNDS: dict[Any, Ground] = {}


def ground_of(files: list[Path]) -> Ground:
    """Return the ground of files: copies of a plan have copies of its terrain, and one ground. Two are kept."""
    key = tuple((path.name, sha256(path.read_bytes()).digest()) for path in files)
    _GROUNDS[key] = _GROUNDS.pop(key, None) or Ground(files)
    for old in list(_GROUNDS)[:-2]:
        del _GROUNDS[old]
    return _GROUNDS[key]


@dataclass
class Way:
    """A path between two places: distances, ground, what stands on it, and directions at its first end."""

    distance: np.ndarray
    ground: np.ndarray
    cover: np.ndarray
    azimuth: float
    back: float
    known: dict[Any, tuple[float, float]] = field(default_factory=dict)

    def once(self, what: Callable[..., tuple[float, float]], *of: Any) -> tuple[float, float]:
        """Return what a function says of the path, asked once."""
        if (what, of) not in self.known:
            self.known[what, of] = what(self, *of)
        return self.known[what, of]

    @property
    def length(self) -> float:
        return float(self.distance[-1])


# The radio


def _edge(nu: float) -> float:
    return 6.9 + 20.0 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1) if nu > -0.78 else 0.0


def _bullington(d: np.ndarray, h: np.ndarray, first: float, last: float, radius: float, wave: float) -> float:
    """P.526-15, section 4.5.1, in metres."""
    length = d[-1]
    x, top = d[1:-1], h[1:-1] + d[1:-1] * (length - d[1:-1]) / (2.0 * radius)
    if not len(x):
        return 0.0
    to_first = float(((top - first) / x).max())
    if to_first < (last - first) / length:
        over = top - (first * (length - x) + last * x) / length
        nu = float((over * np.sqrt(2.0 * length / (wave * x * (length - x)))).max())
    else:
        to_last = float(((top - last) / (length - x)).max())
        if to_first + to_last <= 0.0:
            nu = 0.0
        else:
            b = min(max((last - first + to_last * length) / (to_first + to_last), x[0]), x[-1])
            over_b = first + to_first * b - (first * (length - b) + last * b) / length
            nu = over_b * math.sqrt(2.0 * length / (wave * b * (length - b)))
    loss = _edge(nu)
    return loss + (1.0 - math.exp(-loss / 6.0)) * (10.0 + 0.02 * length / 1000.0)


def _first_term(length: float, h1: float, h2: float, radius: float, mhz: float) -> float:
    """P.526-15, section 3.1.1, vertical polarisation over average ground."""
    km, permittivity, ohmic = radius / 1000.0, 22.0, 18_000.0 * 0.003 / mhz
    k = 0.36 * (km * mhz) ** (-1 / 3) * ((permittivity - 1) ** 2 + ohmic**2) ** -0.25
    k *= math.sqrt(permittivity**2 + ohmic**2)
    beta = (1 + 1.6 * k**2 + 0.67 * k**4) / (1 + 4.5 * k**2 + 1.53 * k**4)
    x = 2.188 * beta * mhz ** (1 / 3) * km ** (-2 / 3) * length / 1000.0
    far = 11 + 10 * math.log10(x) - 17.6 * x if x >= 1.6 else -20 * math.log10(x) - 5.6488 * x**1.425

    def gain(height: float) -> float:
        b = beta * 9.575e-3 * beta * mhz ** (2 / 3) * km ** (-1 / 3) * height
        if b > 2.0:
            value = 17.6 * math.sqrt(b - 1.1) - 5 * math.log10(b - 1.1) - 8
        else:
            value = 20 * math.log10(b + 0.1 * b**3) if b > 0 else -math.inf
        return max(value, 2 + 20 * math.log10(k))

    return -far - gain(h1) - gain(h2)


def _sphere(length: float, h1: float, h2: float, radius: float, mhz: float) -> float:
    """P.526-15, section 3.2."""
    sight = math.sqrt(2 * radius) * (math.sqrt(h1) + math.sqrt(h2))
    if length >= sight:
        return max(0.0, _first_term(length, h1, h2, radius, mhz))
    c, m = (h1 - h2) / (h1 + h2), length**2 / (4 * radius * (h1 + h2))
    angle = math.acos(max(-1.0, min(1.0, 1.5 * c * math.sqrt(3 * m / (m + 1) ** 3))))
    d1 = length / 2 * (1 + 2 * math.sqrt((m + 1) / (3 * m)) * math.cos(math.pi / 3 + angle / 3))
    d2 = length - d1
    clear = ((h1 - d1**2 / (2 * radius)) * d2 + (h2 - d2**2 / (2 * radius)) * d1) / length
    needed = 0.552 * math.sqrt(d1 * d2 * _LIGHT / (mhz * 1e6) / length)
    if clear > needed:
        return 0.0
    grazing = 0.5 * (length / (math.sqrt(h1) + math.sqrt(h2))) ** 2
    return max(0.0, (1 - clear / needed) * _first_term(length, h1, h2, grazing, mhz))


def loss_and_clearance(
    path: Way, up_1: float, up_2: float, mhz: float, k_factor: float, spare_m: float = 0.0
) -> tuple[float, float]:
    """Return the basic transmission loss, dB, and the least clearance in first Fresnel radii, with metres to spare."""
    d, ground, surface = path.distance, path.ground, path.ground + path.cover
    first, last, length = ground[0] + up_1, ground[-1] + up_2, path.length
    wave, radius = _LIGHT / (mhz * 1e6), _EARTH_M * k_factor
    free = 20 * math.log10(4 * math.pi * max(1.0, math.hypot(length, last - first)) / wave)
    x = d[1:-1]
    if not len(x):
        return free, math.inf
    over = first + (last - first) * x / length - surface[1:-1] - x * (length - x) / (2 * radius)
    clear = float(((over + spare_m) / np.sqrt(wave * x * (length - x) / length)).min())
    # The smooth earth, section 4.5.2.
    step, h = np.diff(d), ground
    v1 = float((step * (h[1:] + h[:-1])).sum())
    v2 = float((step * (h[1:] * (2 * d[1:] + d[:-1]) + h[:-1] * (d[1:] + 2 * d[:-1]))).sum())
    smooth_1, smooth_2 = (2 * v1 * length - v2) / length**2, (v2 - v1 * length) / length**2
    above = h[1:-1] - (first * (length - x) + last * x) / length
    if above.max() > 0:
        a1, a2 = float((above / x).max()), float((above / (length - x)).max())
        smooth_1 -= float(above.max()) * a1 / (a1 + a2)
        smooth_2 -= float(above.max()) * a2 / (a1 + a2)
    h1, h2 = (max(0.0, amsl - min(s, g)) for amsl, s, g in ((first, smooth_1, h[0]), (last, smooth_2, h[-1])))
    bare = _bullington(d, ground, first, last, radius, wave)
    flat = _bullington(d, np.zeros(len(d)), h1, h2, radius, wave)
    trees = max(0.0, _bullington(d, surface, first, last, radius, wave) - bare)
    round_earth = _sphere(length, h1, h2, radius, mhz) if h1 + h2 > 0 else 0.0
    return free + bare + max(0.0, round_earth - flat) + trees, clear


def clear_chance(
    path: Way, up_1: float, up_2: float, mhz: float, k_factor: float, error: tuple[float, float, float], spare_m: float
) -> tuple[float, float]:
    """Return the chance that 0.6 of the first Fresnel radius is clear, and that nothing stands in the line of sight.

    The ground is off, at both antennas too, alike for places that are near each other; trees by 0.3 of their height,
    antennas by 0.3 m. The worst place counts whole, what else is near to grazing once for each 1.5 reaches; one path in
    ten lies on ground that is four times as far off.
    """
    level, sloping, reach = error
    d, length = path.distance, path.length
    x = d[1:-1]
    if not len(x):
        return 1.0, 1.0
    slope = math.sqrt(float((np.diff(path.ground) ** 2 / np.diff(d)).sum()) / length)
    variance = level**2 + (sloping * slope) ** 2
    # The error of the clearance is (1 - t) g(0) + t g(L) - g(x): its variance by the covariances of the three.
    weights = np.stack([1.0 - x / length, x / length, -np.ones(len(x))])
    places = np.stack([np.zeros(len(x)), np.full(len(x), length), x])
    alike = np.exp(-np.abs(places[:, np.newaxis] - places[np.newaxis, :]) / reach)
    of_ground = variance * np.einsum("in,ijn,jn->n", weights, alike, weights)
    sd = np.sqrt(np.maximum(of_ground, 0.0) + (0.3 * path.cover[1:-1]) ** 2 + 0.3**2)
    first, last = path.ground[0] + up_1, path.ground[-1] + up_2
    bulge = x * (length - x) / (2.0 * _EARTH_M * k_factor)
    over = first + (last - first) * x / length - (path.ground + path.cover)[1:-1] - bulge + spare_m
    radius = np.sqrt(_LIGHT / (mhz * 1e6) * x * (length - x) / length)
    part = (d[2:] - d[:-2]) / 2.0 / (1.5 * reach)

    def chance(share: float, times: float) -> float:
        z = (over - share * radius) / (sd * times)
        return float(ndtr(z.min()) * math.exp(float((log_ndtr(z) * part).sum())))

    clear, seen = (0.9 * chance(share, 1.0) + 0.1 * chance(share, 4.0) for share in (0.6, 0.0))
    return clear, seen


def on_channel(kit: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return a kit at the width of a sector or link that has one of its own."""
    return {**kit, "width_mhz": own["width_mhz"] or kit["width_mhz"]}


def wifi_mbps(air_mbps: float, metres: float) -> float:
    """Return what plain Wi-Fi leaves of a rate on the air over a length: one sender that always has something to send.

    IEEE 802.11-2020: 32 packets of 1500 bytes go at once, each with 38 bytes round it and a delimiter of 4, filled up
    to four; 40 us of preamble, symbols of 4 us; before them SIFS, two slots, and 7.5 slots of chance; after them a
    block acknowledgement of 32 bytes at 24 Mbit/s. The slots wait for the way there and back.
    """
    flight = metres / _LIGHT * 1e6
    fits = int((5484 - 40) * air_mbps / (8 * 1544))
    packets = max(1, min(32, fits))
    data = 40 + 4 * math.ceil((8 * 1544 * packets + 22) / (4 * air_mbps) - 1e-9)
    answer = 20 + 4 * math.ceil((8 * 32 + 22) / 96)
    waits = 16 + 9.5 * (9 + 2 * flight) + flight + 16 + flight
    return 8 * 1500 * packets / (waits + data + answer)


def sector_loss_db(antenna: dict[str, Any], off_az: float, up: float, tilt: float) -> float:
    """Return by how much a sector gives less than at most: F.1336-5, recommends 3.1, average side lobes, and 3.4."""
    wide, high = antenna["beamwidth_az_deg"], antenna["beamwidth_el_deg"]
    b, p, t = math.radians(-tilt), math.radians(off_az), math.radians(up)
    up = math.degrees(math.asin(math.sin(t) * math.cos(b) + math.cos(t) * math.cos(p) * math.sin(b)))
    ahead = math.cos(t) * math.cos(p) * math.cos(b) - math.sin(t) * math.sin(b)
    off_az = abs(math.degrees(math.atan2(math.cos(t) * math.sin(p), ahead)))
    floor = -15 + 10 * math.log10(1 + 8 * 0.7) - 15 * math.log10(180 / high)

    def across(x: float) -> float:
        return max(floor, -12 * x**2 if x <= 0.5 else -12 * x ** (2 - 0.8) - 3 * (1 - 0.5**-0.8))

    x, edge = abs(up) / high, math.sqrt(1.33 - 0.33 * 0.7)
    if x < edge:
        upright = -12 * x**2
    elif x < 4:
        upright = min(-15 + 10 * math.log10(x**-1.5 + 0.7), -12 * edge**2)
    else:
        c = 10 * math.log10((180 / high) ** 1.5 * (4**-1.5 + 0.7) / (1 + 8 * 0.7)) / math.log10(22.5 / high)
        upright = -(12 - c * math.log10(4) - 10 * math.log10(4**-1.5 + 0.7)) - 3 - c * math.log10(x)
        upright = min(upright, -12 * edge**2)
    behind = across(180 / wide)
    share = (across(off_az / wide) - behind) / -behind
    return -(across(off_az / wide) + share * max(floor, upright))


@dataclass
class Budget:
    """What a path gives.

    Clearance in F1; the lesser margin in the slowest mode, rates down and up in the modes that leave the reserve, and
    the chance that the link holds at some rate.
    """

    clear: float
    margin: float
    down: float
    up: float
    chance: float


class PlanFile:
    """A plan file with what follows from it: towers, links, paths, budgets."""

    def __init__(self, path: Path, *, law: bool = True) -> None:
        self.plan = read(path)
        self.shelf, self.rules = Shelf(), self.plan["rules"]
        self.slack = 1.0
        """1: what stands at a limit keeps it; -1: it does not."""
        country = self.plan["info"]["country"] if law else ""
        self.regulations = regulations(country) if country else None
        assert not any(self.plan["shelf"].values()), "own shelves are not read"
        assert not self.rules["own_limits"], "own limits are not read"
        self.sites, self.homes = self.plan["sites"], self.plan["households"]
        self.kits = {task: self.shelf.kits[key] for task, key in self.plan["kits"].items() if task != "more_clients"}
        demand = self.plan["demand"]
        self.busy = demand["mbps_per_home"] / demand["contention"] * (1 + demand["growth_pct"] / 100)
        self.gates = {key for key, site in self.sites.items() if site["role"] == "gateway" and self.stands(site)}
        masts = {key for key, site in self.sites.items() if self.stands(site)}
        self.links = {
            key: link
            for key, link in self.plan["links"].items()
            if link["choice"] != "forbidden" and link["status"] != "rejected"
            and {link["from_site"], link["to_site"]} <= masts
        }  # fmt: skip
        used = {end for link in self.links.values() for end in (link["from_site"], link["to_site"])}
        used |= {home["server"] for home in self.homes.values()}
        self.towers = {
            key
            for key in masts
            if self.sites[key]["role"] != "existing" or self.sites[key]["choice"] == "locked"
            or self.sites[key]["sectors"] or self.sites[key]["uplink"] or key in used
        }  # fmt: skip

    @staticmethod
    def stands(site: dict[str, Any]) -> bool:
        return (
            site["mast_height_m"] is not None and site["status"] != "rejected" and site["choice"] != "forbidden"
        )  # fmt: skip

    @cached_property
    def ground(self) -> Ground:
        return ground_of([self.plan["folder"] / row["path"] for row in self.plan["terrain"].values()])

    def path(self, one: str, other: str) -> Way | None:
        """Return the path between two things, None where terrain is missing on it."""
        (lat_1, lon_1), (lat_2, lon_2) = (
            (self.sites if key in self.sites and key not in self.homes else self.homes)[key]["at"]
            for key in (one, other)
        )
        area, ways = self.plan["area"], self.ground.ways
        keep, canopy = area["canopy_keep_out_m"], 10.0 if area["canopy_m"] is None else area["canopy_m"]
        seen = tuple((*row["at"], row["radius_m"], row["height_m"]) for row in self.plan["obstacles"].values())
        key = (lat_1, lon_1, lat_2, lon_2, keep, canopy, seen)
        if key not in ways:
            azimuth, back, length = _GEOD.inv(lon_1, lat_1, lon_2, lat_2)
            d = np.linspace(0.0, length, max(2, math.ceil(length / self.ground.step_m)) + 1)
            extra, high = [], []
            for row in self.plan["obstacles"].values():
                to, _, far = _GEOD.inv(lon_1, lat_1, row["at"][1], row["at"][0])
                along, beside = (far * f(math.radians(to - azimuth)) for f in (math.cos, math.sin))
                reach = math.sqrt(max(0.0, row["radius_m"] ** 2 - beside**2))
                if abs(beside) <= row["radius_m"] and along + reach > 0 and along - reach < length:
                    places = np.clip([along - reach, along, along + reach], 0.0, length)
                    extra += places.tolist()
                    high.append((places[0], places[2], row["height_m"]))
            d = np.unique([*d, *extra])
            lon, lat, _ = _GEOD.fwd(np.full(len(d), lon_1), np.full(len(d), lat_1), np.full(len(d), azimuth), d)
            cover = np.where((d >= keep) & (d <= length - keep), canopy, 0.0)
            for low, far, height in high:
                cover = np.where((d >= low) & (d <= far), np.maximum(cover, height), cover)
            ways[key] = Way(d, self.ground.heights(lat, lon), cover, azimuth % 360, back % 360)
        found = ways[key]
        return None if np.isnan(found.ground).any() else found

    # Budgets

    def limit(self, mhz: float, width: float) -> dict[str, Any] | None:
        """Return the limit within which a whole channel lies: of several the one with the most power."""
        inside = [
            one
            for one in self.regulations or ()
            if one["low_mhz"] <= mhz - width / 2 and mhz + width / 2 <= one["high_mhz"]
            and width <= one["max_width_mhz"]
        ]  # fmt: skip
        return max(inside, key=lambda one: one["limit_dbm"], default=None)

    def one_way(
        self, sender: dict[str, Any], hearer: dict[str, Any], mhz: float, lost: float, metres: float
    ) -> list[Any]:
        """Return (level over sensitivity, rate) mode by mode: plain Wi-Fi gives less the longer the path is."""
        waits = self.shelf.listens(sender) and self.shelf.listens(hearer)
        gain_out, gain_in = (self.shelf.antennas[kit["antenna"]]["gain_dbi"] for kit in (sender, hearer))
        heard = {mode[0]: mode for mode in self.shelf.modes(hearer)}
        share = min(self.shelf.radios[kit["radio"]]["kind"]["efficiency"] for kit in (sender, hearer))
        limit = self.limit(mhz, sender["width_mhz"])
        if self.regulations is not None and limit is None:
            return [(-math.inf, 0.0)]  # closed
        limit = limit if self.rules["keep_limits"] else None
        found = []
        for number, power, _, rate in self.shelf.modes(sender):
            if limit is not None and power > limit["limit_dbm"] - gain_out + sender["cable_loss_db"]:
                power = math.floor(limit["limit_dbm"] - gain_out + sender["cable_loss_db"] + 1e-9)
            level = power - sender["cable_loss_db"] + gain_out + gain_in - hearer["cable_loss_db"] - lost
            air = min(rate, heard[number][3])
            given = min(air * share, wifi_mbps(air, metres)) if waits else air * share
            found.append((level - heard[number][2], given))
        return found

    def budget(self, path: Way, ups: tuple[float, float], kits: Any, mhz: float, least: float, off: float) -> Budget:
        # The losses are those of the kits' own frequency: so the program predicts them, whatever the channel.
        spare = self.slack * SLACK_M
        loss, clear = path.once(loss_and_clearance, *ups, kits[0]["freq_mhz"], self.plan["area"]["k_factor"], spare)
        ways = [self.one_way(*ends, mhz, loss + off, path.length) for ends in (kits, kits[::-1])]
        margin = min(max(over for over, _ in way) for way in ways)
        down, up = (
            max((rate for over, rate in way if over >= least - self.slack * SLACK_DB), default=0.0) for way in ways
        )
        return Budget(clear, margin, down, up, self._chance(path, ups, kits[0]["freq_mhz"], clear, margin, spare))

    def _chance(
        self, path: Way, ups: tuple[float, float], mhz: float, clear_f1: float, margin: float, spare: float
    ) -> float:
        """Return P(clear) Phi(m / sigma) + P(passes) Phi((m - edge) / 12 dB), m were nothing in the way."""
        assert mhz > 4900.0, "below, signals bend over hills"
        clear, seen = path.once(clear_chance, *ups, mhz, self.plan["area"]["k_factor"], self.ground.error, spare)
        edge = _edge(-math.sqrt(2.0) * clear_f1) if math.isfinite(clear_f1) else 0.0
        free = margin + edge
        sigma = float(np.interp(clear_f1, [0.6, 1.0], [6.0, 4.0]))
        grazed = max(edge, _edge(-math.sqrt(2.0) * 0.3))
        return float(clear * ndtr(free / sigma) + (seen - clear) * ndtr((free - grazed) / 12.0))

    def poor(self, found: Budget, margin: float, *, on_check: bool) -> str | None:
        """Return why a path is not good enough, None where it is."""
        if found.margin < margin - self.slack * SLACK_DB:
            return f"has a margin of {found.margin:.1f} dB"
        if found.clear < self.rules["clearance_f1"] and not on_check:
            return f"leaves {found.clear:.2f} F1 clear"
        least = self.rules["blocked_probability"] if on_check else self.rules["likely_probability"]
        if found.chance < least - self.slack * SLACK_SHARE:
            return f"works with a probability of {found.chance:.2f}"
        return None

    def roof(self, home: dict[str, Any]) -> float:
        own = home["antenna_height_m"]
        return float(self.plan["demand"]["antenna_height_m"] if own is None else own)

    def _elevation(self, path: Way, up_1: float, up_2: float) -> float:
        rise = path.ground[-1] + up_2 - path.ground[0] - up_1
        drop = path.length**2 / (2 * _EARTH_M * self.plan["area"]["k_factor"])
        return math.degrees(math.atan2(rise - drop, path.length))

    def sectors_for(self, site: dict[str, Any], home: dict[str, Any]) -> tuple[list[float], str]:
        """Return the airtime of a home on each sector of a site, inf where it is none for it; and why it is none."""
        path = self.path(site["id"], home["id"])
        if path is None:
            return [math.inf] * len(site["sectors"]), "has no terrain on its way"
        if path.length > (self.rules["max_access_km"] or math.inf) * 1000:
            return [math.inf] * len(site["sectors"]), f"is {path.length:.0f} m away"
        times, why = [], "lies in no beam"
        for sector in site["sectors"]:
            kit = on_channel(self.shelf.kits[sector["kit"]], sector)
            antenna = self.shelf.antennas[kit["antenna"]]
            off = (path.azimuth - sector["azimuth_deg"] + 180) % 360 - 180
            if abs(off) > antenna.get("stated_az_deg", antenna["beamwidth_az_deg"]) / 2 + SLACK_DEG:
                times.append(math.inf)
                continue
            own = self.shelf.kits[home.get("client_kit") or self.plan["kits"]["client"]]
            low, high = self.shelf.radios[own["radio"]]["band_mhz"]
            if not low <= kit["freq_mhz"] <= high:
                times.append(math.inf)
                why = f"has a radio of {low:g} to {high:g} MHz"
                continue
            ups = (sector["height_m"] or site["mast_height_m"], self.roof(home))
            lost = sector_loss_db(antenna, off, self._elevation(path, *ups), sector["tilt_deg"])
            client = on_channel(own, sector)
            found = self.budget(
                path, ups, (kit, client), sector["freq_mhz"] or kit["freq_mhz"], self.rules["access_margin_db"], lost
            )
            poor = self.poor(found, self.rules["access_margin_db"], on_check=self.rules["serve_on_check"])
            if poor is None and found.down < self.plan["demand"]["mbps_per_home"]:
                poor = f"gets {found.down:.1f} Mbit/s"
            why = why if poor is None else poor
            times.append(math.inf if poor else self.busy * home["weight"] / found.down)
        return times, why
