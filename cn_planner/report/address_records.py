"""Rows of the address plan, of the security page, and what each device is set to. Nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.report import words
from cn_planner.report.columns import BOX, NUMBER, WEIGHT, WORD, heading, record

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.radio_figures import ChainDbm, TotalDbm


@record
class AddressRecord:
    """One range or address of a tower; texts as they are typed into a device."""

    kind: str = heading(msg("What it is"), WORD, cell=words.ADDRESS_KINDS.__getitem__)
    """``network``, ``site``, ``loopback``, ``management``, ``sector``, ``homes`` or ``link``."""
    name: str = heading(msg("Host name"))
    """Host name of the device that has it; empty for a range."""
    site: str = heading(msg("Site"))
    part: str = heading(msg("Id"))
    """Id of the sector or link."""
    ipv4: str = heading(msg("IPv4"))
    ipv6: str = heading(msg("IPv6"))
    homes: float | None = heading(msg("Homes"), NUMBER, "", WEIGHT)
    """Homes that live in it now."""
    room: int | None = heading(msg("Room for"), NUMBER)
    """How many it holds."""
    note: Message | None = heading(msg("Note"), WORD, wide=True)


@record
class HomeAddressRecord:
    """The address of a home's router, and the prefix that it hands out inside. Left out where homes are blurred."""

    home: str = heading(msg("Home"))
    name: str = heading(msg("Host name"))
    site: str = heading(msg("Site"))
    sector: str = heading(msg("Sector"))
    ipv4: str = heading(msg("IPv4"))
    ipv6: str = heading(msg("IPv6 prefix"))


@record
class NameRecord:
    """One device of a tower by its name, and where it is looked after."""

    name: str = heading(msg("Host name"))
    kind: str = heading(msg("What it is"), WORD, cell=words.DEVICE_KINDS.__getitem__)
    """``router``, ``sector`` or ``link``."""
    site: str = heading(msg("Site"))
    part: str = heading(msg("Id"))
    """Id of the sector or link."""
    radio: str = heading(msg("Radio"))
    management_ipv4: str = heading(msg("Management, IPv4"))
    management_ipv6: str = heading(msg("Management, IPv6"))
    vlan: int | None = heading(msg("VLAN of its data"))
    """VLAN of its data between radio and router."""


@record
class SecurityRecord:
    """One thing to do so that the network harms nobody and is not taken over; ``who`` does it, and ticks it."""

    topic: str = heading(msg("Topic"), WORD, cell=words.SECURITY_TOPICS.__getitem__)
    """One of ``words.SECURITY_TOPICS``."""
    what: Message = heading(msg("What to do"), WORD, wide=True)
    where: Message = heading(msg("Where"), WORD)
    who: Message = heading(msg("Who"), WORD)
    source: str = heading(msg("Source"))
    done: None = heading(msg("Done"), BOX, default=None)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The address that a home's router is always given, by what it calls itself.

    ``name`` is its host name, ``client_id`` the same as a DHCP client identifier of kind 0 (RFC 2132, 9.14), in hex.
    """

    name: str
    ipv4: str
    client_id: str


@dataclass(frozen=True, slots=True)
class FairQueue:
    """What a gateway lets through, so that the queue is its own and is shared fairly: kbit/s."""

    down_kbit: int
    up_kbit: int


@dataclass(frozen=True, slots=True)
class SwitchPort:
    """One port of a switch: ``untagged`` is the VLAN of what comes in bare, 0: nothing does."""

    port: int
    what: Message | str
    untagged: int
    tagged: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of a tower's router.

    ``sources``: what may be the source of a packet that comes in here; empty where the Internet comes from there.
    """

    name: str
    kind: str
    """``loopback``, ``management``, ``homes``, ``link`` or ``internet``."""
    vlan: int | None
    ipv4: str
    ipv6: str
    sources_ipv4: tuple[str, ...] = ()
    sources_ipv6: tuple[str, ...] = ()
    peer_ipv4: str = ""
    """The other end of a link."""
    pool_ipv4: tuple[str, str] = ("", "")
    """First and last address for homes."""
    pool_start: int = 0
    """Number of the first within its subnet."""
    pool_size: int = 0
    homes_ipv6: str = ""
    """Block of which each home gets a prefix."""
    router_ipv6: str = ""
    """The router's own address in that block."""
    home_prefix: int = 56
    reservations: tuple[Reservation, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A way to a range, by the address of the next router."""

    target_ipv4: str
    via_ipv4: str
    target_ipv6: str
    via_ipv6: str
    interface: str


@dataclass(frozen=True, slots=True)
class RadioSettings:
    """How a radio is set. Powers are what goes into the antenna's cable: whole dB, never over the limit."""

    mode: str
    """``ap`` or ``sta``."""
    band: str
    """``2g`` or ``5g``."""
    channel: int
    """Of the first 20 MHz."""
    primary_mhz: int
    extension: str
    """How a wider channel goes on above it, as RouterOS says it: ``Ce``, ``Ceee``; empty where it does not."""
    width_mhz: int
    htmode: str
    ac: bool
    """802.11ac; else 802.11n."""
    total_dbm: TotalDbm | None
    """Of all its chains together."""
    chain_dbm: ChainDbm | None
    """Of each of its chains alone."""
    distance_m: int
    distance_km: int
    ssid: str
    wpa3: bool
    """SAE alone; else WPA2 with AES."""
    bridged: bool
    """The other end is bridged too: four addresses in a frame."""
    limit: Message
    """What the law says of it."""
    centre_mhz: float = 0.0
    """Middle of the channel."""
    least_dbm: TotalDbm | None = None
    """What the radio sends at least, where that is more than it may: it must not go on the air."""
    closed: bool = False
    """The rules do not open its channel outdoors, or by a licence alone: it must stay off, and has no power."""
    caution: Message | None = None
    """Of a link: why the power is not to be raised."""


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """All that the draft of one device needs. Nothing of it is secret."""

    name: str
    kind: str
    """``router``, ``sector``, ``link``, ``switch``, ``home-radio`` or ``home-router``."""
    site: str
    site_name: str
    model: str
    """Maker and name; empty for the router, which may be any."""
    image: str
    """Image of a system built on OpenWrt; empty where none is known."""
    routeros: str
    """``wifi`` or ``wireless``: the menu of RouterOS; empty where the radio does not run it."""
    country: str
    management_ipv4: str
    management_ipv6: str
    gateway_ipv4: str
    gateway_ipv6: str
    names_from_ipv4: str
    """Who answers its questions for names: the next router towards the Internet; empty where that is the upstream."""
    management_vlan: int
    managed_from_ipv4: tuple[str, ...]
    managed_from_ipv6: tuple[str, ...]
    radio: RadioSettings | None = None
    interfaces: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] = ()
    networks_ipv4: tuple[str, ...] = ()
    networks_ipv6: tuple[str, ...] = ()
    strict: bool = True
    """Strict reverse path where there is one way only."""
    translates: bool = True
    """Whether IPv4 addresses are private, and translated where they leave."""
    mesh_cloud: str = ""
    """What the radios of one tower share in LibreMesh."""
    mesh_ipv4: str = ""
    mesh_ipv6: str = ""
    mesh_pool_start: int = 0
    mesh_pool_size: int = 0
    airos: bool = False
    """Whether it runs its maker's airOS: its capacity is counted with airMAX."""
    country_number: int = 0
    """ISO 3166-1 numeric code, as airOS names countries; 0 where the country is not known."""
    country_name: str = ""
    """In English, as RouterOS names countries."""
    ssh_key: str = ""
    log_to: str = ""
    queue: FairQueue | None = None
    """Of a router where the Internet comes in."""
    ports: tuple[SwitchPort, ...] = ()
    """Of a switch."""
    client_id: str = ""
    """Of a home's router: what it calls itself, as `Reservation`."""
    home_prefix: int = 56
