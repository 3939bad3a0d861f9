"""What is to be minded beside the figures of a link: rain, models at their limits, and how radios share the air."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.links.availability import rain_loss_db
from cn_planner.links.csma import FARTHEST_KM, ack_timeout_us, csma_in_words
from cn_planner.links.lora import air_in_words
from cn_planner.links.losses import GAS_MHZ, at_ends_db
from cn_planner.message import Message, msg
from cn_planner.model.propagation_models import FREE_SPACE
from cn_planner.propagation.p530_rain import LONGEST_RAIN_KM

if TYPE_CHECKING:
    from cn_planner.links.conditions import Conditions
    from cn_planner.links.radio import RadioEnd
    from cn_planner.model.plan import Rules
    from cn_planner.terrain.profile import PathProfile

_RAIN_TOLD_PCT = 0.01
_TOLD_DB = 1.0


def beside(
    air: Conditions,
    clearance_f1: float,
    rules: Rules,
    length_m: float,
    amsl_m: tuple[float, float],
    freq_mhz: float,
    pol: str,
) -> tuple[Message, ...]:
    """Return what is to be minded beside the loss."""
    said: list[Message] = []
    if air.model == FREE_SPACE and clearance_f1 < rules.clearance_f1:
        said.append(msg("Free space counts nothing that stands in the way: no more than these levels can arrive."))
    counted_already = air.time_pct >= 100.0 - _RAIN_TOLD_PCT
    if freq_mhz >= GAS_MHZ and length_m <= LONGEST_RAIN_KM * 1e3 and not counted_already:
        rain = rain_loss_db(length_m, *amsl_m, freq_mhz, pol, air.weather)
        said.append(msg("Rain takes {rain_db:.0f} dB more for 53 minutes of an average year (0.01 %).", rain_db=rain))
    return tuple(said)


def below_clutter(
    profile: PathProfile,
    heights_m: tuple[float, float],
    freq_mhz: float,
    names: tuple[str, str],
    vegetation_db: float | None,
) -> tuple[Message, ...]:
    """Return which ends of a path stand below the trees or houses round them, where the loss counts that."""
    if vegetation_db is None:
        return ()
    lost = at_ends_db(profile, heights_m, freq_mhz)
    if sum(lost) < vegetation_db - 0.05:
        return ()  # the trees on the way take more, and that is what counts
    return tuple(
        msg(
            "The antenna of {name} is below what stands round it by the maps, {height_m:.0f} m high: {loss_db:.0f} dB.",
            name=name,
            height_m=height_m,
            loss_db=loss_db,
        )
        for name, height_m, loss_db in zip(names, profile.clutter_m, lost, strict=True)
        if loss_db >= _TOLD_DB
    )


def ack_wait_us(end_a: RadioEnd | None, end_b: RadioEnd | None, length_m: float) -> float | None:
    """Return how long a Wi-Fi radio waits for the start of an answer; None for other radios."""
    wifi = all(end is not None and end.family == "802.11" for end in (end_a, end_b))
    return ack_timeout_us(length_m * 1e-3) if wifi and length_m <= FARTHEST_KM * 1e3 else None


def of_the_air(
    end_a: RadioEnd, end_b: RadioEnd, rate_mbps: float, mode: str | None, length_m: float
) -> tuple[Message, ...]:
    """Return what the way in which the radios share the air asks to be minded, in the slower direction."""
    if mode is None or not (end_a.allowed and end_b.allowed):
        return ()
    if end_a.family == "lora":
        duties = [end.duty_pct for end in (end_a, end_b) if end.duty_pct is not None]
        return air_in_words(mode, end_a.modes[0].width_mhz, min(duties, default=None))
    if end_a.family == "802.11" and not (end_a.listens and end_b.listens):  # else the rate is that of plain Wi-Fi
        said = csma_in_words(rate_mbps, rate_mbps / min(end_a.efficiency, end_b.efficiency), length_m * 1e-3)
        return () if said is None else (said,)
    return ()
