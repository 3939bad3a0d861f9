"""How a long job tells how far it is, and how it is told to stop."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
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

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self.cancel is not None and self.cancel.cancelled


ALONE = Run()
"""In the calling thread, with nobody to watch it or to stop it."""
