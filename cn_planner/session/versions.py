"""Earlier versions of a plan, as its file keeps them.

The version before is the last one that was handed out (exported) and that is not the plan as it stands. Where none was,
it is the plan as it was before it was last planned, where it had a network then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.model.history import apply_changes

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.storage.plan_file import PlanFile


class Earlier(NamedTuple):
    """A plan as it was, and what that version is called."""

    plan: Plan
    label: Message


def version_before(file: PlanFile) -> Earlier | None:
    """Return the version before the plan as it stands; None where there is none."""
    for one in reversed(file.versions()):
        plan = file.load_version(one.name)
        if plan != file.plan:
            return Earlier(plan, msg("version {n}, {date}", n=one.name, date=one.date))
    plan = file.plan
    for step in reversed(file.history.steps[: file.history.done]):
        plan = apply_changes(plan, step.changes, backwards=True)
        if any(change.part == "outcome" for change in step.changes):
            return Earlier(plan, msg("before it was last planned")) if plan.used_sites else None
    return None


def version_named(file: PlanFile, number: int) -> Earlier:
    """Return a version that was handed out, by its number.

    Raises
    ------
    InputError
        Where none of this number was.
    """
    for one in file.versions():
        if one.name == str(number):
            return Earlier(file.load_version(one.name), msg("version {n}, {date}", n=one.name, date=one.date))
    kept = ", ".join(one.name for one in file.versions())
    raise InputError(
        msg("Version {n} was not handed out.", n=number),
        fix=msg("There are: {kept}.", kept=kept) if kept else msg("A version is kept whenever the plan is exported."),
    )
