"""When the tasks of the work plan are done, in weeks from the start of the work: no calendar is known.

A phase takes the months that the plan gives it. Within them each task begins when all that it waits for is done; a task
takes the days of one person that the shelf counts, and one day where nobody counted them, and the whole is spread over
the phase. What a task waits for from earlier phases is done by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.report.work_records import PhaseRecord, WorkTask

WEEKS_A_MONTH = 52.0 / 12.0
_UNCOUNTED_DAYS = 1.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when a task is done, weeks from the start of the work."""

    task: WorkTask
    start_week: float
    end_week: float


def phase_weeks(phase: PhaseRecord) -> tuple[float, float]:
    """Return from when to when a phase lasts, weeks from the start of the work."""
    return (phase.begins - 1) * WEEKS_A_MONTH, (phase.on_air - 1) * WEEKS_A_MONTH


def schedule(phases: Iterable[PhaseRecord], work: Iterable[WorkTask]) -> tuple[Stretch, ...]:
    """Return the stretches of all tasks, in their order; each task stands after those that it needs."""
    tasks = tuple(work)
    found: dict[int, Stretch] = {}
    for phase in phases:
        begins, ends = phase_weeks(phase)
        days: dict[int, tuple[float, float]] = {}
        for task in tasks:
            if task.phase == phase.number:
                start = max((days[one][1] for one in task.after if one in days), default=0.0)
                days[task.number] = start, start + (task.days or _UNCOUNTED_DAYS)
        whole = max((end for _, end in days.values()), default=1.0)
        weeks_a_day = (ends - begins) / whole
        for task in tasks:
            if task.number in days:
                start, end = days[task.number]
                found[task.number] = Stretch(task, begins + start * weeks_a_day, begins + end * weeks_a_day)
    return tuple(found[task.number] for task in tasks if task.number in found)
