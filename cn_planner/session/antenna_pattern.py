"""A measured pattern for an antenna of the shelf: read from a maker's file, looked at, and kept in the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.drawing.polar import PolarContent, polar_plot
from cn_planner.drawing.svg import svg
from cn_planner.errors import InputError
from cn_planner.export.words import write_whole
from cn_planner.i18n import SOURCE_LANGUAGE
from cn_planner.importers.antenna_pattern import read_pattern
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.equipment import OwnPattern
from cn_planner.propagation.antenna import (
    directivity_dbi,
    half_power_width_deg,
    measured,
    pattern_disagreements,
    pattern_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.drawing.display import DisplayList
    from cn_planner.model.equipment import Antenna, AntennaPattern, Catalogue
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.propagation.antenna import Pattern

_NEAR = 0.1
"""So far beside an antenna's band, as a share, a pattern is taken for one of that band."""


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
    disagree = (*_other_band(found.pattern, antenna), *pattern_disagreements(found.pattern, antenna))
    # That the file has no gain is nothing to mind: the antenna has one.
    open_points = tuple(one for one in found.warnings if "does not say the gain" not in one.key)
    return PatternPreview(edit, found.pattern, (*open_points, *disagree))


def _other_band(pattern: AntennaPattern, antenna: Antenna) -> tuple[Message, ...]:
    """Return that a pattern was measured far from where the antenna works: its beam is another one there."""
    freq_mhz, (low, high) = pattern.freq_mhz, antenna.band_mhz
    if freq_mhz is None or low * (1.0 - _NEAR) <= freq_mhz <= high * (1.0 + _NEAR):
        return ()
    said = msg("The pattern was measured at {freq:g} MHz; the antenna works at {low:g} to {high:g} MHz.",
               freq=freq_mhz, low=low, high=high)  # fmt: skip
    return (said,)


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


def draw_pattern(
    catalogue: Catalogue,
    antenna_id: str,
    pattern: AntennaPattern | None = None,
    language: str = SOURCE_LANGUAGE,
    width: float = 520.0,
) -> DisplayList:
    """Return the polar plots of an antenna of the shelf, held against what is stated of it.

    Parameters
    ----------
    catalogue : Catalogue
        The shelf.
    antenna_id : str
        The antenna.
    pattern : AntennaPattern, optional
        A measured pattern that is looked at before it is taken; else the antenna's own, else what is computed.
    language : str
        Of the words.
    width : float
        Of the drawing, points.

    Raises
    ------
    InputError
        Where there is no such antenna, or a cut cannot be drawn.
    """
    if antenna_id not in catalogue.antennas:
        raise InputError(msg("There is no antenna {antenna}.", antenna=antenna_id))
    antenna = catalogue.antennas[antenna_id]
    freq_mhz = sum(antenna.band_mhz) / 2.0
    expected = _cuts(pattern_of(replace(antenna, pattern=None), freq_mhz))
    shown = pattern or antenna.pattern
    cuts = expected if shown is None else (shown.horizontal_db, shown.vertical_db)
    content = PolarContent(
        title=f"{antenna.maker} {antenna.name}".strip(),
        horizontal_db=_from_greatest(cuts[0]),
        vertical_db=_from_greatest(cuts[1]),
        expected_horizontal_db=expected[0] if shown is not None else (),
        expected_vertical_db=expected[1] if shown is not None else (),
        gain_dbi=antenna.gain_dbi,
        stated_az_deg=antenna.beamwidth_az_deg,
        stated_el_deg=antenna.beamwidth_el_deg,
        real_az_deg=half_power_width_deg(cuts[0]),
        real_el_deg=half_power_width_deg(cuts[1]),
        real_gain_dbi=None if shown is None else directivity_dbi(measured(shown, antenna.gain_dbi)),
        measured=shown is not None,
    )
    return polar_plot(content, width, language)


def _from_greatest(cut: tuple[float, ...]) -> tuple[float, ...]:
    most = max(cut)
    return tuple(level - most for level in cut)


def _cuts(pattern: Pattern) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the two cuts of a computed pattern, dB under its greatest gain, a value a degree."""
    across = np.arange(360.0)
    horizontal = pattern.gain_dbi((across + 180.0) % 360.0 - 180.0, np.zeros(360)) - pattern.peak_dbi
    # Upwards over the zenith: beyond 90 degrees one looks backwards.
    behind = (across > 90.0) & (across < 270.0)
    elevation = np.where(behind, 180.0 - across, np.where(across >= 270.0, across - 360.0, across))
    vertical = pattern.gain_dbi(np.where(behind, 180.0, 0.0), elevation) - pattern.peak_dbi
    return tuple(horizontal.tolist()), tuple(vertical.tolist())


def write_plot(plot: DisplayList, path: Path) -> None:
    """Write polar plots as SVG; the file is replaced whole.

    Raises
    ------
    FileError
        Where it cannot be written.
    """
    write_whole(path, svg(plot).encode())
