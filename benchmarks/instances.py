"""Further instances for the optimiser, made on real terrain as those in shared data were.

What is made follows the description beside the published instances: hill tops drawn by the homes they see, pure relay
tops, shoulders, gateways at large hamlets far apart; hamlets on low, gentle ground; 0.6 of the first Fresnel zone at
5.5 GHz over bare ground. The same words give the same file.

Usage: instances.py KIND SEED --dem FILE [FILE ...] --centre LAT,LON --out INSTANCE.json.gz
KIND: tiny, village, valley, district
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from cn_planner.coverage.matrix import near_pairs, pair_matrix
from cn_planner.links.conditions import Conditions
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KM_A_DEGREE = 111.2
_CELL = 1.0 / 1200.0
_MAST = {6: 350.0, 12: 900.0, 18: 1_700.0, 24: 2_900.0, 30: 4_300.0}
_HOME_M, _FREQ_MHZ, _CLEAR = 5.0, 5_500.0, 0.6
_ACCESS_KM, _BACKHAUL_KM = 8.0, 25.0


@dataclass(frozen=True, slots=True)
class Kind:
    """How large the instances of a kind are."""

    box_km: float
    sites: int
    homes: int
    gateways: tuple[int, int]
    hops: tuple[int, int]
    heights: tuple[tuple[int, ...], ...]
    sector_homes: int = 25
    sectors: int = 4


_KINDS = {
    "tiny": Kind(9.0, 8, 26, (2, 3), (1, 4), ((6, 12, 18),), 10, 3),
    "village": Kind(25.0, 60, 500, (1, 3), (3, 6), ((6, 12, 18, 24),)),
    "valley": Kind(32.0, 100, 1_000, (2, 3), (4, 6), ((6, 12, 18, 30),)),
    "district": Kind(40.0, 200, 2_000, (4, 5), (5, 6), ((6, 12, 24, 30),)),
}


@dataclass(slots=True)
class _Ground:
    """The box on a lattice of 3 arc seconds, rows from the north."""

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    height: NDArray[np.float64]
    km_lon: float

    def km(self, a: Any, b: Any) -> NDArray[np.float64]:
        """Return the distances from places (latitude, longitude) to others, km."""
        a, b = np.atleast_2d(a), np.atleast_2d(b)
        south = (a[:, None, 0] - b[None, :, 0]) * _KM_A_DEGREE
        east = (a[:, None, 1] - b[None, :, 1]) * self.km_lon
        return np.asarray(np.hypot(south, east))

    def places(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return latitude and longitude of marked cells."""
        rows, cols = np.nonzero(mask)
        return np.stack([self.lat[rows], self.lon[cols]], axis=1)


def _ground(surface: Surface, centre: tuple[float, float], box_km: float) -> _Ground:
    km_lon = _KM_A_DEGREE * float(np.cos(np.radians(centre[0])))
    rows = int(box_km / _KM_A_DEGREE / _CELL / 2)
    cols = int(box_km / km_lon / _CELL / 2)
    lat = centre[0] + _CELL * np.arange(rows, -rows - 1, -1)
    lon = centre[1] + _CELL * np.arange(-cols, cols + 1)
    height = surface.heights(*(grid.ravel() for grid in np.meshgrid(lat, lon, indexing="ij")))
    return _Ground(lat, lon, height.reshape(len(lat), len(lon)), km_lon)


def _homes(rng: np.random.Generator, ground: _Ground, kind: Kind) -> tuple[NDArray[np.float64], list[NDArray[Any]]]:
    """Return places of homes, and the hamlets (place, size), the largest first."""
    z = ground.height
    low, high = ndimage.minimum_filter(z, 17), ndimage.maximum_filter(z, 17)
    rise = np.hypot(np.gradient(z, axis=0) / 92.7, np.gradient(z, axis=1) / (ground.km_lon * _CELL * 1e3))
    gentle = (rise < np.tan(np.radians(13.0))) & ((z - low) < 0.45 * np.maximum(high - low, 1.0)) & (z > 1.0)
    free = ground.places(gentle)
    count = max(3, kind.homes // 28)
    seeds = free[rng.choice(len(free), count, replace=False)]
    share = rng.dirichlet(np.full(count, 1.2))
    sizes = rng.multinomial(int(0.85 * kind.homes), share)
    homes = []
    for seed, size in zip(seeds, sizes, strict=True):
        far = ground.km(seed, free)[0]
        pull = np.exp(-0.5 * (far / 0.35) ** 2)
        homes.append(free[rng.choice(len(free), size, p=pull / pull.sum())])
    homes.append(free[rng.choice(len(free), kind.homes - int(sizes.sum()))])
    places = np.concatenate(homes) + rng.uniform(-0.5, 0.5, (kind.homes, 2)) * _CELL
    order = np.argsort(-sizes, kind="stable")
    return np.round(places, 5), [seeds[order], sizes[order]]


def _sees(surface: Surface, sites: Any, others: Any, up: Any, other_up: Any, km: float, *, upper: bool = False) -> Any:
    """Return the pairs, and at which heights of both ends each is clear."""
    a, b = (sites[:, 0], sites[:, 1]), (others[:, 0], others[:, 1])
    pairs = near_pairs(a, b, km, upper=upper)
    matrix = pair_matrix(
        surface, a, b, np.array(up, float), np.array(other_up, float), _FREQ_MHZ, Conditions(k_factor=4.0 / 3.0),
        max_km=km, pairs=pairs, loss=False, needs=False,
    )  # fmt: skip
    return matrix.first, matrix.second, np.nan_to_num(matrix.clearance_f1, nan=-9.0) >= _CLEAR


def _sites(
    rng: np.random.Generator, surface: Surface, ground: _Ground, kind: Kind, homes: Any, hamlets: Any
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return places of sites and which of them are gateways."""
    z = ground.height
    tops = (z == ndimage.maximum_filter(z, 7)) & (z - ndimage.minimum_filter(z, 11) >= 25.0)
    bent = z - ndimage.uniform_filter(z, 9)
    shoulders = (bent > np.quantile(bent, 0.9)) & ~tops
    hills, rims = ground.places(tops), ground.places(shoulders)
    near = np.array([ground.km(place, homes).min() for place in rims])
    rims = rims[(near > 0.1) & (near < 1.8)]
    gates: list[Any] = []
    wanted = int(rng.integers(kind.gateways[0], kind.gateways[1] + 1))
    for place in hamlets[0][: 6 * wanted]:
        if len(gates) < wanted and (not gates or ground.km(place, np.array(gates)).min() > 0.3 * kind.box_km):
            gates.append(place)
    gates += [place for place in hamlets[0] if not any(place is g for g in gates)][: wanted - len(gates)]
    left = kind.sites - wanted
    relays = round(0.12 * left)
    high = hills[np.argsort(-z[tops], kind="stable")[: 4 * relays]]
    relay = high[rng.choice(len(high), min(relays, len(high)), replace=False)]
    pool = np.concatenate([hills, rims[rng.choice(len(rims), min(len(rims), 4 * left), replace=False)]])
    if len(pool) > 12 * left:
        pool = pool[rng.choice(len(pool), 12 * left, replace=False)]
    first, _, clear = _sees(surface, pool, homes, [kind.heights[0][1]], [_HOME_M], _ACCESS_KM)
    seen = np.bincount(first, clear[:, 0, 0], minlength=len(pool)) ** 1.2 + 1e-3
    chosen: list[int] = []
    for k in rng.choice(len(pool), len(pool), replace=False, p=seen / seen.sum()):
        apart = len(chosen) == 0 or ground.km(pool[k], pool[chosen]).min() > 0.25
        if len(chosen) < left - len(relay) and apart:
            chosen.append(int(k))
    sites = np.concatenate([np.array(gates), relay, pool[chosen]])
    return np.round(sites, 5), np.arange(len(sites)) < wanted


def make(kind_name: str, seed: int, surface: Surface, centre: tuple[float, float]) -> dict[str, Any]:
    """Return an instance in the published format."""
    kind, rng = _KINDS[kind_name], np.random.default_rng(seed)
    ground = _ground(surface, centre, kind.box_km)
    homes, hamlets = _homes(rng, ground, kind)
    sites, gateway = _sites(rng, surface, ground, kind, homes, hamlets)
    heights = kind.heights[0]
    least = ground.km(sites, homes).min(axis=1)
    costs: list[list[int | None]] = []
    for i in range(len(sites)):
        factor = rng.uniform(0.8, 1.8)
        road = (
            rng.uniform(600.0, 2_600.0)
            if gateway[i]
            else min(3_000.0, 300.0 + 900.0 * least[i] * rng.uniform(0.6, 1.6))
        )
        row: list[int | None] = [round(factor * _MAST[h] + road) for h in heights]
        chance = rng.random()
        if chance < 0.12:
            row[-1] = None
            if chance < 0.04:
                row[-2] = None
        elif chance < 0.17:
            row[0] = None
        costs.append(row)
    first, second, clear = _sees(surface, sites, homes, heights, [_HOME_M], _ACCESS_KM)
    works = clear[:, :, 0]
    serve = [[int(first[p]), int(second[p]), int(works[p].argmax())] for p in np.flatnonzero(works.any(axis=1))]
    links = []
    first, second, clear = _sees(surface, sites, sites, heights, heights, _BACKHAUL_KM, upper=True)
    for p in range(len(first)):
        a, b, lowest = int(first[p]), int(second[p]), len(heights)
        price = round(min(1_200.0, (300.0 + 38.0 * float(ground.km(sites[a], sites[b])[0, 0])) * rng.uniform(0.9, 1.2)))
        for ka in range(len(heights)):
            kb = int(clear[p, ka].argmax()) if clear[p, ka].any() else len(heights)
            if kb < lowest:
                links.append([a, b, ka, kb, max(300, price)])
                lowest = kb
    return {
        "name": f"{kind_name}-{seed}",
        "seed": seed,
        "terrain": f"{kind.box_km:g} x {kind.box_km:g} km box around {centre[0]:.3f}, {centre[1]:.3f}",
        "currency": "EUR",
        "heights_m": list(heights),
        "sites": [
            {"id": f"{'g' if g else 'c'}{i:03d}", "latitude": float(p[0]), "longitude": float(p[1]),
             "role": "gateway" if g else "candidate", "cost": c}
            for i, (p, g, c) in enumerate(zip(sites, gateway, costs, strict=True))
        ],
        "homes": [
            {"id": f"h{i:04d}", "latitude": float(p[0]), "longitude": float(p[1]),
             "weight": 3 if rng.random() < 0.04 else 1}
            for i, p in enumerate(homes)
        ],
        "serve": serve,
        "links": links,
        "sector": {"cost": 220, "homes": kind.sector_homes, "max_per_site": kind.sectors},
        "max_hops": int(rng.integers(kind.hops[0], kind.hops[1] + 1)),
        "cover": 0.9 if rng.random() < 0.4 else 0.95,
    }  # fmt: skip


def main() -> int:
    """Write an instance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=list(_KINDS))
    parser.add_argument("seed", type=int)
    parser.add_argument("--dem", type=Path, nargs="+", required=True)
    parser.add_argument("--centre", required=True)
    parser.add_argument("--out", type=Path, required=True)
    words = parser.parse_args()
    lat, lon = (float(part) for part in words.centre.split(","))
    content = make(words.kind, words.seed, Surface.open(words.dem), (lat, lon))
    text = json.dumps(content, separators=(",", ":")).encode()
    words.out.write_bytes(gzip.compress(text, mtime=0) if words.out.suffix == ".gz" else text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
