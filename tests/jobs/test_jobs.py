"""Jobs: what is asked for last wins, what no longer counts is dropped, nothing is swallowed, no thread is left."""

from __future__ import annotations

import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from cn_planner.errors import InputError, PlannerError
from cn_planner.jobs import Failure, Jobs, JobState, Report, Slot, UnexpectedError, time_left
from cn_planner.message import msg
from cn_planner.progress import CancelToken
from cn_planner.session.cache import Cache, digest

_LONG_S = 20.0
TITLE = msg("A test")


@dataclass
class Owner:
    """The thread that owns the plan: it runs what is delivered when the test says so."""

    posted: queue.Queue[Callable[[], None]] = field(default_factory=queue.Queue)
    version: int = 1
    thread: int = field(default_factory=threading.get_ident)

    def deliver_until(self, wanted: Callable[[], bool]) -> None:
        while not wanted():
            self.posted.get(timeout=_LONG_S)()


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def jobs(owner: Owner) -> Iterator[Jobs]:
    before = set(threading.enumerate())
    jobs = Jobs(owner.posted.put, lambda: owner.version)
    yield jobs
    jobs.shutdown()
    assert set(threading.enumerate()) <= before


class Gate:
    """Work that says when it runs and waits until it may go on."""

    def __init__(self, result: object = None) -> None:
        self.running, self.may_end, self.result = threading.Event(), threading.Event(), result

    def __call__(self, _report: Report, _cancel: CancelToken) -> object:
        self.running.set()
        assert self.may_end.wait(_LONG_S)
        return self.result


def test_a_result_comes_on_the_thread_that_owns_the_plan(jobs: Jobs, owner: Owner) -> None:
    found: list[tuple[int, int]] = []
    job = jobs.submit(
        "a", TITLE, lambda _report, _cancel: threading.get_ident(),
        on_done=lambda worker: found.append((worker, threading.get_ident())),
    )  # fmt: skip
    owner.deliver_until(lambda: job.ended)
    [(worker, here)] = found
    assert here == owner.thread != worker
    assert job.state is JobState.DONE


def test_a_newer_request_overtakes_even_a_finished_one(jobs: Jobs, owner: Owner) -> None:
    """The user would see the coverage of where the tower was, after that of where it is."""
    shown: list[object] = []
    old, new = Gate("old"), Gate("new")
    first = jobs.submit("live", TITLE, old, on_done=shown.append)
    assert old.running.wait(_LONG_S)
    old.may_end.set()
    assert first.future is not None
    first.future.result(_LONG_S)  # finished, and not yet delivered
    second = jobs.submit("live", TITLE, new, on_done=shown.append)
    new.may_end.set()
    owner.deliver_until(lambda: first.ended and second.ended)
    assert shown == ["new"]
    assert (first.state, second.state) == (JobState.OVERTAKEN, JobState.DONE)


def test_a_running_one_is_told_to_stop_when_overtaken(jobs: Jobs, owner: Owner) -> None:
    stopped = threading.Event()
    running = threading.Event()

    def long(report: Report, cancel: CancelToken) -> None:
        running.set()
        try:
            while True:
                cancel.check()
                threading.Event().wait(0.001)
        finally:
            stopped.set()

    first = jobs.submit("a", TITLE, long)
    assert running.wait(_LONG_S)
    second = jobs.submit("a", TITLE, lambda _report, _cancel: None)
    assert stopped.wait(_LONG_S)
    owner.deliver_until(lambda: first.ended and second.ended)
    assert first.state is JobState.OVERTAKEN


def test_a_steady_stream_of_requests_still_shows_something(jobs: Jobs, owner: Owner) -> None:
    """While the hand drags, a request comes before the last is done; strict overtaking would show nothing."""
    shown: list[object] = []
    first, third = Gate(1), Gate(3)
    a = jobs.submit("hand", TITLE, first, slot=Slot.LIVE, let_running_finish=True, on_done=shown.append)
    assert first.running.wait(_LONG_S)
    b = jobs.submit("hand", TITLE, Gate(2), slot=Slot.LIVE, let_running_finish=True, on_done=shown.append)
    c = jobs.submit("hand", TITLE, third, slot=Slot.LIVE, let_running_finish=True, on_done=shown.append)
    first.may_end.set()
    third.may_end.set()
    owner.deliver_until(lambda: a.ended and b.ended and c.ended)
    assert shown == [1, 3]
    assert b.state is JobState.OVERTAKEN


def test_other_keys_are_left_alone(jobs: Jobs, owner: Owner) -> None:
    a, b = Gate(1), Gate(2)
    first = jobs.submit("a", TITLE, a)
    second = jobs.submit("b", TITLE, b)
    assert a.running.wait(_LONG_S)
    assert b.running.wait(_LONG_S)  # at once
    assert {job.id for job in jobs.active()} == {first.id, second.id}
    a.may_end.set()
    b.may_end.set()
    owner.deliver_until(lambda: first.ended and second.ended)
    assert first.state is second.state is JobState.DONE
    assert jobs.active() == ()


def test_a_result_for_a_plan_that_has_changed_is_dropped(jobs: Jobs, owner: Owner) -> None:
    shown: list[object] = []
    gate = Gate("of version 1")
    job = jobs.submit("a", TITLE, gate, version=owner.version, on_done=shown.append, on_error=shown.append)
    owner.version = 2
    gate.may_end.set()
    owner.deliver_until(lambda: job.ended)
    assert job.state is JobState.STALE
    assert shown == []


def test_cancel_drops_the_result(jobs: Jobs, owner: Owner) -> None:
    shown: list[object] = []
    gate = Gate("late")
    job = jobs.submit("a", TITLE, gate, on_done=shown.append, on_error=shown.append)
    assert gate.running.wait(_LONG_S)
    jobs.cancel(job.id)
    gate.may_end.set()
    owner.deliver_until(lambda: job.ended)
    assert job.state is JobState.CANCELLED
    assert shown == []


def test_a_cancelled_planner_keeps_its_best_plan(jobs: Jobs, owner: Owner) -> None:
    shown: list[object] = []
    gate = Gate("best so far")
    job = jobs.submit("plan", TITLE, gate, slot=Slot.SOLVER, keep_when_cancelled=True, on_done=shown.append)
    assert gate.running.wait(_LONG_S)
    job.cancel()
    gate.may_end.set()
    owner.deliver_until(lambda: job.ended)
    assert shown == ["best so far"]


def test_what_waits_is_cancelled_without_running(jobs: Jobs, owner: Owner) -> None:
    first, second = Gate(), Gate()
    a = jobs.submit("a", TITLE, first, slot=Slot.SOLVER)
    b = jobs.submit("b", TITLE, second, slot=Slot.SOLVER)
    assert first.running.wait(_LONG_S)
    b.cancel()
    first.may_end.set()
    owner.deliver_until(lambda: a.ended and b.ended)
    assert b.state is JobState.CANCELLED
    assert not second.running.is_set()


def test_an_error_comes_in_words(jobs: Jobs, owner: Owner) -> None:
    def work(report: Report, cancel: CancelToken) -> None:
        raise InputError(msg("The mast is too high."), where="Serra", fix=msg("Lower it."))

    failures: list[Failure] = []
    job = jobs.submit("a", TITLE, work, on_error=failures.append)
    owner.deliver_until(lambda: job.ended)
    [failure] = failures
    assert str(failure.error) == "Serra: The mast is too high. Lower it."
    assert "InputError" in failure.report


def test_a_mistake_of_the_program_becomes_a_report_that_can_be_copied(jobs: Jobs, owner: Owner) -> None:
    """Also of an overtaken job: a bug that nobody hears of is never mended."""

    def work(report: Report, cancel: CancelToken) -> None:
        gate(report, cancel)
        raise ZeroDivisionError("in the middle")

    gate = Gate()
    failures: list[Failure] = []
    job = jobs.submit("a", TITLE, work, on_error=failures.append)
    assert gate.running.wait(_LONG_S)
    newer = jobs.submit("a", TITLE, lambda _report, _cancel: None)
    gate.may_end.set()
    owner.deliver_until(lambda: job.ended and newer.ended)
    [failure] = failures
    assert isinstance(failure.error, UnexpectedError)
    assert failure.error.fix is not None
    assert "ZeroDivisionError" in failure.report
    assert "in the middle" not in failure.report  # who knows what a message holds: the report is sent to strangers


def test_an_error_that_nobody_listens_to_is_raised(jobs: Jobs, owner: Owner) -> None:
    def work(report: Report, cancel: CancelToken) -> None:
        raise PlannerError(msg("No."))

    job = jobs.submit("a", TITLE, work)
    with pytest.raises(PlannerError, match="No"):
        owner.deliver_until(lambda: job.ended)
    assert job.state is JobState.FAILED


def test_partial_results_come_before_the_whole_and_not_after_a_cancel(jobs: Jobs, owner: Owner) -> None:
    seen: list[object] = []
    gate = Gate()

    def work(report: Report, cancel: CancelToken) -> str:
        report.partial("half")
        gate(report, cancel)
        report.partial("after the cancel")
        return "whole"

    job = jobs.submit("a", TITLE, work, on_partial=seen.append, on_done=seen.append)
    owner.deliver_until(lambda: bool(seen))
    job.cancel()
    gate.may_end.set()
    owner.deliver_until(lambda: job.ended)
    assert seen == ["half"]


def test_what_a_job_knew_ends_on_the_thread_that_owns_the_plan(owner: Owner) -> None:
    """It may be the last of a dialog that was closed meanwhile: an object of Qt must not end on another thread."""

    def deliver(action: Callable[[], None]) -> None:  # the worker is the slower of the two
        handled = threading.Event()
        owner.posted.put(lambda: (action(), handled.set()))
        assert threading.get_ident() == owner.thread or handled.wait(_LONG_S)

    class Known:
        def work(self, report: Report, _cancel: CancelToken) -> None:
            report.partial(1)

        def take(self, _value: object) -> None:
            pass

    ended: list[int] = []
    known, jobs = Known(), Jobs(deliver)
    weakref.finalize(known, lambda: ended.append(threading.get_ident()))
    job = jobs.submit("a", TITLE, known.work, on_partial=known.take, on_done=known.take)
    del known
    owner.deliver_until(lambda: job.ended)
    jobs.shutdown()
    assert ended == [owner.thread]


def test_progress_is_announced_with_words(owner: Owner) -> None:
    heard: list[tuple[float, str]] = []
    jobs = Jobs(owner.posted.put, on_change=lambda: heard.extend((j.fraction, str(j.doing)) for j in jobs.active()))
    gate = Gate()

    def work(report: Report, cancel: CancelToken) -> None:
        report(0.5, msg("half way"))
        jobs.announce(soon=True)
        gate(report, cancel)

    job = jobs.submit("a", TITLE, work)
    owner.deliver_until(lambda: (0.5, "half way") in heard)
    gate.may_end.set()
    owner.deliver_until(lambda: job.ended)
    jobs.shutdown()


def test_a_listener_that_fails_leaves_the_job_ended(jobs: Jobs, owner: Owner) -> None:
    def fail(_: object) -> None:
        raise KeyError("listener")

    job = jobs.submit("a", TITLE, lambda _report, _cancel: 1, on_done=fail)
    with pytest.raises(KeyError):
        owner.deliver_until(lambda: job.ended)
    assert jobs.active() == ()
    assert job.ended


def test_shutdown_stops_what_runs_and_delivers_nothing_more(owner: Owner) -> None:
    shown: list[object] = []
    jobs = Jobs(owner.posted.put)
    running = threading.Event()

    def work(report: Report, cancel: CancelToken) -> None:
        running.set()
        while True:
            cancel.check()

    job = jobs.submit("a", TITLE, work, on_done=shown.append, on_error=shown.append)
    waiting = jobs.submit("b", TITLE, work, slot=Slot.SOLVER)
    assert running.wait(_LONG_S)
    jobs.shutdown()
    while not owner.posted.empty():
        owner.posted.get()()
    assert job.ended
    assert waiting.ended
    assert shown == []
    with pytest.raises(RuntimeError):
        jobs.submit("c", TITLE, work)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "a moment left"), (4.2, "4 s left"), (89, "89 s left"), (150, "2 min left")]
)
def test_time_left_in_words(seconds: float, words: str) -> None:
    assert str(time_left(seconds)) == words


def test_the_cache_keeps_to_its_limit_and_gives_up_the_least_used() -> None:
    cache = Cache(100)
    cache.put("a", 1, 40)
    cache.put("b", 2, 40)
    assert cache.get("a") == 1
    cache.put("c", 3, 40)
    assert cache.get("b") is None
    assert (cache.get("a"), cache.get("c")) == (1, 3)
    cache.put("huge", 4, 101)
    assert cache.get("huge") is None
    assert cache.bytes_used == 80
    cache.put("a", 5, 10)
    assert cache.bytes_used == 50
    cache.make_room(110)
    cache.make_room(60)  # of a plan that is looked at beside the other
    cache.put("wide", 6, 55)
    assert (cache.get("a"), cache.get("c"), cache.get("wide")) == (5, 3, 6)
    cache.clear()
    assert (len(cache), cache.bytes_used) == (0, 0)


def test_the_digest_tells_inputs_apart() -> None:
    row = np.arange(6.0)
    assert digest(row, "a") == digest(row.copy(), "a")
    assert (
        len({digest(row), digest(row.reshape(2, 3)), digest(row.astype(np.float32)), digest("a", ""), digest("", "a")})
        == 5
    )
