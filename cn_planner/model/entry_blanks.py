"""What no source says of an entry of the shelf, and what that causes; and whence its levels are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.model.equipment import Antenna, Radio
from cn_planner.model.radio_figures import LevelKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.model.equipment import RadioMode

_RADIO: dict[str, Message] = {
    "least_tx_power_dbm": msg("Its least power is not known: where the law asks for little, look whether it can be "
                              "set so low."),
    "max_input_dbm": msg("The strongest signal that it bears is not known: a short link between large antennas is not "
                         "checked for it."),
    "max_power_w": msg("Its power draw is not known: the kit's own assumption is counted for panels and batteries."),
    "idle_power_w": msg("Its draw at rest is not known: its greatest is counted day and night."),
    "poe": msg("How its cable feeds it is not known: look at voltage and kind before you plug it in."),
    "timing_km": msg("How long a link its timing bears is not known: ask the maker before you build one of more than "
                     "10 km."),
    "certified_mhz": msg("The bands that its certificate names were not read: a country may ask for it."),
    "weight_kg": msg("Its weight is not known: the mast's load is not counted with it."),
    "wind_area_m2": msg("Its area against the wind is not known: the mast's load is not counted with it."),
}  # fmt: skip
_ANTENNA: dict[str, Message] = {
    "sidelobe_db": msg("Its sidelobes are not known: those of the Recommendation for its kind are counted."),
    "front_to_back_db": msg("Front to back is not known: that of the Recommendation for its kind is counted."),
    "weight_kg": _RADIO["weight_kg"],
    "wind_area_m2": _RADIO["wind_area_m2"],
}
_LEVELS: dict[LevelKind, Message] = {
    LevelKind.MAKER: msg("Levels by the maker's table."),
    LevelKind.MEASURED: msg("Levels as somebody measured them."),
    LevelKind.AT_LEAST: msg("Levels: at least those that the standard asks of every radio. Makers' tables are 8 to 14 "
                            "dB better: a comparison with a radio that has one is unfair to this one."),
}  # fmt: skip


def level_of(modes: Iterable[RadioMode]) -> LevelKind:
    """Return whence the levels of modes are; of several kinds the least sure one."""
    order = list(LevelKind)
    return max((mode.level for mode in modes), key=order.index, default=LevelKind.MAKER)


def level_words(modes: Iterable[RadioMode]) -> Message:
    """Return in a sentence whence the levels of modes are."""
    return _LEVELS[level_of(modes)]


def blank_words(entry: object) -> tuple[Message, ...]:
    """Return what no source says of a radio or an antenna, and what that causes; nothing of other entries."""
    asked = _RADIO if isinstance(entry, Radio) else _ANTENNA if isinstance(entry, Antenna) else {}
    # A measured pattern knows what lies beside and behind the beam.
    known = {"sidelobe_db", "front_to_back_db"} if getattr(entry, "pattern", None) is not None else set()
    return tuple(words for name, words in asked.items() if name not in known and not _given(getattr(entry, name)))


def _given(value: object) -> bool:
    return value is not None and value not in ("", ())
