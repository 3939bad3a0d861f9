"""What the report says of power: the sun by month, and what feeds each tower off the grid. Nothing here computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.report import words
from cn_planner.report.columns import MONEY, NUMBER, WORD, heading, record

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.equipment import Chemistry


@record
class SunMonth:
    """The sun of one month, kWh/m² a day: on level ground, of a clear sky there, on the panels."""

    month: Message = heading(msg("Month"), WORD)
    level_kwh_m2: float = heading(msg("On level ground"), NUMBER, "kWh/m²", 2)
    clear_kwh_m2: float = heading(msg("Of a clear sky"), NUMBER, "kWh/m²", 2)
    panel_kwh_m2: float = heading(msg("On the panels"), NUMBER, "kWh/m²", 2)


@record
class PowerRecord:
    """What feeds one tower off the grid, as the bill counts it.

    What depends on the sun is None where that is not known.
    """

    site: str = heading(msg("Site"))
    name: str = heading(msg("Name"))
    load_w: float = heading(msg("Load, with losses in its cables"), NUMBER, "W", 1)
    """All round the clock, radios at their greatest, with what the Ethernet cables take."""
    wh_day: float = heading(msg("Energy a day"), NUMBER, "Wh")
    worst_month: Message | None = heading(msg("Worst month"), WORD)
    worst_sun_kwh_m2: float | None = heading(msg("Sun on the panels then"), NUMBER, "kWh/m²", 2)
    """On the panels, a day of the worst month."""
    panels: str = heading(msg("Panels"), wide=True)
    panel_wp: float | None = heading(msg("Panels, together"), NUMBER, "Wp")
    tilt_deg: float | None = heading(msg("Tilt"), NUMBER, "°")
    batteries: str = heading(msg("Batteries"), wide=True)
    battery_ah: float | None = heading(msg("Batteries, together"), NUMBER, "Ah")
    battery_wh: float | None = heading(msg("Batteries, when new"), NUMBER, "Wh")
    """When new."""
    system_v: float = heading(msg("Voltage"), NUMBER, "V")
    chemistry: Chemistry = heading(msg("Chemistry"), WORD, cell=words.CHEMISTRIES.__getitem__)
    usable_pct: float = heading(msg("Depth of discharge"), NUMBER, "%")
    """Depth of discharge."""
    controllers: str = heading(msg("Charge controllers"), wide=True)
    controller_a: float | None = heading(msg("Charge current"), NUMBER, "A", 1)
    """What the charge controllers must carry."""
    autonomy_days: float | None = heading(msg("Days without sun"), NUMBER, "d", 1)
    """With a battery at the end of its life."""
    sized_by: Message = heading(msg("Sized by"), WORD)
    """For what the set is enough: the sun of a year, days without it, or what somebody chose."""
    uptime_pct: float | None = heading(msg("Works, of the year"), NUMBER, "%", 2)
    worst_uptime_pct: float | None = heading(msg("Works, of the worst month"), NUMBER, "%", 1)
    cable_m: float | None = heading(msg("Longest Ethernet cable"), NUMBER, "m")
    """The longest Ethernet cable up the mast."""
    cable_drop_pct: float | None = heading(msg("Share of the voltage lost"), NUMBER, "%", 1)
    """None where a cable cannot carry what its radio draws."""
    wire_drop_pct: float | None = heading(msg("Lost from the panels"), NUMBER, "%", 1)
    """Of the cable from the panels, in full sun."""
    cost: float | None = heading(msg("Of the price"), MONEY, total=True)
    """Of the set, with transport and the rest: part of the capital. None where nothing is bought."""
    note: Message | None = heading(msg("Note"), WORD, wide=True, if_any=True)
