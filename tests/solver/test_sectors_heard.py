"""A home hangs on the sector that points nearest to it, so that one must have the airtime: counted here by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest

from cn_planner.errors import CancelledError
from cn_planner.progress import CancelToken, Run
from cn_planner.solver.sectors import (
    SectorBeam,
    _signed,
    _too_much_turned,
    _Turned,
    _two_nearest,
    beams_as_heard,
    fewest_beams,
)
from cn_planner.solver.sectors import _off as offs


def _off(one: float, other: float) -> float:
    return abs((one - other + 180.0) % 360.0 - 180.0)


def _fullest(found: tuple[SectorBeam, ...], azimuth: list[float], airtime: list[float]) -> float:
    """Return the airtime of the fullest beam of several homes, each home on the one that points nearest."""
    used: dict[int, list[float]] = {}
    for towards, share in zip(azimuth, airtime, strict=True):
        near = min(range(len(found)), key=lambda n: _off(found[n].azimuth_deg, towards))
        used.setdefault(near, []).append(share)
    return max((sum(one) for one in used.values() if len(one) > 1), default=0.0)


def test_a_school_counted_to_one_sector_is_not_carried_by_the_next_that_points_nearer() -> None:
    azimuth = [84.0, 116.0, 152.0, 6.0, 58.0, 162.0]
    airtime = [0.2, 0.5, 0.5, 0.2, 0.1, 0.5]
    reach = [60.0] * len(azimuth)
    counted = fewest_beams(azimuth, airtime, 120.0, reach)
    assert len(counted) == 2
    assert _fullest(counted, azimuth, airtime) >= 1.5  # three schools
    found = beams_as_heard(azimuth, airtime, 120.0, reach)
    assert len(found) == 2  # turning them is enough
    assert _fullest(found, azimuth, airtime) <= 1.0 + 1e-9


def test_who_cancels_is_heard_before_every_turn_of_a_sector() -> None:
    draw = random.Random(7)
    azimuth = [draw.uniform(0.0, 360.0) for _ in range(400)]
    airtime = [0.02] * 399 + [0.6]
    given = azimuth, airtime, 120.0, [60.0] * len(azimuth)
    looks = 0

    class Counted(CancelToken):
        def check(self) -> None:
            nonlocal looks
            looks += 1
            super().check()

    token = Counted()
    found = beams_as_heard(*given, Run(cancel=token))
    assert found == beams_as_heard(*given)
    assert looks >= len(found) > 2
    token.cancel()
    before = looks
    with pytest.raises(CancelledError):
        beams_as_heard(*given, Run(cancel=token))
    assert looks == before + 1


def test_no_sector_has_more_homes_pointing_at_it_than_it_has_time_for() -> None:
    draw = random.Random(5)
    mended = 0
    for _ in range(300):
        count = draw.randint(2, 50)
        azimuth = [draw.uniform(0.0, 220.0) for _ in range(count)]
        airtime = [draw.choice([0.01, 0.02, 0.03]) for _ in range(count)]
        for _ in range(draw.randint(0, 4)):
            airtime[draw.randrange(count)] = draw.uniform(0.2, 0.6)
        reach = [60.0 if draw.random() < 0.7 else draw.uniform(8.0, 60.0) for _ in range(count)]
        counted = fewest_beams(azimuth, airtime, 120.0, reach)
        found = beams_as_heard(azimuth, airtime, 120.0, reach)
        if _fullest(counted, azimuth, airtime) <= 1.0:
            assert found == counted  # what is right stays as it is
            continue
        mended += 1
        assert _fullest(found, azimuth, airtime) <= 1.0 + 1e-9
        assert sorted(h for beam in found for h in beam.homes) == list(range(count))
        assert all(_off(azimuth[h], beam.azimuth_deg) <= reach[h] + 0.06 for beam in found for h in beam.homes)
    assert mended > 20


def test_a_turned_beam_is_weighed_as_if_all_homes_were_looked_at():
    """Over all beams and all homes, for each choice: which is nearest, whom that overfills, who is off their own."""
    rng = np.random.default_rng(11)
    for homes, count in ((40, 3), (60, 7), (25, 2), (80, 12)):
        towards = np.round(rng.uniform(0.0, 360.0, homes))  # on whole degrees many are as near to two beams
        middles = np.round(rng.uniform(0.0, 360.0, count))
        share, given = rng.uniform(0.01, 0.3, homes), rng.integers(0, count, homes)
        off = offs(towards, middles)
        for beam in range(count):
            turned = (middles[beam] + np.arange(-9.0, 10.0)) % 360.0
            nearest = _two_nearest(off)
            near = (given == beam) | (np.abs(_signed(towards - middles[beam])) - 10.0 <= nearest.without(beam)[1])
            choices = _Turned(beam, offs(towards[near], turned), near)
            over, aside = _too_much_turned(choices, nearest, off, given, share)
            for n, azimuth in enumerate(turned.tolist()):
                every = off.copy()
                every[beam] = [round(_off(one, azimuth), 6) for one in towards.tolist()]
                on = [min(range(count), key=lambda b: every[b, h]) for h in range(homes)]  # asked at once
                held = [[share[h] for h in range(homes) if on[h] == b] for b in range(count)]
                lacking = sum(max(sum(row) - 1.0, 0.0) for row in held if len(row) > 1)
                assert over[n] == pytest.approx(lacking, abs=1e-8)
                apart = sum((every[given[h], h] - every[on[h], h]) * share[h] for h in range(homes))
                assert aside[n] == pytest.approx(apart, abs=1e-7)
            off[beam] = offs(towards, turned[3:4])[0]
            nearest.follow(off, beam)
            again = _two_nearest(off)
            assert (nearest.which == again.which).all()
            assert (nearest.off_deg == again.off_deg).all()
