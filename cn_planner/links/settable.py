"""What a radio cannot do at its place: be set to as little power as the law asks for, or bear a level as strong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.links.radio import direction
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.links.radio import RadioEnd
    from cn_planner.message import Message

_HAIR_DB = 0.05
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


def level_unfit(sender: RadioEnd, hearer: RadioEnd, loss_db: float) -> Unfit | None:
    """Return why a radio cannot bear what arrives over a path; None where it can, or nobody knows.

    The loudest mode counts: what is sent while nobody loads the link.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    if hearer.max_input_dbm is None or not sender.allowed:
        return None
    way = direction(sender, hearer)
    loudest = int(way.level_dbm.argmax())
    level = float(way.level_dbm[loudest]) - loss_db
    over = level - hearer.max_input_dbm
    if not over > _HAIR_DB:
        return None
    lower = math.floor(way.power_dbm[loudest] - over + 1e-9)
    what = msg(
        "{level:.0f} dBm arrive at {name}, which bears {most:.0f} dBm: it is deaf or damaged.",
        level=level, name=hearer.name, most=hearer.max_input_dbm,
    )  # fmt: skip
    if sender.least_power_dbm is None or lower >= sender.least_power_dbm:
        return Unfit(what, msg("Set the other radio to {power:.0f} dBm or less.", power=lower))
    return Unfit(
        what,
        msg(
            "Choose smaller dishes or another kit, or put attenuators of {db:.0f} dB in all between radio and antenna: "
            "the other radio cannot be set below {least:.0f} dBm.",
            db=math.ceil(over - 1e-9), least=sender.least_power_dbm,
        ),
    )  # fmt: skip


def unfit_words(end_a: RadioEnd, end_b: RadioEnd, loss_db: float) -> tuple[Message, ...]:
    """Return what the radios of a path cannot do, with the remedies; each thing once."""
    found = (
        power_unfit(end_a),
        power_unfit(end_b),
        level_unfit(end_a, end_b, loss_db),
        level_unfit(end_b, end_a, loss_db),
    )
    each = dict.fromkeys(one for one in found if one is not None)
    return tuple(msg("{what} {fix}", what=one.what, fix=one.fix) for one in each)
