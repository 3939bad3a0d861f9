"""One path between two places on elevation files: what `link` computes, without a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.links.budget import LinkBudget, link_budget
from cn_planner.links.compare import compare
from cn_planner.links.hills import hills_in_words, hills_of
from cn_planner.links.radio import RadioEnd, radio_end, standard_end
from cn_planner.message import msg
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from cn_planner.links.conditions import Conditions


@dataclass(frozen=True, slots=True)
class Figures:
    """The radio of either end by its figures, where no kit is named."""

    tx_power_dbm: float
    tx_gain_dbi: float
    rx_gain_dbi: float
    cable_loss_db: float = 0.0
    width_mhz: float = 20.0


def _ends(
    kit: str | None, figures: Figures | None, country: str | None
) -> tuple[RadioEnd, RadioEnd] | tuple[None, None]:
    if kit is not None:
        from cn_planner.storage.catalogue import load_catalogue
        from cn_planner.storage.regulations import load_country_rules

        end = radio_end(load_catalogue(), kit, load_country_rules(country) if country else None)
        return end, end
    if figures is not None:
        f = figures
        return (
            standard_end(f.tx_power_dbm, f.tx_gain_dbi, f.cable_loss_db, f.width_mhz),
            standard_end(f.tx_power_dbm, f.rx_gain_dbi, f.cable_loss_db, f.width_mhz),
        )
    return None, None


def link_between(
    dems: Sequence[Path],
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    freq_mhz: float,
    *,
    conditions: Conditions,
    pol: str = "V",
    kit: str | None = None,
    figures: Figures | None = None,
    country: str | None = None,
    day: date | None = None,
) -> LinkBudget:
    """Return the budget of a path; its warnings name the hills, and say why where models differ.

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
    figures : Figures, optional
        The radios by their figures instead.
    country : str, optional
        Country whose limit caps the power of a kit.
    day : date, optional
        Day of the magnetic azimuth.

    Raises
    ------
    InputError
        Where the ends are the same place, or a value is outside what it may be.
    FileError
        Where an elevation file cannot be read.
    """
    for height in (start[2], end[2]):
        if height < 0.0:
            raise InputError(
                msg("An antenna stands {height:g} m below the ground.", height=-height),
                fix=msg("Heights are above ground: give 0 or more."),
            )
    if country:
        from cn_planner.session.project import check_country  # brings the plan file's libraries with it

        check_country(country)
    surface = Surface.open(dems)
    profile = path_profile(
        surface,
        start[:2],
        end[:2],
        canopy_m=conditions.canopy_m,
        keep_out_m=conditions.canopy_keep_out_m,
    )
    end_a, end_b = _ends(kit, figures, country)
    budget = link_budget(profile, start[2], end[2], end_a, end_b, freq_mhz, pol, conditions, day=day)
    if budget.losses.total_db is None:
        return budget
    hills = hills_of(profile, (start[2], end[2]), freq_mhz, conditions)
    others = compare(profile, start[2], end[2], freq_mhz, pol, conditions)
    return replace(budget, warnings=(*budget.warnings, *hills_in_words(hills, "A"), *others.said))
