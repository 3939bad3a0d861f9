"""What a user would miss: a sector that holds its homes at the busy hour, the slow ones among them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.links.throughput import (
    airtime_share,
    equal_airtime_mbps,
    equal_rate_mbps,
    sector_capacity_mbps,
    sector_load,
)

RATES = st.lists(st.floats(0.1, 1000.0), min_size=1, max_size=30)


def test_a_demand_takes_its_part_of_the_time() -> None:
    assert float(airtime_share(2.0, 40.0)) == 0.05
    assert airtime_share(2.0, [40.0, 10.0, 0.0]).tolist() == [0.05, 0.2, math.inf]


def test_no_demand_takes_nothing_and_unknown_stays_unknown() -> None:
    shares = airtime_share([0.0, 0.0, 1.0, math.nan, 0.0], [10.0, 0.0, math.nan, 10.0, math.nan])
    assert shares[:2].tolist() == [0.0, 0.0]
    assert np.isnan(shares[2:]).all()


def test_one_slow_home_holds_all_others_up() -> None:
    """Heusse et al. 2003: with hosts at 11 and at 1 Mbit/s all get less than 1, as the slow one takes the time."""
    assert equal_rate_mbps([11.0, 11.0, 11.0]) == pytest.approx(11.0 / 3)
    anomaly = equal_rate_mbps([11.0, 11.0, 1.0])
    assert anomaly == pytest.approx(1.0 / (2 / 11 + 1))
    assert anomaly < 1.0
    assert equal_airtime_mbps([11.0, 11.0, 1.0]).tolist() == pytest.approx([11 / 3, 11 / 3, 1 / 3])


def test_load_capacity_and_weights_are_one_notion() -> None:
    rates, weights, each = [40.0, 20.0, 5.0], [1.0, 3.0, 2.0], 0.5
    load = sector_load(each, rates, weights)
    assert load == pytest.approx(0.5 / 40 + 1.5 / 20 + 1.0 / 5)
    # Its capacity is what the same homes would have with all of the air.
    assert sector_capacity_mbps(rates, weights) == pytest.approx(6.0 * each / load)
    # A building of three homes is three homes.
    assert sector_load(each, [40.0, 20.0, 20.0, 20.0, 5.0, 5.0]) == pytest.approx(load)


def test_a_home_without_a_rate_fills_the_sector_and_no_homes_fill_nothing() -> None:
    assert sector_load(1.0, [10.0, 0.0]) == math.inf
    assert equal_rate_mbps([10.0, 0.0]) == 0.0
    assert sector_load(1.0, []) == 0.0
    assert equal_rate_mbps([]) == math.inf
    assert sector_capacity_mbps([]) == 0.0
    assert equal_airtime_mbps([]).size == 0


@given(RATES)
def test_equal_time_carries_no_less_than_equal_rate(rates: list[float]) -> None:
    assert equal_airtime_mbps(rates).sum() >= sector_capacity_mbps(rates) * (1 - 1e-9)
    assert min(rates) * (1 - 1e-9) <= sector_capacity_mbps(rates) <= max(rates) * (1 + 1e-9)


@given(RATES, st.floats(0.0, 50.0))
def test_a_load_under_1_is_a_demand_under_the_equal_rate(rates: list[float], each: float) -> None:
    load = sector_load(each, rates)
    assert load == pytest.approx(each / equal_rate_mbps(rates))


def test_negative_figures_and_wrong_numbers_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"Demand: -1 Mbit/s.*0 or more"):
        airtime_share(-1.0, 10.0)
    with pytest.raises(InputError, match="Rate: -10 Mbit/s"):
        airtime_share(1.0, [10.0, -10.0, math.nan])
    with pytest.raises(InputError, match="Weight of a home: -1"):
        sector_load(1.0, [10.0], [-1.0])
    with pytest.raises(InputError, match="2 weights do not go with 1 rates"):
        sector_load(1.0, [10.0], [1.0, 1.0])
    with pytest.raises(InputError, match="Rate"):
        equal_airtime_mbps([-1.0])


def test_a_turn_in_a_frame_is_the_share_that_its_demand_takes() -> None:
    """Mimosa: 2 x 86.7 Mbit/s, windows that are 90 % efficient, half of the time: 78.03 Mbit/s a direction."""
    assert float(airtime_share(78.03, 2 * 86.7 * 0.9)) == pytest.approx(0.5)
