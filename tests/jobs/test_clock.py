"""One clock for all parts of a job: what is left of it, and a token that its end cancels."""

from __future__ import annotations

import time

import pytest

from cn_planner.errors import CancelledError
from cn_planner.progress import ALONE, CancelToken, Clock, Run


def test_parts_share_what_is_left_and_an_endless_clock_limits_nobody():
    clock = Clock.of(100.0, more=10.0)
    half, all_but = clock.left(0.5), clock.left(kept=30.0)
    assert 0.0 < half <= 50.0
    assert half < all_but <= 70.0
    assert clock.last - clock.end == pytest.approx(10.0)
    assert Clock.of(0.0).left() == 0.0
    assert Clock.of(None).left() is None
    assert ALONE.until(Clock().last) is ALONE


def test_a_run_ends_at_its_moment_and_with_the_job_that_it_is_part_of():
    """What has a minute is not asked for two; who stops the whole stops each part."""
    asked = CancelToken()
    later, over = (Run(cancel=asked).until(time.perf_counter() + more) for more in (1000.0, -1.0))
    later.check()
    assert not later.cancelled
    assert over.cancelled
    with pytest.raises(CancelledError):
        over.check()
    with pytest.raises(CancelledError):
        over.cancel.wait(1000.0)
    asked.cancel()
    assert later.cancelled
    with pytest.raises(CancelledError):
        later.cancel.wait(1000.0)
