"""What a radio cannot do at its place: be set to as little power as the law asks for, or bear a level as strong."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.links.counted import Counted, counted_on
from cn_planner.links.radio import direction
from cn_planner.message import msg
from cn_planner.propagation.free_space import free_space_loss_db

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.links.radio import RadioEnd
    from cn_planner.message import Message

_HAIR_DB = 0.05
"""What comes of rounding and is no fault of a radio."""
_LEAST_COUNTED_ON_DBM = 0.0
"""Where no source says how low a radio can be set, nobody counts on less: an assumption."""


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


class _Loudest(NamedTuple):
    """The greatest power, what arrives of it over a path without loss, and what the hearer bears."""

    power_dbm: float
    level_dbm: float
    bears_dbm: float

    def over_db(self, loss_db: Any) -> Any:
        """Return by how much that is too much over paths."""
        return self.level_dbm - loss_db - self.bears_dbm

    def lower_dbm(self, loss_db: Any) -> Any:
        """Return the greatest whole power that is not: in whole dBm a radio is set."""
        return np.floor(self.power_dbm - self.over_db(loss_db) + 1e-9)


def _loudest(sender: RadioEnd, hearer: RadioEnd) -> _Loudest | None:
    """Return what the sender's greatest power does, also of a sender that is held; None where nobody knows."""
    if hearer.max_input_dbm is None or not sender.allowed:
        return None
    way = direction(sender if sender.held_dbm is None else replace(sender, held_dbm=None), hearer)
    at = int(way.level_dbm.argmax())
    return _Loudest(way.power_dbm[at], float(way.level_dbm[at]), hearer.max_input_dbm)


class _Overdriven(NamedTuple):
    """What arrives at the greatest power, by how much that is too much, and the greatest power that is not."""

    power_dbm: float
    level_dbm: float
    over_db: float
    bears_dbm: float
    lower_dbm: int


def _overdriven(sender: RadioEnd, hearer: RadioEnd, loss_db: float) -> _Overdriven | None:
    """Return what the sender's greatest power does to the hearer, also of a sender that is held; None where no harm."""
    found = _loudest(sender, hearer)
    if found is None or not found.over_db(loss_db) > _HAIR_DB:
        return None
    return _Overdriven(
        found.power_dbm, found.level_dbm - loss_db, found.over_db(loss_db), found.bears_dbm,
        int(found.lower_dbm(loss_db)),
    )  # fmt: skip


def overdriven_within_m(sender: RadioEnd, hearer: RadioEnd, freq_mhz: float) -> float:
    """Return how near the hearer is overdriven by the sender's greatest power, m; 0 where nobody knows.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    found = _loudest(sender, hearer)
    if found is None:
        return 0.0
    over = float(found.over_db(least_loss_db(1e3, freq_mhz))) - _HAIR_DB
    return 1e3 * math.pow(10.0, over / 20.0)


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


def as_set(end_a: RadioEnd, end_b: RadioEnd, distance_m: float, freq_mhz: float) -> tuple[RadioEnd, RadioEnd]:
    """Return the radios of a link between towers as they are set: each to no more than the other bears.

    The power of a radio is set once, so it is what every rate of the link is counted at, whatever stands on the path.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    loss_db = least_loss_db(distance_m, freq_mhz)
    return held_for(end_a, end_b, loss_db), held_for(end_b, end_a, loss_db)


def counted_as_set(
    sender: RadioEnd, hearer: RadioEnd, loss_db: NDArray[np.float64], reserve_db: float,
    distance_m: ArrayLike | None, freq_mhz: ArrayLike | None,
) -> Counted:  # fmt: skip
    """Return what is counted on in one direction of links between towers, their radios as `as_set` has them.

    Parameters
    ----------
    sender, hearer : RadioEnd
    loss_db, reserve_db, distance_m
        As for `counted_on`.
    freq_mhz : array_like or None
        Of the links; None for a path to a home, where nobody is held: a sector is heard by others too.

    Raises
    ------
    InputError
        Where the two radios have no mode in common.
    """
    found = counted_on(direction(sender, hearer), loss_db, reserve_db, distance_m)
    most = None if freq_mhz is None or distance_m is None else _loudest(sender, hearer)
    if most is None or freq_mhz is None or distance_m is None:
        return found
    least_db = np.asarray(free_space_loss_db(distance_m, freq_mhz), dtype=np.float64)
    short = most.over_db(least_db) > _HAIR_DB
    if not short.any():
        return found
    power = np.maximum(most.lower_dbm(least_db), _least(sender))
    made, length = Counted._make(np.array(one) for one in found), np.broadcast_to(distance_m, loss_db.shape)
    for held_dbm in np.unique(power[short]).tolist():
        mine = np.broadcast_to(short & (power == held_dbm), loss_db.shape)
        way = direction(replace(sender, held_dbm=held_dbm), hearer)
        for whole, part in zip(made, counted_on(way, loss_db[mine], reserve_db, length[mine]), strict=True):
            whole[mine] = part
    return made


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
