"""What an import brings: the edit, and what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.importers.left_out import Reason
    from cn_planner.message import Message
    from cn_planner.model.history import Edit


class RowError(InputError):
    """One row of a file cannot be used.

    Parameters
    ----------
    what : Message
        Why.
    file : str
        The file's name.
    row : int
        Line of a CSV file, number of a GeoJSON feature; the first is 1.
    column : str
        The column as the file calls it; empty where it is the whole row.
    """

    def __init__(self, what: Message, file: str, row: int, column: str = "", fix: Message | None = None) -> None:
        place = f"{file}, row {row}" + (f", column {column}" if column else "")
        super().__init__(what, where=place, fix=fix)
        self.file = file
        self.row = row
        self.column = column

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it come out of the process in which a file is read."""
        return type(self), (self.what, self.file, self.row, self.column, self.fix)


class UnwantedRowError(RowError):
    """A row that is as it should be, and says itself that it is nothing to be taken."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import does to a plan.

    Attributes
    ----------
    edit : Edit
        The whole import as one edit.
    things : tuple
        The sites, homes or measurements as they are put into the plan.
    left_out : tuple of RowError
        The first rows that cannot be used and were left out, at most 1,000.
    left_out_count : int
        How many cannot be used.
    warnings : tuple of Message
        What the user should look at.
    added, updated, same : int
        How many things are new; how many were there under the same id and are others now; how many were there so.
    bad_reasons, unwanted : tuple of Reason
        All rows that were left out, by why: those that cannot be used, and those that were not wanted.
    repeats : tuple of Reason
        Rows that seem to be something that is there already, whether they were left out or kept.
    doubts : tuple of Reason
        Rows whose places are to be looked at; they were kept.
    photos : tuple of bytes
        Photographs that the plan file is to keep, JPEG.
    """

    edit: Edit
    things: tuple[Any, ...]
    left_out: tuple[RowError, ...]
    left_out_count: int
    warnings: tuple[Message, ...]
    added: int
    updated: int
    same: int = 0
    bad_reasons: tuple[Reason, ...] = ()
    unwanted: tuple[Reason, ...] = ()
    repeats: tuple[Reason, ...] = ()
    doubts: tuple[Reason, ...] = ()
    photos: tuple[bytes, ...] = ()

    @property
    def news(self) -> Message:
        """Say how many are new, how many were changed, and how many were there so."""
        if self.same:
            return msg(
                "{new} new, {old} changed, {same} the same as in the plan.",
                new=self.added, old=self.updated, same=self.same,
            )  # fmt: skip
        return msg("{new} new, {old} changed.", new=self.added, old=self.updated)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All that was left out, by why."""
        return (*self.bad_reasons, *self.unwanted)
