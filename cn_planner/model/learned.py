"""What a calibration was made of: the measurements, and all that predictions of their paths rest on.

Masts and sectors are not of it: a new plan changes them, and what was measured came from those that hung there then.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cn_planner.model.evidence import Seen
from cn_planner.model.measurement import measured_basis
from cn_planner.model.senders import Senders

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan

_SEP = "-"


def learned_basis(plan: Plan) -> str:
    """Return a digest of what a plan would learn from: of its measurements, and of what their paths rest on."""
    return f"{measured_basis(plan.measurements.values())}{_SEP}{_of_paths(plan)}"


def calibration_is_old(plan: Plan) -> bool:
    """Return whether there are measurements that the calibration does not know, or without it."""
    if not plan.calibration.on:
        return bool(plan.measurements)
    return plan.calibration.basis.split(_SEP)[0] != measured_basis(plan.measurements.values())


def paths_are_others(plan: Plan) -> bool:
    """Return whether trees, terrain or towers are others than those that measurements were held against.

    False where a calibration of before does not say.
    """
    told = plan.calibration.basis.split(_SEP)[1:]
    return plan.calibration.on and told not in ([], [_of_paths(plan)])


def _of_paths(plan: Plan) -> str:
    area, senders = plan.area, Senders(plan)
    sites = {one.id: one for row in plan.measurements.values() if (one := senders.of(row)) is not None}
    spots = {(row.latitude, row.longitude) for row in plan.measurements.values()}
    homes = {key for key, one in plan.households.items() if (one.latitude, one.longitude) in spots}
    said: list[Any] = [
        (area.assumed_canopy_m, area.canopy_keep_out_m, area.trees_keep_out_m, area.trees_on_surfaces),
        (area.forest_m, area.base_map if area.forest_m is not None else "", area.blend_m, area.k_factor),
        sorted(
            (one.sha256, one.priority, one.kind, one.holds, one.crs, one.unit, one.class_heights)
            for one in plan.terrain.values()
        ),
        sorted((one.latitude, one.longitude, one.height_m, one.radius_m) for one in plan.obstacles.values()),
        sorted((key, one.latitude, one.longitude) for key, one in sites.items()),
        sorted(
            (*one.order, one.about_id, one.towards, one.seen, repr(one.from_height_m))
            for one in plan.evidence.values()
            if one.seen is not Seen.UNKNOWN and {one.about_id, one.towards} & homes
        ),
    ]
    return sha256(repr(said).encode()).hexdigest()[:16]
