"""What cables lose that feed a tower: Ethernet up the mast, copper from the panels."""

from __future__ import annotations

import math
from dataclasses import dataclass

# A conductor of category 5e has at most 9.38 ohm on 100 m (ANSI/TIA-568). There and back each take the two conductors
# of a pair side by side, as passive injectors and IEEE 802.3at have it: together the resistance of one.
_PAIRS_OHM_M = 0.0938
_COPPER_OHM_MM2_M = 1.0 / 58.0  # IEC 60028, at 20 °C


@dataclass(frozen=True, slots=True)
class Drop:
    """What a cable takes: as a share of the voltage that is put on it, and W."""

    pct: float
    loss_w: float


def ethernet_drop(power_w: float, supply_v: float, length_m: float) -> Drop | None:
    """Return what an Ethernet cable takes that feeds a radio; None where it cannot carry so much at that voltage.

    A radio takes the power that it needs, at the voltage that arrives: U²/4R is the most that a cable hands on.
    """
    if power_w <= 0.0:
        return Drop(0.0, 0.0)
    ohm = _PAIRS_OHM_M * length_m
    room = supply_v**2 - 4.0 * power_w * ohm
    if room < 0.0:
        return None
    arrives_v = (supply_v + math.sqrt(room)) / 2.0
    drop_v = supply_v - arrives_v
    return Drop(100.0 * drop_v / supply_v, drop_v * power_w / arrives_v)


def copper_drop_pct(power_w: float, voltage_v: float, length_m: float, section_mm2: float) -> float:
    """Return the share of the voltage that two copper wires take on the way, %."""
    ohm = 2.0 * _COPPER_OHM_MM2_M * length_m / section_mm2
    return 100.0 * power_w / voltage_v * ohm / voltage_v
