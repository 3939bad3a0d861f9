"""Draft settings of one device as UCI text for OpenWrt (``uci import``), and for LibreMesh. Nothing secret is in them.

Options are those of OpenWrt 21.02 and later (firewall4, ``config device``), and of lime-packages (lime-example.txt).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cn_planner.export.openwrt_care import care, fair_queue
from cn_planner.export.rescue_window import RESCUE, rescue_net
from cn_planner.export.uci_text import comment_of, section
from cn_planner.message import msg
from cn_planner.model.radio_figures import typed_total
from cn_planner.report.names import network_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cn_planner.message import Message
    from cn_planner.report.address_records import DeviceSettings, Interface, RadioSettings

    Say: TypeAlias = Callable[[Message], str]

_PORT, _WAN, _KEEPER = "eth0", "eth1", "eth4"
HOME_RADIO, HOME_RADIO_NET = "192.168.31.1", "192.168.31.0/24"
"""Where the radio of a home answers: nowhere a tower's radio answers as it comes, or in its window."""
_RADIO = "radio0"
PRIVATE_IPV6 = "fc00::/7"
"""RFC 4193, 4.1: it does not leave the network."""
LOAD = msg(
    "Load it with: uci import < FILE; uci commit. It takes the place of what these packages held. Ports and radios "
    "(eth0, eth1, eth4, radio0, phy0) are called as on the device."
)
KEY_FIRST = msg("The radio stays off until its key is set: option key, 16 letters or more.")
_INTERNET = msg("The side of the Internet: as the upstream says.")
NOT_KNOWN_WPA3 = msg("WPA2 with AES: not every radio of this channel is known to have WPA3.")
_LIME_KEYS = msg("Keys are set on the device: ap_key, apbb_key or client_key, 16 letters or more.")


def uci(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return the draft of a router or radio: comments, then one package after the other."""
    notes = [*head, say(LOAD)]
    if device.kind == "router":
        first, second = (f"net.ipv4.conf.{one}.rp_filter={1 if device.strict else 2}" for one in ("all", "default"))
        notes.append(
            say(msg("The kernel checks IPv4 sources too: put {first} and {second} into /etc/sysctl.conf.",
                    first=first, second=second))
        )  # fmt: skip
    lines = [*(comment_of(one) for one in notes), "", "package system", "", *system(device), "package network", ""]
    if device.kind == "router":
        lines += _router_network(device, say)
        lines += ["package dhcp", "", *_dhcp(device), "package firewall", "", *_firewall(device)]
        lines += fair_queue(device, _WAN, say)
    else:
        lines += _radio_network(device)
        if device.radio is not None:
            lines += ["package wireless", "", comment_of(say(KEY_FIRST)), *encryption_note(device, say)]
            lines += wireless(device, device.radio)
        lines += ["package firewall", "", *_radio_firewall(device)]
    lines += care(device, say)
    return "\n".join(lines).rstrip("\n") + "\n"


def encryption_note(device: DeviceSettings, say: Say) -> list[str]:
    """Return why a radio has no WPA3, and why it must not go on the air where that is so."""
    off = [comment_of(say(one)) for one in stays_off(device)]
    return off if device.radio is not None and device.radio.wpa3 else [*off, comment_of(say(NOT_KNOWN_WPA3))]


def stays_off(device: DeviceSettings) -> tuple[Message, ...]:
    """Return why a radio must not go on the air: its channel is closed, or it sends too much at its least."""
    radio = device.radio
    if radio is not None and radio.closed:
        return (msg("The rules do not open this channel outdoors, or with a licence alone, so no power is set: do not "
                    "switch it on; choose another channel in the plan."),)  # fmt: skip
    if radio is None or radio.least_dbm is None:
        return ()
    return (msg("{radio} sends {dbm:.0f} dBm at the least, more than the rules allow here: do not switch it on; take "
                "another radio or a smaller antenna.", radio=device.model or device.name, dbm=radio.least_dbm),
            )  # fmt: skip


def system(device: DeviceSettings) -> Iterator[str]:
    """Yield name, place, clock and where the log goes."""
    yield from section(
        "system", "", ("hostname", device.name), ("description", device.site_name or device.site), ("timezone", "UTC"),
        ("log_ip", device.log_to or None), ("log_port", 514 if device.log_to else None),
    )  # fmt: skip
    yield from section(
        "timeserver", "ntp", ("enabled", 1), ("server", ["0.openwrt.pool.ntp.org", "1.openwrt.pool.ntp.org"])
    )


def _management(device: DeviceSettings, gateway: bool) -> Iterator[str]:
    vlan = device.management_vlan
    bridge = f"{_PORT}.{vlan}"
    if device.kind == "router":  # the keeper's laptop is let in at a port of its own, bare
        bridge = "br-manage"
        yield from section("device", "manage_bridge", ("type", "bridge"), ("name", bridge),
                           ("ports", [f"{_PORT}.{vlan}", _KEEPER]))  # fmt: skip
    yield from section(
        "device", "manage_dev", ("type", "8021q"), ("ifname", _PORT), ("vid", vlan), ("name", f"{_PORT}.{vlan}")
    )
    yield from section(
        "interface",
        "manage",
        ("device", bridge),
        ("proto", "static"),
        ("ipaddr", [device.management_ipv4]),
        ("ip6addr", [device.management_ipv6]),
        ("gateway", device.gateway_ipv4 if gateway else None),
        ("ip6gw", device.gateway_ipv6 if gateway else None),
        ("dns", [device.names_from_ipv4] if gateway else None),
    )


def _radio_network(device: DeviceSettings) -> Iterator[str]:
    """The radio is a bridge between air and cable; it has an address in the management network alone."""
    yield from section("device", "data_dev", ("type", "bridge"), ("name", "br-data"), ("ports", [_PORT]))
    yield from section("interface", "data", ("device", "br-data"), ("proto", "none"))
    yield from _management(device, gateway=True)


def wireless(device: DeviceSettings, radio: RadioSettings) -> Iterator[str]:
    """Yield how the radio is set; it stays off."""
    yield from section(
        "wifi-device",
        _RADIO,
        ("type", "mac80211"),
        ("phy", "phy0"),  # an import drops the path by which the system found the radio
        ("band", radio.band),
        ("channel", radio.channel),
        ("htmode", radio.htmode),
        ("country", device.country or None),
        ("txpower", typed_total(radio.total_dbm)),
        ("distance", radio.distance_m),
        ("disabled", 1),
    )
    yield from section(
        "wifi-iface",
        "air",
        ("device", _RADIO),
        ("mode", radio.mode),
        ("network", "data"),
        ("ssid", radio.ssid),
        ("encryption", "sae" if radio.wpa3 else "psk2+ccmp"),
        ("ieee80211w", 2 if radio.wpa3 else 1),
        # Homes' radios hand on what their routers say: an access point takes four addresses from those that send them.
        ("wds", 1 if radio.bridged or radio.mode == "ap" else None),
        ("isolate", None if radio.bridged else 1),
    )


def _router_network(device: DeviceSettings, say: Say) -> Iterator[str]:
    yield from section(
        "interface",
        "loopback",
        ("device", "lo"),
        ("proto", "static"),
        ("ipaddr", ["127.0.0.1/8"]),
        ("ip6addr", ["::1/128"]),
    )
    for one in device.interfaces:
        if one.kind == "loopback":
            yield from section(
                "interface",
                "self",
                ("device", "lo"),
                ("proto", "static"),
                ("ipaddr", [one.ipv4]),
                ("ip6addr", [one.ipv6]),
            )
        elif one.kind == "management":
            yield from _management(device, gateway=False)
        elif one.kind == "internet":
            yield comment_of(say(_INTERNET))
            yield from section("interface", "internet", ("device", _WAN), ("proto", "dhcp"))
            yield from section("interface", "internet6", ("device", _WAN), ("proto", "dhcpv6"), ("reqprefix", "auto"))
        else:
            yield from _vlan_interface(one)
    for number, route in enumerate(device.routes, 1):
        yield from section(
            "route",
            f"way{number}",
            ("interface", route.interface),
            ("target", route.target_ipv4),
            ("gateway", route.via_ipv4),
        )
        yield from section(
            "route6",
            f"way6_{number}",
            ("interface", route.interface),
            ("target", route.target_ipv6),
            ("gateway", route.via_ipv6),
        )
    if _to_internet(device):
        for number, target in enumerate(device.networks_ipv4, 1):
            yield from section(
                "route",
                f"void{number}",
                ("interface", "loopback"),
                ("target", target),
                ("type", "unreachable"),
                ("metric", 9999),
            )
        for number, target in enumerate(device.networks_ipv6, 1):
            yield from section(
                "route6",
                f"void6_{number}",
                ("interface", "loopback"),
                ("target", target),
                ("type", "unreachable"),
                ("metric", 9999),
            )


def _vlan_interface(one: Interface) -> Iterator[str]:
    yield from section(
        "device",
        f"{one.name}_dev",
        ("type", "8021q"),
        ("ifname", _PORT),
        ("vid", one.vlan),
        ("name", f"{_PORT}.{one.vlan}"),
    )
    yield from section(
        "interface",
        one.name,
        ("device", f"{_PORT}.{one.vlan}"),
        ("proto", "static"),
        ("ipaddr", [one.ipv4]),
        ("ip6addr", [one.ipv6, *([one.router_ipv6] if one.router_ipv6 else [])]),
    )


def _of(device: DeviceSettings, kind: str) -> list[Interface]:
    return [one for one in device.interfaces if one.kind == kind]


def _to_internet(device: DeviceSettings) -> bool:
    return bool(_of(device, "internet"))


def _dhcp(device: DeviceSettings) -> Iterator[str]:
    # Without this section nobody answers: it is what the system itself has (dhcp.conf), as far as it matters here.
    yield from section(
        "dnsmasq",
        "",
        ("domainneeded", 1),
        ("localise_queries", 1),
        ("rebind_protection", 1),
        ("authoritative", 1),
        ("localservice", 1),
        ("resolvfile", "/tmp/resolv.conf.d/resolv.conf.auto"),  # noqa: S108 - a path of the router, as its system has it
        ("server", [device.names_from_ipv4] if device.names_from_ipv4 else None),
    )
    for one in _of(device, "homes"):
        yield from section(
            "dhcp",
            one.name,
            ("interface", one.name),
            ("start", one.pool_start),
            ("limit", one.pool_size),
            ("leasetime", "12h"),
            ("dhcpv4", "server"),
            ("dhcpv6", "server"),
            ("ra", "server"),
            ("dhcpv6_pd_min_len", one.home_prefix),
        )
        for home in one.reservations:  # by the name that it gives itself: its own draft has it
            yield from section("host", "", ("name", home.name), ("ip", home.ipv4))
    for name in ("manage", *(one.name for one in _of(device, "link"))):
        yield from section("dhcp", name, ("interface", name), ("ignore", 1))


def rule(name: str, *options: tuple[str, str | int | Iterable[str] | None]) -> Iterator[str]:
    """Yield a rule of the firewall."""
    yield from section("rule", "", ("name", name), *options)


def zone(name: str, networks: Iterable[str], *options: tuple[str, str | int]) -> Iterator[str]:
    """Yield a side that says no to what is not named."""
    yield from section(
        "zone",
        "",
        ("name", name),
        ("network", networks),
        ("input", "DROP"),
        ("output", "ACCEPT"),
        ("forward", "DROP"),
        *options,
    )


def _firewall(device: DeviceSettings) -> Iterator[str]:
    """What is not let in by name is dropped: each side sends from its own ranges alone (BCP 38)."""
    yield from section(
        "defaults",
        "",
        ("input", "DROP"),
        ("output", "ACCEPT"),
        ("forward", "DROP"),
        ("drop_invalid", 1),
        ("synflood_protect", 1),
    )
    yield from zone("manage", ["manage"])
    for one in (*_of(device, "homes"), *_of(device, "link")):
        yield from zone(one.name, [one.name])
    if _to_internet(device):
        masq = 1 if device.translates else 0
        yield from zone("internet", ["internet", "internet6"], ("masq", masq), ("mtu_fix", 1))
        yield from rule("Private IPv6 stays in", ("src", "*"), ("dest", "internet"), ("proto", "all"),
                         ("family", "ipv6"), ("src_ip", [PRIVATE_IPV6]), ("target", "DROP"))  # fmt: skip
        yield from rule("Own sources from outside", ("src", "internet"), ("dest", "*"), ("proto", "all"),
                         ("family", "ipv4"), ("src_ip", device.networks_ipv4), ("target", "DROP"))  # fmt: skip
        yield from rule("Own sources from outside, IPv6", ("src", "internet"), ("dest", "*"), ("proto", "all"),
                         ("family", "ipv6"), ("src_ip", device.networks_ipv6), ("target", "DROP"))  # fmt: skip
        yield from rule("Addresses by DHCP", ("src", "internet"), ("proto", "udp"), ("dest_port", 68),
                         ("family", "ipv4"), ("target", "ACCEPT"))  # fmt: skip
        yield from rule("Addresses by DHCPv6", ("src", "internet"), ("proto", "udp"), ("dest_port", 546),
                         ("family", "ipv6"), ("target", "ACCEPT"))  # fmt: skip
    yield from _looked_after(device, ["manage", *(one.name for one in _of(device, "link"))])
    for one in _of(device, "homes"):
        yield from rule(f"{one.name}: addresses", ("src", one.name), ("proto", "udp"), ("dest_port", ["67", "547"]),
                         ("target", "ACCEPT"))  # fmt: skip
        yield from rule(f"{one.name}: names", ("src", one.name), ("proto", ["tcp", "udp"]), ("dest_port", 53),
                         ("src_ip", [*one.sources_ipv4, *one.sources_ipv6]), ("target", "ACCEPT"))  # fmt: skip
    for side, sources in _asking(device):
        yield from rule(f"{side}: names", ("src", side), ("proto", ["tcp", "udp"]), ("dest_port", 53),
                         ("family", "ipv4"), ("src_ip", sources), ("target", "ACCEPT"))  # fmt: skip
    yield from rule("Errors and neighbours, IPv6", ("src", "*"), ("proto", "icmp"), ("family", "ipv6"),
                     ("limit", "1000/sec"), ("target", "ACCEPT"))  # fmt: skip
    yield from rule("Ping", ("src", "*"), ("proto", "icmp"), ("family", "ipv4"), ("icmp_type", ["echo-request"]),
                     ("limit", "100/sec"), ("target", "ACCEPT"))  # fmt: skip
    for family, sources in (("ipv4", device.managed_from_ipv4), ("ipv6", device.managed_from_ipv6)):
        for one in _of(device, "link"):
            yield from rule(f"{one.name}: management, {family}", ("src", one.name), ("dest", "manage"),
                             ("proto", "all"), ("family", family), ("src_ip", sources),
                             ("target", "ACCEPT"))  # fmt: skip
    yield from rule("Management stays apart", ("src", "*"), ("dest", "manage"), ("proto", "all"), ("target", "DROP"))
    for one in (*_of(device, "management"), *_of(device, "homes"), *_of(device, "link")):
        # From the side of the gateway comes the Internet: the gateway has looked at that.
        for family, sources in (("ipv4", one.sources_ipv4), ("ipv6", one.sources_ipv6)):
            yield from rule(f"{one.name}: {family}", ("src", one.name), ("dest", "*"), ("proto", "all"),
                             ("family", family), ("src_ip", sources), ("target", "ACCEPT"))  # fmt: skip


def _asking(device: DeviceSettings) -> list[tuple[str, tuple[str, ...]]]:
    """Return the sides from which radios, and routers further from the Internet, ask for names, and their ranges."""
    radios = [(one.name, one.sources_ipv4) for one in _of(device, "management")]
    return radios + [(one.name, device.networks_ipv4) for one in _of(device, "link") if one.sources_ipv4]


def _looked_after(device: DeviceSettings, sides: Iterable[str]) -> Iterator[str]:
    for side in sides:
        for family, sources in (("ipv4", device.managed_from_ipv4), ("ipv6", device.managed_from_ipv6)):
            yield from rule(f"{side}: looking after, {family}", ("src", side), ("proto", "tcp"),
                             ("dest_port", ["22", "443"]), ("family", family), ("src_ip", sources),
                             ("target", "ACCEPT"))  # fmt: skip
            yield from rule(f"{side}: watching, {family}", ("src", side), ("proto", "udp"), ("dest_port", 161),
                             ("family", family), ("src_ip", sources), ("target", "ACCEPT"))  # fmt: skip


def _radio_firewall(device: DeviceSettings) -> Iterator[str]:
    yield from section("defaults", "", ("input", "DROP"), ("output", "ACCEPT"), ("forward", "DROP"))
    yield from zone("manage", ["manage"])
    yield from zone("window", ["data"])
    yield from rule("Window of rescue", ("src", "window"), ("proto", "tcp"), ("dest_port", 22), ("family", "ipv4"),
                     ("src_ip", [rescue_net("openwrt")]), ("dest_ip", RESCUE["openwrt"]),
                     ("target", "ACCEPT"))  # fmt: skip
    yield from _looked_after(device, ["manage"])
    yield from rule("Errors and neighbours, IPv6", ("src", "manage"), ("proto", "icmp"), ("family", "ipv6"),
                     ("target", "ACCEPT"))  # fmt: skip
    yield from rule("Ping", ("src", "manage"), ("proto", "icmp"), ("family", "ipv4"), ("icmp_type", ["echo-request"]),
                     ("target", "ACCEPT"))  # fmt: skip


def lime_node(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return /etc/config/lime-node of a radio: LibreMesh routes by itself, each tower is a cloud of its own."""
    lines = [*(comment_of(one) for one in head), ""]
    lines += section("lime", "system", ("hostname", device.name), ("root_password_policy", "DO_NOTHING"))
    lines += section("lime", "wifi", ("ap_ssid", network_name(device.mesh_cloud)))
    lines += section(
        "lime",
        "network",
        ("main_ipv4_address", device.mesh_ipv4),
        ("main_ipv6_address", device.mesh_ipv6),
        ("anygw_dhcp_start", device.mesh_pool_start),
        ("anygw_dhcp_limit", device.mesh_pool_size),
    )
    if device.radio is not None:
        radio = _lime_off() if stays_off(device) else _lime_radio(device.radio)
        lines += [comment_of(say(_LIME_KEYS)), *encryption_note(device, say), *radio]
    return "\n".join(lines).rstrip("\n") + "\n"


def _lime_off() -> Iterator[str]:
    """Yield what keeps a radio off the air: lime-config switches each radio on that it is not told to leave alone."""
    yield from section("wifi", _RADIO, ("modes", ["manual"]))
    yield from section("generic_uci_config", f"{_RADIO}_off", ("uci_set", [f"wireless.{_RADIO}.disabled=1"]))


def _lime_radio(radio: RadioSettings) -> Iterator[str]:
    mode = "client" if radio.mode == "sta" else "apbb" if radio.bridged else "ap"
    yield from section(
        "wifi",
        _RADIO,
        ("modes", [mode]),
        ("channel", radio.channel),
        ("htmode", radio.htmode),
        ("txpower", typed_total(radio.total_dbm)),
        ("distance", radio.distance_m),
        (f"{mode}_ssid", None if mode == "ap" else radio.ssid),
        (f"{mode}_encryption", "sae" if radio.wpa3 else "psk2+ccmp"),
    )
    if radio.bridged:
        yield from section(
            "net",
            "backbone",
            ("linux_name", "wlan0-sta" if mode == "client" else "wlan0-apbb"),
            ("protocols", [mode, "babeld:17", "batadv:%N1"]),
        )


def lime_community(country: str, head: Iterable[str]) -> str:
    """Return /etc/config/lime-community: what all nodes share."""
    lines = [*(comment_of(one) for one in head), ""]
    lines += section("lime", "network", ("protocols", ["lan", "anygw", "batadv:%N1", "babeld:17"]))
    lines += section("lime", "wifi", ("country", country or None))
    return "\n".join(lines).rstrip("\n") + "\n"
