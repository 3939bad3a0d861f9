"""What the report says of power: the sun by month, and what feeds each tower off the grid. Nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.equipment import Chemistry


@dataclass(frozen=True, slots=True)
class SunMonth:
    """The sun of one month, kWh/m² a day: on level ground, of a clear sky there, on the panels."""

    month: Message
    level_kwh_m2: float
    clear_kwh_m2: float
    panel_kwh_m2: float


@dataclass(frozen=True, slots=True)
class PowerRecord:
    """What feeds one tower off the grid: the cheapest set that keeps it, and the one that the bill counts.

    What depends on the sun is None where that is not known, or where the shelf has no such set.
    """

    site: str
    name: str
    load_w: float
    """All round the clock, radios at their greatest, with what the Ethernet cables take."""
    wh_day: float
    worst_month: Message | None
    worst_sun_kwh_m2: float | None
    """On the panels, a day of the worst month."""
    panels: str
    panel_wp: float | None
    tilt_deg: float | None
    batteries: str
    battery_ah: float | None
    battery_wh: float | None
    """When new."""
    system_v: float
    chemistry: Chemistry
    usable_pct: float
    """Depth of discharge."""
    controllers: str
    controller_a: float | None
    """What the charge controllers must carry."""
    autonomy_days: float | None
    """With a battery at the end of its life."""
    uptime_pct: float | None
    worst_uptime_pct: float | None
    cable_m: float | None
    """The longest Ethernet cable up the mast."""
    cable_drop_pct: float | None
    """None where a cable cannot carry what its radio draws."""
    wire_drop_pct: float | None
    """Of the cable from the panels, in full sun."""
    cost: float | None
    """Of the set, with transport and the rest."""
    counted: str
    """The set that the bill of materials counts, by name; empty where nothing is bought."""
    counted_uptime_pct: float | None
    counted_worst_pct: float | None
    counted_worst_month: Message | None
    counted_autonomy_days: float | None
    more_cost: float | None
    """What the cheapest set that keeps the tower costs beyond the one that is counted."""
    note: Message | None
