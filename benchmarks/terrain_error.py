"""How good the chance of a clear path is: on links that people built, and on ground that is off by a known error.

    python benchmarks/terrain_error.py [DATA_FOLDER] [--picture FILE.svg]

Networks. Working links of Berguedà and Andoain stand against pairs of the same nodes that nobody linked; both ends at
10 m, bare ground. Which pairs they stand against makes the figure, so there are three ways: eight of the nearest
lengths for each link; eight of a length within a quarter; eight of any length that a link of that network has (most
of the long ones are blocked). An unlinked pair may be clear all the same: of nine pairs of one length, which is the
link? So the tail of the terrain's error is fitted (conditional likelihood; 1 in 9 would be -2.197), on one place, and
tried on the other.

Noise. Ground of the same tiles, off by 3 m at each sample, is asked for paths near to grazing; what is true is read off
the ground without that noise. The tile's own error stands in the answer as ever: nobody tells it of the noise.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.geo import geodesics
from cn_planner.links import sight
from cn_planner.links.budget import link_budget
from cn_planner.links.radio import standard_end
from cn_planner.terrain.height_error import EXACT
from cn_planner.terrain.profile import path_profiles
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.links.budget import LinkBudget
    from cn_planner.terrain.profile import PathProfile

TILES = {"bergueda": ("N41E001", "N42E001"), "andoain": ("N43W003",)}
MHZ, MAST_M, LEAST_M, BESIDE = 5500.0, 10.0, 300.0, 8
TAILS = [(share, times) for times in (2.0, 3.0, 4.0) for share in (0.02, 0.05, 0.1, 0.2, 0.3)]
NOISE_M, NEAR_M = 3.0, 10.0
FAR_M = 2000.0


class Place(NamedTuple):
    """Paths of a place: each link, then the pairs beside it."""

    surface: Surface
    profiles: list[PathProfile]
    linked: NDArray[np.bool_]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


NEAREST, WITHIN, ANY = "of the nearest lengths", "of lengths within a quarter", "of any length that links have"


def read_place(data: Path, name: str, which: str = NEAREST) -> Place:
    """Return the working links of a place, and unlinked pairs of the same nodes."""
    nodes = {row["id"]: row for row in _rows(data / "networks" / f"{name}_nodes.csv")}
    rows = _rows(data / "networks" / f"{name}_links.csv")
    joined = {frozenset((row["from"], row["to"])) for row in rows}
    working = sorted({tuple(sorted((row["from"], row["to"]))) for row in rows if row["status"] == "Working"})
    used = sorted({node for pair in working for node in pair if pair[0] != pair[1]})
    number = {node: n for n, node in enumerate(used)}
    lat, lon = (np.array([float(nodes[node][key]) for node in used]) for key in ("latitude_deg", "longitude_deg"))
    i, j = np.triu_indices(len(used), 1)
    length = geodesics(lat[i], lon[i], lat[j], lon[j])[2]
    free = np.array([frozenset((used[a], used[b])) not in joined for a, b in zip(i, j, strict=True)]) & (length > 0.0)
    ends = np.array([(number[one], number[other]) for one, other in working if one != other]).T
    longest = float(geodesics(lat[ends[0]], lon[ends[0]], lat[ends[1]], lon[ends[1]])[2].max())
    free &= (length >= LEAST_M) & (length <= longest)
    first, second, linked = [], [], []
    rng = np.random.default_rng(17)
    for one, other in working:
        if one == other:
            continue
        a, b = number[one], number[other]
        own = float(geodesics(lat[a], lon[a], lat[b], lon[b])[2])
        if own < LEAST_M:
            continue
        beside = np.flatnonzero(free)
        off = np.abs(np.log(length[beside] / own))
        if which == NEAREST:
            beside = beside[np.argsort(off, kind="stable")[:BESIDE]]
        else:
            beside = rng.choice(beside[off < np.log(1.25)] if which == WITHIN else beside, BESIDE)
        first += [a, *i[beside].tolist()]
        second += [b, *j[beside].tolist()]
        linked += [True] + [False] * BESIDE
    surface = Surface.open([data / "terrain" / f"{tile}.hgt.zip" for tile in TILES[name]])
    many = path_profiles(surface, lat[first], lon[first], lat[second], lon[second])
    return Place(surface, [many.profile(n, surface) for n in range(len(many))], np.array(linked))


def area_under(value: NDArray[np.float64], linked: NDArray[np.bool_]) -> float:
    """Return the chance that a link has the greater value, of one link and one pair beside."""
    yes, no = value[linked][:, np.newaxis], value[~linked][np.newaxis, :]
    return float((yes > no).mean() + 0.5 * (yes == no).mean())


def which_of_nine(chance: NDArray[np.float64]) -> float:
    """Return the mean log likelihood that of each link and its pairs beside the link is the link."""
    groups = np.maximum(chance, 1e-9).reshape(-1, 1 + BESIDE)
    return float(np.log(groups[:, 0] / groups.sum(axis=1)).mean())


def _log_score(chance: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
    chance = np.clip(chance, 1e-6, 1.0 - 1e-6)
    return float(np.log(np.where(true, chance, 1.0 - chance)).mean())


def clear_chances(place: Place) -> NDArray[np.float64]:
    """Return the chance that each path is clear."""
    found = []
    for one in place.profiles:
        ends = float(one.ground_m[0]) + MAST_M, float(one.ground_m[-1]) + MAST_M
        found.append(sight.clear_chance(one.distance_m, one.ground_m, one.cover_m, ends, MHZ, one.height_error).clear)
    return np.array(found)


def fit(places: dict[str, Place]) -> None:
    """Print for each tail how well it tells links; then what each place would choose, and its worth elsewhere."""
    was = sight.TAIL_SHARE, sight.TAIL_TIMES
    found: dict[tuple[float, float], dict[str, float]] = {}
    try:
        for tail in TAILS:
            sight.TAIL_SHARE, sight.TAIL_TIMES = tail
            found[tail] = {name: which_of_nine(clear_chances(place)) for name, place in places.items()}
    finally:
        sight.TAIL_SHARE, sight.TAIL_TIMES = was
    print("\n| tail: share, times | " + " | ".join(places) + " |\n|---|" + "---|" * len(places))
    for tail, scores in found.items():
        print(f"| {tail[0]:g}, {tail[1]:g} | " + " | ".join(f"{score:.3f}" for score in scores.values()) + " |")
    for name in places:
        best = max(TAILS, key=lambda tail: found[tail][name])
        for other in places:
            if other != name:
                kept = found[was][other]
                print(f"{name} would choose {best}: {found[best][other]:.3f} on {other}; as it is {kept:.3f}.")


def longer(place: Place, least_m: float) -> Place:
    """Return the links of a place that are so long, with their pairs beside."""
    length = np.array([one.length_m for one in place.profiles]).reshape(-1, 1 + BESIDE)[:, 0]
    keep = np.repeat(length > least_m, 1 + BESIDE)
    return Place(place.surface, [place.profiles[n] for n in np.flatnonzero(keep)], place.linked[keep])


def score(name: str, places: list[Place]) -> None:
    """Print how well the figures of `link_budget` tell links."""
    end = standard_end(23.0, 16.0)
    budgets: list[LinkBudget] = [
        link_budget(one, MAST_M, MAST_M, end, end, MHZ) for place in places for one in place.profiles
    ]
    linked = np.concatenate([place.linked for place in places])

    def of(key: Callable[[LinkBudget], float | None]) -> NDArray[np.float64]:
        return np.array([key(one) for one in budgets], np.float64)

    depth, chance = of(lambda one: one.clearance_m), of(lambda one: one.probability_works)
    print(f"\n{name}: {linked.sum()} links, {(~linked).sum()} pairs beside.")
    print("| | AUC | mean log score of links | one of nine |\n|---|---|---|---|")
    for what, value in (
        ("clearance, m", depth),
        ("clearance, F1", of(lambda one: one.clearance_f1)),
        ("probability clear", of(lambda one: one.probability_clear)),
        ("probability works", chance),
    ):
        is_chance = what.startswith("prob")
        logs = f"{np.log(np.maximum(value[linked], 1e-6)).mean():.3f}" if is_chance else ""
        nine = f"{which_of_nine(value):.3f}" if is_chance else ""
        print(f"| {what} | {area_under(value, linked):.3f} | {logs} | {nine} |")
    hidden = depth < -20.0
    likely = sum(budgets[n].verdict.value == "likely" for n in np.flatnonzero(hidden))
    print(
        f"Behind more than 20 m of hill: {hidden.sum()}, over one half {(chance[hidden] > 0.5).sum()}, likely {likely}."
    )


def noisy(place: Place, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what is said of paths near to grazing on ground that is off, and whether they are clear on the ground."""
    grids = [
        replace(
            tile.grid, values=(tile.grid.values + rng.normal(0.0, NOISE_M, tile.grid.values.shape)).astype(np.float32)
        )
        for tile in place.surface._tiles  # noqa: SLF001 - the one place where ground is spoilt on purpose
    ]
    off = Surface(grids)
    ends = [(one.latitude[0], one.longitude[0], one.latitude[-1], one.longitude[-1]) for one in place.profiles]
    spoilt = path_profiles(off, *np.array(ends).T)
    said, true = [], []
    for number, one in enumerate(place.profiles):
        worse = spoilt.profile(number, off)
        asked = (worse.distance_m, worse.ground_m, worse.cover_m)
        tops = float(worse.ground_m[0]) + MAST_M, float(worse.ground_m[-1]) + MAST_M
        least = link_budget(worse, MAST_M, MAST_M, None, None, MHZ).clearance_m or 0.0
        if abs(least) <= NEAR_M:
            said.append(sight.clear_chance(*asked, tops, MHZ, worse.height_error).clear)
            tops = float(one.ground_m[0]) + MAST_M, float(one.ground_m[-1]) + MAST_M
            exact = sight.clear_chance(one.distance_m, one.ground_m, one.cover_m, tops, MHZ, EXACT).clear
            true.append(exact > 0.5)
    return np.array(said), np.array(true)


def reliability(said: NDArray[np.float64], true: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Return for each tenth of what is said: its mean, the share that is true, and how many there are."""
    tenth = np.minimum((said * 10.0).astype(int), 9)
    return [
        (float(said[tenth == n].mean()), float(true[tenth == n].mean()), int((tenth == n).sum()))
        for n in range(10)
        if (tenth == n).any()
    ]


def draw(points: list[tuple[float, float, int]], path: Path) -> None:
    """Write the reliability diagram as an SVG."""
    dots = "".join(
        f'<circle cx="{40 + 300 * x:.1f}" cy="{340 - 300 * y:.1f}" r="{2 + count**0.5 / 4:.1f}" fill="#1f6f8b"/>'
        for x, y, count in points
    )
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="360" height="390" font-family="sans-serif" font-size="12">'
        '<rect width="360" height="390" fill="#fff"/><path d="M40 40V340H340M40 340L340 40" fill="none" stroke="#888"/>'
        f'{dots}<text x="40" y="360">0</text><text x="325" y="360">1</text><text x="22" y="48">1</text>'
        '<text x="110" y="380">chance of a clear path, as said</text>'
        '<text transform="translate(16 260) rotate(-90)">share that is clear</text></svg>\n',
        encoding="utf-8",
    )


def main() -> int:
    """Print all tables."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("data", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    words.add_argument("--picture", type=Path)
    asked = words.parse_args()
    places = {name: read_place(asked.data, name) for name in TILES}
    for name, place in places.items():
        score(name, [place])
    score("both", list(places.values()))
    score(f"both, longer than {FAR_M / 1000.0:g} km", [longer(place, FAR_M) for place in places.values()])
    for which in (WITHIN, ANY):
        score(f"both, pairs {which}", [read_place(asked.data, name, which) for name in TILES])
    fit(places)
    rng = np.random.default_rng(17)
    found = [noisy(place, rng) for place in places.values()]
    said, true = (np.concatenate([one[n] for one in found]) for n in (0, 1))
    print(f"\nWithin {NEAR_M:g} m of grazing, {NOISE_M:g} m of noise: {len(said)} paths, log score", end=" ")
    print(f"{_log_score(said, true):.3f}.")
    print("| said | clear | paths |\n|---|---|---|")
    points = reliability(said, true)
    for x, y, count in points:
        print(f"| {x:.2f} | {y:.2f} | {count} |")
    if asked.picture is not None:
        draw(points, asked.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
