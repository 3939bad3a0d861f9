"""Draft settings of one device as a script of RouterOS 7 (``/import``). Nothing secret is in them.

Menus are those of MikroTik's manual: ``/interface/wifi`` (7.13 and later), ``/interface/wireless``,
``/ip/firewall/filter``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cn_planner.export.openwrt_care import COMMUNITY
from cn_planner.export.openwrt_drafts import NOT_KNOWN_WPA3, PRIVATE_IPV6, stays_off
from cn_planner.export.rescue_window import RESCUE, rescue_net
from cn_planner.message import msg
from cn_planner.model.radio_figures import typed_chain, typed_total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cn_planner.message import Message
    from cn_planner.report.address_records import DeviceSettings, Interface, RadioSettings

    Say: TypeAlias = Callable[[Message], str]

LOAD = msg(
    "After /system/reset-configuration no-defaults=yes, load it with: /import FILE. Ports and radios (ether1, ether2, "
    "wifi1, wlan1) are called as on the device."
)
KEY_FIRST = msg(
    "The radio stays off until its key is set on the device, 16 letters or more, and its country: RouterOS has names "
    "of its own for countries. Then set disabled=no."
)
NO_WPA3 = msg("This driver has no WPA3.")
_OLD_WORD = msg("In older versions the word is address-pool.")
_KEYS = msg("Older versions know no such line: put the key into a file, then /user/ssh-keys/import.")
_COUNTRY = msg("Where RouterOS has another name for the country, choose its own: the radio stays off until then.")
_QUEUE = msg("Measure the connection both ways, and write 95 % of it here as up/down.")
_RESCUE, _RESCUE_NET = RESCUE["routeros"], rescue_net("routeros")
_KEEPER = "ether5"
# After power: what was left of an earlier window goes; untagged management for ten minutes where no router answers.
_WINDOW = (
    "/ip/address/remove [find comment=rescue]; :delay 30s; "
    ":if ([/ping {router} count=5] = 0) do={{/ip/address/add address={rescue}/24 interface=data comment=rescue; "
    ":delay 570s; /ip/address/remove [find comment=rescue]}}"
)
_INTERNET = msg("The side of the Internet: as the upstream says.")
# Everything else is written as the code of its bytes, which the console takes within quotes: nothing ends a text,
# calls a command or names a variable.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._:/,-")


def _quoted(text: str) -> str:
    """Return a text of anyone as RouterOS takes it."""
    data = text.encode("utf-8", "replace")
    return '"' + "".join(chr(one) if chr(one) in _PLAIN else f"\\{one:02X}" for one in data) + '"'


def comment(text: str) -> str:
    """Return a line of comment: one line, and no backslash that would join the next."""
    return "# " + "".join(c if c.isprintable() and c != "\\" else " " for c in text)


def add(menu: str, *words: tuple[str, str | int | None]) -> str:
    """Return a command that adds something."""
    return f"{menu} add " + _words(words)


def set_(menu: str, *words: tuple[str, str | int | None], which: str = "") -> str:
    """Return a command that sets something that is there."""
    return f"{menu} set {which + ' ' if which else ''}" + _words(words)


def _words(words: Iterable[tuple[str, str | int | None]]) -> str:
    return " ".join(f"{key}={_value(value)}" for key, value in words if value is not None)


def _value(value: str | int) -> str:
    text = str(value)
    return text if text and all(c in _PLAIN and c != " " for c in text) else _quoted(text)


def script(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return the draft of a router or radio."""
    lines = [
        *(comment(one) for one in (*head, say(LOAD))),
        "",
        set_("/system/identity", ("name", device.name)),
        *services(device),
    ]
    lines += _router(device, say) if device.kind == "router" else _radio(device, say)
    lines += last(device, say)
    return "\n".join(lines) + "\n"


def services(device: DeviceSettings) -> Iterator[str]:
    """Yield how the device is reached and watched: from the management ranges alone."""
    yield set_("/snmp", ("enabled", "yes"), ("location", device.site_name or device.site))
    if device.log_to:
        yield add("/system/logging/action", ("name", "watch"), ("target", "remote"), ("remote", device.log_to))
        yield add("/system/logging", ("topics", "info"), ("action", "watch"))
    sources = ",".join([*device.managed_from_ipv4, *device.managed_from_ipv6])
    for name in ("telnet", "ftp", "www", "api", "api-ssl"):
        yield set_("/ip/service", ("disabled", "yes"), which=name)
    # A tower's radio lets them in through its window too.
    doors = f"{sources},{_RESCUE_NET}" if device.kind in {"sector", "link"} else sources
    for name in ("ssh", "winbox"):
        yield set_("/ip/service", ("address", doors), which=name)
    # SNMP tells, and takes no orders; its community is no secret: what may ask is told by its address.
    yield set_("/snmp/community", ("name", COMMUNITY), ("addresses", sources), which="[find default=yes]")
    yield "/ip/ssh set strong-crypto=yes"
    yield "/ip/neighbor/discovery-settings set discover-interface-list=none"
    yield "/tool/mac-server set allowed-interface-list=none"
    yield "/tool/mac-server/mac-winbox set allowed-interface-list=none"
    yield "/tool/mac-server/ping set enabled=no"
    yield "/tool/bandwidth-server set enabled=no"
    yield "/system/ntp/client set enabled=yes servers=0.pool.ntp.org,1.pool.ntp.org"


def _radio(device: DeviceSettings, say: Say) -> Iterator[str]:
    """The radio is a bridge between air and cable; it has an address in the management network alone."""
    air = "wifi1" if device.routeros == "wifi" else "wlan1"
    # The air is no member of the management VLAN: no home gets into it by a tag.
    yield "/interface/bridge add name=data vlan-filtering=yes"
    yield add("/interface/bridge/port", ("bridge", "data"), ("interface", "ether1"))
    yield add("/interface/bridge/port", ("bridge", "data"), ("interface", air))
    vlan = device.management_vlan
    yield add("/interface/bridge/vlan", ("bridge", "data"), ("tagged", "data,ether1"), ("vlan-ids", vlan))
    yield add("/interface/vlan", ("name", "manage"), ("interface", "data"), ("vlan-id", vlan))
    yield add("/ip/address", ("address", device.management_ipv4), ("interface", "manage"))
    yield add("/ipv6/address", ("address", device.management_ipv6), ("interface", "manage"), ("advertise", "no"))
    yield add("/ip/route", ("dst-address", "0.0.0.0/0"), ("gateway", device.gateway_ipv4))
    yield add("/ipv6/route", ("dst-address", "::/0"), ("gateway", device.gateway_ipv6))
    yield set_("/ip/dns", ("servers", device.names_from_ipv4))
    yield from _lists(device)
    yield from _input(device, ())
    yield add("/system/scheduler", ("name", "rescue"), ("start-time", "startup"),
               ("on-event", _WINDOW.format(router=device.gateway_ipv4, rescue=_RESCUE)))  # fmt: skip
    if device.radio is not None:
        yield comment(say(KEY_FIRST))
        if device.routeros == "wireless":
            yield comment(say(NO_WPA3))
        elif not device.radio.wpa3:
            yield comment(say(NOT_KNOWN_WPA3))
        yield from (comment(say(one)) for one in stays_off(device))
        yield from wifi(device.radio) if device.routeros == "wifi" else wireless_lines(device.radio)


def last(device: DeviceSettings, say: Say) -> Iterator[str]:
    """Yield what a RouterOS may not know: where a line fails, all before it is done, and the radio stays off."""
    if device.ssh_key:
        yield comment(say(_KEYS))
        yield add("/user/ssh-keys", ("user", "admin"), ("key", device.ssh_key))
    if device.radio is not None and device.country_name:
        yield comment(say(_COUNTRY))
        wifi = device.routeros == "wifi"
        menu, key, name = ("/interface/wifi", "configuration.country", "wifi1")
        if not wifi:
            menu, key, name = ("/interface/wireless", "country", "wlan1")
        country = device.country_name if wifi else device.country_name.lower()
        yield set_(menu, (key, country), which=f"[find default-name={name}]")


def wifi(radio: RadioSettings) -> Iterator[str]:
    """Yield how a radio with the newer menu is set; it stays off."""
    mode = "ap" if radio.mode == "ap" else "station-bridge"
    yield set_(
        "/interface/wifi",
        ("configuration.mode", mode),
        ("configuration.ssid", radio.ssid),
        ("configuration.tx-power", typed_total(radio.total_dbm)),
        ("channel.frequency", radio.primary_mhz),
        (
            "channel.width",
            "20mhz" if radio.width_mhz == 20 else "20/40mhz-Ce" if radio.width_mhz == 40 else "20/40/80mhz",
        ),
        ("channel.band", _band(radio, "5ghz-ac", "5ghz-an", "2ghz-n")),
        ("security.authentication-types", "wpa3-psk" if radio.wpa3 else "wpa2-psk"),
        ("security.management-protection", "required" if radio.wpa3 else "allowed"),
        ("security.wps", "disable"),
        ("datapath.client-isolation", None if radio.bridged else "yes"),
        ("disabled", "yes"),
        which="[find default-name=wifi1]",
    )


def wireless_lines(radio: RadioSettings) -> Iterator[str]:
    """Yield how a radio with the older menu is set; it stays off."""
    yield add(
        "/interface/wireless/security-profiles",
        ("name", "air"),
        ("mode", "dynamic-keys"),
        ("authentication-types", "wpa2-psk"),
        ("unicast-ciphers", "aes-ccm"),
        ("group-ciphers", "aes-ccm"),
        ("management-protection", "allowed"),
    )
    yield set_(
        "/interface/wireless",
        ("mode", "ap-bridge" if radio.mode == "ap" else "station-bridge"),
        ("ssid", radio.ssid),
        ("band", _band(radio, "5ghz-onlyac", "5ghz-onlyn", "2ghz-onlyn")),
        ("frequency", radio.primary_mhz),
        (
            "channel-width",
            "20mhz" if not radio.extension else f"20/{'40' if radio.width_mhz == 40 else '40/80'}mhz-{radio.extension}",
        ),
        ("tx-power-mode", None if radio.total_dbm is None else "all-rates-fixed"),
        # Wireless Interface, tx-power: the whole of it with 802.11ac, that of each chain with 802.11n.
        ("tx-power", typed_total(radio.total_dbm) if radio.ac else typed_chain(radio.chain_dbm)),
        ("distance", radio.distance_km),
        ("security-profile", "air"),
        ("wps-mode", "disabled"),
        ("default-forwarding", "yes" if radio.bridged else "no"),
        ("disabled", "yes"),
        which="[find default-name=wlan1]",
    )


def _band(radio: RadioSettings, ac: str, five: str, two: str) -> str:
    return two if radio.band == "2g" else ac if radio.ac else five


def _router(device: DeviceSettings, say: Say) -> Iterator[str]:
    yield "/interface/bridge add name=self"
    yield "/interface/list add name=homes"
    yield "/interface/list add name=links"
    yield "/interface/list add name=internet"
    yield set_("/ip/settings", ("rp-filter", "strict" if device.strict else "loose"), ("tcp-syncookies", "yes"))
    yield "/ipv6/settings set accept-redirects=no"
    yield set_("/ip/dns", ("allow-remote-requests", "yes"), ("servers", device.names_from_ipv4 or None))
    for one in device.interfaces:
        yield from _interface(one, say)
    for route in device.routes:
        yield add("/ip/route", ("dst-address", route.target_ipv4), ("gateway", route.via_ipv4))
        yield add("/ipv6/route", ("dst-address", route.target_ipv6), ("gateway", route.via_ipv6))
    outward = [one for one in device.interfaces if one.kind == "internet"]
    if outward:
        for target in device.networks_ipv4:
            yield f"/ip/route add blackhole dst-address={target} distance=250"
        for target in device.networks_ipv6:
            yield f"/ipv6/route add blackhole dst-address={target} distance=250"
        if device.translates:
            yield "/ip/firewall/nat add chain=srcnat out-interface-list=internet action=masquerade"
        if device.queue is not None:
            yield comment(say(_QUEUE))
            for way, mode in (("down", "dual-dsthost"), ("up", "dual-srchost")):
                yield f"/queue/type add name=fair-{way} kind=cake cake-nat=yes cake-flowmode={mode}"
            ranges = ",".join(device.networks_ipv4 + device.networks_ipv6)
            yield add(
                "/queue/simple", ("name", "internet"), ("target", ranges),
                ("dst", "ether2"), ("max-limit", f"{device.queue.up_kbit}k/{device.queue.down_kbit}k"),
                ("queue", "fair-up/fair-down"),
            )  # fmt: skip
    yield from _lists(device)
    yield from _input(device, tuple(one.name for one in device.interfaces if one.kind == "homes"))
    yield from _forward(device)


def _interface(one: Interface, say: Say) -> Iterator[str]:
    name = {"loopback": "self", "internet": "ether2"}.get(one.kind, one.name)
    if one.kind == "management":  # the keeper's laptop is let in at a port of its own, bare
        yield "/interface/bridge add name=manage"
        yield add("/interface/vlan", ("name", "manage-vlan"), ("interface", "ether1"), ("vlan-id", one.vlan))
        for port in ("manage-vlan", _KEEPER):
            yield add("/interface/bridge/port", ("bridge", "manage"), ("interface", port))
    elif one.vlan is not None:
        yield add("/interface/vlan", ("name", name), ("interface", "ether1"), ("vlan-id", one.vlan))
    side = {"homes": "homes", "link": "links", "internet": "internet"}.get(one.kind)
    if side is not None:
        yield add("/interface/list/member", ("list", side), ("interface", name))
    if one.kind == "internet":
        yield comment(say(_INTERNET))
        yield add("/ip/dhcp-client", ("interface", name))
        yield add("/ipv6/dhcp-client", ("interface", name), ("request", "address"), ("add-default-route", "yes"))
        return
    if one.peer_ipv4:  # RouterOS has the two ends of a link as single addresses
        yield add("/ip/address", ("address", one.ipv4.split("/")[0]), ("network", one.peer_ipv4), ("interface", name))
    else:
        yield add("/ip/address", ("address", one.ipv4), ("interface", name))
    yield add(
        "/ipv6/address",
        ("address", one.ipv6),
        ("interface", name),
        ("advertise", "yes" if one.kind == "homes" else "no"),
    )
    if one.kind == "homes":
        yield add("/ip/pool", ("name", name), ("ranges", "-".join(one.pool_ipv4)))
        yield add("/ip/dhcp-server", ("name", name), ("interface", name), ("address-pool", name), ("lease-time", "12h"))
        own = one.ipv4.split("/")[0]
        yield add("/ip/dhcp-server/network", ("address", one.sources_ipv4[0]), ("gateway", own), ("dns-server", own))
        for home in one.reservations:  # by the name that it gives itself: its own draft has it
            words = ":".join(f"{byte:x}" for byte in bytes.fromhex(home.client_id))
            yield add("/ip/dhcp-server/lease", ("server", name), ("address", home.ipv4), ("client-id", words))
        yield add("/ipv6/pool", ("name", name), ("prefix", one.homes_ipv6), ("prefix-length", one.home_prefix))
        yield comment(say(_OLD_WORD))
        yield add("/ipv6/dhcp-server", ("name", name), ("interface", name), ("prefix-pool", name))


def _lists(device: DeviceSettings) -> Iterator[str]:
    four = [("manage", device.managed_from_ipv4), ("network", device.networks_ipv4)]
    six = [("manage", device.managed_from_ipv6), ("network", device.networks_ipv6)]
    for one in device.interfaces:
        if one.kind in {"homes", "link"}:
            four.append((one.name, one.sources_ipv4))
            six.append((one.name, one.sources_ipv6))
    for menu, rows in (("/ip/firewall/address-list", four), ("/ipv6/firewall/address-list", six)):
        for name, ranges in rows:
            for address in ranges:
                yield add(menu, ("list", name), ("address", address))


def _input(device: DeviceSettings, served: tuple[str, ...]) -> Iterator[str]:
    looked_after = "src-address-list=manage protocol=tcp dst-port=22,8291 action=accept"
    watched = "src-address-list=manage protocol=udp dst-port=161 action=accept"
    for menu, ping, port in (("/ip/firewall/filter", "icmp", 67), ("/ipv6/firewall/filter", "icmpv6", 547)):
        yield f"{menu} add chain=input connection-state=established,related,untracked action=accept"
        yield f"{menu} add chain=input connection-state=invalid action=drop"
        yield f"{menu} add chain=input protocol={ping} action=accept"
        yield f"{menu} add chain=input in-interface=manage {looked_after}"
        yield f"{menu} add chain=input in-interface=manage {watched}"
        if device.kind != "router" and ping == "icmp":
            window = f"dst-address={_RESCUE} in-interface=data protocol=tcp dst-port=22,8291"
            yield f"{menu} add chain=input {window} action=accept"
        if device.kind == "router":
            yield f"{menu} add chain=input in-interface-list=links {looked_after}"
            yield f"{menu} add chain=input in-interface-list=links {watched}"
        for name in served:
            yield f"{menu} add chain=input in-interface={name} protocol=udp dst-port={port} action=accept"
            for transport in ("udp", "tcp"):
                source = f"in-interface={name} src-address-list={name}"
                yield f"{menu} add chain=input {source} protocol={transport} dst-port=53 action=accept"
        if ping == "icmp" and device.kind == "router":
            # Radios, and routers further from the Internet, ask for names.
            asking = [("manage", "manage")]
            asking += [(one.name, "network") for one in device.interfaces if one.kind == "link" and one.sources_ipv4]
            for name, sources in asking:
                source = f"in-interface={name} src-address-list={sources}"
                for transport in ("udp", "tcp"):
                    yield f"{menu} add chain=input {source} protocol={transport} dst-port=53 action=accept"
        if ping == "icmpv6" and device.kind == "router":
            yield f"{menu} add chain=input protocol=udp dst-port=546 src-address=fe80::/10 action=accept"
        yield f"{menu} add chain=input action=drop"


def _forward(device: DeviceSettings) -> Iterator[str]:
    """What is not let through by name is dropped: each side sends from its own ranges alone (BCP 38)."""
    for menu in ("/ip/firewall/filter", "/ipv6/firewall/filter"):
        yield f"{menu} add chain=forward connection-state=established,related,untracked action=accept"
        yield f"{menu} add chain=forward connection-state=invalid action=drop"
        yield f"{menu} add chain=forward in-interface-list=internet src-address-list=network action=drop"
        for one in device.interfaces:
            # From the side of the gateway comes the Internet: the gateway has looked at that.
            if one.kind in {"homes", "link"} and one.sources_ipv4:
                yield f"{menu} add chain=forward in-interface={one.name} src-address-list=!{one.name} action=drop"
        yield f"{menu} add chain=forward out-interface-list=internet src-address-list=!network action=drop"
        if menu.startswith("/ipv6"):
            yield f"{menu} add chain=forward out-interface-list=internet src-address={PRIVATE_IPV6} action=drop"
        yield f"{menu} add chain=forward out-interface=manage src-address-list=!manage action=drop"
        yield f"{menu} add chain=forward in-interface=manage src-address-list=manage action=accept"
        yield f"{menu} add chain=forward in-interface-list=homes out-interface=!manage action=accept"
        yield f"{menu} add chain=forward in-interface-list=links action=accept"
        yield f"{menu} add chain=forward action=drop"
