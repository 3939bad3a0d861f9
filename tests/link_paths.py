"""Paths that the tests of links share."""

from __future__ import annotations

import numpy as np

from cn_planner.links.sight import Sight
from cn_planner.terrain.profile import PathProfile


def path(length_m=8000.0, ground=None, cover=None, *, points=161, distance=None, assumed=False, missing=()):
    """A path due north from 1 N 30 E."""
    along = np.linspace(0.0, length_m, points) if distance is None else np.asarray(distance, dtype=np.float64)
    points = len(along)
    return PathProfile(
        latitude=1.0 + along / 110_574.0,
        longitude=np.full(points, 30.0),
        distance_m=along,
        ground_m=np.full(points, 100.0) if ground is None else np.asarray(ground, dtype=np.float64),
        cover_m=np.zeros(points) if cover is None else np.asarray(cover, dtype=np.float64),
        filled=np.zeros(points, dtype=bool),
        azimuth_deg=0.0,
        back_azimuth_deg=180.0,
        length_m=float(along[-1]),
        missing=missing,
        cover_assumed=assumed,
    )


def sighted(clearance_f1):
    """How clear paths are over ground that is off by nothing: what is clear is clear, what is in sight passes."""
    f1 = np.asarray(clearance_f1, dtype=np.float64)
    return Sight(f1, np.where(f1 >= 0.6, 1.0, 0.0), np.where((f1 >= 0.0) & (f1 < 0.6), 1.0, 0.0))


def hills(points=161, length_m=8000.0, *, seed=0):
    """Ground with hills of every size, m above sea level."""
    along = np.linspace(0.0, length_m, points)
    rng = np.random.default_rng(seed)
    ground = 300.0 + np.zeros(points)
    for scale in (4000.0, 1500.0, 600.0, 200.0):
        ground += scale / 60.0 * np.sin(along / scale * 2.0 * np.pi + rng.uniform(0.0, 6.0))
    return ground
