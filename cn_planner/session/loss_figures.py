"""Batch prediction of single figures: rain by P.838, clutter round an antenna by P.2108."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.session.cases import Case
    from cn_planner.session.profiles import Profiles

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
    from cn_planner.propagation.p2108 import Clutter, height_gain_loss_db

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
    from cn_planner.propagation.p2108 import terrestrial_loss_db

    return {
        "loss_db": terrestrial_loss_db(case.number("freq_hz") / 1e6, case.number("dist_m"), case.number("location_pct"))
    }
