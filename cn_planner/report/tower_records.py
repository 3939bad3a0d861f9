"""What the pack of a tower says, for those who climb: mast, radios, ports, wires, wind, bill. Nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.report.power_records import PowerRecord


@dataclass(frozen=True, slots=True)
class Landmark:
    """Something with a name that one sees from an antenna near the direction it points in."""

    name: str
    """Empty for a hilltop without a name."""
    kind: Message
    azimuth_deg: float
    off_deg: float
    """From the antenna's direction, positive to the right."""
    distance_m: float
    ground_m_amsl: float | None = None
    private: bool = False
    """Whether its place follows from where homes are: not named in public."""


@dataclass(frozen=True, slots=True)
class AlignmentCard:
    """What one needs in hand at one antenna to point it, and what it must then hear or be heard with."""

    site: str
    site_name: str
    antenna: str
    """Id of the sector or link, as in `AntennaRecord`."""
    task: str
    towards: str
    """Id of the site at the other end; empty for a sector."""
    towards_name: str
    model: str
    """Radio and antenna."""
    height_m: float | None
    azimuth_deg: float | None
    """None of an antenna that is alike all round."""
    azimuth_magnetic_deg: float | None
    tilt_deg: float | None
    freq_mhz: float | None
    width_mhz: float | None
    tx_power_dbm: float | None
    landmark: Landmark | None
    tested_with: str
    """The home whose level is meant, for a sector; empty for a link and where no home is served."""
    tested_at_m: float | None
    expected_dbm: float | None
    accept_dbm: float | None
    """From this level on it is as planned: the main lobe."""
    reject_dbm: float | None
    """Down to this level a side lobe may have been found; below it something else is wrong."""
    bears_dbm: float | None = None
    """The strongest level that the radio of a link bears; None where nobody says."""
    caution: Message | None = None
    """Why the power is not to be raised; what else is to be done where it cannot be low enough."""


@dataclass(frozen=True, slots=True)
class HorizonPoint:
    """How high the ground stands where one looks: of all, and of what is near. ``off_deg``: from the antenna's aim."""

    off_deg: float
    far_deg: float
    near_deg: float


@dataclass(frozen=True, slots=True)
class SeenName:
    """A hill, village or public building that is seen from an antenna. ``name`` is empty for a hilltop without one."""

    name: str
    kind: Message
    off_deg: float
    up_deg: float
    distance_m: float
    ground_m_amsl: float | None
    private: bool = False
    """Whether its place follows from where homes are: not named in public."""


@dataclass(frozen=True, slots=True)
class TowerRadio:
    """One radio of a tower, by its letter, which is the same in drawing, table, ports, labels and card.

    Attributes
    ----------
    card : AlignmentCard
        Where it points, its channel and its levels.
    over_dbm : float, optional
        A level above it is stronger than the plan knows.
    device, managed_ipv4, vlan : str, str, int
        Its host name, where it is looked after, and the VLAN of its data; empty and 0 where there is no address plan.
    systems : tuple of str
        Which systems there are drafts for: ``openwrt``, ``routeros``, ``airos``.
    homes, distance_m : float
        Homes of a sector; length of a link.
    cable_m : float
        As it is bought: whole metres.
    label : str
        What is tied to each end of the cable.
    switch, port : int
        Where the cable ends; 0 where no switch is bought.
    fed : bool
        Whether that port feeds it; else ``injector`` does, by name.
    arresters : int
        How many surge arresters are bought for its cable.
    wind_area_m2, push_n : float, optional
        What it holds against the wind, and what that pushes with; None where no source gives it, or no wind is said.
    rate_mbps : float, optional
        Of a link, the lesser of both ways.
    beam_deg : float, optional
        Width of a sector.
    horizon, seen
        What one sees round its aim, of a link.
    """

    letter: str
    card: AlignmentCard
    over_dbm: float | None
    device: str
    homes: float
    distance_m: float | None
    cable_m: float
    label: str
    switch: int
    port: int
    fed: bool
    injector: str
    arresters: int
    wind_area_m2: float | None
    push_n: float | None
    rate_mbps: float | None
    beam_deg: float | None
    managed_ipv4: str = ""
    vlan: int = 0
    systems: tuple[str, ...] = ()
    horizon: tuple[HorizonPoint, ...] = ()
    seen: tuple[SeenName, ...] = ()


@dataclass(frozen=True, slots=True)
class GuyLevel:
    """Three guys at one height, to anchors so far from the foot.

    ``reach_m`` is the straight way from mast to anchor on level ground: what is cut is longer, by slope and ends.
    """

    height_m: float
    anchor_m: float
    reach_m: float


@dataclass(frozen=True, slots=True)
class PortUse:
    """What goes into one port: a radio by its letter, the router, another switch, or nothing yet.

    ``kind``: ``radio``, ``router``, ``switch`` or ``free``; ``radio``: the letter; ``other``: the number of the switch.
    """

    switch: int
    port: int
    kind: str
    radio: str = ""
    other: int = 0


@dataclass(frozen=True, slots=True)
class NamedPart:
    """So many of an item that drawings name, by what it is there: ``earth_rod``, ``panel``. 0 is not there."""

    what: str
    item: str
    name: str
    quantity: float


@dataclass(frozen=True, slots=True)
class CostPart:
    """One part of what a tower costs."""

    key: str
    title: Message
    amount: float


@dataclass(frozen=True, slots=True)
class WindLoad:
    """What the wind does to what hangs on a mast.

    Attributes
    ----------
    wind_ms : float, optional
        Strongest gust to build for; None where nobody said.
    area_m2 : float
        Of the radios of which it is known.
    unknown : tuple of str
        Models of which no source gives the area.
    push_n, carries_n, share_pct : float, optional
        Of all that hangs; what the mast carries by its maker; the one of the other. None where it cannot be said.
    """

    wind_ms: float | None
    area_m2: float
    unknown: tuple[str, ...]
    push_n: float | None
    carries_n: float | None
    share_pct: float | None


@dataclass(frozen=True, slots=True)
class TowerPack:
    """The four pages of one tower.

    Attributes
    ----------
    stands : bool
        Whether the mast, or what carries the radios, is there already: none is bought.
    mast : str
        Name of the mast that is bought; empty where none is.
    top_m, used_m : float
        Height of that mast, and how much of it the plan needs.
    anchors_deg : tuple of float
        Directions of the three anchors of a ring, true; chosen clear of what radios look at.
    switch, switch_ports, switches : str, int, int
        Name, sockets and number; empty and 0 where none is bought.
    solar : bool
        Whether it is fed by the sun; else by the mains.
    load_fuse_a, battery_fuse_a : float, optional
        The next size above 1.25 times the current.
    earth_ohm, plumb_mm : float
        The most that is measured before the mast is used.
    router_ipv4, laptop_ipv4, management_vlan : str, str, int
        Where the router is looked after, and an address there for the keeper's laptop, with its length; empty where
        there is no address plan.
    money : tuple of CostPart
        Goods and the rest; they add up to ``cost``.
    """

    site: str
    name: str
    latitude: float
    longitude: float
    ground_m_amsl: float | None
    phase: int | None
    homes: float
    hazard: str
    access: str
    stands: bool
    mast: str
    top_m: float
    used_m: float
    guys: tuple[GuyLevel, ...]
    anchors_m: tuple[float, ...]
    anchors_deg: tuple[float, ...]
    declination_deg: float | None
    date: str
    radios: tuple[TowerRadio, ...]
    router: str
    gateway: bool
    switch: str
    switch_ports: int
    switches: int
    ports: tuple[PortUse, ...]
    feed_v: float
    system_v: float
    solar: bool
    load_w: float
    wh_day: float
    power: PowerRecord | None
    parts: tuple[NamedPart, ...]
    load_fuse_a: float | None
    battery_fuse_a: float | None
    wind: WindLoad
    earth_ohm: float
    plumb_mm: float
    money: tuple[CostPart, ...]
    cost: float
    switch_ipv4: str = ""
    """Of the first switch; empty where none is bought or there is no address plan."""
    router_device: str = ""
    router_ipv4: str = ""
    laptop_ipv4: str = ""
    management_vlan: int = 0

    def part(self, what: str) -> NamedPart:
        """Return a named part; one of quantity 0 where the tower has none."""
        return next((one for one in self.parts if one.what == what), NamedPart(what, "", "", 0.0))
