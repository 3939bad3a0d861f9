"""What the law of a country allows, as frozen values. The entries are data in resources/rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cn_planner.model.radio_figures import Task

if TYPE_CHECKING:
    from cn_planner.model.equipment import Antenna, Kit, Source


class Use(StrEnum):
    """What a limit holds for."""

    ANY = "any"
    POINT_TO_POINT = "point-to-point"
    """One fixed antenna that speaks to one other: laws often allow it more."""
    ACCESS_POINT = "access-point"
    """The antenna in the middle, that many speak to."""

    def fits(self, task: Task | None) -> bool:
        """Return whether a kit for a task may take a limit of this use."""
        if self is Use.POINT_TO_POINT:
            return task is Task.BACKHAUL
        return self is Use.ANY or task is Task.ACCESS


@dataclass(frozen=True, slots=True)
class PowerLimit:
    """What the law allows in a part of the spectrum.

    Attributes
    ----------
    limit_dbm : float
        The most that may be radiated (``eirp``) or enter the antenna (not ``eirp``).
    max_width_mhz : float
        No channel is wider.
    dfs, indoor_only, licence, database : bool
        Radar detection is required; not outdoors; only with a licence; only on channels that a data base of white
        spaces gives out for the place and the day.
    use : Use
        What it holds for.
    free_gain_dbi, less_per_db : float
        A conducted limit falls by ``less_per_db`` for each dB that the antenna gains beyond ``free_gain_dbi``; None:
        it does not.
    full_gain_dbi : float, optional
        A limit on what is radiated falls by ``less_per_db`` for each dB that the antenna gains less than this.
    density_dbm_mhz : float, optional
        The most in any 1 MHz, radiated or conducted as the limit is.
    duty_pct : float, optional
        Share of each hour that may be spent sending.
    source : Source, optional
        The text that was read; None: that of the country's rules.
    registration : bool
        Whoever sends must tell the regulator first, without asking for a licence.
    tpc : bool
        The radio must be able to lower its power by itself, and the text has no lower limit for those that are not.
    less_without_tpc_db : float
        By how much the limit falls for radios that do not lower their power by themselves (TPC). No radio of the shelf
        is known to, as the laws mean it: the lower limit is the one that is kept.
    more_eirp_dbm, more_for : float, str
        What a text allows beyond the limit, dBm EIRP, and what must be done or shown for it, in the text's words.
    """

    low_mhz: float
    high_mhz: float
    limit_dbm: float
    eirp: bool
    max_width_mhz: float
    dfs: bool
    indoor_only: bool
    use: Use = Use.ANY
    licence: bool = False
    database: bool = False
    free_gain_dbi: float | None = None
    less_per_db: float = 1.0
    density_dbm_mhz: float | None = None
    duty_pct: float | None = None
    source: Source | None = None
    full_gain_dbi: float | None = None
    registration: bool = False
    tpc: bool = False
    less_without_tpc_db: float = 0.0
    more_eirp_dbm: float | None = None
    more_for: str = ""

    @property
    def terms(self) -> tuple[object, ...]:
        """On what terms it holds: two limits on the same terms for the same channels should be one."""
        return self.use, self.licence, self.dfs, self.indoor_only, self.database, self.duty_pct

    def holds(self, freq_mhz: float, width_mhz: float) -> bool:
        """Return whether a whole channel lies within it."""
        low, high = freq_mhz - width_mhz / 2, freq_mhz + width_mhz / 2
        return self.low_mhz <= low and high <= self.high_mhz and width_mhz <= self.max_width_mhz

    def power_dbm(self, gain_dbi: float, width_mhz: float) -> float:
        """Return the limit, dBm as it is said (radiated or conducted), with an antenna and a channel width."""
        limit = self.limit_dbm
        if self.density_dbm_mhz is not None:
            limit = min(limit, self.density_dbm_mhz + 10.0 * math.log10(width_mhz))
        if not self.eirp and self.free_gain_dbi is not None:
            limit -= self.less_per_db * max(0.0, gain_dbi - self.free_gain_dbi)
        if self.eirp and self.full_gain_dbi is not None:
            limit -= self.less_per_db * max(0.0, self.full_gain_dbi - gain_dbi)
        return limit - self.less_without_tpc_db

    def eirp_dbm(self, gain_dbi: float, width_mhz: float) -> float:
        """Return the most that may be radiated with an antenna and a channel width, dBm EIRP."""
        return self.power_dbm(gain_dbi, width_mhz) + (0.0 if self.eirp else gain_dbi)

    def stricter_db(self, gain_dbi: float, width_mhz: float) -> float:
        """Return by how much it is stricter than what a text allows on terms that are not known to be met, dB."""
        more = self.less_without_tpc_db
        if self.more_eirp_dbm is not None:
            more = max(more, self.more_eirp_dbm - self.eirp_dbm(gain_dbi, width_mhz))
        return more


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two limits for the same channels and the same use that do not agree; the first is the one that is kept."""

    kept: PowerLimit
    other: PowerLimit


class DutyKind(StrEnum):
    """What a country asks of whoever builds a network."""

    REGISTRATION = "registration"
    LICENCE = "licence"
    COMMUNITY = "community licence"
    """A licence made for networks that people run for themselves."""
    FEE = "fee"
    APPROVAL = "type approval"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that a country asks beside its limits, in the words of the text that was read."""

    kind: DutyKind
    words: str
    source: Source


@dataclass(frozen=True, slots=True)
class CountryRules:
    """The limits of one country.

    Attributes
    ----------
    contradictions : tuple of Contradiction
        Where its sources do not agree.
    caps : bool
        Whether radios are lowered to what is allowed; the limits are shown in any case.
    licence_held : bool
        Whether the people have the licences that some limits ask for.
    duties : tuple of Duty
        What it asks beside the limits.
    not_reached : str
        Which text was looked for and could not be read; empty where it was.
    """

    country: str
    limits: tuple[PowerLimit, ...]
    source: Source
    contradictions: tuple[Contradiction, ...] = ()
    caps: bool = True
    licence_held: bool = False
    duties: tuple[Duty, ...] = ()
    not_reached: str = ""

    def limit(
        self,
        freq_mhz: float,
        width_mhz: float,
        *,
        gain_dbi: float = 0.0,
        task: Task | None = None,
        outdoors: bool = False,
    ) -> PowerLimit | None:
        """Return the limit that holds for a whole channel, None where none allows it.

        Of limits on the same terms the strictest holds. Where there are several terms to choose from, those without a
        licence go first unless a licence is held, then those that let the antenna radiate most.

        Parameters
        ----------
        freq_mhz, width_mhz : float
            The channel.
        gain_dbi : float
            Greatest gain of the antenna.
        task : Task, optional
            A link between towers may take what holds for fixed links from point to point, a sector what holds for
            access points.
        outdoors : bool
            Whether limits for indoors alone are left out.
        """
        fitting = [
            one
            for one in self.limits
            if one.holds(freq_mhz, width_mhz) and one.use.fits(task) and not (outdoors and one.indoor_only)
        ]
        strictest: dict[tuple[object, ...], PowerLimit] = {}
        for one in sorted(fitting, key=lambda limit: limit.eirp_dbm(gain_dbi, width_mhz)):
            strictest.setdefault(one.terms, one)
        return max(
            strictest.values(), key=lambda one: (self.open(one), one.eirp_dbm(gain_dbi, width_mhz)), default=None
        )

    def limit_of(self, kit: Kit, antenna: Antenna) -> PowerLimit | None:
        """Return the limit that holds outdoors for a kit with its antenna, None where none allows it."""
        return self.limit(kit.freq_mhz, kit.width_mhz, gain_dbi=antenna.gain_dbi, task=kit.task, outdoors=True)

    def open(self, limit: PowerLimit | None) -> bool:
        """Return whether one may send under a limit: it is one, and the licence that it asks for is held."""
        return limit is not None and (self.licence_held or not limit.licence)
