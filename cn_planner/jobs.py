"""Work beside the window: pools and slots, overtaking and cancel, and results that come back to one thread.

A job is ``frozen input -> pure function(report, cancel) -> frozen result``. It runs on a thread of its slot and gives
its tiles to `tile_pool`; rooms below are handed an executor and never make one. What comes of it is handed to
`deliver`, which brings it to the thread that owns the plan; only there is it decided whether it still counts.
"""

from __future__ import annotations

import ctypes
import itertools
import linecache
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cn_planner.errors import CancelledError, InputError, PlannerError
from cn_planner.faults import note, of_system, report_to_send
from cn_planner.message import Message, msg
from cn_planner.progress import CancelToken, Pace, Progress, Run, cancelled_by, silent, step_back

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor, Future

_T = TypeVar("_T")
_lock = Lock()
_pools: dict[str, ThreadPoolExecutor] = {}


def tile_pool(threads: int | None = None) -> Executor:
    """Return the pool for tiles with so many threads (by default one a core).

    Raises
    ------
    InputError
        Where fewer than one thread is asked for.
    """
    count = threads if threads is not None else os.cpu_count() or 1
    if count < 1:
        raise InputError(msg("{threads} threads cannot work.", threads=count), fix=msg("Ask for 1 or more."))
    return _pool(f"tile-{count}", count, behind=True)


def run_on(progress: Progress = silent, cancel: CancelToken | None = None, threads: int | None = None) -> Run:
    """Return a run with so many threads (by default one a core).

    Raises
    ------
    InputError
        Where fewer than one thread is asked for.
    """
    return Run(tile_pool(threads), progress, cancel, threads or os.cpu_count() or 1)


def hand_pool() -> Executor:
    """Return the pool for tiles of what follows the hand.

    It is not that of other jobs: behind one of their tiles the hand would wait for longer than a frame.
    """
    return _pool("hand", min(os.cpu_count() or 1, 4), behind=False)


def one_heap() -> None:
    """Keep the memory of freed arrays from staying with the program, by two settings of glibc.

    All threads share one heap: own ones for each keep 30 MB that no other thread may use. A heap that is there already
    is shared out as well, so the window asks for this before any thread runs. And arrays of a quarter of a megabyte and
    more, as tiles of the map are, get pages of their own, which go back at once: by itself glibc takes up to 32 MB from
    the heap, where the holes that they left had grown to 50 MB.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # musl has none, and one heap anyway
            libc.mallopt(_M_ARENA_MAX, 1)
            libc.mallopt(_M_MMAP_THRESHOLD, _OWN_PAGES_BYTES)


def give_back_memory() -> None:
    """Give the freed pages within the heap back to the system: some 70 MB after an hour of work, in a few ms.

    The lines of source that Python keeps for tracebacks are freed before: numba reads 36 MB of them when it is loaded.
    """
    linecache.clearcache()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "malloc_trim"):
            libc.malloc_trim(0)


_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # malloc.h of glibc
_OWN_PAGES_BYTES = 256 * 1024


def _pool(name: str, threads: int, *, behind: bool) -> ThreadPoolExecutor:
    with _lock:
        if not _pools:
            one_heap()
        if name not in _pools:
            _pools[name] = ThreadPoolExecutor(
                threads, thread_name_prefix=name, initializer=step_back if behind else None
            )
        return _pools[name]


def close_pools() -> None:
    """End the threads of all pools; they are made again where they are asked for."""
    with _lock:
        pools = list(_pools.values())
        _pools.clear()
    for pool in pools:
        pool.shutdown(wait=True, cancel_futures=True)


class Slot(StrEnum):
    """Where a job runs. What waits in one slot does not wait for the others."""

    LIVE = "live"
    """What follows the hand: one at a time, each some tens of milliseconds."""
    COMPUTE = "compute"
    """Coverage, service, figures: two at a time, their tiles shared among all cores."""
    SOLVER = "solver"
    """The planner: one at a time."""
    IO = "io"
    """Reading and writing files: one at a time."""
    NET = "net"
    """What comes from the Internet: one at a time, for minutes."""


_THREADS = {Slot.LIVE: 1, Slot.COMPUTE: 2, Slot.SOLVER: 1, Slot.IO: 1, Slot.NET: 1}


class JobState(StrEnum):
    """How a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    """Its result was handed over."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    OVERTAKEN = "overtaken"
    """A newer request of the same key took its place; its result was dropped."""
    STALE = "stale"
    """The plan had changed when it was done; its result was dropped."""


class UnexpectedError(PlannerError):
    """The program itself is at fault: an exception that nobody foresaw."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What came of a job that failed: the error in words, and a report that can be copied and sent."""

    error: PlannerError
    report: str


class Report:
    """What a job is handed to say how far it is; it is a `Progress`, and takes partial results too."""

    __slots__ = ("_job", "_jobs")

    def __init__(self, jobs: Jobs, job: Job[Any]) -> None:
        self._jobs, self._job = jobs, job

    def __call__(self, done: float, doing: Message | None = None, /) -> None:
        """Take note of the fraction done and, where it changes, of what is being done."""
        self._job.take_note(done, doing)
        self._jobs.announce(soon=False)

    def partial(self, value: object) -> None:
        """Hand over what is there already."""
        self._jobs.hand_partial(self._job, value)


class Job(Generic[_T]):
    """One piece of work that was asked for.

    Attributes
    ----------
    id : int
        In the order of asking.
    key : str
        What it is about; a newer job of the same key overtakes this one.
    title : Message
        What a person reads in the foot.
    slot : Slot
    version : object
        Version of the plan that it was asked for; None where its result counts for any.
    state : JobState
    fraction : float
        0 to 1.
    doing : Message or None
        What it is doing just now.
    """

    def __init__(
        self,
        number: int,
        key: str,
        title: Message,
        slot: Slot,
        version: object,
        on_partial: Callable[[Any], None] | None,
        on_done: Callable[[_T], None] | None,
        on_error: Callable[[Failure], None] | None,
        on_end: Callable[[JobState], None] | None,
        keep_when_cancelled: bool,
    ) -> None:
        self.work: Callable[[Report, CancelToken], _T] | None = None
        self.id, self.key, self.title, self.slot, self.version = number, key, title, slot, version
        self.on_partial, self.on_done, self.on_error, self.on_end = on_partial, on_done, on_error, on_end
        self.keep_when_cancelled = keep_when_cancelled
        self.token = CancelToken()
        self.state = JobState.WAITING
        self.fraction = 0.0
        self.doing: Message | None = None
        self.overtaken = False
        self.future: Future[_T] | None = None
        self.most_s: float | None = None
        """So long it takes at most, where a clock ends it."""
        self._started: float | None = None
        self._pace = Pace(0.0)
        self._ended = Event()

    @property
    def ended(self) -> bool:
        """Whether it is over and has been delivered or dropped."""
        return self._ended.is_set()

    def begin(self) -> None:
        """Note that it runs."""
        self._started = time.monotonic()
        self._pace = Pace(self._started)
        self.state = JobState.RUNNING

    def end(self, state: JobState) -> None:
        """Note how it ended."""
        self.state = state

    def close(self) -> None:
        """Let go those who wait for it, its work, and what came of it.

        Job and future know each other: a ring that would keep the result until Python's collector comes by. And what
        the work knows ends here, not on the thread that did it: that may be the last of an object of the window.
        """
        self.future = self.work = None
        self.on_partial = self.on_done = self.on_error = self.on_end = None
        self._ended.set()

    def take_note(self, done: float, doing: Message | None) -> None:
        """Note how far it is."""
        self.fraction = min(max(done, 0.0), 1.0)
        self._pace.note(time.monotonic(), self.fraction)
        if doing is not None:
            self.doing = doing

    def cancel(self) -> None:
        """Ask it to stop; nothing of the plan changes by that."""
        self.token.cancel()
        future = self.future  # it is let go on the delivering thread
        if future is not None:
            future.cancel()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it has been delivered or dropped; not on the thread that delivers. False where time ran out."""
        return self._ended.wait(timeout_s)

    @property
    def seconds_gone(self) -> float:
        """How long it has been at work; 0 while it waits."""
        return 0.0 if self._started is None else time.monotonic() - self._started

    @property
    def seconds_left(self) -> float | None:
        """How long it will take still, as long as it goes evenly; None where it does not say."""
        if self._started is None:
            return None
        left, clock = self._pace.left_s(time.monotonic()), self._clock_s
        return left if left is None or clock is None else min(left, clock)

    @property
    def _clock_s(self) -> float | None:
        """How long it is until a clock ends it; None without a clock, or where that is over already."""
        left = -1.0 if self.most_s is None else self.most_s - self.seconds_gone
        return left if left > 0.0 and self._started is not None else None

    @property
    def time_left(self) -> Message | None:
        """What can be said of the time in words: how much is left, at most, or else how much is gone."""
        left, clock = self.seconds_left, self._clock_s
        if left is not None:
            return time_left(left)
        if clock is not None:
            return msg("at most {time}", time=time_left(clock))
        gone = self.seconds_gone
        if gone < _SILENT_S:
            return None
        return (
            msg("{seconds:.0f} s so far", seconds=gone)
            if gone < _LONG_S
            else msg("{minutes:.0f} min so far", minutes=gone / 60.0)
        )


_SILENT_S, _LONG_S = 3.0, 90.0
"""Before that, time needs no words; from then on it is told in minutes."""


def time_left(seconds: float) -> Message:
    """Return a time left in words that a person can use."""
    if seconds < 2.0:
        return msg("a moment left")
    if seconds < _LONG_S:
        return msg("{seconds:.0f} s left", seconds=seconds)
    return msg("{minutes:.0f} min left", minutes=seconds / 60.0)


class Jobs:
    """The jobs of one window.

    Parameters
    ----------
    deliver : callable
        Takes an action and has it done on the thread that owns the plan. Called from any thread.
    version : callable
        Returns the plan's version as it is now; called on the delivering thread.
    on_change : callable, optional
        Called on the delivering thread when the list of jobs or their progress has changed.
    """

    _ANNOUNCE_S = 0.1  # progress is shown so often at most

    def __init__(
        self,
        deliver: Callable[[Callable[[], None]], None],
        version: Callable[[], object] = lambda: None,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._deliver, self._version, self._on_change = deliver, version, on_change
        self._lock = Lock()
        self._jobs: dict[int, Job[Any]] = {}
        self._slots: dict[Slot, ThreadPoolExecutor] = {}
        self._numbers = itertools.count(1)
        self._announced_at = 0.0
        self._announcing = False
        self._closed = False
        self._may_begin = Event()
        self._may_begin.set()

    def hold(self) -> None:
        """Let nothing begin until `go`: what the window shows first is not slowed by what it asks for meanwhile."""
        self._may_begin.clear()

    def go(self) -> None:
        """Let what was asked for begin."""
        self._may_begin.set()

    def submit(
        self,
        key: str,
        title: Message,
        work: Callable[[Report, CancelToken], _T],
        *,
        slot: Slot = Slot.COMPUTE,
        version: object = None,
        on_partial: Callable[[Any], None] | None = None,
        on_done: Callable[[_T], None] | None = None,
        on_error: Callable[[Failure], None] | None = None,
        on_end: Callable[[JobState], None] | None = None,
        let_running_finish: bool = False,
        keep_when_cancelled: bool = False,
        most_s: float | None = None,
    ) -> Job[_T]:
        """Ask for work; older work of the same key is cancelled, and dropped even where it is finished already.

        Parameters
        ----------
        key : str
            What it is about.
        title : Message
            For the foot of the window.
        work : callable of (Report, CancelToken)
            Reads nothing that another thread changes.
        slot : Slot
            Where it runs.
        version : object
            The result is dropped where the plan's version at delivery is another; None: it always counts.
        on_partial, on_done, on_error, on_end : callable
            Called on the delivering thread; `on_end` last, however it ended.
        let_running_finish : bool
            Overtake only what still waits: a steady stream of requests (a hand that drags) would else never see a
            result. Only for `Slot.LIVE`, where the order of delivery is that of asking.
        keep_when_cancelled : bool
            What the work returns although it was cancelled counts: the planner's best plan so far.
        most_s : float, optional
            So long it takes at most, where a clock ends it: that is said as long as nothing better is known.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("these jobs are closed")
            older = [job for job in self._jobs.values() if job.key == key]
            job: Job[_T] = Job(
                next(self._numbers), key, title, slot, version, on_partial, on_done, on_error, on_end,
                keep_when_cancelled,
            )  # fmt: skip
            job.work, job.most_s = work, most_s
            self._jobs[job.id] = job
            if slot not in self._slots:
                self._slots[slot] = ThreadPoolExecutor(
                    _THREADS[slot],
                    thread_name_prefix=f"job-{slot.value}",
                    initializer=None if slot is Slot.LIVE else step_back,
                )
            executor = self._slots[slot]
        for other in older:
            if not (let_running_finish and other.state is JobState.RUNNING):
                other.overtaken = True
                other.cancel()
        report = Report(self, job)

        def run() -> _T:
            self._may_begin.wait()
            job.token.check()
            job.begin()
            self.announce(soon=True)
            assert job.work is not None  # noqa: S101 - it is let go when all is over
            with cancelled_by(job.token):
                return job.work(report, job.token)

        job.future = executor.submit(run)
        job.future.add_done_callback(lambda future: self._deliver(lambda: self._finish(job, future)))
        self.announce(soon=True)
        return job

    def active(self) -> tuple[Job[Any], ...]:
        """Return the jobs that wait or run, in the order of asking."""
        with self._lock:
            return tuple(job for job in self._jobs.values() if not job.overtaken)

    def cancel(self, number: int) -> None:
        """Cancel a job by its id; one that is over stays as it is."""
        with self._lock:
            job = self._jobs.get(number)
        if job is not None:
            job.cancel()

    def cancel_all(self, prefix: str = "") -> None:
        """Cancel all jobs whose key begins so."""
        for job in self.active():
            if job.key.startswith(prefix):
                job.cancel()

    def shutdown(self) -> None:
        """Cancel everything and wait until no thread of these jobs runs; nothing is delivered after this."""
        with self._lock:
            self._closed = True
            jobs, slots = list(self._jobs.values()), list(self._slots.values())
        for job in jobs:
            job.cancel()
        self.go()
        for executor in slots:
            executor.shutdown(wait=True, cancel_futures=True)
        for job in jobs:
            if not job.ended:
                job.end(JobState.CANCELLED)
                job.close()
        with self._lock:
            self._jobs.clear()

    # What jobs say of themselves

    def announce(self, *, soon: bool) -> None:
        """Have `on_change` called; progress not more often than a person can read."""
        if self._on_change is None:
            return
        with self._lock:
            now = time.monotonic()
            if self._closed or self._announcing or (not soon and now - self._announced_at < self._ANNOUNCE_S):
                return
            self._announcing, self._announced_at = True, now
        self._deliver(self._say_change)

    def _say_change(self) -> None:
        with self._lock:
            self._announcing = False
            closed = self._closed
        if not closed and self._on_change is not None:
            self._on_change()

    def hand_partial(self, job: Job[Any], value: object) -> None:
        """Have a partial result delivered, where it still counts by then."""
        if job.on_partial is None:
            return

        def hand_over() -> None:
            if job.on_partial is None or self._closed or job.overtaken or job.token.cancelled or self._is_stale(job):
                return
            job.on_partial(value)

        self._deliver(hand_over)

    def _is_stale(self, job: Job[Any]) -> bool:
        return job.version is not None and job.version != self._version()

    def _finish(self, job: Job[_T], future: Future[_T]) -> None:
        """Hand over what came of a job, or drop it; on the delivering thread."""
        with self._lock:
            if self._closed:
                return
            self._jobs.pop(job.id, None)
        try:
            self._hand_over(job, future)
        finally:
            if job.on_end is not None:
                job.on_end(job.state)
            job.close()
            self.announce(soon=True)

    def _hand_over(self, job: Job[_T], future: Future[_T]) -> None:
        problem = None if future.cancelled() else future.exception()
        foreseen = isinstance(problem, PlannerError)
        if problem is not None and not foreseen:
            # Nobody foresaw it: it is said even where the result would not have counted.
            job.end(JobState.FAILED)
            _tell(job, problem)
        elif job.overtaken:
            job.end(JobState.OVERTAKEN)
        elif future.cancelled() or isinstance(problem, CancelledError) or _given_up(job, problem):
            job.end(JobState.CANCELLED)
        elif self._is_stale(job):
            job.end(JobState.STALE)
        elif problem is not None:
            job.end(JobState.FAILED)
            _tell(job, problem)
        else:
            job.end(JobState.DONE)
            if job.on_done is not None:
                job.on_done(future.result())


def _given_up(job: Job[Any], problem: BaseException | None) -> bool:
    return job.token.cancelled and not (job.keep_when_cancelled and problem is None)


def _tell(job: Job[Any], problem: BaseException) -> None:
    if job.on_error is None:
        raise problem
    job.on_error(failure_of(problem, doing=str(job.title)))


def failure_of(problem: BaseException, *, doing: str = "") -> Failure:
    """Return an exception in words, with a report that can be copied and sent: no names, no places."""
    report = report_to_send(problem)
    known = problem if isinstance(problem, PlannerError) else of_system(problem)
    if known is not None:
        return Failure(known, report)
    error = UnexpectedError(
        msg("The program made a mistake: {kind}.", kind=type(problem).__name__),
        fix=msg(
            "The plan is as it was. What happened stands in {log}; send it to those who look after the program.",
            log=str(note(problem, doing)),
        ),
    )
    return Failure(error, report)
