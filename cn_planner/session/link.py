"""One path between two places on elevation files: what `link` computes, without a plan."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.geo import geodesic
from cn_planner.links.budget import LinkBudget, link_budget
from cn_planner.links.compare import compare_models
from cn_planner.links.hills import hills_in_words, hills_of
from cn_planner.links.losses import amsl
from cn_planner.links.pointing import elevations_deg
from cn_planner.links.radio import RadioEnd, radio_end, standard_end
from cn_planner.message import msg
from cn_planner.propagation.checks import check_above_ground, check_k
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from cn_planner.links.conditions import Conditions
    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.propagation.antenna import Pattern
    from cn_planner.terrain.asked import Answers
    from cn_planner.terrain.profile import PathProfile

_FARTHEST_M = 1_000_000.0
"""No path is so long: two masts that see each other so far would each stand 15 km high."""
_NEAREST_M = 1.0
"""Nearer than this two antennas stand at one place: positions are no better known, and no model holds there."""
_TOLD_DB = 0.5
"""An antenna that gives so much less towards the other end is told of."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The radio of either end by its figures, where no kit is named."""

    tx_power_dbm: float
    tx_gain_dbi: float
    rx_gain_dbi: float
    cable_loss_db: float = 0.0
    width_mhz: float = 20.0


class Mount(NamedTuple):
    """How the antenna of an end is mounted.

    Attributes
    ----------
    azimuth_deg, tilt_deg : float, optional
        Where it points, from true north and upwards; at the other end where not given.
    pattern : Path, optional
        A maker's file of what it gives in each direction; the pattern of the kit's antenna, or that of a round one of
        its gain (F.699, F.1336), where not given.
    """

    azimuth_deg: float | None = None
    tilt_deg: float | None = None
    pattern: Path | None = None

    @property
    def straight(self) -> bool:
        """Whether the antenna just points at the other end."""
        return self == Mount()


def pattern_at(mount: Mount, end: RadioEnd, kit: str | None, freq_mhz: float) -> Pattern:
    """Return what the antenna of an end gives in each direction."""
    from cn_planner.propagation.antenna import measured, pattern_of, round_antenna

    if mount.pattern is not None:
        from cn_planner.importers.antenna_pattern import read_pattern

        return measured(read_pattern(mount.pattern).pattern, end.antenna_gain_dbi)
    if kit is not None:
        from cn_planner.storage.catalogue import load_catalogue

        catalogue = load_catalogue()
        return pattern_of(catalogue.antennas[catalogue.kit(kit).antenna], freq_mhz)
    return round_antenna(end.antenna_gain_dbi, freq_mhz)


def _mounted(
    mount: Mount, end: RadioEnd, kit: str | None, freq_mhz: float, azimuth_deg: float, elevation_deg: float
) -> float:
    """Return by how much an antenna gives less towards the other end than at most, dB."""
    from cn_planner.propagation.antenna import pointing_gain

    pattern = pattern_at(mount, end, kit, freq_mhz)
    azimuth = azimuth_deg if mount.azimuth_deg is None else mount.azimuth_deg
    tilt = elevation_deg if mount.tilt_deg is None else mount.tilt_deg
    return pattern.peak_dbi - float(pointing_gain(pattern, azimuth, tilt, azimuth_deg, elevation_deg))


def _aimed_ends(
    ends: tuple[RadioEnd, RadioEnd] | tuple[None, None],
    mounts: tuple[Mount, Mount],
    crossed: bool,
    kit: str | None,
    freq_mhz: float,
    profile: PathProfile,
    heights_m: tuple[float, float],
    k_factor: float,
) -> tuple[tuple[RadioEnd, RadioEnd] | tuple[None, None], tuple[Message, ...]]:
    """Return both radios with what their antennas give less, and that in words."""
    if mounts[0].straight and mounts[1].straight and not crossed:
        return ends, ()
    if ends[0] is None or ends[1] is None:
        raise InputError(
            msg("An antenna is aimed and none is given."), fix=msg("Name a kit, or the figures of the radios.")
        )
    from cn_planner.propagation.antenna import polarisation_loss_db

    amsl_a, amsl_b = amsl(profile, heights_m)
    found, said = [], []
    for name, end, mount, azimuth, here, there in (
        ("A", ends[0], mounts[0], profile.azimuth_deg, amsl_a, amsl_b),
        ("B", ends[1], mounts[1], profile.back_azimuth_deg, amsl_b, amsl_a),
    ):
        elevation = float(elevations_deg(profile.length_m, here, there, k_factor))
        lost = 0.0 if mount.straight else _mounted(mount, end, kit, freq_mhz, azimuth, elevation)
        if lost >= _TOLD_DB:
            said.append(
                msg("The antenna of {name} gives {lost_db:.1f} dB less towards the other end than at most.",
                    name=name, lost_db=lost)
            )  # fmt: skip
        found.append(replace(end, pointing_loss_db=lost))
    if crossed:
        lost = polarisation_loss_db(90.0)
        said.append(msg("The polarisations of both ends are crossed: {lost_db:.0f} dB are lost.", lost_db=lost))
        found[1] = replace(found[1], pointing_loss_db=found[1].pointing_loss_db + lost)
    return (found[0], found[1]), tuple(said)


def ends_of(
    kit: str | None,
    figures: Figures | None,
    country: str | None,
    freq_mhz: float | None,
    width_mhz: float | None = None,
) -> tuple[RadioEnd, RadioEnd] | tuple[None, None]:
    """Return the radios of both ends, by a kit set to a channel or by figures; none where neither is given.

    Raises
    ------
    InputError
        Where there is no such kit, its radio or antenna does not reach the frequency, or has no such channel width.
    """
    if kit is not None:
        from cn_planner.storage.catalogue import load_catalogue
        from cn_planner.storage.regulations import load_country_rules

        catalogue, rules = load_catalogue(), load_country_rules(country) if country else None
        if freq_mhz is not None:
            _check_reach(catalogue, catalogue.kit(kit).on(None, width_mhz), freq_mhz)
        end = radio_end(
            catalogue, kit, rules, freq_mhz=freq_mhz, width_mhz=width_mhz
        )  # the law is another from band to band
        return end, end
    if figures is not None:
        f = figures
        return (
            standard_end(f.tx_power_dbm, f.tx_gain_dbi, f.cable_loss_db, f.width_mhz),
            standard_end(f.tx_power_dbm, f.rx_gain_dbi, f.cable_loss_db, f.width_mhz),
        )
    return None, None


def _check_reach(catalogue: Catalogue, kit: Kit, freq_mhz: float) -> None:
    bands = catalogue.radios[kit.radio].band_mhz, catalogue.antennas[kit.antenna].band_mhz
    low, high = (max(one[0] for one in bands) + kit.width_mhz / 2.0, min(one[1] for one in bands) - kit.width_mhz / 2.0)
    if not low <= freq_mhz <= high:
        raise InputError(
            msg("{what} does not reach {freq:g} MHz.", what=kit.name, freq=freq_mhz),
            fix=msg("Give a frequency from {low:g} to {high:g} MHz, or another kit.", low=low, high=high),
        )


def link_between(
    dems: Sequence[Path],
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    freq_mhz: float,
    *,
    conditions: Conditions,
    pol: str = "V",
    kit: str | None = None,
    width_mhz: float | None = None,
    figures: Figures | None = None,
    mounts: tuple[Mount, Mount] = (Mount(), Mount()),
    crossed: bool = False,
    country: str | None = None,
    day: date | None = None,
    trees: Sequence[tuple[Path, Answers]] = (),
) -> LinkBudget:
    """Return the budget of a path; its warnings name the hills, say why where models differ, and what P.530 asks for.

    Parameters
    ----------
    dems : sequence of Path
        Elevation files.
    start, end : (float, float, float)
        Latitude, longitude (degrees WGS 84), antenna height above ground (m).
    freq_mhz : float
        Frequency, MHz.
    conditions : Conditions
        Air, trees, model.
    pol : {"V", "H"}
        Polarisation.
    kit : str, optional
        Kit at both ends.
    width_mhz : float, optional
        Channel that it is set to, where that is not its own.
    figures : Figures, optional
        The radios by their figures instead.
    mounts : (Mount, Mount)
        How both antennas are mounted; at each other where not said.
    crossed : bool
        Whether the second antenna has the other polarisation.
    country : str, optional
        Country whose limit caps the power of a kit.
    day : date, optional
        Day of the magnetic azimuth.
    trees : sequence of (Path, Answers)
        Files of tree heights and land cover.

    Raises
    ------
    InputError
        Where the ends are the same place, a value is outside what it may be, or an antenna is aimed and none given.
    FileError
        Where an elevation file cannot be read.
    """
    surface = Surface.open(dems)
    if trees:
        from cn_planner.terrain.tree_files import tree_heights_of  # brings all readers of maps with it

        surface.trees = tree_heights_of(trees, surface)
    return link_over(
        surface, start, end, freq_mhz, conditions=conditions, pol=pol, kit=kit, width_mhz=width_mhz, figures=figures,
        mounts=mounts, crossed=crossed, country=country, day=day,
    )  # fmt: skip


def _check_apart(surface: Surface, a: tuple[float, float], b: tuple[float, float]) -> None:
    """Raise InputError where two ends lie further apart than any path: a slip, which would ask for a continent.

    And where they are so near that they are one place.
    """
    apart_m = geodesic(*a, *b).distance_m
    if apart_m < _NEAREST_M:
        raise InputError(
            msg("The two ends are {m:.2f} m apart: that is one place, and no path.", m=apart_m),
            fix=msg("Correct one of the two positions, or join what hangs there by a cable."),
        )
    if apart_m <= _FARTHEST_M:
        return
    fix = msg("Correct one of the two positions: latitude comes first.")
    for one, other in ((a, b), (b, a)):
        if abs(one[1]) > 90.0 or geodesic(*one[::-1], *other).distance_m > _FARTHEST_M:
            continue
        # Either of two may be the one that is turned round: the terrain that was given tells.
        here, there = surface.heights(np.array([one[0], one[1]]), np.array([one[1], one[0]])).tolist()
        if math.isnan(here) and not math.isnan(there):
            fix = msg(
                "Latitude and longitude of {latitude:g}, {longitude:g} seem to be turned round: latitude comes first.",
                latitude=one[0], longitude=one[1],
            )  # fmt: skip
    raise InputError(msg("The two ends are {km:,.0f} km apart.", km=apart_m / 1000.0), fix=fix)


def link_over(
    surface: Surface,
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    freq_mhz: float,
    *,
    conditions: Conditions,
    pol: str = "V",
    kit: str | None = None,
    width_mhz: float | None = None,
    figures: Figures | None = None,
    mounts: tuple[Mount, Mount] = (Mount(), Mount()),
    crossed: bool = False,
    country: str | None = None,
    day: date | None = None,
) -> LinkBudget:
    """Return the budget of a path on a surface; all else as in `link_between`."""
    for height in (start[2], end[2]):
        if height < 0.0:
            raise InputError(
                msg("An antenna stands {height:g} m below the ground.", height=-height),
                fix=msg("Heights are above ground: give 0 or more."),
            )
        check_above_ground(height)
    check_k(conditions.k_factor)
    if country:
        from cn_planner.session.project import check_country  # brings the plan file's libraries with it

        check_country(country)
    _check_apart(surface, start[:2], end[:2])
    profile = path_profile(
        surface,
        start[:2],
        end[:2],
        canopy_m=conditions.canopy_m,
        keep_out_m=conditions.canopy_keep_out_m,
    )
    heights = start[2], end[2]
    ends = ends_of(kit, figures, country, freq_mhz, width_mhz)
    (end_a, end_b), aimed = _aimed_ends(ends, mounts, crossed, kit, freq_mhz, profile, heights, conditions.k_factor)
    budget = link_budget(
        profile, *heights, end_a, end_b, freq_mhz, pol, conditions, between_towers=True, day=day
    )  # fmt: skip
    if budget.losses.total_db is None:
        return budget
    hills = hills_of(profile, heights, freq_mhz, conditions)
    others = compare_models(profile, start[2], end[2], freq_mhz, pol, conditions)
    return replace(budget, warnings=(*budget.warnings, *aimed, *hills_in_words(hills, "A"), *others.said))
