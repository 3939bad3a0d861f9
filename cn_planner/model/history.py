"""What an edit changes, and how it is undone: the difference of two plans, applied forwards or backwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING, Any

from cn_planner.model.plan import SECTIONS, TABLES, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.message import Message


@dataclass(frozen=True, slots=True)
class Edit:
    """The plan that an edit leads to, and the edit's name for Undo and Redo."""

    label: Message
    plan: Plan


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a table, or one section, before and after; None where it was not there.

    ``part`` names the table or the section; ``id`` is empty for a section.
    """

    part: str
    id: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One edit of the history."""

    label: Message
    changes: Sequence[Change]


def changes(before: Plan, after: Plan) -> tuple[Change, ...]:
    """Return what turns one plan into the other, in the order of parts and ids.

    Rows that both plans share are recognised by identity first, so that the cost is that of what changed.
    """
    found: list[Change] = []
    for name in SECTIONS:
        old, new = getattr(before, name), getattr(after, name)
        if old is not new and old != new:
            found.append(Change(name, "", old, new))
    for name in TABLES:
        rows, new_rows = getattr(before, name), getattr(after, name)
        if rows is new_rows:
            continue
        put, gone = rows.differences(new_rows)
        found += map(Change, repeat(name), put, map(rows.get, put), map(new_rows.get, put))
        found += [Change(name, key, rows[key], None) for key in gone]
    return tuple(found)


def apply_changes(plan: Plan, step_changes: Iterable[Change], *, backwards: bool = False) -> Plan:
    """Return the plan after the changes, or before them where they are applied backwards."""
    parts: dict[str, Any] = {}
    put: dict[str, list[Any]] = {}
    remove: dict[str, list[str]] = {}
    for change in step_changes:
        value = change.before if backwards else change.after
        if change.part in SECTIONS:
            parts[change.part] = value
        elif value is None:
            remove.setdefault(change.part, []).append(change.id)
        else:
            put.setdefault(change.part, []).append(value)
    for name in put.keys() | remove.keys():
        parts[name] = getattr(plan, name).changed(put.get(name, ()), remove.get(name, ()))
    return replace(plan, **parts)


@dataclass(frozen=True, slots=True)
class History:
    """The edits that were made, and how many of them stand.

    ``steps[:done]`` stand and can be undone, ``steps[done:]`` were undone and can be redone.
    """

    steps: tuple[HistoryStep, ...] = ()
    done: int = 0

    @property
    def undo_label(self) -> Message | None:
        """The name of what Undo takes back, None where there is nothing."""
        return self.steps[self.done - 1].label if self.done else None

    @property
    def redo_label(self) -> Message | None:
        """The name of what Redo does again, None where there is nothing."""
        return self.steps[self.done].label if self.done < len(self.steps) else None

    def after(self, step: HistoryStep) -> History:
        """Return the history with one more edit; what had been undone can then not be redone."""
        return History((*self.steps[: self.done], step), self.done + 1)

    def undone(self, plan: Plan) -> tuple[History, Plan]:
        """Return history and plan with the last edit taken back.

        Raises
        ------
        IndexError
            Where there is nothing to undo.
        """
        if not self.done:
            raise IndexError(self.done)
        step = self.steps[self.done - 1]
        return replace(self, done=self.done - 1), apply_changes(plan, step.changes, backwards=True)

    def redone(self, plan: Plan) -> tuple[History, Plan]:
        """Return history and plan with the next edit done again.

        Raises
        ------
        IndexError
            Where there is nothing to redo.
        """
        step = self.steps[self.done]
        return replace(self, done=self.done + 1), apply_changes(plan, step.changes)
