"""What a radio cannot do at its place: be set to as little power as the law asks for, or bear a level as strong."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.links.radio import direction
from cn_planner.message import msg
from cn_planner.propagation.free_space import free_space_loss_db

if TYPE_CHECKING:
    from cn_planner.links.radio import RadioEnd
    from cn_planner.message import Message

_HAIR_DB = 0.05
_LEAST_COUNTED_ON_DBM = 0.0
"""Where no source says how low a radio can be set, nobody counts on less: an assumption."""
"""What comes of rounding and is no fault of a radio."""


class Unfit(NamedTuple):
    """What is wrong, and its remedy."""

    what: Message
    fix: Message


def below_least_power(power_dbm: float | None, least_dbm: float | None) -> bool:
    """Return whether a power is less than the least that a radio can be set to, as far as both are known."""
    return power_dbm is not None and least_dbm is not None and power_dbm < least_dbm - _HAIR_DB


def power_unfit(end: RadioEnd) -> Unfit | None:
    """Return why a radio cannot be set to the power that the law leaves it; None where it can, or nobody knows."""
    power = max(end.tx_power_dbm(mode) for mode in end.modes)
    if not end.allowed or end.least_power_dbm is None or not below_least_power(power, end.least_power_dbm):
        return None
    return Unfit(
        msg(
            "The rules of the country let {name} send with {power:.0f} dBm at most; its radio cannot be set below "
            "{least:.0f} dBm.",
            name=end.name, power=power, least=end.least_power_dbm,
        ),
        msg("Choose a kit with a smaller antenna, or one whose radio can be set lower."),
    )  # fmt: skip


def least_loss_db(distance_m: float, freq_mhz: float) -> float:
    """Return the least that a path between towers can be counted on to lose: that of free space over level ground.

    What a radio bears is judged by it, not by trees and hills, which are uncertain and may be gone: a path that loses
    more is short of being overdriven by as much. It asks for no terrain, so everybody has the same answer.
    """
    return float(free_space_loss_db(distance_m, freq_mhz))


class _Overdriven(NamedTuple):
    """What arrives at the greatest power, by how much that is too much, and the greatest power that is not."""

    power_dbm: float
    level_dbm: float
    over_db: float
    bears_dbm: float
    lower_dbm: int


def _overdriven(sender: RadioEnd, hearer: RadioEnd, loss_db: float) -> _Overdriven | None:
    """Return what the sender's greatest power does to the hearer, also of a sender that is held; None where no harm."""
    if hearer.max_input_dbm is None or not sender.allowed:
        return None
    way = direction(replace(sender, held_dbm=None), hearer)
    loudest = int(way.level_dbm.argmax())
    power, level = way.power_dbm[loudest], float(way.level_dbm[loudest]) - loss_db
    over = level - hearer.max_input_dbm
    if not over > _HAIR_DB:
        return None
    return _Overdriven(power, level, over, hearer.max_input_dbm, math.floor(power - over + 1e-9))


def held_for(sender: RadioEnd, hearer: RadioEnd, loss_db: float) -> RadioEnd:
    """Return the sender set to no more than the hearer bears over a path, or to its least where that is still more.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    found = _overdriven(sender, hearer, loss_db)
    if found is None:
        return sender
    return replace(sender, held_dbm=max(float(found.lower_dbm), _least(sender)))


def _least(sender: RadioEnd) -> float:
    return _LEAST_COUNTED_ON_DBM if sender.least_power_dbm is None else sender.least_power_dbm


class HeldBack(NamedTuple):
    """What whoever sets a held radio must know, and whether the hearer is safe then."""

    words: Message
    safe: bool


def held_back(sender: RadioEnd, hearer: RadioEnd, loss_db: float) -> HeldBack | None:
    """Return what is said of a radio that is set lower for the hearer's sake; None where it need not be.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    found = _overdriven(sender, hearer, loss_db)
    if found is None:
        return None
    if found.lower_dbm >= _least(sender):
        words = msg("Never more than {power:.0f} dBm: the radio at the far end would be deaf or damaged.",
                    power=found.lower_dbm)  # fmt: skip
        return HeldBack(words, safe=True)
    if sender.least_power_dbm is None:
        return HeldBack(_attenuators(found), safe=False)
    words = msg(
        "Even at {least:.0f} dBm, the least it can be set to, the radio at the far end is deaf or damaged: before you "
        "switch it on, put attenuators of {db:.0f} dB in all between radio and antenna, or take smaller dishes.",
        least=sender.least_power_dbm, db=math.ceil(found.over_db - 1e-9),
    )  # fmt: skip
    return HeldBack(words, safe=False)


def _attenuators(found: _Overdriven) -> Message:
    return msg(
        "No source says that the radio can be set to {power:.0f} dBm: before you switch it on, put attenuators of "
        "{db:.0f} dB in all between radio and antenna, or take smaller dishes.",
        power=found.lower_dbm, db=math.ceil(found.over_db - 1e-9),
    )  # fmt: skip


def level_unfit(sender: RadioEnd, hearer: RadioEnd, loss_db: float) -> Unfit | None:
    """Return why a radio cannot bear what arrives over a path; None where it can, or nobody knows.

    The loudest mode counts: what is sent while nobody loads the link.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    found = _overdriven(sender, hearer, loss_db)
    if found is None:
        return None
    what = msg(
        "At {power:.0f} dBm, {level:.0f} dBm would arrive at {name}, which bears {most:.0f} dBm: it would be deaf or "
        "damaged.",
        power=found.power_dbm, level=found.level_dbm, name=hearer.name, most=found.bears_dbm,
    )  # fmt: skip
    if found.lower_dbm >= _least(sender):
        return Unfit(what, msg("Set the other radio to {power:.0f} dBm or less.", power=found.lower_dbm))
    if sender.least_power_dbm is None:
        return Unfit(what, _attenuators(found))
    return Unfit(
        what,
        msg(
            "Choose smaller dishes or another kit, or put attenuators of {db:.0f} dB in all between radio and antenna: "
            "the other radio cannot be set below {least:.0f} dBm.",
            db=math.ceil(found.over_db - 1e-9), least=sender.least_power_dbm,
        ),
    )  # fmt: skip


def unfit_words(end_a: RadioEnd, end_b: RadioEnd, loss_db: float) -> tuple[Message, ...]:
    """Return what the radios of a path cannot do at their greatest power, with the remedies; each thing once."""
    found = (
        power_unfit(end_a),
        power_unfit(end_b),
        level_unfit(end_a, end_b, loss_db),
        level_unfit(end_b, end_a, loss_db),
    )
    each = dict.fromkeys(one for one in found if one is not None)
    return tuple(msg("{what} {fix}", what=one.what, fix=one.fix) for one in each)
