"""Errors that say what happened, where, and what the user can do next.

Each child also inherits from the Python error of its kind, so that code that knows only Python catches it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import joined

if TYPE_CHECKING:
    from cn_planner.message import Message


class PlannerError(Exception):
    """The work cannot be done.

    Parameters
    ----------
    what : Message
        What happened.
    where : str
        File, row and column, site or tile: what a person needs to find the place. Empty where there is no place.
    fix : Message, optional
        What the user can do next.
    """

    def __init__(self, what: Message, *, where: str = "", fix: Message | None = None) -> None:
        super().__init__(what, where, fix)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        """Return one English line: where, what, and what to do."""
        head = f"{self.where}: {self.what}" if self.where else str(self.what)
        return joined(head, str(self.fix)) if self.fix else head


class InputError(PlannerError, ValueError):
    """A value that a person or a file gave is outside what it may be."""


class FileError(PlannerError, OSError):
    """A file is missing, unreadable, damaged, or not what its name says."""

    __str__ = PlannerError.__str__


class UnknownPlaceError(FileError):
    """A raster has coordinates, but does not say of which coordinate reference system: one has to ask.

    Attributes
    ----------
    corner : (float, float)
        x and y of its middle, as they stand in the file.
    """

    corner: tuple[float, float] = (0.0, 0.0)


class UnknownUnitError(FileError):
    """Heights look as if they were in another unit than m: one has to ask."""


class PlanFileError(FileError):
    """A plan file cannot be opened or written."""


class NewerPlanError(PlanFileError):
    """A plan file was written by a newer version of the program."""


class MissingTerrainError(PlannerError, LookupError):
    """Elevation is missing where an answer needs it."""


class CancelledError(PlannerError):
    """The user cancelled the work."""
