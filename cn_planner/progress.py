"""How a long job tells how far it is, and how it is told to stop."""

from __future__ import annotations

import math
import os
import sys
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import pairwise
from threading import Event
from typing import TYPE_CHECKING, Protocol

from cn_planner.errors import CancelledError
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

    from cn_planner.message import Message


class Progress(Protocol):
    """Called by a job with the fraction done (0 to 1) and, where it changes, what it is doing."""

    def __call__(self, done: float, doing: Message | None = None, /) -> None:
        """Take note."""


def silent(_done: float, _doing: Message | None = None, /) -> None:
    """Take no note: the progress of a job that nobody watches."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress whose 0 to 1 is `start` to `end` of another."""

    def report(done: float, doing: Message | None = None, /) -> None:
        progress(start + (end - start) * done, doing)

    return report


def step_back() -> None:
    """Let threads that somebody waits for have the processor before this one, where all are busy."""
    if sys.platform == "linux":  # elsewhere it would be the whole process that steps back
        os.nice(5)


class Pace:
    """How fast work goes, and when it will be over as long as it goes evenly.

    Work of which one part goes ten times as fast as the next tells nothing of its end: then nothing is said.
    """

    _LEAST_NOTES, _MOST_NOTES = 5, 64
    _LEAST_S, _LEAST_DONE = 1.0, 0.03
    _UNEVEN = 1.6
    """Where the later half goes so much faster or slower than the whole, nobody knows how the rest goes."""
    _STALLED = 3.0
    """Where nothing was heard for so many times the longest silence before, the work goes no more as it did."""

    def __init__(self, now: float) -> None:
        self._notes = [(now, 0.0)]

    def note(self, now: float, done: float) -> None:
        """Note how much is done, 0 to 1, at a moment in seconds."""
        last = self._notes[-1]
        if done < last[1]:
            self._notes = [(now, done)]  # a part is done anew: what was before says nothing of it
        elif done > last[1]:
            self._notes.append((now, done))
            if len(self._notes) > self._MOST_NOTES:
                self._notes[1:-1] = self._notes[1:-1:2]

    def left_s(self, now: float) -> float | None:
        """Return the seconds that are left at a moment; None where the work does not tell."""
        notes = list(self._notes)  # the work writes on meanwhile
        (begun, first), (heard, done), count = notes[0], notes[-1], len(notes)
        if count < self._LEAST_NOTES or heard - begun < self._LEAST_S or done - first < self._LEAST_DONE:
            return None
        half = next(number for number, (at, _) in enumerate(notes) if at >= (begun + heard) / 2)
        half = min(half, count - 2)
        late_s, late = heard - notes[half][0], done - notes[half][1]
        rate, late_rate = (done - first) / (heard - begun), late / late_s if late_s > 0.0 else 0.0
        silence = max(after[0] - before[0] for before, after in pairwise(notes))
        if not rate / self._UNEVEN <= late_rate <= rate * self._UNEVEN or now - heard > self._STALLED * silence:
            return None
        return max((1.0 - done) / late_rate - (now - heard), 0.0)


class CancelToken:
    """A flag that one side sets and the working side looks at between tiles."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = Event()

    def cancel(self) -> None:
        """Ask the job to stop."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise CancelledError where the job was asked to stop."""
        if self._event.is_set():
            raise CancelledError(msg("Cancelled."))

    def wait(self, seconds: float) -> None:
        """Wait so long; raise CancelledError at once where the job is asked to stop meanwhile."""
        self._event.wait(seconds)
        self.check()


class TimedToken(CancelToken):
    """A token that is cancelled with another one, and as soon as a moment of the performance counter has come."""

    __slots__ = ("_end", "_token")

    def __init__(self, token: CancelToken | None, end: float) -> None:
        super().__init__()
        self._token, self._end = token, end

    @property
    def cancelled(self) -> bool:
        """Whether the job was asked to stop, or its time is over."""
        asked = self._token is not None and self._token.cancelled
        return asked or self._event.is_set() or time.perf_counter() >= self._end

    def check(self) -> None:
        """Raise CancelledError where the job was asked to stop, or its time is over."""
        if self.cancelled:
            raise CancelledError(msg("Cancelled."))

    def wait(self, seconds: float) -> None:
        """Wait so long, or until its time is over; raise CancelledError as soon as either asks for that."""
        end = min(time.perf_counter() + seconds, self._end)
        while (left := end - time.perf_counter()) > 0.0 and not self.cancelled:
            self._event.wait(min(left, _LOOK_S))
        self.check()


_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock for all parts of a job.

    Attributes
    ----------
    end : float
        The moment of the performance counter at which the job's time is over; infinite where it has as long as it
        takes.
    last : float
        That at which it has to have ended: what must be said after its time is over takes a moment as well.
    """

    end: float = math.inf
    last: float = math.inf

    @classmethod
    def of(cls, seconds: float | None, *, more: float = 0.0) -> Clock:
        """Return a clock that starts now and runs so long; what ends the job may take so many seconds more."""
        if seconds is None:
            return cls()
        now = time.perf_counter()
        return cls(now + seconds, now + seconds + more)

    def of_share(self, share: float) -> Clock:
        """Return a clock that is over once such a share of what is left of this one is."""
        if not self.running:
            return self
        less = (1.0 - share) * max(0.0, self.end - time.perf_counter())
        return Clock(self.end - less, self.last - less)

    @property
    def running(self) -> bool:
        """Whether there is an end at all."""
        return self.end < math.inf

    def left(self, share: float = 1.0, *, kept: float = 0.0) -> float | None:
        """Return the seconds of a share of what is left, beside some that are kept; None where there is no end."""
        if not self.running:
            return None
        return max(0.0, share * (self.end - kept - time.perf_counter()))


_cancel: ContextVar[CancelToken | None] = ContextVar("cancel", default=None)


@contextmanager
def cancelled_by(token: CancelToken | None) -> Iterator[None]:
    """Let a token cancel what is read from files on this thread, however deep within the work that is."""
    before = _cancel.set(token)
    try:
        yield
    finally:
        _cancel.reset(before)


def current_cancel() -> CancelToken | None:
    """Return what cancels the work of this thread."""
    return _cancel.get()


@dataclass(frozen=True, slots=True)
class Run:
    """How a computation runs: on which threads, who is told how far it is, who may stop it.

    Attributes
    ----------
    pool : Executor, optional
        What its tiles run on; in the calling thread where there is none.
    progress : Progress
    cancel : CancelToken, optional
    threads : int
        How many the pool has: for what is not cut into tiles, as the search for a network.
    """

    pool: Executor | None = None
    progress: Progress = silent
    cancel: CancelToken | None = None
    threads: int = 1

    def part(self, start: float, end: float) -> Run:
        """Return a run whose 0 to 1 is `start` to `end` of this one."""
        return replace(self, progress=part(self.progress, start, end))

    def silently(self) -> Run:
        """Return the run without its progress."""
        return replace(self, progress=silent)

    def check(self) -> None:
        """Raise CancelledError where it was asked to stop."""
        if self.cancel is not None:
            self.cancel.check()

    def until(self, moment: float) -> Run:
        """Return a run that is cancelled as well when a moment of the performance counter has come."""
        return self if moment == math.inf else replace(self, cancel=TimedToken(self.cancel, moment))

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self.cancel is not None and self.cancel.cancelled


ALONE = Run()
"""In the calling thread, with nobody to watch it or to stop it."""
