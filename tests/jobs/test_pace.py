"""What is said of the time that is left: right while work goes evenly, and nothing where it does not."""

from __future__ import annotations

import sys
import threading

import pytest

from cn_planner.jobs import Jobs
from cn_planner.progress import Pace


def even(pace: Pace, start: float, end: float, at: float, seconds: float, steps: int = 20) -> float:
    for step in range(1, steps + 1):
        pace.note(at + seconds * step / steps, start + (end - start) * step / steps)
    return at + seconds


def test_even_work_says_when_it_is_over_and_counts_down_while_it_is_silent() -> None:
    pace = Pace(100.0)
    now = even(pace, 0.0, 0.5, 100.0, 30.0)
    assert pace.left_s(now) == pytest.approx(30.0, rel=0.01)
    assert pace.left_s(now + 2.0) == pytest.approx(28.0, rel=0.01)


def test_nothing_is_said_too_early_and_nothing_once_it_stalls() -> None:
    pace = Pace(0.0)
    assert pace.left_s(50.0) is None
    now = even(pace, 0.0, 0.5, 0.0, 10.0)
    assert pace.left_s(now + 1.0) is not None
    assert pace.left_s(now + 5.0) is None  # ten steps' time without a word


def test_a_slower_part_is_not_foretold_by_a_faster_one() -> None:
    pace = Pace(0.0)
    now = even(pace, 0.0, 0.7, 0.0, 7.0)
    said = pace.left_s(now)
    assert said == pytest.approx(3.0, rel=0.02)  # nobody can know yet
    now = even(pace, 0.7, 0.73, now, 9.0)
    assert pace.left_s(now) is None  # it goes 30 times as slowly: better nothing than a lie
    now = even(pace, 0.73, 0.9, now, 51.0, steps=100)
    left = pace.left_s(now)
    assert left is None or left == pytest.approx(30.0, rel=0.6)


def test_work_that_begins_a_part_anew_forgets_its_pace() -> None:
    pace = Pace(0.0)
    now = even(pace, 0.0, 0.8, 0.0, 8.0)
    pace.note(now + 0.1, 0.4)
    assert pace.left_s(now + 0.1) is None


def test_notes_of_long_work_stay_few() -> None:
    pace = Pace(0.0)
    even(pace, 0.0, 0.9, 0.0, 900.0, steps=50_000)
    assert len(pace._notes) <= 64
    assert pace.left_s(900.0) == pytest.approx(100.0, rel=0.02)


def test_a_clock_is_said_where_the_work_tells_nothing() -> None:
    jobs = Jobs(lambda act: act())
    job = jobs.submit("k", _title(), lambda _report, cancel: cancel.wait(5.0), most_s=60.0)
    while not job.seconds_gone:
        job.wait(0.01)
    assert str(job.time_left).startswith("at most ")
    job._started -= 70.0
    assert str(job.time_left) == "70 s so far"
    job._started -= 130.0
    assert str(job.time_left) == "3 min so far"
    jobs.cancel_all()
    jobs.shutdown()


def _title():
    from cn_planner.message import msg

    return msg("Cancel")


def test_work_that_writes_while_it_is_read_breaks_no_answer() -> None:
    pace, over = Pace(0.0), threading.Event()
    interval = sys.getswitchinterval()

    def write() -> None:
        at = 1.0
        while not over.is_set():
            for done in range(1, 90):  # thinned out once, then begun anew
                at += 0.1
                pace.note(at, done / 100.0)

    sys.setswitchinterval(1e-6)
    work = threading.Thread(target=write)
    work.start()
    try:
        for _ in range(20_000):
            pace.left_s(1e9)
    finally:
        over.set()
        work.join()
        sys.setswitchinterval(interval)
