"""The sample valley: an invented place, made from a seed, to learn on and to show what a plan is.

The ground is a river valley with side valleys, spurs that block, and fractal detail. Hamlets lie on low and gentle
ground; candidate sites are hilltops and shoulders near them. Nothing of it is real, and it lies in the open sea, so
that nobody takes it for their own valley.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.geo import WGS84, transform
from cn_planner.model.items import Items
from cn_planner.model.plan import (
    Area,
    HomeKind,
    Household,
    Info,
    Note,
    Plan,
    PowerSource,
    Priority,
    Site,
    SiteRole,
    Status,
    Uplink,
)
from cn_planner.model.power import Sun

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20_261_125
CRS = "EPSG:32727"  # UTM 27 south: the South Atlantic
_CELL_M = 30.0
ROWS, COLUMNS = 800, 1200  # 24 km from north to south, 36 km from west to east
WEST_M, NORTH_M = 482_000.0, 9_112_000.0  # corner of the north-western cell
HOMES = 150
CANDIDATES = 10
_HAMLETS = ("Alba", "Boca", "Carrizo", "Dehesa", "Encina", "Fragua", "Granja", "Higuera")
_HILLS = ("Alto", "Balcón", "Cruz", "Dos Pinos", "Espolón", "Faro", "Garita", "Horca", "Ídolo", "Jara")
_TOWN = "Vila"
# Share of the homes, and how far round its centre, m, a hamlet spreads.
_TOWN_SHARE, _TOWN_SPREAD_M, _SPREAD_M = 0.2, 420.0, 260.0


@dataclass(frozen=True, slots=True, eq=False)
class SampleValley:
    """The plan and its ground.

    Attributes
    ----------
    plan : Plan
        Gateway town, homes, candidate sites; the terrain file is not in it yet.
    elevation_m : ndarray, (ROWS, COLUMNS) float32
        Heights, m above sea level, north row first.
    crs : str
    transform : tuple of float
        Affine transform to pixel centres (a, b, c, d, e, f), as `gis.raster.write_geotiff` takes it.
    """

    plan: Plan
    elevation_m: NDArray[np.float32]
    crs: str
    transform: tuple[float, float, float, float, float, float]


def _fractal(rng: np.random.Generator, exponent: float, shortest_m: float) -> NDArray[np.float64]:
    """Return a field of unit standard deviation with a power spectrum f^-exponent, smooth below `shortest_m`."""
    axes = np.fft.fftfreq(ROWS, _CELL_M), np.fft.rfftfreq(COLUMNS, _CELL_M)
    freq = np.hypot(*np.meshgrid(*axes, indexing="ij"))
    freq[0, 0] = np.inf
    amplitude = freq ** (-exponent / 2) * np.exp(-((freq * shortest_m) ** 2))
    spectrum = amplitude * np.exp(2j * np.pi * rng.random(freq.shape))
    field = np.fft.irfft2(spectrum, s=(ROWS, COLUMNS))
    return np.asarray(field / field.std())


def _river_east_m(north_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far east of the western edge the river flows at a distance south of the northern edge."""
    span = ROWS * _CELL_M
    return (
        0.5 * COLUMNS * _CELL_M
        + 2600.0 * np.sin(north_m / span * 2.4 * np.pi)
        + 900.0 * np.sin(north_m / span * 6.1 * np.pi)
    )


def _ground(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the heights, m: a V-shaped main valley that falls to the south, spurs across it, gullies and knolls.

    Places are looked up in a warped plane (Quilez, "Domain warping", 2002), so that no ridge runs straight.
    """
    offsets = ((np.arange(n) + 0.5) * _CELL_M for n in (ROWS, COLUMNS))
    south, east = np.meshgrid(*offsets, indexing="ij")
    south = south + 1100.0 * _fractal(rng, 3.6, 1500.0)
    east = east + 900.0 * _fractal(rng, 3.6, 1500.0)
    span = ROWS * _CELL_M
    beyond = east - _river_east_m(south)
    away = np.abs(beyond)
    floor = 620.0 - 300.0 * np.clip(south / span, 0.0, 1.0)
    walls = 330.0 * (1.0 - np.exp(-((away / 3200.0) ** 2))) + 260.0 * np.clip(away / 11_000.0, 0.0, 1.2)
    spurs = np.zeros_like(walls)
    for centre, side, lean in ((0.14, 1, 0.3), (0.31, -1, -0.35), (0.46, 1, -0.2), (0.62, -1, 0.4), (0.81, 1, 0.25)):
        along = south - centre * span - lean * away
        ridge = np.exp(-((along / 850.0) ** 2))
        spurs += 230.0 * ridge * np.clip((beyond * side + 600.0) / 2400.0, 0.0, 1.0)
    # Gullies are where a field changes sign: one minus its absolute value stands like ridges between them.
    gullies = 1.0 - np.abs(_fractal(rng, 2.4, 1100.0)) / 1.5
    rills = 1.0 - np.abs(_fractal(rng, 2.2, 480.0)) / 1.5
    detail = 130.0 * gullies + 42.0 * rills + 9.0 * _fractal(rng, 2.6, 200.0)
    return np.asarray(floor + walls + spurs + detail * np.clip(away / 2400.0, 0.1, 1.0))


def _slope(ground: NDArray[np.float64]) -> NDArray[np.float64]:
    rise_south, rise_east = np.gradient(ground, _CELL_M)
    return np.asarray(np.hypot(rise_south, rise_east))


def _window_extreme(ground: NDArray[np.float64], cells: int, *, highest: bool) -> NDArray[np.float64]:
    """Return the greatest (or least) height within a square of `cells` to each side; rows, then columns."""
    pick = np.maximum if highest else np.minimum
    result = ground
    for axis in (0, 1):
        padded = np.pad(result, [(cells, cells) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * cells + 1, axis=axis)
        result = pick.reduce(windows, axis=-1)
    return np.asarray(result)


def _spread_out(order: NDArray[np.intp], count: int, apart_m: float) -> list[tuple[int, int]]:
    """Take cells in the given order, each at least so far from all taken before."""
    taken: list[tuple[int, int]] = []
    for flat in order:
        row, column = divmod(int(flat), COLUMNS)
        if all(np.hypot(row - r, column - c) * _CELL_M >= apart_m for r, c in taken):
            taken.append((row, column))
            if len(taken) == count:
                break
    return taken


def _hamlet_centres(rng: np.random.Generator, ground: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the town's cell, near the river in the south, then those of the hamlets in side valleys."""
    lowest, highest = (_window_extreme(ground, 25, highest=h) for h in (False, True))
    low = (ground - lowest) / np.maximum(highest - lowest, 1.0)
    fit = (low < 0.35) & (_slope(ground) < 0.16)
    edge = 60
    fit[:edge], fit[-edge:], fit[:, :edge], fit[:, -edge:] = False, False, False, False
    rows, columns = np.arange(ROWS)[:, None], np.arange(COLUMNS)[None]
    near_mouth = np.where(fit, np.abs(rows - 0.72 * ROWS) + 0.5 * np.abs(columns - 0.5 * COLUMNS), np.inf)
    town = divmod(int(np.argmin(near_mouth)), COLUMNS)
    score = np.where(fit, rng.random(ground.shape), -1.0)
    away = np.hypot(rows - town[0], columns - town[1]) * _CELL_M
    score[(away < 2600.0) | (away > 11_500.0)] = -1.0
    order = np.argsort(-score, axis=None, kind="stable")[: int((score > 0).sum())]
    return [town, *_spread_out(order, len(_HAMLETS), 2300.0)]


def _homes(
    rng: np.random.Generator, ground: NDArray[np.float64], centres: list[tuple[int, int]]
) -> list[tuple[float, float, int]]:
    """Return row, column (of a cell's fraction) and hamlet of each home, on ground gentle enough to live on."""
    gentle = _slope(ground) < 0.22
    town = round(HOMES * _TOWN_SHARE)
    each, rest = divmod(HOMES - town, len(centres) - 1)
    counts = [town, *(each + (i < rest) for i in range(len(centres) - 1))]
    homes: list[tuple[float, float, int]] = []
    for hamlet, (centre, count) in enumerate(zip(centres, counts, strict=True)):
        spread = (_TOWN_SPREAD_M if hamlet == 0 else _SPREAD_M) / _CELL_M
        placed = 0
        while placed < count:
            row, column = rng.normal(centre, spread)
            inside = 0 <= row < ROWS and 0 <= column < COLUMNS
            if inside and gentle[int(row), int(column)]:
                homes.append((row, column, hamlet))
                placed += 1
    return homes


def _hills(ground: NDArray[np.float64], homes: list[tuple[float, float, int]]) -> list[tuple[int, int]]:
    """Return the candidate hills: tops that stand above their surroundings, near homes that no hill is near yet."""
    top = ground >= _window_extreme(ground, 8, highest=True)
    stands = ground - _window_extreme(ground, 22, highest=False)
    rows, columns = np.nonzero(top & (stands > 45.0))
    places = np.array([(row, column) for row, column, _ in homes])
    away = np.hypot(rows[:, None] - places[None, :, 0], columns[:, None] - places[None, :, 1]) * _CELL_M
    apart = np.hypot(rows[:, None] - rows[None], columns[:, None] - columns[None]) * _CELL_M
    near = 1.0 / (1.0 + (away / 2200.0) ** 2) + stands[rows, columns][:, None] / 4000.0
    want = np.ones(len(homes))
    allowed = np.ones(len(rows), dtype=bool)
    hills: list[tuple[int, int]] = []
    for _ in range(CANDIDATES):
        best = int(np.argmax(np.where(allowed, near @ want, -1.0)))
        hills.append((int(rows[best]), int(columns[best])))
        allowed &= apart[best] > 1500.0
        want *= 1.0 - 0.75 * near[best].clip(0.0, 1.0)
    return hills


def _positions(cells: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitudes and longitudes, to six decimals, of (row, column) places; whole numbers are cell centres."""
    x = WEST_M + (cells[:, 1] + 0.5) * _CELL_M
    y = NORTH_M - (cells[:, 0] + 0.5) * _CELL_M
    longitude, latitude = transform(CRS, WGS84, x, y)
    return np.round(latitude, 6), np.round(longitude, 6)


def make_sample(seed: int = SEED) -> SampleValley:
    """Return the valley that belongs to a seed; the same seed gives the same valley."""
    rng = np.random.default_rng(seed)
    ground = np.round(_ground(rng), 1)
    centres = _hamlet_centres(rng, ground)
    homes = _homes(rng, ground, centres)
    hills = _hills(ground, homes)
    names = (_TOWN, *_HAMLETS)

    lat, lon = _positions(np.array([(row, column) for row, column, _ in homes]))
    households = []
    numbers = dict.fromkeys(names, 0)
    for i, (_, _, hamlet) in enumerate(homes):
        name = names[hamlet]
        numbers[name] += 1
        kind = {1: HomeKind.SCHOOL, 2: HomeKind.CLINIC}.get(hamlet) if numbers[name] == 1 else None
        households.append(
            Household(
                id=f"H{i + 1:03d}",
                name=f"{name} {kind.value}" if kind else f"{name} {numbers[name]}",
                latitude=float(lat[i]),
                longitude=float(lon[i]),
                weight=3.0 if kind else 1.0,
                kind=kind or HomeKind.HOME,
                priority=Priority.MUST if kind else Priority.NORMAL,
                hamlet=name,
            )
        )

    lat, lon = _positions(np.array([centres[0], *hills], dtype=np.float64))
    sites = [
        Site(
            id="G01",
            name=f"{_TOWN} exchange",
            latitude=float(lat[0]),
            longitude=float(lon[0]),
            role=SiteRole.GATEWAY,
            status=Status.AGREED,
            power=PowerSource.GRID,
            build_cost=800.0,
            uplink=Uplink(kind="fibre", mbps=300.0, monthly_cost=180.0),
            owner="Municipality",
            consent="agreed",
        )
    ]
    for i, (row, column) in enumerate(hills):
        away = min(np.hypot(row - r, column - c) for r, c, _ in homes) * _CELL_M
        sites.append(
            Site(
                id=f"C{i + 1:02d}",
                name=_HILLS[i],
                latitude=float(lat[i + 1]),
                longitude=float(lon[i + 1]),
                power=PowerSource.SOLAR,
                build_cost=float(round(300.0 + 0.9 * away, -1)),  # a track that grows with the way from the last house
            )
        )
    plan = Plan(
        info=Info(name="Sample valley (invented)", currency="USD", invented=True, secret=f"{seed:032x}"),
        area=Area(canopy_m=6.0),
        sun=Sun(clearness=0.62, source="a clear sky of which an average day has 62 % (invented)"),
        sites=Items(sites),
        households=Items(households),
        notes=Items([Note("N01", "This valley is invented. It lies in the open sea, and nobody lives there.")]),
    )
    half = _CELL_M / 2
    to_centre = (_CELL_M, 0.0, WEST_M + half, 0.0, -_CELL_M, NORTH_M - half)
    return SampleValley(plan, ground.astype(np.float32), CRS, to_centre)
