"""What was measured in the field, and what was learned from it: both are kept apart from what is modelled."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cn_planner.message import msg
from cn_planner.model.fields import about

if TYPE_CHECKING:
    from collections.abc import Iterable


class Quantity(StrEnum):
    """What a level is of."""

    RSSI = "rssi"
    """The power in the whole channel."""
    RSRP = "rsrp"
    """The power of one reference subcarrier of LTE: as phones tell it."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A level that was measured in the field. It is never mixed with what is modelled."""

    id: str
    latitude: float = about(msg("Latitude, WGS 84, north positive."), unit="°", low=-90, high=90)
    longitude: float = about(msg("Longitude, WGS 84, east positive."), unit="°", low=-180, high=180)
    freq_mhz: float = about(msg("Centre frequency."), unit="MHz", low=30, high=100_000)
    level_dbm: float = about(msg("Received level."), unit="dBm", low=-200, high=50)
    site: str = ""
    height_m: float = about(msg("Height above ground."), default=2.0, unit="m", low=0, high=150)
    date: str = ""
    note: str = ""
    tx_height_m: float | None = about(
        msg("Height of the sending antenna; the mast of the site where none is given."),
        default=None,
        unit="m",
        low=0,
        high=150,
    )
    eirp_dbm: float | None = about(
        msg("What the sender radiates; that of the plan's access kit where none is given."),
        default=None,
        unit="dBm",
        low=-50,
        high=120,
    )
    rx_gain_dbi: float = about(
        msg("Gain of the receiving antenna, less its cable."), default=0.0, unit="dBi", low=-50, high=80
    )
    floor_dbm: float | None = about(
        msg("The least that could be measured: a level at it says no more than that it was weaker."),
        default=None,
        unit="dBm",
        low=-200,
        high=50,
    )
    quantity: Quantity = Quantity.RSSI
    who: str = ""
    width_mhz: float | None = about(
        msg("Channel width, one that the radio has; the kit's own where none is given."),
        default=None,
        unit="MHz",
        low=0.01,
        high=10_000,
    )
    from_plan: str = ""
    """Names of fields, parted by blanks, that nobody said: they are what the plan had when the level came in."""

    @property
    def censored(self) -> bool:
        """Whether the level is only a bound: the true one is at it or below."""
        return self.floor_dbm is not None and self.level_dbm <= self.floor_dbm


OF_SENDER = ("tx_height_m", "eirp_dbm", "width_mhz")
"""Fields that are taken from the plan where nobody says them."""


def as_said(row: Measurement) -> Measurement:
    """Return a measurement as people said it: without what was taken from the plan."""
    if not row.from_plan:
        return row
    taken: dict[str, Any] = dict.fromkeys(set(OF_SENDER) & set(row.from_plan.split()))
    return replace(row, **taken, from_plan="")


@dataclass(frozen=True, slots=True)
class Residual:
    """What one measurement adds to the prediction of its path, made normal.

    Attributes
    ----------
    latitude, longitude : float
        Where it was measured, degrees.
    site : int
        Number of the sending site in `Calibration.sites`.
    freq_mhz, distance_m, excess_db, clearance_f1, height_m : float
        Of its path: frequency, length, predicted loss beyond free space, least clearance in first Fresnel radii, and
        the receiver's height above ground.
    value_db, variance_db2 : float
        Measured level less the predicted one, as a normal observation of that variance: a reading at the floor or one
        that is far off counts as what it says of the level (`links.calibration`).
    """

    latitude: float
    longitude: float
    site: int
    freq_mhz: float
    distance_m: float
    excess_db: float
    clearance_f1: float
    value_db: float
    variance_db2: float
    height_m: float = 2.0


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a calibration is worth where nothing was measured: told by leaving out blocks and what is round them."""

    block_m: float
    rmse_db: float
    log_score: float
    within_80: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What measurements taught of a place; without residuals nothing was, or it was taken off.

    Attributes
    ----------
    sites : tuple of str
        Those that were measured.
    residuals : tuple of Residual
        In an order that rests on what measurements say, not on what they are called.
    local_sd_db, range_m, nugget_db, excess_sd : float
        Of the model: what varies from place to place and how far it reaches, what varies from reading to reading, and
        how far the predicted loss beyond free space may be off for each dB of it.
    reading_sd_db : float
        What a single reading or home is off by beside what is common and local: the noise of the model, and more where
        readings that were left out lay further off.
    basis : str
        Digest of what it was made of (`model.learned`).
    made : str
        Digest of what was learned.
    held_out : HeldOut, optional
        None where there are too few to leave any out.
    """

    sites: tuple[str, ...] = ()
    residuals: tuple[Residual, ...] = ()
    local_sd_db: float = 0.0
    range_m: float = 0.0
    nugget_db: float = 0.0
    excess_sd: float = 0.0
    reading_sd_db: float = 0.0
    basis: str = ""
    made: str = ""
    held_out: HeldOut | None = None

    @property
    def on(self) -> bool:
        """Whether it counts."""
        return bool(self.residuals)


def measured_basis(measurements: Iterable[Measurement]) -> str:
    """Return a digest of measurements: another one says that there is something new to learn from."""
    digest = sha256()
    names = [one.name for one in fields(Measurement) if one.name not in {"note", "who", "width_mhz", "from_plan"}]
    for row in sorted(measurements, key=lambda one: one.id):
        width = () if row.width_mhz is None else (row.width_mhz,)  # plans in people's hands know none
        digest.update(repr([*(getattr(row, name) for name in names), *width]).encode())
    return digest.hexdigest()[:16]
