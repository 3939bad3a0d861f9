"""What measurements are worth where the truth shares nothing with our model of it, beside two simple peers.

    python benchmarks/calibration_peers.py [DATA_FOLDER] [--seeds N] [--only WORD]

Two places on real ground (Berguedà, the White Mountains), three senders, 415 MHz, places along roads as a drive test
has them, each measured at two or three heights from 2 to 10 m. What is true there: ITM on bare ground, not P.526 with
trees; 15 dB less all over the place; one sender 12 dB weaker; a wood that takes 15 dB; what is local falls off as a
bell of 350 m and a tail of 800 m, not as an exponential; noise of Student's t with 3 degrees of freedom; whole
decibels; the weakest 8 in 100 are read as a floor. The mild truth is nearer to a measured place, where the plan is off
by 8 dB all over and by 6 to 7 dB at each: a third of what ITM says otherwise, 4 dB and 6 dB instead of 12 and 15, and
6 dB more for each tenfold height.

The peers know the same predictions: the mean of what was measured less predicted, and kriging (a free mean, senders,
an exponential correlation and a nugget by maximum likelihood), both of which take a floor for a level.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr, ndtr

from cn_planner.links.calibration import Observations, fit_place, held_out, reading_sd_db
from cn_planner.links.conditions import Conditions
from cn_planner.links.losses import predicted
from cn_planner.model.items import Items
from cn_planner.model.plan import Measurement, Plan, Site
from cn_planner.progress import ALONE
from cn_planner.service.measured import measured_paths, unmeasured_error
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from cn_planner.links.place_model import PathPoints

PLACES = {"Berguedà": ("terrain/N42E001.hgt.zip", 42.10, 1.85), "White Mountains": ("bench/N44W072.hgt", 44.20, -71.40)}
MHZ, EIRP, AT_FLOOR, MAST_M = 415.0, 40.0, 0.08, 8.0
ROADS, STOPS, STEP_M, REACH_M = 26, 20, 120.0, 6000.0
NOISE_DB = 1.7
METRE = 180.0 / math.pi / 6_371_000.0
Z80 = 1.2815515655446004


class Kind(NamedTuple):
    """What is true, dB: how much of what ITM says otherwise, offsets, wood, local, gain with each tenfold height."""

    share: float
    offset: float
    weaker: float
    wood: float
    local: float
    gain: float


HARD, MILD = Kind(1.0, -15.0, -12.0, 15.0, 6.0, 0.0), Kind(0.35, -4.0, -4.0, 6.0, 4.5, 6.0)
KINDS = {"hard": HARD, "mild": MILD}


class Place(NamedTuple):
    """Paths of a place: the model's points, predicted level by plan and by ITM, plane places, m, heights."""

    points: PathPoints
    level: np.ndarray
    other: np.ndarray
    xy: np.ndarray
    height: np.ndarray


class Truth(NamedTuple):
    """What was read, and which readings are at the floor."""

    level: np.ndarray
    cut: np.ndarray


class Said(NamedTuple):
    """What is predicted of readings: level and standard deviation, dB."""

    level: np.ndarray
    sd: np.ndarray


def roads(draw: np.random.Generator) -> np.ndarray:
    """Return places along winding roads, m."""
    found = []
    for _ in range(ROADS):
        at, turn = draw.uniform(-REACH_M, REACH_M, 2), draw.uniform(0.0, 2.0 * np.pi)
        for _ in range(STOPS):
            found.append(at.copy())
            turn += draw.normal(0.0, 0.35)
            at = at + STEP_M * np.array([math.cos(turn), math.sin(turn)])
    return np.array(found)


def place_of(data: Path, name: str) -> Place:
    """Return the paths of a place: the same each time."""
    tile, lat, lon = PLACES[name]
    draw = np.random.default_rng(sum(map(ord, name)))
    surface = Surface.open([data / tile])
    scale = METRE / math.cos(math.radians(lat))
    sites = []
    for n in range(3):
        # A hill nearby each, none of them the highest.
        near = draw.uniform(-4500.0, 4500.0, (12, 2))
        best = near[int(np.argmax(surface.heights(lat + near[:, 1] * METRE, lon + near[:, 0] * scale)))]
        sites.append(Site(f"S{n}", f"S{n}", lat + float(best[1]) * METRE, lon + float(best[0]) * scale,
                          mast_height_m=MAST_M))  # fmt: skip
    rows, xy = [], []
    for x, y in roads(draw):
        at = lat + float(y) * METRE, lon + float(x) * scale
        sender = sites[int(draw.choice(3, p=[0.5, 0.3, 0.2]))].id
        for height in sorted(draw.choice([2.0, 3.0, 6.0, 10.0], int(draw.integers(2, 4)), replace=False).tolist()):
            rows.append(Measurement(str(len(rows)), *at, MHZ, -90.0, site=sender, height_m=height, eirp_dbm=EIRP))
            xy.append((x, y))
    plan = Plan(sites=Items(sites))
    paths = measured_paths(Study(plan, surface, load_catalogue()), rows)
    kept = np.flatnonzero(~np.isnan(paths.level_dbm) & (paths.distance_m > 200.0))
    itm, other = Conditions(model="itm"), []
    for n in kept.tolist():
        row, site = rows[n], plan.sites[rows[n].site]
        profile = path_profile(surface, (site.latitude, site.longitude), (row.latitude, row.longitude))
        other.append(EIRP - (predicted(profile, (MAST_M, row.height_m), MHZ, "V", itm)[0].total_db or 0.0))
    return Place(paths.points(rows, kept), paths.level_dbm[kept], np.array(other), np.array(xy)[kept],
                 np.array([rows[n].height_m for n in kept.tolist()]))  # fmt: skip


def field(draw: np.random.Generator, xy: np.ndarray, reach_m: float, power: float) -> np.ndarray:
    """Return a draw of the correlation exp(-(d / reach) ** power)."""
    apart = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2))
    return np.linalg.cholesky(np.exp(-((apart / reach_m) ** power)) + 1e-5 * np.eye(len(xy))) @ draw.standard_normal(
        len(xy)
    )


def truth_of(place: Place, kind: Kind, seed: int) -> Truth:
    """Return a draw of what is true at a place."""
    draw = np.random.default_rng(seed)
    spots, number = np.unique(place.xy, axis=0, return_inverse=True)
    local = kind.local * (
        math.sqrt(0.6) * field(draw, spots, 350.0, 1.9) + math.sqrt(0.4) * field(draw, spots, 800.0, 1.2)
    )
    wood = np.hypot(*(spots - draw.uniform(-0.5 * REACH_M, 0.5 * REACH_M, 2)).T / np.array([[2600.0], [1500.0]])) < 1.0
    level = place.level + kind.share * (place.other - place.level) + kind.offset
    level += kind.gain * np.log10(place.height / 2.0) + np.array([0.0, kind.weaker, 2.0])[place.points.site]
    level += (local - kind.wood * wood)[number] + NOISE_DB * draw.standard_t(3.0, len(level))
    level = np.round(level)
    floor = math.floor(float(np.quantile(level, AT_FLOOR)))
    return Truth(np.maximum(level, floor), level <= floor)


def spread(xy: np.ndarray, count: int, draw: np.random.Generator) -> np.ndarray:
    """Return readings far apart: each next one furthest from those before."""
    found = [int(draw.integers(len(xy)))]
    apart = np.full(len(xy), np.inf)
    while len(found) < count:
        apart = np.minimum(apart, np.hypot(*(xy - xy[found[-1]]).T))
        found.append(int(apart.argmax()))
    return np.array(found)


# Who predicts


def ours(place: Place, truth: Truth, learned: np.ndarray, asked: np.ndarray) -> Said:
    """Our own calibration, as `calibrate` and `predict` have it."""
    points = place.points.take(asked)
    if not len(learned):
        error = unmeasured_error(points)
        return Said(place.level[asked] + error.shift_db, np.hypot(error.common_sd_db, error.local_sd_db))
    seen = Observations(place.points.take(learned), truth.level[learned] - place.level[learned], truth.cut[learned])
    fit, _ = held_out(seen, fit_place(seen, 3, ALONE), ALONE)
    found = fit.posterior.at(points)
    return Said(place.level[asked] + found.shift_db, reading_sd_db(found, fit.reading_sd_db))


def constant(place: Place, truth: Truth, learned: np.ndarray, asked: np.ndarray) -> Said:
    """The mean of what was measured less predicted; its deviation, 11 dB taken for the first few."""
    miss = truth.level[learned] - place.level[learned]
    mean = float(miss.mean()) if len(miss) else 0.0
    sd = math.sqrt((3.0 * 11.0**2 + float(((miss - mean) ** 2).sum())) / (3.0 + max(len(miss) - 1, 0)))
    return Said(place.level[asked] + mean, np.full(len(asked), sd * math.sqrt(1.0 + 1.0 / max(len(miss), 1))))


def kriging(place: Place, truth: Truth, learned: np.ndarray, asked: np.ndarray) -> Said:
    """A free mean, senders, an exponential correlation and a nugget; the widths by maximum likelihood from 20 on."""
    if not len(learned):
        return constant(place, truth, learned, asked)
    miss = truth.level[learned] - place.level[learned]
    a, b, sa, sb = place.xy[learned], place.xy[asked], place.points.site[learned], place.points.site[asked]

    def between(p: np.ndarray, q: np.ndarray, sp: np.ndarray, sq: np.ndarray, logs: np.ndarray) -> np.ndarray:
        sd, reach, _, sender = np.exp(logs)
        apart = np.sqrt(((p[:, None] - q[None]) ** 2).sum(axis=2))
        return sd**2 * np.exp(-apart / reach) + sender**2 * (sp[:, None] == sq[None]) + 100.0**2

    def cost(logs: np.ndarray) -> float:
        logs = np.clip(logs, -1.0, 8.0)
        cov = between(a, a, sa, sa, logs) + np.exp(2.0 * logs[2]) * np.eye(len(a))
        return 0.5 * float(np.linalg.slogdet(cov)[1] + miss @ np.linalg.solve(cov, miss))

    logs = np.log([8.0, 300.0, 4.0, 5.0])
    if len(learned) >= 20:
        logs = np.clip(minimize(cost, logs, method="Nelder-Mead", options={"maxfev": 120}).x, -1.0, 8.0)
    noise = float(np.exp(2.0 * logs[2]))
    cross = between(b, a, sb, sa, logs)
    weights = np.linalg.solve(between(a, a, sa, sa, logs) + noise * np.eye(len(a)), cross.T).T
    own = float(np.exp(2.0 * logs[0]) + np.exp(2.0 * logs[3])) + 100.0**2
    left = np.maximum(own - (weights * cross).sum(axis=1), 0.1) + noise
    return Said(place.level[asked] + weights @ miss, np.sqrt(left))


PEERS = {"ours": ours, "constant": constant, "kriging": kriging}


# What it is worth


def figures(said: Said, truth: Truth, asked: np.ndarray) -> np.ndarray:
    """Return RMSE, log score, share within 80 %, Brier score and calibration error of reached or not."""
    level, cut = truth.level[asked], truth.cut[asked]
    z = (level - said.level) / said.sd
    score = np.where(cut, log_ndtr(z), -np.log(said.sd) - 0.5 * math.log(2.0 * math.pi) - 0.5 * z**2)
    needed = float(np.median(truth.level))
    chance, reached = ndtr((said.level - needed) / said.sd), level >= needed
    bins = np.minimum((chance * 10).astype(int), 9)
    error = sum(abs(float((chance - reached)[bins == b].sum())) for b in range(10)) / len(level)
    plain = (level - said.level)[~cut]
    return np.array([math.sqrt(float((plain**2).mean())), score.mean(), (np.abs(z[~cut]) < Z80).mean(),
                     ((chance - reached) ** 2).mean(), error])  # fmt: skip


def blocks(place: Place, truth: Truth, who: str) -> np.ndarray:
    """Return the figures of blocks of 1 km, of which and 500 m round which nothing is known; a third of the blocks."""
    cell = np.floor(place.xy / 1000.0).astype(int)
    keys = np.unique(cell, axis=0)
    levels, sds, those = [], [], []
    for key in keys[:: max(1, len(keys) // 14)]:
        asked = np.flatnonzero((cell == key).all(axis=1))
        away = np.maximum(key * 1000.0 - place.xy, place.xy - key * 1000.0 - 1000.0).max(axis=1)
        known = np.flatnonzero(away > 500.0)
        said = PEERS[who](place, truth, known[:: max(1, len(known) // 300)], asked)
        levels.append(said.level), sds.append(said.sd), those.append(asked)
    return figures(Said(np.concatenate(levels), np.concatenate(sds)), truth, np.concatenate(those))


def learned_of(place: Place, what: str, seed: int) -> np.ndarray:
    """Return which readings are known: so many far apart, or those of five roads, of each twenty in a row."""
    draw = np.random.default_rng(seed + 100)
    if what == "roads":
        return np.unique(draw.choice(len(place.xy) - 25, 5, replace=False)[:, None] + np.arange(20))
    return spread(place.xy, int(what), draw) if what != "0" else np.zeros(0, np.int64)


def figures_of(place: Place, truth: Truth, what: str, who: str, seed: int) -> np.ndarray:
    """Return the figures of a row: of every second reading at places of which none is known."""
    if what == "blocks":
        return blocks(place, truth, who)
    learned = learned_of(place, what, seed)
    known = {tuple(at) for at in place.xy[learned].tolist()}
    asked = np.array([n for n, at in enumerate(place.xy.tolist()) if tuple(at) not in known])[::2]
    return figures(PEERS[who](place, truth, learned, asked), truth, asked)


def main() -> None:
    """Print a table: the mean of all seeds, of each peer."""
    words = argparse.ArgumentParser()
    words.add_argument("data", nargs="?", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    words.add_argument("--seeds", type=int, default=6)
    words.add_argument("--only", default="", help="only places and truths whose names hold it")
    given = words.parse_args()
    print("| truth, place, measured | who | RMSE dB | log score | within 80 % | Brier | calibration error |")
    print("|---|---|---|---|---|---|---|")
    for name in PLACES:
        place = place_of(given.data, name)
        for kind, true in KINDS.items():
            if given.only not in f"{kind}, {name}":
                continue
            truths = [truth_of(place, true, seed) for seed in range(given.seeds)]
            for what in ("0", "5", "20", "100", "roads", "blocks"):
                some = truths[:2] if what == "blocks" else truths
                for who in PEERS:
                    found = [figures_of(place, truth, what, who, seed) for seed, truth in enumerate(some)]
                    rmse, score, within, brier, error = np.mean(found, axis=0)
                    print(
                        f"| {kind}, {name}, {what} | {who} | {rmse:.1f} | {score:.2f} | {within:.0%} | {brier:.2f} | "
                        f"{error:.2f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
