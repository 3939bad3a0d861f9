"""Drafts for RouterOS 7 of what is no tower's router or radio: its switch, and the radio and router of a home."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cn_planner.export.openwrt_drafts import HOME_RADIO, HOME_RADIO_NET, NOT_KNOWN_WPA3, stays_off
from cn_planner.export.routeros_drafts import (
    KEY_FIRST,
    LOAD,
    NO_WPA3,
    add,
    comment,
    last,
    services,
    set_,
    wifi,
    wireless_lines,
)
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cn_planner.message import Message
    from cn_planner.report.address_records import DeviceSettings

    Say: TypeAlias = Callable[[Message], str]

_FEEDS = msg("Which ports feed, and with how much, is set on the device: only those of radios, as the pack has them.")
_HOME_KEY = msg("The WiFi is set on the device: another key in each home, and the country.")


def switch_script(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return the draft of a switch: each radio's data untagged in its own VLAN, all tagged to the router."""
    lines = [
        *(comment(one) for one in (*head, say(LOAD), say(_FEEDS))),
        "",
        set_("/system/identity", ("name", device.name)),
    ]
    lines += services(device)
    lines.append("/interface/bridge add name=switch")
    vlan = device.management_vlan
    for port in device.ports:
        # A radio's port takes bare frames into its VLAN, one to the router takes tagged ones alone, a free one none.
        lines.append(
            add(
                "/interface/bridge/port", ("bridge", "switch"), ("interface", f"ether{port.port}"),
                ("pvid", port.untagged or None),
                ("frame-types", None if port.untagged else "admit-only-vlan-tagged"),
                ("ingress-filtering", "yes"),
            )
        )  # fmt: skip
    for number in sorted({one for port in device.ports for one in (port.untagged, *port.tagged) if one}):
        tagged = [f"ether{port.port}" for port in device.ports if number in port.tagged]
        bare = [f"ether{port.port}" for port in device.ports if port.untagged == number]
        own = ["switch"] if number == vlan else []
        lines.append(
            add("/interface/bridge/vlan", ("bridge", "switch"), ("vlan-ids", number),
                ("tagged", ",".join([*own, *tagged])), ("untagged", ",".join(bare) or None))
        )  # fmt: skip
    lines.append(add("/interface/vlan", ("name", "manage"), ("interface", "switch"), ("vlan-id", vlan)))
    lines.append(add("/ip/address", ("address", device.management_ipv4), ("interface", "manage")))
    lines.append(
        add("/ipv6/address", ("address", device.management_ipv6), ("interface", "manage"), ("advertise", "no"))
    )  # fmt: skip
    lines.append(add("/ip/route", ("dst-address", "0.0.0.0/0"), ("gateway", device.gateway_ipv4)))
    lines.append(set_("/ip/dns", ("servers", device.names_from_ipv4)))
    lines.append("/interface/bridge set switch vlan-filtering=yes")
    lines += last(device, say)
    return "\n".join(lines) + "\n"


def home_radio_script(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return the draft of the radios of the homes of one sector: a bridge, looked after from the home's cable."""
    air = "wifi1" if device.routeros == "wifi" else "wlan1"
    lines = [*(comment(one) for one in (*head, say(LOAD))), "", set_("/system/identity", ("name", device.name))]
    lines += ["/interface/bridge add name=data", *_quiet()]
    lines += [add("/interface/bridge/port", ("bridge", "data"), ("interface", port)) for port in ("ether1", air)]
    lines.append(add("/ip/address", ("address", f"{HOME_RADIO}/24"), ("interface", "data")))
    # What comes off the air goes on to the cable, never to the radio itself.
    lines.append(f"/interface/bridge/filter add chain=input in-interface={air} mac-protocol=ip action=drop")
    for menu in ("/ip/firewall/filter", "/ipv6/firewall/filter"):
        lines.append(f"{menu} add chain=input connection-state=established,related,untracked action=accept")
        if menu.startswith("/ip/"):
            lines.append(
                f"{menu} add chain=input src-address={HOME_RADIO_NET} protocol=tcp dst-port=22,8291 action=accept"
            )
        lines.append(f"{menu} add chain=input action=drop")
    if device.radio is not None:
        lines.append(comment(say(KEY_FIRST)))
        if device.routeros == "wireless":
            lines.append(comment(say(NO_WPA3)))
        elif not device.radio.wpa3:
            lines.append(comment(say(NOT_KNOWN_WPA3)))
        lines += [comment(say(one)) for one in stays_off(device)]
        lines += wifi(device.radio) if device.routeros == "wifi" else wireless_lines(device.radio)
    lines += last(device, say)
    return "\n".join(lines) + "\n"


def _quiet() -> Iterator[str]:
    for name in ("telnet", "ftp", "www", "api", "api-ssl"):
        yield set_("/ip/service", ("disabled", "yes"), which=name)
    yield "/ip/ssh set strong-crypto=yes"
    yield "/ip/neighbor/discovery-settings set discover-interface-list=none"
    yield "/tool/bandwidth-server set enabled=no"


def home_router_script(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return the draft of a home's router: it says who it is, and is given its printed address."""
    lines = [*(comment(one) for one in (*head, say(LOAD), say(_HOME_KEY))), ""]
    lines += [set_("/system/identity", ("name", device.name)), "/interface/bridge add name=lan", *_quiet()]
    lines += [add("/interface/bridge/port", ("bridge", "lan"), ("interface", f"ether{n}")) for n in range(2, 6)]
    lines.append(add("/ip/address", ("address", "192.168.10.1/24"), ("interface", "lan")))
    lines.append(add("/ip/dhcp-client/option", ("name", "home"), ("code", 61), ("value", f"0x{device.client_id}")))
    lines.append(add("/ip/dhcp-client", ("interface", "ether1"), ("dhcp-options", "hostname,home")))
    lines.append(
        add("/ipv6/dhcp-client", ("interface", "ether1"), ("request", "address,prefix"), ("pool-name", "home"),
            ("prefix-hint", f"::/{device.home_prefix}"), ("add-default-route", "yes"))
    )  # fmt: skip
    lines.append(add("/ipv6/address", ("address", "::1/64"), ("from-pool", "home"), ("interface", "lan")))
    lines.append(add("/ip/pool", ("name", "lan"), ("ranges", "192.168.10.100-192.168.10.249")))
    lines.append(add("/ip/dhcp-server", ("name", "lan"), ("interface", "lan"), ("address-pool", "lan")))
    lines.append(
        add("/ip/dhcp-server/network", ("address", "192.168.10.0/24"), ("gateway", "192.168.10.1"),
            ("dns-server", "192.168.10.1"))
    )  # fmt: skip
    lines.append("/ip/dns set allow-remote-requests=yes")
    lines.append("/ip/firewall/nat add chain=srcnat out-interface=ether1 action=masquerade")
    for menu, ping in (("/ip/firewall/filter", "icmp"), ("/ipv6/firewall/filter", "icmpv6")):
        for chain in ("input", "forward"):
            lines.append(f"{menu} add chain={chain} connection-state=established,related,untracked action=accept")
            lines.append(f"{menu} add chain={chain} connection-state=invalid action=drop")
            lines.append(f"{menu} add chain={chain} in-interface=lan action=accept")
            if chain == "input":
                lines.append(f"{menu} add chain=input protocol={ping} action=accept")
                if ping == "icmpv6":
                    lines.append(
                        f"{menu} add chain=input protocol=udp dst-port=546 src-address=fe80::/10 action=accept"
                    )
            lines.append(f"{menu} add chain={chain} action=drop")
    lines += last(device, say)
    return "\n".join(lines) + "\n"
