"""People with a phone: what a phone sends, how far they walk to a hotspot, and how many live in a home."""

from __future__ import annotations

from dataclasses import dataclass

from cn_planner.message import msg
from cn_planner.model.fields import about

_ASSUMED = "an assumption of this program: write down your own"


@dataclass(frozen=True, slots=True)
class Phones:
    """How a hotspot and the phones round it are judged. The phone is used out of doors: no wall stands in between."""

    phone_dbm: float = about(
        msg("What a phone sends."), default=15.0, unit="dBm", low=0, high=30,
        source=f"30 mW, {_ASSUMED}; EN 300 328 allows 100 mW EIRP in 2.4 GHz",
    )  # fmt: skip
    phone_height_m: float = about(
        msg("Height of a phone above ground."), default=1.5, unit="m", low=0.2, high=10,
        source="the height of a terminal in Report ITU-R M.2292",
    )  # fmt: skip
    body_loss_db: float = about(
        msg("What hand and body take of a phone's signal, both ways."), default=4.0, unit="dB", low=0, high=30,
        source="Report ITU-R M.2292, user terminals",
    )  # fmt: skip
    walk_m: float = about(
        msg("How far people walk to a hotspot, in a straight line: a quarter of an hour."), default=1100.0, unit="m",
        low=0, high=20_000, source=f"4.4 km/h, {_ASSUMED}",
    )  # fmt: skip
    people_per_home: float = about(
        msg("How many people live in a home where nobody has counted them."), default=4.0, low=0.1, high=50,
        source=f"{_ASSUMED}; by country 2 to 9, UN Database on Household Size and Composition 2017",
    )  # fmt: skip
