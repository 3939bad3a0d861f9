"""From the sender's power to the level that is left to spare: the budget of one direction as terms that add up.

Every term has a name and a sentence that explains it; beside them stands what other models say of the same path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cn_planner.links.compare import compare_models
from cn_planner.links.conditions import conditions_of
from cn_planner.links.hills import hills_in_words, hills_of
from cn_planner.links.radio import direction
from cn_planner.message import Message, msg
from cn_planner.service.path_view import radios

if TYPE_CHECKING:
    from cn_planner.links.compare import ModelComparison
    from cn_planner.links.radio import RadioEnd
    from cn_planner.propagation.cascaded_edges import Hill
    from cn_planner.service.path_view import LinkView
    from cn_planner.study import Study


@dataclass(frozen=True, slots=True)
class Terms:
    """One direction of a path. Losses are negative; ``arrives`` is the sum of all above it.

    Attributes
    ----------
    power_dbm : float
        Of the radio, as the law allows it, in the mode that is counted on.
    antennas_db, cables_db : float
        Gain of both antennas towards each other, and loss of both cables.
    distance_db, ridge_db, trees_db, air_db : float
        Free space; what the ground adds (for P.1812 and ITM all that they add, which may be a gain); what trees and
        buildings add to that; gases and rain.
    measured_db : float
        By how much measurements round there say that it arrives stronger; 0 where none do.
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
    air_db: float
    measured_db: float
    arrives_dbm: float
    needs_dbm: float
    spare_db: float
    capped: bool


EXPLAINED: dict[str, tuple[Message, Message]] = {
    "power_dbm": (
        msg("Radio"),
        msg("The power that the radio sends at the rate that the plan counts on. The law may ask for less."),
    ),
    "antennas_db": (
        msg("Antennas"),
        msg("What the antennas at both ends gain by bundling the signal, when they point at each other."),
    ),
    "cables_db": (msg("Cables"), msg("What is lost between radio and antenna, in the cables of both ends.")),
    "distance_db": (
        msg("Distance"),
        msg("What is lost because the signal spreads on its way. Twice as far is 6 dB less, even through clear air."),
    ),
    "ridge_db": (
        msg("Hills"),
        msg("What is lost because the ground stands in or near the line. Higher antennas win it back."),
    ),
    "trees_db": (
        msg("Trees"),
        msg("What trees and buildings on the way or round the antennas take. Look at them on site: trees grow."),
    ),
    "air_db": (
        msg("Air"),
        msg("What the gases of the air take. It matters from 10 GHz on, and most at 60 GHz."),
    ),
    "measured_db": (
        msg("Measured"),
        msg("By how much more or less arrives than is predicted, as measurements round there say."),
    ),
}
"""The terms that add up to the level that arrives, in their order: name, and what it means."""


def models_beside(study: Study, view: LinkView) -> ModelComparison | None:
    """Return what P.526, P.1812 and ITM say of the path, and why where they differ; None where terrain is missing."""
    if view.budget.losses.total_db is None:
        return None
    heights = view.a.height_m or 0.0, view.b.height_m or 0.0
    return compare_models(view.profile, *heights, view.freq_mhz, conditions=conditions_of(study.plan))


def hills(study: Study, view: LinkView) -> tuple[Hill, ...]:
    """Return the hills, woods and houses that the path bends over, in its order; nothing where terrain is missing."""
    if view.budget.losses.total_db is None:
        return ()
    heights = view.a.height_m or 0.0, view.b.height_m or 0.0
    return hills_of(view.profile, heights, view.freq_mhz, conditions_of(study.plan))


def view_in_words(study: Study, view: LinkView) -> LinkView:
    """Return a view with its hills by name and the reasons where models differ: some milliseconds more."""
    others = models_beside(study, view)
    said = () if others is None else others.said
    return replace(view, told=(*hills_in_words(hills(study, view), view.names[0]), *said))


def terms(study: Study, view: LinkView) -> tuple[Terms, Terms] | None:
    """Return the terms from the first end to the second, and back; None where terrain is missing.

    Raises
    ------
    InputError
        Where a kit is not on the shelf.
    """
    if view.budget.losses.total_db is None:
        return None
    a, b = (
        replace(end, pointing_loss_db=lost) for end, lost in zip(radios(study, view), view.pointing_db, strict=True)
    )
    budget = view.budget
    return _terms(a, b, view, budget.mcs_down), _terms(b, a, view, budget.mcs_up)


def _terms(sender: RadioEnd, receiver: RadioEnd, view: LinkView, mcs: str | None) -> Terms:
    one_way, losses = direction(sender, receiver), view.budget.losses
    at = one_way.robust if mcs is None else one_way.mcs.index(mcs)
    needs = float(one_way.sensitivity_dbm[at])
    measured = view.budget.measured_db or 0.0
    arrives = float(one_way.level_dbm[at]) - (losses.total_db or 0.0) + measured
    width = {mode.width_mhz for mode in receiver.modes}
    mode = next(one for one in sender.modes if one.mcs == one_way.mcs[at] and one.width_mhz in width)
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
        air_db=-((losses.gas_db or 0.0) + (losses.rain_db or 0.0)),
        measured_db=measured,
        arrives_dbm=arrives,
        needs_dbm=needs,
        spare_db=arrives - needs,
        capped=power < mode.tx_power_dbm - 1e-9,
    )
