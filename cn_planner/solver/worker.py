"""Work that cannot be interrupted, done beside the caller, who stops waiting for it when the job is cancelled."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.progress import CancelToken

Answer = TypeVar("Answer")

_LOOK_S = 0.05


def run_in_worker(work: Callable[[], Answer], cancel: CancelToken | None) -> Answer | None:
    """Return what a function returns, or None as soon as the job is cancelled.

    A solver looks at a cancel only now and then, a compiler never. What was left behind goes on to its next look and
    ends there; nobody reads what it writes. The answer is the same as without a thread.
    """
    if cancel is None:
        return work()
    done = Event()
    answers: list[Answer] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as fault:  # noqa: BLE001  # raised again by whoever waits
            faults.append(fault)
        finally:
            done.set()

    Thread(target=run, name="apart", daemon=True).start()
    while not done.wait(_LOOK_S):
        if cancel.cancelled:
            return None
    if faults:
        raise faults[0]
    return answers[0]
