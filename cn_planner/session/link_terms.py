"""From the sender's power to the level that is left to spare: the budget of one direction as terms that add up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cn_planner.links.radio import direction, radio_end

if TYPE_CHECKING:
    from cn_planner.links.radio import RadioEnd
    from cn_planner.session.link_view import LinkView
    from cn_planner.session.workspace import Snapshot


@dataclass(frozen=True, slots=True)
class Terms:
    """One direction of a path. Losses are negative; ``arrives`` is the sum of all above it.

    Attributes
    ----------
    power_dbm : float
        Of the radio, as the law allows it, in the most robust mode.
    antennas_db, cables_db : float
        Gain of both antennas towards each other, and loss of both cables.
    distance_db, ridge_db, trees_db : float
        Free space, diffraction over the ground, and what trees and buildings add to it.
    arrives_dbm, needs_dbm, spare_db : float
        Median level at the receiver, its sensitivity, and what is left.
    capped : bool
        Whether the law lowers the radio's power.
    """

    power_dbm: float
    antennas_db: float
    cables_db: float
    distance_db: float
    ridge_db: float
    trees_db: float
    arrives_dbm: float
    needs_dbm: float
    spare_db: float
    capped: bool


def terms(snapshot: Snapshot, view: LinkView) -> tuple[Terms, Terms] | None:
    """Return the terms from the first end to the second, and back; None where terrain is missing.

    Raises
    ------
    InputError
        Where a kit is not on the shelf.
    """
    if view.budget.losses.total_db is None:
        return None
    a, b = (
        replace(radio_end(snapshot.catalogue, kit, snapshot.law), pointing_loss_db=lost)
        for kit, lost in zip(view.kits, view.pointing_db, strict=True)
    )
    return _terms(a, b, view), _terms(b, a, view)


def _terms(sender: RadioEnd, receiver: RadioEnd, view: LinkView) -> Terms:
    one_way, losses = direction(sender, receiver), view.budget.losses
    needs = float(one_way.sensitivity_dbm[one_way.robust])
    arrives = float(one_way.level_dbm[one_way.robust]) - (losses.total_db or 0.0)
    width = {mode.width_mhz for mode in receiver.modes}
    mode = next(one for one in sender.modes if one.mcs == one_way.mcs[one_way.robust] and one.width_mhz in width)
    power = sender.tx_power_dbm(mode)
    return Terms(
        power_dbm=power,
        antennas_db=sender.antenna_gain_dbi
        - sender.pointing_loss_db
        + receiver.antenna_gain_dbi
        - receiver.pointing_loss_db,
        cables_db=-(sender.cable_loss_db + receiver.cable_loss_db),
        distance_db=-(losses.free_space_db or 0.0),
        ridge_db=-(losses.diffraction_db or 0.0),
        trees_db=-(losses.vegetation_db or 0.0),
        arrives_dbm=arrives,
        needs_dbm=needs,
        spare_db=arrives - needs,
        capped=power < mode.tx_power_dbm - 1e-9,
    )
