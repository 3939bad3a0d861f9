"""Batch prediction of single figures: rain by P.838, clutter by P.2108, woods by P.833, two rays over smooth ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.validation.cases import Case
    from cn_planner.validation.profiles import Profiles

_CLUTTER = {
    "watersea": "water",
    "openrural": "open",
    "suburban": "suburban",
    "urban": "urban",
    "treesforest": "trees",
    "denseurban": "dense_urban",
}


def p838_row(case: Case, _profiles: Profiles | None) -> dict[str, float]:
    """Return the coefficients of the attenuation by rain."""
    from cn_planner.propagation.p838 import rain_coefficients

    return rain_coefficients(
        case.number("freq_hz") / 1e6, case.number("elev_deg"), case.number("pol_tilt_deg")
    )._asdict()


def height_gain_row(case: Case, _profiles: Profiles | None) -> dict[str, float]:
    """Return the loss of an antenna among clutter that is higher than it."""
    from cn_planner.validation.p2108 import Clutter, height_gain_loss_db

    word = case.text("clutter")
    if word.lower() not in _CLUTTER:
        raise InputError(
            msg("{word} is no kind of clutter.", word=word),
            where=case.where,
            fix=msg("There are {words}.", words="WaterSea, OpenRural, Suburban, Urban, TreesForest, DenseUrban"),
        )
    loss = height_gain_loss_db(
        case.number("freq_hz") / 1e6,
        case.number("antenna_height_m"),
        case.number("clutter_height_m"),
        case.number("street_width_m"),
        Clutter(_CLUTTER[word.lower()]),
    )
    return {"loss_db": loss}


def terrestrial_row(case: Case, _profiles: Profiles | None) -> dict[str, float]:
    """Return the loss of one end of a path within a town."""
    from cn_planner.validation.p2108 import terrestrial_loss_db

    return {
        "loss_db": terrestrial_loss_db(case.number("freq_hz") / 1e6, case.number("dist_m"), case.number("location_pct"))
    }


def woodland_row(case: Case, _profiles: Profiles | None) -> dict[str, float]:
    """Return the loss of a path that has one end within a wood."""
    from cn_planner.validation.p833 import woodland_loss_db

    return {"loss_db": woodland_loss_db(case.number("depth_m"), case.number("freq_hz") / 1e6)}


def two_ray_row(case: Case, _profiles: Profiles | None) -> dict[str, float]:
    """Return the loss of two rays over smooth ground, and where its fourth power of distance begins."""
    from cn_planner.validation.two_ray import breakpoint_m, two_ray_loss

    freq_mhz, heights = case.number("freq_hz") / 1e6, (case.number("h_tx_m"), case.number("h_rx_m"))
    two = two_ray_loss(
        case.number("dist_m"),
        *heights,
        freq_mhz,
        earth_radius_m=case.number("a_eff_m"),
        vertical=case.polarisation_is_vertical(),
        permittivity=case.number("epsilon_r"),
        conductivity_s_per_m=case.number("sigma_s_per_m"),
        roughness_m=case.number("roughness_m"),
    )
    return {
        "loss_db": two.loss_db,
        "free_space_db": two.free_space_db,
        "breakpoint_m": breakpoint_m(*heights, freq_mhz),
    }
