"""Who sends and who hears: stations, what they receive, who shares a channel, and the radios of the kits.

A *station* is an antenna with its radio: a sector, the antenna on a roof, one end of a link. A *user* is what shares a
channel: a sector with its homes, or both ends of a link.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.links.channels import Channel
from cn_planner.links.one_band import usual_client
from cn_planner.links.radio import RadioEnd, direction, radio_end
from cn_planner.links.settable import as_set
from cn_planner.model.equipment import AccessMethod

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.links.radio import Direction
    from cn_planner.model.equipment import Antenna, Catalogue, Kit
    from cn_planner.model.law import CountryRules
    from cn_planner.model.plan import Link, Plan, Sector


class Station(NamedTuple):
    """An antenna with its radio.

    Attributes
    ----------
    place : str
        Mast or home that it hangs at: those of one place are on one mast.
    user : int
    latitude, longitude, height_m, amsl_m, azimuth_deg, tilt_deg : float
    kit : str
    """

    place: str
    user: int
    latitude: float
    longitude: float
    height_m: float
    amsl_m: float
    azimuth_deg: float
    tilt_deg: float
    kit: str


class Receiver(NamedTuple):
    """Something wanted at a station: from which other one, for what weight, and for how many homes it stands.

    ``members`` are these homes, at both ends of their path; none of a link. ``load`` is what they take at the busy
    hour, in homes, where that is not as much as they count for.
    """

    station: int
    sender: int
    weight: float
    homes: int = 1
    members: tuple[str, ...] = ()
    load: float | None = None

    @property
    def taken(self) -> float:
        """What the homes of its path take at the busy hour, in homes; half their weight stands at either end."""
        return 2.0 * self.weight if self.load is None else self.load


@dataclass(frozen=True, slots=True)
class User:
    """Who shares a channel: a sector of a site with its homes, or a link.

    Attributes
    ----------
    site : str
        That of the sector, or the first of the link.
    sector : Sector, optional
    link : Link, optional
    kits : tuple of Kit
        Those whose radios must go to the channel: a sector's own, the usual one of its homes, then those that some of
        them have.
    homes : tuple of str
        That a sector serves.
    weight : float
        How many homes are behind it.
    channels : tuple of Channel
        On which all its paths hold what they hold on the kit's own; narrower ones too where they carry what they must.
    now : Channel
        That which the plan gives it, or the kit's own.
    given : bool
        Whether the plan gives it one.
    wide_mhz : float, optional
        The width that the plan gives it without a channel.
    apart_m : float, optional
        How far apart the ends of a link are, whose radios are set by that; None of a sector.
    """

    site: str
    sector: Sector | None
    link: Link | None
    kits: tuple[Kit, ...]
    homes: tuple[str, ...]
    weight: float
    channels: tuple[Channel, ...]
    now: Channel
    given: bool
    wide_mhz: float | None = None
    apart_m: float | None = None

    @property
    def full_mhz(self) -> float:
        """The channel width of its kit."""
        return self.kits[0].width_mhz

    @property
    def far_kit(self) -> Kit:
        """The usual kit of a sector's homes; that of a link at both ends."""
        return self.kits[min(1, len(self.kits) - 1)]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is in the plan: kind, site and id. A sector's id is its site's own."""
        if self.link is not None:
            return "link", self.site, self.link.id
        return "sector", self.site, self.sector.id if self.sector is not None else ""


def set_to(kit: Kit, of: Sector | Link) -> Channel:
    """Return the channel that a sector or link of a kit has, its own or the kit's."""
    tuned = kit.on(of.freq_mhz, of.width_mhz)
    return Channel(tuned.freq_mhz, tuned.width_mhz)


class PathRow(NamedTuple):
    """A path of a user: its two stations, and what antennas that look aside take of it, dB.

    ``load`` is what its homes take at the busy hour, in homes, ``wanted_mbps`` the rate that they should reach;
    ``kit`` hangs at its far end.
    """

    sender: int
    station: int
    load: float
    wanted_mbps: float
    aside_db: float
    kit: str


class Radios:
    """Radios and antennas of kits by width, each looked up once."""

    def __init__(self, catalogue: Catalogue, regulations: CountryRules | None) -> None:
        self.catalogue, self.regulations = catalogue, regulations
        self._ends: dict[tuple[str, float | None, float | None], RadioEnd] = {}
        self._directions: dict[tuple[str, str, float | None, float | None, float | None], Direction] = {}

    def end(self, kit: str, width_mhz: float | None = None, freq_mhz: float | None = None) -> RadioEnd:
        """Return the radio of a kit, on its own channel where none is given."""
        key = kit, width_mhz, freq_mhz
        if key not in self._ends:
            self._ends[key] = radio_end(self.catalogue, kit, self.regulations, freq_mhz=freq_mhz, width_mhz=width_mhz)
        return self._ends[key]

    def direction_of(
        self, sender: str, receiver: str, width_mhz: float | None = None, freq_mhz: float | None = None,
        apart_m: float | None = None,
    ) -> Direction:  # fmt: skip
        """Return what one kit hears of another; over a link of such a length as its radios are set."""
        key = sender, receiver, width_mhz, freq_mhz, apart_m
        if key not in self._directions:
            ends = self.end(sender, width_mhz, freq_mhz), self.end(receiver, width_mhz, freq_mhz)
            if apart_m is not None:
                ends = as_set(*ends, apart_m, self.freq_mhz(sender) if freq_mhz is None else freq_mhz)
            self._directions[key] = direction(*ends)
        return self._directions[key]

    def antenna(self, kit: str) -> Antenna:
        """Return the antenna of a kit."""
        return self.catalogue.antennas[self.catalogue.kit(kit).antenna]

    def usual_client(self, plan: Plan, access: str) -> str:
        """Return the kit that homes on a sector of a kit have unless they have another."""
        return usual_client(plan, self.catalogue, access)

    def freq_mhz(self, kit: str) -> float:
        """Return the frequency of a kit."""
        return self.catalogue.kit(kit).freq_mhz

    def eirp_dbm(
        self, kit: str, width_mhz: float | None = None, freq_mhz: float | None = None, apart_m: float | None = None
    ) -> float:
        """Return what is radiated at most; by a link of such a length as its radios are set."""
        end = self.end(kit, width_mhz, freq_mhz)
        if apart_m is not None:
            end = as_set(end, end, apart_m, self.freq_mhz(kit) if freq_mhz is None else freq_mhz)[0]
        return max(end.eirp_dbm(mode) for mode in end.modes)

    def more_db(self, user: User, width_mhz: float) -> float:
        """Return by how much a user sends more on a channel of another width than on its kit's own."""
        if width_mhz == user.full_mhz:
            return 0.0
        return max(
            self.eirp_dbm(kit.id, width_mhz, None, user.apart_m) - self.eirp_dbm(kit.id, None, None, user.apart_m)
            for kit in user.kits
        )

    def gain_dbi(self, kit: str) -> float:
        """Return what a receiver gains at most, cable and all."""
        end = self.end(kit)
        return end.antenna_gain_dbi - end.cable_loss_db

    def takes_turns(self, kit: str) -> bool:
        """Return whether the radios of a kit have a channel to themselves: those of ALOHA have none."""
        technology = self.catalogue.radios[self.catalogue.kit(kit).radio].technology
        known = self.catalogue.technologies.get(technology)
        return known is None or known.access is not AccessMethod.ALOHA


class Ear(NamedTuple):
    """Where and with what somebody listens to a band.

    Attributes
    ----------
    latitude, longitude, height_m : float
        Above the ground. Those of the antenna where there is one of the plan.
    kit : str
        Whose radio it is; its antenna is one of 0 dBi that hears all round, where it is none of the plan.
    user : (str, str, str), optional
        The sector or link whose own antenna listens: `User.key`.
    site : str
        Where that hangs; else the mast on which the bare antenna does, if any.
    """

    latitude: float
    longitude: float
    height_m: float
    kit: str
    user: tuple[str, str, str] | None = None
    site: str = ""


class HeardThere(NamedTuple):
    """What an ear hears.

    Attributes
    ----------
    users : tuple of User
    heard_dbm : float64 array of users
        The loudest station of each on its own channel, if the ear were on it; -inf where it is nothing to mind. Trees
        are not counted, as nowhere where radios disturb each other.
    own : int or None
        The number of the user whose antenna it is.
    wanted_dbm : float or None
        The weakest signal that this antenna wants, on the channel that it has; None where none is known.
    width_mhz, noise_dbm : float
        Of a channel as wide as the ear's radio is set to: its noise in the most robust mode.
    far : (str, str) or None
        Who sends that weakest signal: ``site`` or ``household``, and the id.
    """

    users: tuple[User, ...]
    heard_dbm: NDArray[np.float64]
    own: int | None
    wanted_dbm: float | None
    width_mhz: float
    noise_dbm: float
    far: tuple[str, str] | None = None
