"""Figures of radios and antennas that have a source of their own, or on which two sources disagree.

In the shelf's files: ``[[radio.figure]]`` or ``[[antenna.figure]]`` with ``field``, ``value``, ``source``, ``read``;
``counts = false`` for what stands beside the figure that the entry goes by. A figure that counts is written once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from cn_planner.message import msg
from cn_planner.model.equipment import Figure, Source
from cn_planner.storage.catalogue_files import convert, require, require_source

if TYPE_CHECKING:
    from cn_planner.model.equipment import Antenna, Radio

_CAREFUL = {
    "max_power_w": max,
    "power_w": max,
    "idle_w": max,
    "idle_power_w": max,
    "weight_kg": max,
    "wind_area_m2": max,
    "least_tx_power_dbm": max,
    "noise_figure_db": max,
    "most_tx_power_dbm": min,
    "most_chain_dbm": min,
    "max_input_dbm": min,
    "timing_km": min,
    "gain_dbi": min,
    "sidelobe_db": min,
    "front_to_back_db": min,
}
"""Of two figures that disagree, which one leaves a plan on the safe side; of other fields the entry says which."""
_SHARE_DB = 0.6
"""How far the power of a chain and the total may be off each other: makers round each of them to whole dB."""
_HALF_POWER_DB = 3.0


class _Figure(msgspec.Struct, forbid_unknown_fields=True):
    field: str
    value: float | str
    source: Source
    counts: bool = True


def with_figures(entry: dict[str, Any], where: str) -> tuple[dict[str, Any], tuple[Figure, ...]]:
    """Return an entry of a file with the figures that count put in their places, and all of them.

    Raises
    ------
    InputError
        Where one has no source, stands in the entry already, or is not the careful one of two.
    """
    changed = dict(entry)
    figures = []
    for row in changed.pop("figure", ()):
        one = convert(row, _Figure, where)
        require_source(one.source, f"{where}: {one.field}")
        figures.append(Figure(one.field, one.value, one.source, one.counts))
        if one.counts:
            require(one.field not in changed, where, msg("{field} is given twice.", field=one.field))
            changed[one.field] = row["value"]
    for other in figures:
        kept, careful = changed.get(other.field), _CAREFUL.get(other.field)
        require(kept is not None, where, msg("{field} is given beside nothing.", field=other.field))
        if careful is not None and isinstance(other.value, float) and isinstance(kept, float | int):
            require(
                careful(kept, other.value) == kept,
                where,
                msg("{field}: {kept:g} is kept where {other:g} is the careful figure.",
                    field=other.field, kept=kept, other=other.value),
            )  # fmt: skip
    return changed, tuple(figures)


def check_radio_figures(radio: Radio, where: str) -> None:
    """Refuse figures of a radio that contradict each other or cannot be."""
    for name, low, high in (
        ("idle_power_w", 0.0, radio.max_power_w or 1000.0),
        ("weight_kg", 0.0, 200.0),
        ("wind_area_m2", 0.0, 10.0),
        ("timing_km", 0.0, 1000.0),
        ("max_input_dbm", -90.0, 30.0),
    ):
        value = getattr(radio, name)
        require(
            value is None or low < value <= high,
            where,
            msg("{field} is {value}; it must be above {low:g} and at most {high:g}.",
                field=name, value=value, low=low, high=high),
        )  # fmt: skip
    require(
        radio.poe_v is None or 3.0 <= radio.poe_v[0] <= radio.poe_v[1] <= 100.0,
        where,
        msg("poe_v does not go from low to high."),
    )
    require(
        radio.max_input_dbm is None or all(mode.sensitivity_dbm < radio.max_input_dbm for mode in radio.modes),
        where,
        msg("Its strongest signal is under its sensitivity."),
    )
    _check_powers(radio, where)


def _check_powers(radio: Radio, where: str) -> None:
    most = max((mode.tx_power_dbm for mode in radio.modes), default=math.inf)
    least, chain = radio.least_tx_power_dbm, radio.most_chain_dbm
    require(
        least is None or -40.0 <= least <= most,
        where,
        msg("The least power is {least:g} dBm and the greatest {most:g} dBm.", least=least or 0.0, most=most),
    )
    if chain is not None:
        share = 10.0 * math.log10(radio.streams)
        require(
            chain <= most + _SHARE_DB and most <= chain + share + _SHARE_DB,
            where,
            msg("Chains of {chain:g} dBm, {count} of them, do not make {most:g} dBm together.",
                chain=chain, count=radio.streams, most=most),
        )  # fmt: skip
    for part in radio.channel_power:
        require(
            0.0 < part.low_mhz <= part.high_mhz and -10.0 <= part.most_dbm <= most,
            where,
            msg("Channels of {low:g} to {high:g} MHz with {dbm:g} dBm.",
                low=part.low_mhz, high=part.high_mhz, dbm=part.most_dbm),
        )  # fmt: skip


def half_power_of_stated_deg(stated_deg: float, at_db: float) -> float:
    """Return the width at half power of a beam whose width is given at so many dB: F.1336-5, recommends 3.1.

    There the main beam falls with 12 dB times the square of angle over half-power width.
    """
    return stated_deg * math.sqrt(_HALF_POWER_DB / at_db)


def check_antenna_figures(antenna: Antenna, where: str) -> None:
    """Refuse figures of an antenna that contradict each other or cannot be."""
    for name, low, high in (("weight_kg", 0.0, 500.0), ("wind_area_m2", 0.0, 10.0), ("sidelobe_db", 0.0, 60.0),
                            ("front_to_back_db", 0.0, 100.0), ("stated_at_db", 0.0, 60.0)):  # fmt: skip
        value = getattr(antenna, name)
        require(
            value is None or low < value <= high,
            where,
            msg("{field} is {value}; it must be above {low:g} and at most {high:g}.",
                field=name, value=value, low=low, high=high),
        )  # fmt: skip
    stated, at_db = antenna.stated_az_deg, antenna.stated_at_db
    require((stated is None) == (at_db is None), where, msg("stated_az_deg and stated_at_db go together."))
    if stated is not None and at_db is not None:
        half = half_power_of_stated_deg(stated, at_db)
        require(
            abs(half - antenna.beamwidth_az_deg) <= 0.1,
            where,
            msg("{stated:g} degrees at -{db:g} dB are {half:.1f} at half power, not {given:g}.",
                stated=stated, db=at_db, half=half, given=antenna.beamwidth_az_deg),
        )  # fmt: skip
