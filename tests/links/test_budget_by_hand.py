"""Budgets whose every number is worked by hand, with two ends that differ in all that can differ."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from link_paths import path, sighted

from cn_planner.errors import InputError
from cn_planner.links.availability import availability
from cn_planner.links.budget import budget_arrays, link_budget
from cn_planner.links.conditions import Conditions
from cn_planner.links.radio import RadioEnd
from cn_planner.links.verdict import VERDICTS, Verdict
from cn_planner.links.weather import Weather
from cn_planner.model.equipment import RadioMode
from cn_planner.model.plan import Rules


def end(power: float, gain: float, cable: float, hears: tuple[float, float], rates: tuple[float, float], **more):
    """A radio of a slow and a fast mode that sends the fast one with 3 dB less."""
    modes = (
        RadioMode("slow", 20.0, power, hears[0], rates[0]),
        RadioMode("fast", 20.0, power - 3.0, hears[1], rates[1]),
    )
    return RadioEnd(modes, gain, cable, **{"efficiency": 0.5, "technology": "802.11ac", **more})


# Down: 27 - 1 + 16 + 23 - 2 = 63 dBm less the loss; up: 20 + 23 - 2 + 16 - 1 = 56. The fast mode has 3 dB less.
HILL = end(27.0, 16.0, 1.0, (-90.0, -75.0), (10.0, 100.0), name="hill", noise_figure_db=6.0)
ROOF = end(20.0, 23.0, 2.0, (-88.0, -70.0), (12.0, 90.0), name="roof", efficiency=0.6)


def budgets(*losses: float, clear: float = 2.0, rules: Rules | None = None, **more):
    return budget_arrays(losses, sighted([clear] * len(losses)), HILL, ROOF, rules or Rules(), **more)


def test_levels_and_margins_of_both_ways():
    found = budgets(120.0)
    # The fast mode arrives with -60 where -70 does, and with -67 where -75 does: 10 and 8 dB over it. The slow one
    # arrives with -64 where -90 does. The lesser of the two rates, the lesser of the two efficiencies.
    assert (found.level_down_dbm[0], found.level_up_dbm[0]) == (-60.0, -67.0)
    assert (found.margin_down_db[0], found.margin_up_db[0], found.margin_db[0]) == (10.0, 8.0, 8.0)
    assert found.fallback_db[0] == 26.0
    assert (found.rate_down_mbps[0], found.rate_up_mbps[0]) == (45.0, 45.0)
    assert (found.mode_down[0], found.mode_up[0]) == (1, 1)


@pytest.mark.parametrize(
    ("loss", "wanted", "down", "up"),
    [
        (122.0, 6.0, 45.0, 45.0),  # up the fast mode has just six
        (122.001, 6.0, 45.0, 5.0),
        (124.0, 6.0, 45.0, 5.0),  # down it has just six
        (124.001, 6.0, 5.0, 5.0),
        (140.0, 6.0, 5.0, 5.0),  # up the slow mode has just six
        (140.001, 6.0, 5.0, 0.0),
        (145.001, 6.0, 0.0, 0.0),
        (140.001, None, 5.0, 0.0),  # six are the usual rule of a home's link
        (130.0, 0.0, 45.0, 5.0),  # down the fast mode has just none
        (130.001, 0.0, 5.0, 5.0),
    ],
)
def test_the_rate_is_that_of_the_fastest_mode_with_the_margin(loss, wanted, down, up):
    found = budgets(loss) if wanted is None else budgets(loss, rate_margin_db=wanted)
    assert (found.rate_down_mbps[0], found.rate_up_mbps[0]) == (down, up)
    modes = {45.0: 1, 5.0: 0, 0.0: -1}
    assert (found.mode_down[0], found.mode_up[0]) == (modes[down], modes[up])
    # Level and margin are those of the mode of the rate; of the slow one where none has what is wanted.
    at_roof, at_hill = (60.0, -70.0) if down == 45.0 else (63.0, -88.0), (53.0, -75.0) if up == 45.0 else (56.0, -90.0)
    assert (found.level_down_dbm[0], found.level_up_dbm[0]) == (at_roof[0] - loss, at_hill[0] - loss)
    assert found.margin_down_db[0] == pytest.approx(at_roof[0] - loss - at_roof[1], abs=1e-12)
    assert found.margin_up_db[0] == pytest.approx(at_hill[0] - loss - at_hill[1], abs=1e-12)
    assert found.fallback_db[0] == pytest.approx(146.0 - loss, abs=1e-12)  # up: 56 - loss + 90


def test_more_signal_is_never_a_worse_verdict():
    """In the mode counted on the margin falls at each step to a faster one; the verdict rests on the slowest."""
    losses = np.arange(100.0, 160.0, 0.1)
    for clear in (2.0, 0.3, -0.5):
        found = budgets(*losses, clear=clear)
        assert (np.diff(found.verdict) <= 0).all()
        assert (np.diff(found.margin_db) > 1.0).any()
        assert (np.diff(found.probability) <= 0.0).all()  # nor a lesser probability
    # And it is that of 5.13 dB in the slow mode, 1.2816 times a sigma of 4, the reserve of the rate being 6.
    likely = losses[budgets(*losses).verdict == VERDICTS.index(Verdict.LIKELY)]
    assert likely.max() == pytest.approx(146.0 - 5.126, abs=0.1)


def test_the_probability_is_that_of_the_slowest_mode_as_the_verdict_has_it():
    found = link_budget(path(5000.0), 30.0, 25.0, HILL, ROOF, 5500.0)
    assert found.mode == "fast"
    assert found.fallback_margin_db > found.fade_margin_db + 1.0
    assert found.probability_works == pytest.approx(NormalDist().cdf(found.fallback_margin_db / 4.0), abs=1e-12)
    short = link_budget(path(5000.0), 30.0, 25.0, HILL, ROOF, 5500.0, rate_margin_db=found.fallback_margin_db + 0.1)
    assert (short.mode, short.rate_up_mbps, short.fade_margin_db) == ("slow", 0.0, short.fallback_margin_db)
    assert short.fallback_margin_db == found.fallback_margin_db


def test_another_margin_of_the_rules_is_another_rate():
    assert budgets(122.0, rules=Rules(access_margin_db=7.0)).rate_up_mbps[0] == 5.0


def test_verdicts_rest_on_clearance_probability_and_law():
    # Up 26 dB over a sigma of 4: all but sure. 1.26 dB are a probability of 0.624.
    assert VERDICTS[budgets(120.0).verdict[0]] is Verdict.LIKELY
    weak = budgets(144.74)
    assert weak.margin_db[0] == weak.fallback_db[0] == pytest.approx(1.26)
    assert weak.probability[0] == pytest.approx(0.6236, abs=1e-4)
    assert VERDICTS[weak.verdict[0]] is Verdict.CHECK_ON_SITE
    assert VERDICTS[budgets(120.0, clear=0.5).verdict[0]] is Verdict.CHECK_ON_SITE
    assert budgets(144.74, model="itm").probability[0] == pytest.approx(0.5934, abs=1e-4)  # of ITM 5.33 dB
    for one, other in ((False, True), (True, False), (False, False)):
        ends = replace(HILL, allowed=one), replace(ROOF, allowed=other)
        assert VERDICTS[budget_arrays([120.0], sighted([2.0]), *ends, Rules()).verdict[0]] is Verdict.BLOCKED
    unknown = budgets(math.nan)
    assert VERDICTS[unknown.verdict[0]] is Verdict.NO_DATA
    assert np.isnan([unknown.rate_down_mbps[0], unknown.rate_up_mbps[0], unknown.margin_db[0]]).all()


def test_one_link_says_all_that_holds_of_it():
    found = link_budget(path(5000.0), 30.0, 25.0, HILL, ROOF, 5500.0)
    length = math.hypot(5000.0, 5.0) / 1000.0
    loss = 32.4478 + 20.0 * math.log10(length) + 20.0 * math.log10(5500.0)
    assert found.losses.total_db == pytest.approx(loss, abs=1e-3)
    assert found.rsl_to_dbm == pytest.approx(60.0 - loss, abs=1e-3)
    assert found.rsl_from_dbm == pytest.approx(53.0 - loss, abs=1e-3)
    assert found.margin_down_db == pytest.approx(60.0 - loss + 70.0, abs=1e-3)
    assert found.margin_up_db == found.fade_margin_db == pytest.approx(53.0 - loss + 75.0, abs=1e-3)
    assert found.fallback_margin_db == pytest.approx(56.0 - loss + 90.0, abs=1e-3)
    assert (found.mode, found.fallback_mbps) == ("fast", 5.0)
    assert (found.rate_down_mbps, found.rate_up_mbps, found.mcs_down, found.mcs_up) == (45.0, 45.0, "fast", "fast")
    # Noise: -174 dBm a hertz, 20 MHz, 6 dB of figure at the hill; of the roof's nothing is known: heat alone.
    assert found.snr_to_db == pytest.approx(found.rsl_to_dbm + 100.9, abs=0.1)
    assert found.snr_from_db == pytest.approx(found.rsl_from_dbm + 94.9, abs=0.1)
    assert found.ack_timeout_us == pytest.approx(16.0 + 9.0 + 20.0 + 2.0 * 5000.0 / 299.792458)
    assert (found.azimuth_deg, found.back_azimuth_deg, found.distance_m) == (0.0, 180.0, 5000.0)
    assert (found.ground_from_m, found.ground_to_m) == (100.0, 100.0)
    # 5 m down over 5 km are 0.0573 degrees, the bend of the earth half of 5 / 8494 more.
    assert found.tilt_from_deg == pytest.approx(-0.0573 - 0.0169, abs=2e-4)
    assert found.tilt_to_deg == pytest.approx(0.0573 - 0.0169, abs=2e-4)


def test_slower_ways_have_their_own_modes_and_none_is_none():
    slow = link_budget(path(30_000.0), 90.0, 90.0, HILL, ROOF, 5500.0)
    assert (slow.mcs_down, slow.mcs_up) == ("slow", "slow")
    one = link_budget(path(30_000.0), 90.0, 90.0, HILL, ROOF, 5500.0, rate_margin_db=slow.margin_up_db + 0.1)
    assert (one.mcs_down, one.mcs_up, one.rate_up_mbps) == ("slow", None, 0.0)


def test_the_clearance_is_that_of_its_place():
    ground = np.full(161, 100.0)
    ground[40] = 117.0
    found = link_budget(path(8000.0, ground), 20.0, 24.0, HILL, ROOF, 5500.0)
    # A quarter of the way the ray is 21 m up, the earth bends by 2 * 6 km² / (2 * 8494 km) = 0.706 m: 3.29 m are left
    # of a zone of sqrt(0.054508 * 2000 * 6000 / 8000) = 9.04 m.
    assert found.clearance_at_m == found.clearance_least_at_m == 2000.0
    assert found.worst_clear_m == pytest.approx(3.29, abs=0.01)
    assert found.clearance_m == pytest.approx(3.29, abs=0.01)
    assert found.clearance_f1 == pytest.approx(3.29 / 9.04, abs=2e-3)
    assert found.worst_cover_m == 0.0
    assert found.worst_latitude == pytest.approx(1.0 + 2000.0 / 110_574.0)
    assert found.worst_longitude == 30.0
    assert found.line_of_sight
    # 0.6 of the zone are 5.42 m, 2.13 more: from the near end three quarters of what it rises come to the place.
    assert found.height_needed_from_m == pytest.approx(20.0 + 2.13 / 0.75, abs=0.05)
    assert found.height_needed_to_m == pytest.approx(24.0 + 2.13 / 0.25, abs=0.1)
    assert found.raise_both_m == pytest.approx(2.13, abs=0.02)


def test_bad_input_is_refused_with_the_names_of_the_ends():
    with pytest.raises(InputError, match="Hill and School are at the same place"):
        link_budget(replace(path(), length_m=0.0), 5.0, 5.0, None, None, 5500.0, names=("Hill", "School"))
    for heights in ((-0.1, 5.0), (5.0, -0.1), (math.nan, 5.0), (5.0, math.inf)):
        with pytest.raises(InputError, match="must not be below 0"):
            link_budget(path(), *heights, None, None, 5500.0)
    assert link_budget(path(500.0), 0.0, 0.0, None, None, 5500.0).verdict is not Verdict.NO_DATA


def test_ground_that_is_missing_anywhere_is_told_by_tile_or_place():
    ground = np.full(161, 100.0)
    ground[50] = math.nan
    unknown = link_budget(path(ground=ground), 10.0, 10.0, HILL, ROOF, 5500.0)
    assert str(unknown.explanation) == "Terrain is missing on the path: 1.02261, 30.00000."  # 2.5 km on
    assert (unknown.ground_from_m, unknown.distance_m, unknown.model) == (100.0, 8000.0, "p526")
    assert link_budget(path(missing=("N01E030",)), 10.0, 10.0, HILL, ROOF, 5500.0).verdict is Verdict.NO_DATA


WET = Weather(rain_rate_mm_h=60.0, rain_known=True, geoclimatic_k=1e-3, dn75=50.0)


def test_fading_is_that_of_the_mean_ground_and_of_both_margins():
    along = np.array([0.0, 2000.0, 12_000.0, 16_000.0])
    ground = np.array([100.0, 300.0, 200.0, 500.0])
    found = link_budget(path(ground=ground, distance=along), 600.0, 220.0, HILL, ROOF, 11_000.0,
                        conditions=Conditions(weather=WET))  # fmt: skip
    # The mean ground: 2 km at 200, 10 at 250, 4 at 350 are 4300 / 16.
    expected = availability(
        16_000.0, 700.0, 720.0, 11_000.0, "V", found.margin_down_db, found.margin_up_db, WET, ground_amsl_m=268.75,
        latitude_deg=1.0 + 12_000.0 / 110_574.0,
    )  # fmt: skip
    assert found.availability is not None
    assert found.availability == expected
    assert found.availability.down_pct != found.availability.up_pct
    assert found.availability_pct == expected.pct


@pytest.mark.parametrize("weak", [HILL, ROOF])
def test_a_link_without_a_margin_one_way_has_no_availability(weak):
    # The weaker sender: 45 dB less leave it 14.6 dB short, or 19.6.
    faint = replace(weak, modes=tuple(replace(mode, tx_power_dbm=mode.tx_power_dbm - 45.0) for mode in weak.modes))
    ends = (faint, ROOF) if weak is HILL else (HILL, faint)
    found = link_budget(path(5000.0), 30.0, 25.0, *ends, 5500.0, conditions=Conditions(weather=WET))
    assert min(found.margin_down_db, found.margin_up_db) < 0.0 < max(found.margin_down_db, found.margin_up_db)
    assert found.availability is found.availability_pct is None


def warnings(found) -> str:
    return " ".join(map(str, found.warnings))


def test_plain_wifi_is_told_where_it_cannot_give_the_rate_of_the_slower_way():
    fast = end(27.0, 16.0, 1.0, (-90.0, -75.0), (10.0, 400.0), efficiency=0.95)
    found = link_budget(path(5000.0), 30.0, 25.0, fast, fast, 5500.0)
    assert "Plain Wi-Fi, which listens before it sends, gives at most" in warnings(found)
    assert "over 5 km" in warnings(found)
    modest = replace(fast, efficiency=0.4)
    assert "Plain Wi-Fi" not in warnings(link_budget(path(5000.0), 30.0, 25.0, modest, modest, 5500.0))
    # The less efficient end decides, and a radio that may not send is told of other things.
    assert "Plain Wi-Fi" not in warnings(link_budget(path(5000.0), 30.0, 25.0, fast, modest, 5500.0))
    closed = replace(fast, allowed=False)
    assert "Plain Wi-Fi" not in warnings(link_budget(path(5000.0), 30.0, 25.0, closed, fast, 5500.0))
    assert "Plain Wi-Fi" not in warnings(link_budget(path(5000.0), 30.0, 25.0, fast, closed, 5500.0))
    # The slower way counts: back there is the slow mode alone, which plain Wi-Fi has as well.
    faint = replace(fast, modes=tuple(replace(mode, tx_power_dbm=mode.tx_power_dbm - 25.0) for mode in fast.modes))
    assert "Plain Wi-Fi" not in warnings(link_budget(path(5000.0), 30.0, 25.0, fast, faint, 5500.0))
    assert "Plain Wi-Fi" not in warnings(link_budget(path(5000.0), 30.0, 25.0, faint, fast, 5500.0))
    other = replace(fast, technology="tdma")
    assert "Plain Wi-Fi" not in warnings(link_budget(path(5000.0), 30.0, 25.0, other, other, 5500.0))


def test_only_wifi_at_both_ends_has_a_time_to_wait():
    tdma = [replace(one, technology="") for one in (HILL, ROOF)]
    assert link_budget(path(5000.0), 30.0, 25.0, HILL, tdma[1], 5500.0).ack_timeout_us is None
    assert link_budget(path(5000.0), 30.0, 25.0, tdma[0], ROOF, 5500.0).ack_timeout_us is None
    assert link_budget(path(5000.0), 30.0, 25.0, HILL, None, 5500.0).ack_timeout_us is None
    far = link_budget(path(401_000.0), 30.0, 25.0, HILL, ROOF, 5500.0)
    assert far.ack_timeout_us is None


def lora(duty_pct: float | None) -> RadioEnd:
    """A LoRa radio at 125 kHz that the law lets send a share of each hour."""
    modes = (RadioMode("SF12", 0.125, 14.0, -137.0, 0.00025), RadioMode("SF7", 0.125, 14.0, -124.0, 0.0055))
    return RadioEnd(modes, 2.0, 0.0, 1.0, technology="lora", duty_pct=duty_pct, name="lora")


def test_the_stricter_share_of_the_hour_holds_for_a_lora_link():
    def said(*duties: float | None) -> str:
        found = link_budget(path(3000.0), 30.0, 25.0, *(lora(one) for one in duties), 868.0)
        return " ".join(map(str, found.warnings))

    assert said(1.0, 1.0) == said(1.0, 10.0) == said(10.0, 1.0) == said(1.0, None) == said(None, 1.0)
    assert said(10.0, 10.0) != said(1.0, 1.0)
    assert said(None, None) not in {said(1.0, 1.0), said(10.0, 10.0)}


def test_rain_is_told_on_top_at_ten_gigahertz_and_up_to_a_hundred_kilometres():
    def told(km: float, mhz: float) -> bool:
        found = link_budget(path(1000.0 * km), 2000.0, 2000.0, None, None, mhz, conditions=Conditions(weather=WET))
        return any("53 minutes" in str(one) for one in found.warnings)

    assert told(4.0, 10_000.0)
    assert not told(4.0, 9_999.0)
    assert told(100.0, 10_000.0)
    assert not told(100.1, 10_000.0)


def test_free_space_warns_where_less_than_enough_is_clear():
    def told(top_m: float, **more) -> bool:
        ground = np.full(161, 100.0)
        ground[80] += top_m
        air = Conditions(model="free-space")
        return bool(link_budget(path(ground=ground), 20.0, 20.0, None, None, 5500.0, conditions=air, **more).warnings)

    # In the middle of 8 km the zone is 10.44 m, the bend 0.94: 12.8 m of hill leave exactly 0.6 of it.
    assert told(13.0)
    assert not told(12.5)
    assert told(12.5, rules=Rules(clearance_f1=1.0))


def test_towers_are_held_to_the_rule_of_their_climate():
    def raised(climate: int) -> float:
        air = Conditions(climate=climate)
        found = link_budget(path(60_000.0), 20.0, 20.0, None, None, 5500.0, conditions=air, between_towers=True)
        return found.clearance_rules.raise_both_m

    assert raised(1) == raised(3) != raised(5) == raised(2)


def test_assumed_trees_are_told_with_the_height_that_was_assumed_or_with_that_of_the_path():
    trees = np.zeros(161)
    trees[40:120] = 7.0
    known = path(3000.0, cover=trees, assumed=True)
    asked = link_budget(known, 12.0, 12.0, HILL, ROOF, 5500.0, conditions=Conditions(canopy_m=11.0))
    assert "Trees of 11 m are assumed" in str(asked.explanation)
    found = link_budget(known, 12.0, 12.0, HILL, ROOF, 5500.0, conditions=Conditions(canopy_m=0.0))
    assert "Trees of 7 m are assumed" in str(found.explanation)
    assert found.canopy_assumed
    assert not link_budget(path(3000.0), 12.0, 12.0, HILL, ROOF, 5500.0).canopy_assumed


def test_the_gain_that_is_missing_behind_a_hill_is_less_by_what_the_hill_takes():
    ground = np.full(161, 100.0)
    ground[80] = 140.0
    faint = replace(ROOF, modes=tuple(replace(mode, tx_power_dbm=mode.tx_power_dbm - 20.0) for mode in ROOF.modes))
    high = Rules(mast_heights_m=(30.0, 90.0))
    behind = link_budget(path(8000.0, ground), 20.0, 20.0, HILL, faint, 5500.0, rules=high)
    clear = link_budget(path(8000.0), 60.0, 60.0, HILL, faint, 5500.0)
    short = 7.689 - (behind.fallback_margin_db + behind.losses.diffraction_db)
    assert clear.fallback_margin_db == pytest.approx(behind.fallback_margin_db + behind.losses.diffraction_db, abs=0.01)
    if short > 0.0:
        assert f"with {math.ceil(short)} dB more gain" in str(behind.fix)
    else:
        assert "gain" not in str(behind.fix)
    weaker = replace(ROOF, modes=tuple(replace(mode, tx_power_dbm=mode.tx_power_dbm - 30.0) for mode in ROOF.modes))
    again = link_budget(path(8000.0, ground), 20.0, 20.0, HILL, weaker, 5500.0, rules=high)
    assert f"with {math.ceil(short + 10.0)} dB more gain" in str(again.fix)
    never = link_budget(path(8000.0, ground), 20.0, 20.0, HILL, weaker, 5500.0, rules=Rules(mast_heights_m=(30.0,)))
    assert "gain" not in str(never.fix), "no mast clears the hill, so no dish helps"


def test_the_law_that_closes_the_channel_is_the_reason():
    from cn_planner.message import msg

    closed = replace(ROOF, allowed=False, closed=msg("Only indoors."))
    for ends in ((HILL, closed), (closed, HILL)):
        found = link_budget(path(3000.0), 20.0, 20.0, *ends, 5500.0)
        assert str(found.explanation) == "Only indoors."
        assert found.verdict is Verdict.BLOCKED
    alone = link_budget(path(3000.0), 20.0, 20.0, closed, None, 5500.0)
    assert alone.verdict is Verdict.BLOCKED


def test_all_that_is_said_is_the_reason_the_fix_and_the_warnings():
    ground = np.full(161, 100.0)
    ground[80] = 140.0
    found = link_budget(path(8000.0, ground), 20.0, 20.0, HILL, ROOF, 5500.0, conditions=Conditions(model="free-space"))
    assert found.said == (found.explanation, found.fix, *found.warnings)
    assert found.fields()["explanation"] == " ".join(map(str, found.said))
    assert found.fields("In other words.")["explanation"] == "In other words."
    fine = link_budget(path(3000.0), 30.0, 30.0, HILL, ROOF, 5500.0)
    assert fine.said == (fine.explanation,)
