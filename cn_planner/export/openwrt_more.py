"""Drafts for OpenWrt of what is no tower's router or radio: its switch, and the radio and router of a home."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cn_planner.export.openwrt_care import by_key, care
from cn_planner.export.openwrt_drafts import (
    HOME_RADIO,
    HOME_RADIO_NET,
    KEY_FIRST,
    LOAD,
    encryption_note,
    rule,
    system,
    wireless,
    zone,
)
from cn_planner.export.uci_text import comment_of, section
from cn_planner.message import msg
from cn_planner.report.names import network_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cn_planner.message import Message
    from cn_planner.report.address_records import DeviceSettings

    Say: TypeAlias = Callable[[Message], str]

_PORTS = msg("Ports are called lan1, lan2 ... as on the device: the number is that of the tower's pack.")
_FEEDS = msg("Which ports feed, and with how much, is set on the device: only those of radios, as the pack has them.")
_HOME_KEY = msg("The WiFi stays off until its key is set: option key, a different one in each home.")
_HOME_LAN = "192.168.10.1/24"


def switch_uci(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return the draft of a switch with DSA: each radio's data untagged in its own VLAN, all tagged to the router."""
    vlan = device.management_vlan
    notes = [*head, say(LOAD), say(_PORTS), say(_FEEDS)]
    lines = [*(comment_of(one) for one in notes), "", "package system", "", *system(device), "package network", ""]
    lines += section("interface", "loopback", ("device", "lo"), ("proto", "static"), ("ipaddr", ["127.0.0.1/8"]))
    lines += section(
        "device", "switch_dev", ("type", "bridge"), ("name", "switch"), ("vlan_filtering", 1),
        ("ports", [f"lan{one.port}" for one in device.ports]),
    )  # fmt: skip
    for number in sorted({one for port in device.ports for one in (port.untagged, *port.tagged) if one}):
        members = [f"lan{port.port}:u*" for port in device.ports if port.untagged == number]
        members += [f"lan{port.port}:t" for port in device.ports if number in port.tagged]
        lines += section("bridge-vlan", f"vlan{number}", ("device", "switch"), ("vlan", number), ("ports", members))
    lines += section(
        "interface", "manage", ("device", f"switch.{vlan}"), ("proto", "static"), ("ipaddr", [device.management_ipv4]),
        ("ip6addr", [device.management_ipv6]), ("gateway", device.gateway_ipv4), ("ip6gw", device.gateway_ipv6),
        ("dns", [device.names_from_ipv4]),
    )  # fmt: skip
    lines += ["package firewall", ""]
    lines += section("defaults", "", ("input", "DROP"), ("output", "ACCEPT"), ("forward", "DROP"))
    lines += zone("manage", ["manage"])
    for family, sources in (("ipv4", device.managed_from_ipv4), ("ipv6", device.managed_from_ipv6)):
        lines += rule(f"looking after, {family}", ("src", "manage"), ("proto", "tcp"), ("dest_port", ["22", "443"]),
                      ("family", family), ("src_ip", sources), ("target", "ACCEPT"))  # fmt: skip
        lines += rule(f"watching, {family}", ("src", "manage"), ("proto", "udp"), ("dest_port", 161),
                      ("family", family), ("src_ip", sources), ("target", "ACCEPT"))  # fmt: skip
    lines += rule("Ping", ("src", "manage"), ("proto", "icmp"), ("family", "ipv4"), ("icmp_type", ["echo-request"]),
                  ("target", "ACCEPT"))  # fmt: skip
    lines += care(device, say)
    return "\n".join(lines).rstrip("\n") + "\n"


def home_radio_uci(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return the draft of the radios of the homes of one sector: a bridge, looked after from the home's cable."""
    lines = [*(comment_of(one) for one in (*head, say(LOAD))), "", "package system", "", *system(device)]
    lines += ["package network", ""]
    lines += section("interface", "loopback", ("device", "lo"), ("proto", "static"), ("ipaddr", ["127.0.0.1/8"]))
    lines += section("device", "data_dev", ("type", "bridge"), ("name", "br-data"), ("ports", ["eth0"]))
    lines += section("interface", "data", ("device", "br-data"), ("proto", "static"), ("ipaddr", [f"{HOME_RADIO}/24"]))
    if device.radio is not None:
        lines += ["package wireless", "", comment_of(say(KEY_FIRST)), *encryption_note(device, say)]
        lines += wireless(device, device.radio)
    lines += ["package firewall", ""]
    lines += section("defaults", "", ("input", "DROP"), ("output", "ACCEPT"), ("forward", "DROP"))
    lines += zone("data", ["data"])
    lines += rule("looking after, from the cable", ("src", "data"), ("proto", "tcp"), ("dest_port", 22),
                  ("family", "ipv4"), ("src_ip", [HOME_RADIO_NET]), ("dest_ip", HOME_RADIO),
                  ("target", "ACCEPT"))  # fmt: skip
    lines += by_key(device, say)
    return "\n".join(lines).rstrip("\n") + "\n"


def home_router_uci(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return the draft of a home's router: it says who it is, and is given its printed address."""
    lines = [*(comment_of(one) for one in (*head, say(LOAD))), "", "package system", "", *system(device)]
    lines += ["package network", "", *_home_network(device), "package dhcp", "", *_home_dhcp()]
    lines += ["package wireless", "", comment_of(say(_HOME_KEY)), *_home_wifi(device)]
    lines += ["package firewall", "", *_home_firewall(), *by_key(device, say)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _home_network(device: DeviceSettings) -> Iterator[str]:
    yield from section("interface", "loopback", ("device", "lo"), ("proto", "static"), ("ipaddr", ["127.0.0.1/8"]))
    yield from section("device", "lan_dev", ("type", "bridge"), ("name", "br-lan"),
                       ("ports", ["lan1", "lan2", "lan3", "lan4"]))  # fmt: skip
    yield from section("interface", "lan", ("device", "br-lan"), ("proto", "static"), ("ipaddr", [_HOME_LAN]),
                       ("ip6assign", 64))  # fmt: skip
    yield from section("interface", "wan", ("device", "wan"), ("proto", "dhcp"), ("hostname", device.name),
                       ("clientid", device.client_id))  # fmt: skip
    yield from section("interface", "wan6", ("device", "wan"), ("proto", "dhcpv6"), ("reqprefix", device.home_prefix))


def _home_dhcp() -> Iterator[str]:
    yield from section("dnsmasq", "", ("domainneeded", 1), ("localise_queries", 1), ("rebind_protection", 1),
                       ("rebind_localhost", 1), ("authoritative", 1), ("localservice", 1),
                       ("resolvfile", "/tmp/resolv.conf.d/resolv.conf.auto"))  # fmt: skip # noqa: S108
    yield from section("dhcp", "lan", ("interface", "lan"), ("start", 100), ("limit", 150), ("leasetime", "12h"),
                       ("dhcpv4", "server"), ("dhcpv6", "server"), ("ra", "server"))  # fmt: skip
    yield from section("dhcp", "wan", ("interface", "wan"), ("ignore", 1))


def _home_wifi(device: DeviceSettings) -> Iterator[str]:
    for radio, band, channel, width in (("radio0", "2g", "auto", "HT20"), ("radio1", "5g", "36", "VHT20")):
        yield from section(
            "wifi-device", radio, ("type", "mac80211"), ("phy", f"phy{radio[-1]}"), ("band", band),
            ("channel", channel), ("htmode", width), ("country", device.country or None), ("disabled", 1),
        )  # fmt: skip
        # Old phones beside new ones (WPA3 Specification, transition mode).
        called = network_name(device.name)
        yield from section("wifi-iface", f"{radio}_home", ("device", radio), ("mode", "ap"), ("network", "lan"),
                           ("ssid", called), ("encryption", "sae-mixed"), ("ieee80211w", 1))  # fmt: skip


def _home_firewall() -> Iterator[str]:
    yield from section("defaults", "", ("input", "DROP"), ("output", "ACCEPT"), ("forward", "DROP"),
                       ("drop_invalid", 1), ("synflood_protect", 1))  # fmt: skip
    yield from section("zone", "", ("name", "lan"), ("network", ["lan"]), ("input", "ACCEPT"), ("output", "ACCEPT"),
                       ("forward", "ACCEPT"))  # fmt: skip
    yield from zone("wan", ["wan", "wan6"], ("masq", 1), ("mtu_fix", 1))
    yield from section("forwarding", "", ("src", "lan"), ("dest", "wan"))
    yield from rule("Addresses by DHCP", ("src", "wan"), ("proto", "udp"), ("dest_port", 68), ("family", "ipv4"),
                    ("target", "ACCEPT"))  # fmt: skip
    yield from rule("Addresses by DHCPv6", ("src", "wan"), ("proto", "udp"), ("dest_port", 546), ("family", "ipv6"),
                    ("target", "ACCEPT"))  # fmt: skip
    yield from rule("Errors and neighbours, IPv6", ("src", "wan"), ("proto", "icmp"), ("family", "ipv6"),
                    ("limit", "1000/sec"), ("target", "ACCEPT"))  # fmt: skip
    yield from rule("Ping", ("src", "wan"), ("proto", "icmp"), ("family", "ipv4"), ("icmp_type", ["echo-request"]),
                    ("target", "ACCEPT"))  # fmt: skip
