"""What measurements are worth: on real ground with a made-up truth, and how long ten thousand of them take.

    python benchmarks/calibration.py [DATA_FOLDER]

Three places on SRTM3 (Berguedà, Basque Country, Western Cape), a sender at 415 MHz on a hill, 800 receivers in 6 km.
What is true of each is made up of what the plan does not know: half of ITM and half of P.526 on bare ground (the plan
takes P.526 with 10 m of trees everywhere), an offset of the place, woods that take 12 dB, 5 dB that vary over 250 m,
and 2 dB of noise. No measured place is in the data; on one these figures will differ.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from cn_planner.links.calibration import Observations, fit_figures, fit_place, held_out, reading_sd_db
from cn_planner.links.conditions import Conditions, conditions_of
from cn_planner.links.losses import predicted
from cn_planner.links.place_model import PathPoints
from cn_planner.model.items import Items
from cn_planner.model.plan import Measurement, Plan, Site
from cn_planner.progress import ALONE
from cn_planner.service.measured import measured_paths, unmeasured_error
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

PLACES = {"Berguedà": ("N42E001", 42.10, 1.85, 11.0), "Andoain": ("N43W003", 43.20, -2.25, -6.0),
          "Cederberg": ("S33E018", -32.30, 18.75, 15.0)}  # fmt: skip
RECEIVERS, MHZ, EIRP, RADIUS_M = 800, 415.0, 40.0, 6000.0
METRE = 180.0 / np.pi / 6_371_000.0


def smooth(draw: np.random.Generator, xy: np.ndarray, reach_m: float) -> np.ndarray:
    """A draw of an exponential correlation, exactly."""
    apart = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2))
    return np.linalg.cholesky(np.exp(-apart / reach_m) + 1e-6 * np.eye(len(xy))) @ draw.standard_normal(len(xy))


def place(data: Path, name: str) -> tuple[PathPoints, np.ndarray, np.ndarray]:
    """Return the paths of a place, the level that the plan has, and the true one."""
    tile, lat, lon, offset = PLACES[name]
    draw = np.random.default_rng(sum(map(ord, name)))
    surface = Surface.open([data / "terrain" / f"{tile}.hgt.zip"])
    # The highest ground nearby sends.
    near = draw.uniform(-4000.0, 4000.0, (400, 2)) * METRE
    tops = surface.heights(lat + near[:, 1], lon + near[:, 0])
    best = near[int(np.nanargmax(tops))]
    site = Site("S", "S", lat + float(best[1]), lon + float(best[0]), mast_height_m=20.0)
    turn, away = draw.uniform(0.0, 2.0 * np.pi, RECEIVERS), RADIUS_M * np.sqrt(draw.uniform(0.01, 1.0, RECEIVERS))
    xy = np.stack([away * np.cos(turn), away * np.sin(turn)], axis=1)
    scale = METRE / np.cos(np.radians(lat))
    rows = [
        Measurement(f"{n}", site.latitude + float(y) * METRE, site.longitude + float(x) * scale, MHZ, -90.0, site="S",
                    height_m=2.0, eirp_dbm=EIRP)
        for n, (x, y) in enumerate(xy)
    ]  # fmt: skip
    plan = Plan(sites=Items([site]))
    paths = measured_paths(Study(plan, surface, load_catalogue()), rows)
    kept = np.flatnonzero(~np.isnan(paths.level_dbm))
    bare, second = conditions_of(plan), replace(Conditions(), model="itm")
    truth = []
    for n in kept.tolist():
        profile = path_profile(surface, (site.latitude, site.longitude), (rows[n].latitude, rows[n].longitude))
        airs = replace(bare, canopy_m=0.0), second
        two = [predicted(profile, (20.0, 2.0), MHZ, "V", air)[0].total_db for air in airs]
        truth.append(EIRP - 0.5 * sum(two))
    wood = smooth(draw, xy[kept], 600.0) > 0.5
    local = 5.0 * smooth(draw, xy[kept], 250.0)
    true = np.array(truth) + offset - 12.0 * wood + local + 2.0 * draw.standard_normal(len(kept))
    return paths.points(rows, kept), paths.level_dbm[kept], true


def chances(level: np.ndarray, sd: np.ndarray, true: np.ndarray, needed: float) -> tuple[float, float]:
    """Return Brier score and expected calibration error of reached or not."""
    from scipy.special import ndtr

    chance, reached = ndtr((level - needed) / sd), true >= needed
    bins = np.minimum((chance * 10).astype(int), 9)
    error = sum(abs(float((chance - reached)[bins == b].sum())) for b in range(10)) / len(true)
    return float(((chance - reached) ** 2).mean()), error


def told(what: str, miss: np.ndarray, sd: np.ndarray, reached: tuple[float, float]) -> None:
    """Print a row: what predictions missed, how far they said they may be off, and the two figures of `chances`."""
    _, rmse, score, within = fit_figures(miss, sd, np.zeros(len(miss), np.bool_))
    print(f"| {what} | {rmse:.1f} | {score:.2f} | {within:.0%} | {reached[0]:.2f} | {reached[1]:.2f} |", flush=True)


def figures(data: Path) -> None:
    print(
        "| place, measured | RMSE dB | log score | within 80 % | Brier | calibration error |\n|---|---|---|---|---|---|"
    )
    for name in PLACES:
        points, level, true = place(data, name)
        order = np.random.default_rng(7).permutation(len(true))
        asked, rest, needed = order[: len(true) // 2], order[len(true) // 2 :], float(np.median(true))
        miss, off = true - level, unmeasured_error(points.take(asked))
        sd = np.hypot(off.common_sd_db, off.local_sd_db)
        told(f"{name}, nothing", miss[asked], sd, chances(level[asked], sd, true[asked], needed))
        for some in (5, 20, 100, len(rest)):
            learned = rest[:some]
            seen = Observations(points.take(learned), miss[learned], np.zeros(len(learned), np.bool_))
            fit, worth = held_out(seen, fit_place(seen, 1, ALONE), ALONE)
            found = fit.posterior.at(points.take(asked))
            sd = reading_sd_db(found, fit.reading_sd_db)
            reached = chances(level[asked] + found.shift_db, sd, true[asked], needed)
            told(f"{name}, {len(learned)}", miss[asked] - found.shift_db, sd, reached)
        if worth is not None:
            print(
                f"| {name}, blocks of 1 km | {worth.rmse_db:.1f} | {worth.log_score:.2f} | {worth.within_80:.0%} | | |"
            )


def ten_thousand() -> None:
    draw = np.random.default_rng(1)
    xy = draw.uniform(-6000.0, 6000.0, (10_000, 2))
    waves = draw.standard_normal((800, 2)) / np.abs(draw.standard_normal((800, 1))) / 250.0
    phase = draw.uniform(0.0, 2.0 * np.pi, 800)
    local = np.concatenate([np.cos(part @ waves.T + phase).sum(axis=1) for part in np.split(xy, 20)]) * 6.0 / 20.0
    excess = np.abs(draw.normal(12.0, 8.0, 10_000))
    value = 14.0 + local - 0.3 * excess + 3.0 * draw.standard_normal(10_000)
    floor = float(np.quantile(value, 0.1))
    points = PathPoints(
        xy[:, 1] * METRE, 36.5 + xy[:, 0] * METRE, np.zeros(10_000, np.int64), np.full(10_000, MHZ),
        np.hypot(*xy.T) + 50.0, excess, np.where(excess > 8.0, -0.5, 0.8), np.full(10_000, 2.0),
    )  # fmt: skip
    seen = Observations(points, np.maximum(value, floor), value <= floor)
    wall, busy = time.perf_counter(), time.process_time()
    fit = fit_place(seen, 1, ALONE)
    fitted = time.perf_counter() - wall, time.process_time() - busy
    _, worth = held_out(seen, fit, ALONE)
    total = time.perf_counter() - wall, time.process_time() - busy
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(f"10,000 measurements: fitted in {fitted[0]:.1f} s ({fitted[1]:.1f} s of processor), with blocks left out "
          f"{total[0]:.1f} s ({total[1]:.1f} s); {memory:.0f} MB; {worth}")  # fmt: skip


if __name__ == "__main__":
    ten_thousand()
    figures(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "data")
