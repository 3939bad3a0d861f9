"""How this room runs its tiles: on the executor that is handed in, or here; in an order that changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.progress import ALONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cn_planner.progress import Run


def run_tasks(tasks: Sequence[Callable[[], None]], run: Run = ALONE) -> None:
    """Run tasks that do not depend on each other, and return when all are done.

    Raises
    ------
    CancelledError
        Where the user cancelled; every task that had begun has ended by then.
    """

    def one(task: Callable[[], None]) -> None:
        run.check()
        task()

    if run.pool is None:
        for number, task in enumerate(tasks, start=1):
            one(task)
            run.progress(number / len(tasks))
        return
    futures = [run.pool.submit(one, task) for task in tasks]
    failed: BaseException | None = None
    for number, future in enumerate(futures, start=1):
        # All are waited for, also after a failure: they write into arrays that the caller will let go of.
        problem = None if future.cancelled() else future.exception()
        if problem is not None and failed is None:
            failed = problem
            for other in futures[number:]:
                other.cancel()
        if failed is None:
            run.progress(number / len(futures))
    if failed is not None:
        raise failed
