"""What of a file is taken, and how: what the user says on the command line or in the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Repeats(StrEnum):
    """What is done with rows that seem to be something that is there already."""

    KEEP = "keep"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Choices:
    """What of a file is taken.

    Attributes
    ----------
    layer : str
        Which layer, of a map file that has several.
    least, most : mapping of str to float
        By column: rows that have less, or more, there, or no number, are left out; as buildings that were not surely
        seen, or that are sheds by their size.
    only : mapping of str to tuple of str
        By column: rows that have none of these words there are left out.
    thin_m : float
        Of homes or sites nearer to each other than this the first is taken; 0 takes all.
    repeats : Repeats
        Rows at the place of others, or of the same name nearby.
    repeats_m : float or None
        What counts as the same place; None for `near.SAME_PLACE_M` of the kind.
    hamlets_m : float or None
        Homes without a hamlet are put into one with those nearer than this; None where they stay as they are.
    private : bool
        Take owners, contacts and notes on people out of lists of nodes, too.
    fill : mapping of str to str
        By field: what it is in rows, or whole files, that do not say it.
    today : str
        The day on which it is read, against which days of measurements are held; the clock's where none is given,
        and none where `files.import_file` alone is asked.
    skip_bad : bool
        Leave out rows that cannot be used. Otherwise nothing is imported where there is one.
    within : (south, west, north, east) or None
        Only what lies in this box, degrees; ``east`` is less than ``west`` over the antimeridian.
    """

    layer: str = ""
    least: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    thin_m: float = 0.0
    repeats: Repeats = Repeats.KEEP
    repeats_m: float | None = None
    hamlets_m: float | None = None
    private: bool = False
    skip_bad: bool = False
    within: tuple[float, float, float, float] | None = None
    fill: Mapping[str, str] = field(default_factory=dict)
    today: str = ""


EVERYTHING = Choices()
"""All that a file holds."""
