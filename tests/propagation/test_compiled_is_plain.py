"""Every model that is not held to it elsewhere says the same compiled as in plain Python, within 1e-9 dB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cn_planner.propagation import clearance, p530, p530_rain, p676, p838
from cn_planner.propagation.cascaded_edges import cascaded_knife_edge_kernel
from cn_planner.propagation.delta_bullington import delta_bullington_kernel
from cn_planner.propagation.free_space import free_space_kernel, slant_distance_kernel
from cn_planner.propagation.kernel import compiled
from cn_planner.propagation.knife_edge import knife_edge_kernel
from cn_planner.propagation.p526 import p526_kernel
from cn_planner.propagation.spherical_earth import spherical_earth_kernel
from cn_planner.validation import p833, p2108, two_ray

if TYPE_CHECKING:
    from collections.abc import Callable

KM, GHZ, MHZ, MAST = (0.05, 100.0), (1.0, 80.0), (30.0, 80_000.0), (0.0, 120.0)
AMSL, ANGLE, EITHER = (0.0, 3000.0), (-60.0, 60.0), (False, True)
SCALARS: tuple[tuple[Callable[..., Any], tuple[tuple[float, float], ...]], ...] = (
    (free_space_kernel, ((1.0, 1e5), MHZ)),
    (slant_distance_kernel, ((1.0, 1e5), AMSL, AMSL)),
    (knife_edge_kernel, ((-3.0, 60.0),)),
    (spherical_earth_kernel, ((100.0, 2e5), MAST, MAST, (4e6, 2e7), MHZ, EITHER, (5.0, 80.0), (1e-3, 5.0))),
    (two_ray.breakpoint_kernel, ((1.0, 1e5), (1.0, 80.0), (1.0, 80.0), MHZ)),
    (p833.woodland_kernel, ((0.0, 3000.0), (0.02, 6.0), (5.0, 60.0))),
    (p2108.gain_in_clutter_kernel, ((0.03, 3.0), (0.5, 30.0), (5.0, 60.0), (2.0, 40.0), EITHER)),
    (p2108.terrestrial_kernel, ((0.5, 67.0), (0.25, 50.0), (-3.0, 3.0))),
    (p838.rain_coefficients_kernel, (GHZ, ANGLE, (-90.0, 90.0))),
    (p676.gas_kernel, ((1.0, 350.0), (500.0, 1050.0), (240.0, 315.0), (0.0, 40.0))),
    (p530.occurrence_kernel, ((1e-6, 1e-2), (0.0, 300.0), KM, GHZ, AMSL, AMSL, (0.0, 2500.0))),
    (p530.barnett_kernel, ((0.25, 4.0), KM, GHZ)),
    (p530.year_factor_kernel, ((-80.0, 80.0), KM, (0.0, 60.0))),
    (p530.fade_kernel, ((0.0, 60.0), (1e-6, 500.0), (-5.0, 25.0))),
    (p530_rain.rain_kernel, (KM, GHZ, (0.1, 200.0), ANGLE, (-90.0, 90.0))),
    (p530_rain.outage_kernel, ((0.1, 60.0), (0.1, 80.0), GHZ)),
)


@pytest.mark.parametrize(("kernel", "ranges"), SCALARS, ids=[f"{k.__module__[23:]}.{k.__name__}" for k, _ in SCALARS])
def test_a_figure_is_the_same_compiled_and_plain(
    kernel: Callable[..., Any], ranges: tuple[tuple[float, float], ...]
) -> None:
    rng, fast = np.random.default_rng(530), compiled(kernel)
    for _ in range(300):
        values = [bool(rng.integers(2)) if low is False else float(rng.uniform(low, high)) for low, high in ranges]
        plain = kernel(*values)
        # Percentages of 1e-12 and losses of 200 dB alike: in decibels or relative, whichever is more.
        assert fast(*values) == pytest.approx(plain, abs=1e-9, rel=1e-12), values


def _path(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    points = int(rng.integers(3, 120))
    distance = np.concatenate([[0.0], np.cumsum(rng.uniform(5.0, 300.0, points - 1))])  # unequal steps
    ground = 200.0 + np.cumsum(rng.normal(0.0, 8.0, points))
    cover = np.where(rng.random(points) < 0.3, rng.uniform(0.0, 25.0, points), 0.0)
    cover[[0, -1]] = 0.0
    return distance, ground, ground + cover


PROFILES: tuple[tuple[Callable[..., Any], str], ...] = (
    (clearance.clearance_kernel, "surface radius wavelength"),
    (clearance.height_needed_kernel, "surface radius wavelength share"),
    (cascaded_knife_edge_kernel, "surface radius wavelength"),
    (delta_bullington_kernel, "both radius freq vertical"),
    (p526_kernel, "both radius freq vertical"),
)


@pytest.mark.parametrize(("kernel", "takes"), PROFILES, ids=[kernel.__name__ for kernel, _ in PROFILES])
def test_a_profile_says_the_same_compiled_and_plain(kernel: Callable[..., Any], takes: str) -> None:
    rng, fast = np.random.default_rng(526), compiled(kernel)
    for _ in range(60):
        distance, ground, surface = _path(rng)
        freq = float(rng.uniform(150.0, 30_000.0))
        up_a, up_b = (float(up) for up in rng.uniform(1.0, 60.0, 2))
        given: dict[str, Any] = {
            "ground": ground, "surface": surface, "radius": float(rng.uniform(5e6, 1.2e7)), "freq": freq,
            "wavelength": 299.792458 / freq, "share": 0.6, "vertical": bool(rng.integers(2)),
        }  # fmt: skip
        first, *rest = takes.split()
        tops = [ground, surface] if first == "both" else [given[first]]
        ends = float(ground[0]) + up_a, float(ground[-1]) + up_b
        found = fast(distance, *tops, 0, len(distance), *ends, *(given[name] for name in rest))
        plain = kernel(
            distance.tolist(), *(one.tolist() for one in tops), 0, len(distance), *ends, *(given[name] for name in rest)
        )
        assert found == pytest.approx(plain, abs=1e-9, rel=1e-12)
