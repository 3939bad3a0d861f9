"""Figures of the shelf held against a data sheet by somebody who read it: yes; no; another figure.

A reading stands in the plan. What the sheet gives otherwise takes the place of the figure that the shelf had, which
stays beside it with its own source; what the sheet does not bear out becomes a blank.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.model.equipment import Antenna, Figure, Item, Radio
from cn_planner.model.radio_figures import TotalDbm

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from cn_planner.model.equipment import Catalogue, SheetReading

GREATEST_POWER = "most_tx_power_dbm"
"""Of all modes together: no field of its own."""
_RADIO = (GREATEST_POWER, "least_tx_power_dbm", "max_input_dbm", "max_power_w", "idle_power_w", "timing_km",
          "weight_kg", "wind_area_m2")  # fmt: skip
_ANTENNA = ("gain_dbi", "beamwidth_az_deg", "beamwidth_el_deg", "sidelobe_db", "front_to_back_db", "weight_kg",
            "wind_area_m2")  # fmt: skip
NEEDED = frozenset({GREATEST_POWER, "gain_dbi", "beamwidth_az_deg", "beamwidth_el_deg"})
"""Figures without which nothing can be computed: they cannot become a blank."""


def readable_fields(entry: object) -> tuple[str, ...]:
    """Return the figures of a radio or an antenna that can be held against a data sheet; none of other entries."""
    return _RADIO if isinstance(entry, Radio) else _ANTENNA if isinstance(entry, Antenna) else ()


def figure_now(entry: Radio | Antenna, field: str) -> float | None:
    """Return what an entry says of a figure; None where it is a blank."""
    if field == GREATEST_POWER and isinstance(entry, Radio):
        return max((mode.tx_power_dbm for mode in entry.modes), default=None)
    value: float | None = getattr(entry, field)
    return value


def with_reading(entry: Any, reading: SheetReading) -> Any:
    """Return an entry as a reading leaves it.

    More power than the shelf counts is noted and not counted: the table of the modes would have to be read for it.
    """
    now, says = figure_now(entry, reading.field), reading.says
    source = replace(reading.source, read=reading.source.read or reading.field)
    if reading.agrees or (says is None and reading.field in NEEDED):
        return entry if now is None else _noted(entry, Figure(reading.field, now, source))
    whence = next((one.source for one in entry.figures if one.field == reading.field and one.counts), entry.source)
    old = () if now is None else (Figure(reading.field, now, whence, counts=False),)
    if says is None:
        return _noted(replace(entry, **{reading.field: None}), *old)
    if reading.field == GREATEST_POWER:
        if now is not None and says > now:
            return _noted(entry, Figure(reading.field, says, source, counts=False))
        most = TotalDbm(says)
        modes = tuple(replace(mode, tx_power_dbm=min(mode.tx_power_dbm, most)) for mode in entry.modes)
        parts = tuple(replace(part, most_dbm=min(part.most_dbm, most)) for part in entry.channel_power)
        return _noted(replace(entry, modes=modes, channel_power=parts), Figure(reading.field, says, source), *old)
    changes: dict[str, Any] = {reading.field: says}
    if reading.field == "beamwidth_az_deg":
        changes |= {"stated_az_deg": None, "stated_at_db": None}
    return _noted(replace(entry, **changes), Figure(reading.field, says, source), *old)


def _noted(entry: Any, *figures: Figure) -> Any:
    fields = {one.field for one in figures}
    kept = tuple(one for one in entry.figures if one.field not in fields or not one.counts)
    return replace(entry, figures=(*kept, *figures))


def with_readings(catalogue: Catalogue, readings: Iterable[SheetReading]) -> Catalogue:
    """Return the shelf with what was read of its entries, by their ids of today; what is not on it is passed over."""
    radios, antennas, items = dict(catalogue.radios), dict(catalogue.antennas), dict(catalogue.items)
    for row in readings:
        key = catalogue.former.get(row.entry, row.entry)
        if key in radios and row.field in _RADIO:
            radio: Radio = with_reading(radios[key], row)
            radios[key] = radio
            if isinstance(items.get(key), Item):
                items[key] = replace(items[key], power_w=radio.max_power_w or 0.0)
        elif key in antennas and row.field in _ANTENNA:
            antennas[key] = with_reading(antennas[key], row)
    return replace(catalogue, radios=radios, antennas=antennas, items=items)
