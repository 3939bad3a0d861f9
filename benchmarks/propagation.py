"""What propagation promises on speed: one link in plain Python, and many compiled, on one core.

Run: ``python benchmarks/propagation.py``
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.budget import link_budget
from cn_planner.links.compare import compare_models
from cn_planner.links.conditions import Conditions
from cn_planner.links.radio import standard_end
from cn_planner.model.propagation_models import MODELS
from cn_planner.propagation.clearance import path_clearances
from cn_planner.propagation.itm import itm_losses
from cn_planner.propagation.itm_kernels import ItmProfiles
from cn_planner.propagation.p1812 import p1812_losses
from cn_planner.propagation.p1812_kernels import P1812Profiles
from cn_planner.propagation.p1812_path import P1812Terms
from cn_planner.terrain.profile import PathProfile
from cn_planner.validation.p526_parts import delta_bullington_losses, p526_losses

if TYPE_CHECKING:
    from collections.abc import Callable

PATHS = 4000
AIR = P1812Terms(n0=325.0, delta_n=45.0, latitude_deg=45.0, time_pct=10.0)


def best_s(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the shortest of several runs, s."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def hills(points: int, length_m: float) -> tuple[np.ndarray, np.ndarray]:
    distance = np.linspace(0.0, length_m, points)
    return distance, 300.0 + 60.0 * np.sin(distance / 1700.0) + 15.0 * np.sin(distance / 130.0)


def profile_of(points: int) -> PathProfile:
    distance, ground = hills(points, 20_000.0)
    cover = np.where((distance > 200.0) & (distance < 19_800.0), 10.0, 0.0)
    return PathProfile(
        distance / 111_000.0,
        np.full(points, 30.0),
        distance,
        ground,
        cover,
        np.zeros(points, dtype=bool),
        0.0,
        180.0,
        20_000.0,
    )


def one_link(points: int) -> None:
    """One link of 20 km by every model: the whole budget in plain Python; then its loss alone, compiled."""
    profile, end = profile_of(points), standard_end(25.0, 23.0)
    for model in MODELS.names():
        air = Conditions(model=model)
        seconds = best_s(lambda: link_budget(profile, 15.0, 10.0, end, end, 5500.0, conditions=air))  # noqa: B023
        print(f"  {points:5d} points, whole budget by {model:10s} {1000.0 * seconds:7.2f} ms (at most 60)")
    seconds = best_s(lambda: compare_models(profile, 15.0, 10.0, 5500.0))
    print(f"  {points:5d} points, all three compared:          {1000.0 * seconds:7.2f} ms")
    d, g, surface = profile.distance_m, profile.ground_m, profile.ground_m + profile.cover_m
    offsets, a, b = np.array([0, points]), np.array([g[0] + 15.0]), np.array([g[-1] + 10.0])
    for name, work in (
        ("P.526", lambda: p526_losses(d, g, surface, offsets, a, b, 5500.0)),
        ("P.1812", lambda: p1812_losses(P1812Profiles(d, g, offsets, surface), a, b, 5500.0, AIR)),
        ("ITM", lambda: itm_losses(ItmProfiles(g, offsets, 20_000.0 / (points - 1)), 15.0, 10.0, 5500.0)),
    ):
        work()  # compile
        print(f"  {points:5d} points, {name:7s} compiled:              {1000.0 * best_s(work):7.2f} ms (at most 1)")


def many(points: int) -> None:
    distance, ground = hills(points, 30.0 * points)
    d, g = np.tile(distance, PATHS), np.tile(ground, PATHS)
    surface = np.tile(ground + np.where((distance > 200.0) & (distance < distance[-1] - 200.0), 10.0, 0.0), PATHS)
    offsets = np.arange(PATHS + 1, dtype=np.int64) * points
    rng = np.random.default_rng(1)
    for name, low in (("in sight", 150.0), ("behind hills", 1.0)):
        a = ground[0] + rng.uniform(low, low + 20.0, PATHS)
        b = ground[-1] + rng.uniform(low, low + 20.0, PATHS)
        for what, work in (
            ("clearance", lambda: path_clearances(d, surface, offsets, a, b, 5500.0)),  # noqa: B023  (run at once)
            ("delta-Bullington", lambda: delta_bullington_losses(d, g, offsets, a, b, 5500.0, 8.5e6)),  # noqa: B023
            ("P.526, bare", lambda: p526_losses(d, g, g, offsets, a, b, 5500.0)),  # noqa: B023
            ("ITM", lambda: itm_losses(ItmProfiles(g, offsets, 30.0), a, b, 5500.0)),  # noqa: B023
            ("P.526 with trees", lambda: p526_losses(d, g, surface, offsets, a, b, 5500.0)),  # noqa: B023
            ("P.1812, bare", lambda: p1812_losses(P1812Profiles(d, g, offsets), a, b, 5500.0, AIR)),  # noqa: B023
            ("P.1812 with trees", lambda: p1812_losses(P1812Profiles(d, g, offsets, surface), a, b, 5500.0, AIR)),  # noqa: B023
        ):
            work()  # compile
            print(f"  {points:5d} points, {name:13s} {what:18s} {PATHS / best_s(work, 3):10,.0f} predictions/s")


def main() -> None:
    """Print the figures."""
    print("one link of 20 km, plain Python (at most 60 ms) and compiled (at most 1 ms):")
    for points in (450, 1334, 4000):
        one_link(points)
    print(
        "many, compiled, one core; at least: ITM 150,000 on 330 points and 100,000 on 1,000, P.1812 130,000 and 45,000:"
    )
    for points in (330, 1000):
        many(points)


if __name__ == "__main__":
    main()
