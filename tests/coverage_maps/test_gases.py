"""What a user would miss: at 24 and 60 GHz planner, moving map and link panel count the same air."""

from __future__ import annotations

import numpy as np
import pytest

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import Conditions
from cn_planner.links.losses import gas_losses_db
from cn_planner.links.weather import Weather
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

A = ([42.05, 41.98], [1.62, 1.66])
B = ([42.06, 41.97, 42.0], [1.63, 1.65, 1.7])


@pytest.fixture(scope="module")
def surface(shared_data):
    return Surface.open([shared_data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")])


@pytest.mark.parametrize("freq", [5500.0, 24_000.0, 60_000.0])
@pytest.mark.parametrize("model", ["p526", "free-space"])
def test_the_matrix_counts_the_air_of_the_link(surface, freq, model):
    air = Conditions(canopy_m=8.0, model=model, weather=Weather(temperature_c=25.0, vapour_g_m3=18.0))
    masts, roofs = [12.0, 40.0], [5.0, 9.0]
    found = pair_matrix(surface, A, B, masts, roofs, freq, air, max_km=30.0)
    assert len(found) == 6
    for p, (i, j) in enumerate(zip(found.first, found.second, strict=True)):
        profile = path_profile(surface, (A[0][i], A[1][i]), (B[0][j], B[1][j]), canopy_m=8.0)
        for s, mast in enumerate(masts):
            for t, roof in enumerate(roofs):
                link = link_budget(profile, mast, roof, None, None, freq, conditions=air)
                assert found.loss_db[p, s, t] == pytest.approx(link.losses.total_db, abs=1e-9)
                assert (link.losses.gas_db > 0.0) == (freq > 10_000.0)


def test_where_a_height_is_missing_so_is_the_loss():
    lost = gas_losses_db(np.array([1000.0, 1000.0]), 60_000.0, Weather(), np.array([np.nan, 0.0]))
    assert np.isnan(lost[0])
    assert lost[1] == pytest.approx(14.8, abs=0.5)
    assert gas_losses_db(np.array([1e5]), 5500.0, Weather(), np.array([0.0])).tolist() == [0.0]
