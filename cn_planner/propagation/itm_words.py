"""What the Irregular Terrain Model's warnings and refusals say to a person."""

from __future__ import annotations

from cn_planner.message import Message, msg
from cn_planner.propagation import itm_reference as codes

MODES: dict[int, Message] = {
    codes.LINE_OF_SIGHT: msg("line of sight"),
    codes.DIFFRACTION: msg("diffraction"),
    codes.TROPOSCATTER: msg("troposcatter"),
}
"""What carries the path, by ITM's mode."""

_WARNINGS: dict[int, Message] = {
    codes.WARN_HEIGHT_A: msg("The first antenna is under 1 m or over 1000 m high: near the limits of ITM."),
    codes.WARN_HEIGHT_B: msg("The second antenna is under 1 m or over 1000 m high: near the limits of ITM."),
    codes.WARN_FREQ: msg("The frequency is under 40 MHz or over 10 GHz: near the limits of ITM."),
    codes.WARN_FAR: msg("The path is longer than 1000 km: near the limits of ITM."),
    codes.WARN_VERY_FAR: msg("The path is longer than 2000 km: do not rely on ITM here."),
    codes.WARN_NEAR: msg("The path is short for antennas of such different heights: near the limits of ITM."),
    codes.WARN_VERY_NEAR: msg("The path is shorter than 1 km: do not rely on ITM here."),
    codes.WARN_ANGLE_A: msg("The horizon of the first antenna stands steep: ITM's small angles may not hold."),
    codes.WARN_ANGLE_B: msg("The horizon of the second antenna stands steep: ITM's small angles may not hold."),
    codes.WARN_HORIZON_NEAR_A: msg(
        "The horizon of the first antenna is nearer than a tenth of the smooth earth's: ITM may be far off."
    ),
    codes.WARN_HORIZON_NEAR_B: msg(
        "The horizon of the second antenna is nearer than a tenth of the smooth earth's: ITM may be far off."
    ),
    codes.WARN_HORIZON_FAR_A: msg(
        "The horizon of the first antenna is farther than three times the smooth earth's: ITM may be far off."
    ),
    codes.WARN_HORIZON_FAR_B: msg(
        "The horizon of the second antenna is farther than three times the smooth earth's: ITM may be far off."
    ),
    codes.WARN_EXTREME: msg("A percentage is far in the tail of its distribution: take ITM's answer with care."),
    codes.WARN_N_S: msg("The path lies so high that the air is thin for ITM: take its answer with care."),
}

UNDEFINED = msg("ITM's formulas have no value for this path: the loss is that of free space, and says little.")
"""Said of a path beyond the horizon that loses nothing."""

# Which input each refusal is about, and what may stand there.
_REFUSALS: dict[int, tuple[str, Message]] = {
    codes.BAD_HEIGHT_A: ("height_a_m", msg("The first antenna is {value} m above ground; ITM takes 0.5 to 3000.")),
    codes.BAD_HEIGHT_B: ("height_b_m", msg("The second antenna is {value} m above ground; ITM takes 0.5 to 3000.")),
    codes.BAD_CLIMATE: ("climate", msg("The radio climate is {value}; ITM knows 1 to 7.")),
    codes.BAD_TIME: ("time_pct", msg("The time percentage is {value}; it must be between 0 and 100.")),
    codes.BAD_LOCATION: ("location_pct", msg("The location percentage is {value}; it must be between 0 and 100.")),
    codes.BAD_SITUATION: ("situation_pct", msg("The situation percentage is {value}; it must be between 0 and 100.")),
    codes.BAD_CONFIDENCE: ("situation_pct", msg("The confidence is {value} %; it must be between 0 and 100.")),
    codes.BAD_RELIABILITY: ("time_pct", msg("The reliability is {value} %; it must be between 0 and 100.")),
    codes.BAD_N0: ("n0", msg("The refractivity is {value} N-units; ITM takes 250 to 400.")),
    codes.BAD_FREQ: ("freq_mhz", msg("The frequency is {value} MHz; ITM takes 20 to 20000.")),
    codes.BAD_EPSILON: ("epsilon_r", msg("The ground's relative permittivity is {value}; it must be 1 at least.")),
    codes.BAD_SIGMA: ("sigma_s_per_m", msg("The ground's conductivity is {value} S/m; it must be above 0.")),
    codes.BAD_IMPEDANCE: (
        "sigma_s_per_m",
        msg("ITM does not hold over ground of this permittivity, with a conductivity of {value} S/m."),
    ),
    codes.BAD_MDVAR: (
        "mdvar",
        msg("The mode of variability is {value}; ITM knows 0 to 3, and 10, 20 or 30 more than these."),
    ),
    codes.BAD_EARTH: ("n0", msg("The effective earth is too small or too large for ITM, at {value} N-units.")),
    codes.BAD_DISTANCE: ("distance_m", msg("The distance is {value} m; it must be above 0.")),
    codes.BAD_DELTA_H: ("delta_h_m", msg("The terrain irregularity is {value} m; it must not be below 0.")),
    codes.BAD_SITING_A: ("siting_a", msg("The siting of the first antenna is {value}; ITM knows 0, 1 and 2.")),
    codes.BAD_SITING_B: ("siting_b", msg("The siting of the second antenna is {value}; ITM knows 0, 1 and 2.")),
    codes.BAD_N_S_SMALL: (
        "n0",
        msg("The path lies too high for ITM: with {value} N-units at sea level the air is too thin there."),
    ),
    codes.BAD_N_S_LARGE: (
        "n0",
        msg("The path lies too far below sea level for ITM: with {value} N-units at sea level the air is too dense."),
    ),
    codes.NO_HEIGHT: ("ground_m", msg("The profile lacks a height.")),
}


def warnings_in_words(warnings: int) -> tuple[Message, ...]:
    """Return what a warning mask says, a sentence a bit, in the order of the bits."""
    return tuple(said for bit, said in _WARNINGS.items() if warnings & bit)


def refused_input(code: int) -> str:
    """Return the name of the input that a return code of 1000 or more is about."""
    return _REFUSALS[code][0]


def refusal_in_words(code: int, value: float) -> Message:
    """Return what a return code of 1000 or more says of the value of its input."""
    return Message(_REFUSALS[code][1].key, (("value", value),))
