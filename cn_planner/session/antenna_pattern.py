"""A measured pattern for an antenna of the shelf: read from a maker's file, looked at, and kept in the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.errors import InputError
from cn_planner.importers.antenna_pattern import read_pattern
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.equipment import OwnPattern
from cn_planner.propagation.antenna import measured, pattern_disagreements

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.model.equipment import AntennaPattern, Catalogue
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan


class PatternPreview(NamedTuple):
    """What a file would be to an antenna.

    Attributes
    ----------
    edit : Edit
        Puts it into the plan.
    pattern : AntennaPattern
        What was read.
    warnings : tuple of Message
        What the file leaves open, and where it contradicts the gain and beamwidths of the antenna.
    """

    edit: Edit
    pattern: AntennaPattern
    warnings: tuple[Message, ...]


def pattern_preview(plan: Plan, catalogue: Catalogue, antenna_id: str, path: Path | str) -> PatternPreview:
    """Return what a pattern file is to an antenna; the gain stays that of the antenna.

    Raises
    ------
    InputError
        Where there is no such antenna, or the file is damaged: with the line and what to do.
    FileError
        Where it cannot be read.
    """
    if antenna_id not in catalogue.antennas:
        raise InputError(msg("There is no antenna {antenna}.", antenna=antenna_id))
    antenna = catalogue.antennas[antenna_id]
    found = read_pattern(path)
    measured(found.pattern, antenna.gain_dbi)  # says here what would else be said at the first map
    others = tuple(one for one in plan.shelf.patterns if one.antenna != antenna_id)
    rows = tuple(sorted((*others, OwnPattern(antenna_id, found.pattern)), key=lambda one: one.antenna))
    edit = edits.change_section(
        plan, "shelf", msg("measured pattern of {antenna}", antenna=antenna.name), patterns=rows
    )
    disagree = pattern_disagreements(found.pattern, antenna)
    # That the file has no gain is nothing to mind: the antenna has one.
    open_points = tuple(one for one in found.warnings if "does not say the gain" not in one.key)
    return PatternPreview(edit, found.pattern, (*open_points, *disagree))


def without_pattern(plan: Plan, antenna_id: str) -> Edit:
    """Return the edit after which an antenna has the pattern of its kind again.

    Raises
    ------
    InputError
        Where it has no pattern of its own.
    """
    if all(one.antenna != antenna_id for one in plan.shelf.patterns):
        raise InputError(msg("The antenna {antenna} has no measured pattern.", antenna=antenna_id))
    rows = tuple(one for one in plan.shelf.patterns if one.antenna != antenna_id)
    return edits.change_section(
        plan, "shelf", msg("no measured pattern of {antenna}", antenna=antenna_id), patterns=rows
    )
