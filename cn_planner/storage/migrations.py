"""The version of the plan file's format, and one function a step from each older version to the next.

The major number grows where an older program would misread the file, the minor number where it would only miss
something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.errors import NewerPlanError, PlanFileError
from cn_planner.message import msg

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable


class FormatVersion(NamedTuple):
    """A version of the plan file's format."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class Migration(NamedTuple):
    """One step: the version that it leads to, and what it does to the file, within the caller's transaction."""

    target: FormatVersion
    run: Callable[[sqlite3.Connection], None]


CURRENT = FormatVersion(1, 0)
_MOST_DIGITS = 12
MIGRATIONS: dict[FormatVersion, Migration] = {}
"""The step from each version that is no longer current. Format 1.0 is the first."""


def parse_version(text: object, *, where: str) -> FormatVersion:
    """Return the version that a file states.

    Raises PlanFileError where it states none.
    """
    major, _, minor = str(text).partition(".")
    if not (major.isdecimal() and minor.isdecimal() and len(major) + len(minor) <= _MOST_DIGITS):
        raise PlanFileError(msg("The file does not say which format it has."), where=where)
    return FormatVersion(int(major), int(minor))


def steps_from(version: FormatVersion, *, where: str) -> list[Migration]:
    """Return the steps from a version to the current one; none for the current one and for newer minor ones.

    Raises NewerPlanError where the major version is newer than this program knows; PlanFileError where a step is
    missing.
    """
    if version.major > CURRENT.major:
        raise NewerPlanError(
            msg(
                "This plan was written by a newer CN Planner (format {theirs}; this one reads up to {ours}).",
                theirs=str(version),
                ours=str(CURRENT),
            ),
            where=where,
            fix=msg("Install the newer version to open it. The file was left as it is."),
        )
    steps = []
    while version < CURRENT:
        step = MIGRATIONS.get(version)
        if step is None or step.target <= version:
            raise PlanFileError(msg("Format {version} cannot be read any more.", version=str(version)), where=where)
        steps.append(step)
        version = step.target
    return steps
