"""Draft settings of a radio with airOS 8 (``system.cfg``), for those whose capacity is counted with airMAX.

Keys are those of netjsonconfig's backend for airOS 8.3 and of configurations that people published. Nothing secret is
in them: airOS keeps the radio from the air until its key is set.
"""

from __future__ import annotations

from ipaddress import IPv4Interface
from typing import TYPE_CHECKING, TypeAlias

from cn_planner.export.openwrt_drafts import HOME_RADIO, stays_off
from cn_planner.export.uci_text import one_line
from cn_planner.message import msg
from cn_planner.model.radio_figures import typed_total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cn_planner.message import Message
    from cn_planner.report.address_records import DeviceSettings, RadioSettings

    Say: TypeAlias = Callable[[Message], str]

    _Row: TypeAlias = tuple[str, str | int]

_LOAD = msg("airOS reads no comments: cut these lines off, then System > Configuration management > upload.")
_KEY_FIRST = msg("Set its key first (aaa.1.wpa.psk, 16 letters or more), then wireless.1.status=enabled and the key of "
                 "the login.")  # fmt: skip
_AIRMAX = msg("airMAX is on, as the capacity is counted. All radios of this sector or link run airOS.")
_ON, _OFF = "enabled", "disabled"


def airos(device: DeviceSettings, head: Iterable[str], say: Say) -> str:
    """Return the draft of a tower's radio or of the radios of a sector's homes."""
    radio = device.radio
    notes = [*head, say(_LOAD), *(() if radio is None else map(say, (_AIRMAX, _KEY_FIRST, *stays_off(device))))]
    lines = [f"# {one_line(one)}" for one in notes]
    rows = [*_system(device), *_network(device), *(() if radio is None else _air(device, radio))]
    return "\n".join([*lines, *(f"{key}={one_line(str(value))}" for key, value in rows)]) + "\n"


def _system(device: DeviceSettings) -> Iterator[_Row]:
    yield "resolv.host.1.name", device.name
    yield "resolv.host.1.status", _ON
    yield "resolv.status", _ON
    yield "sshd.status", _ON
    yield "sshd.port", 22
    # By its key alone once there is one: it is put in the window, System > SSH server.
    yield "sshd.auth.passwd", _OFF if device.ssh_key else _ON
    if device.ssh_key:
        kind, key, *words = device.ssh_key.split(" ", 2)
        yield "sshd.auth.key.1.status", _ON
        yield "sshd.auth.key.1.type", kind
        yield "sshd.auth.key.1.value", key
        yield "sshd.auth.key.1.comment", words[0] if words else "keepers"
    yield "telnetd.status", _OFF
    yield "discovery.status", _OFF
    yield "unms.status", _OFF
    yield "httpd.status", _ON
    yield "httpd.https.status", _ON
    yield "httpd.https.port", 443
    yield "snmp.status", _ON
    yield "snmp.community", "watch"
    yield "snmp.location", device.site_name or device.site
    yield "syslog.status", _ON
    yield "syslog.remote.status", _ON if device.log_to else _OFF
    yield "syslog.remote.port", 514
    if device.log_to:
        yield "syslog.remote.ip", device.log_to
    yield "ntpclient.status", _ON
    yield "ntpclient.1.status", _ON
    yield "ntpclient.1.server", "0.pool.ntp.org"


def _network(device: DeviceSettings) -> Iterator[_Row]:
    """Yield a bridge of air and cable; a tower's radio is looked after in the VLAN, a home's from its cable."""
    yield "netmode", "bridge"
    yield "bridge.status", _ON
    yield "bridge.1.status", _ON
    yield "bridge.1.devname", "br0"
    yield "bridge.1.stp.status", _OFF
    for number, port in enumerate(("eth0", "ath0"), 1):
        yield f"bridge.1.port.{number}.status", _ON
        yield f"bridge.1.port.{number}.devname", port
    yield "netconf.status", _ON
    for number, port in enumerate(("eth0", "ath0"), 1):
        yield f"netconf.{number}.status", _ON
        yield f"netconf.{number}.devname", port
        yield f"netconf.{number}.up", _ON
        yield f"netconf.{number}.mtu", 1500
        yield f"netconf.{number}.role", "bridge_port"
    home = device.kind == "home-radio"
    own = IPv4Interface(f"{HOME_RADIO}/24" if home else device.management_ipv4)
    name = "br0" if home else f"eth0.{device.management_vlan}"
    if not home:
        yield "vlan.status", _ON
        yield "vlan.1.status", _ON
        yield "vlan.1.devname", "eth0"
        yield "vlan.1.id", device.management_vlan
    yield "netconf.3.status", _ON
    yield "netconf.3.devname", name
    yield "netconf.3.ip", str(own.ip)
    yield "netconf.3.netmask", str(own.netmask)
    yield "netconf.3.up", _ON
    yield "netconf.3.mtu", 1500
    yield "netconf.3.role", "mlan"
    if not home:
        yield "route.status", _ON
        yield "route.1.status", _ON
        yield "route.1.devname", name
        yield "route.1.gateway", device.gateway_ipv4
        yield "route.1.ip", "0.0.0.0"  # noqa: S104 - the way to everywhere
        yield "route.1.netmask", 0
        yield "resolv.nameserver.1.status", _ON
        yield "resolv.nameserver.1.ip", device.names_from_ipv4


def _air(device: DeviceSettings, radio: RadioSettings) -> Iterator[_Row]:
    master = radio.mode == "ap"
    yield "radio.status", _ON
    if device.country_number:
        yield "radio.countrycode", device.country_number
        yield "radio.1.countrycode", device.country_number
    yield "radio.1.status", _ON
    yield "radio.1.devname", "ath0"
    yield "radio.1.mode", "master" if master else "managed"
    yield "radio.1.chanbw", radio.width_mhz
    yield "radio.1.freq", round(radio.centre_mhz) if master else 0
    yield "radio.1.center.1.freq", round(radio.centre_mhz) if master else 0
    yield "radio.1.ieee_mode", _ieee(radio)
    yield "radio.1.obey", _ON
    yield "radio.1.reg_obey", _ON
    yield "radio.1.dfs.status", _ON
    power = typed_total(radio.total_dbm)
    if power is not None:
        yield "radio.1.txpower", power
    yield "radio.1.polling", _ON
    yield "radio.1.ptpmode", 1 if device.kind == "link" else 0
    yield "radio.1.ack.auto", _ON
    yield "radio.1.ackdistance", radio.distance_m
    yield "wireless.status", _ON
    yield "wireless.1.status", _OFF
    yield "wireless.1.devname", "ath0"
    yield "wireless.1.ssid", radio.ssid
    yield "wireless.1.hide_ssid", _OFF
    yield "wireless.1.wds.status", _ON
    yield "wireless.1.l2_isolation", _ON if master and device.kind == "sector" else _OFF
    yield "wireless.1.security.type", "none" if not master else "wpa2aes"
    if master:
        yield "aaa.status", _ON
        yield "aaa.1.status", _ON
        yield "aaa.1.devname", "ath0"
        yield "aaa.1.ssid", radio.ssid
        yield "aaa.1.wpa", 2
        yield "aaa.1.wpa.1.pairwise", "CCMP"
        yield "aaa.1.wpa.key.1.mgmt", "WPA-PSK"
    else:
        first = "wpasupplicant.profile.1.network.1"
        yield "wpasupplicant.status", _ON
        yield "wpasupplicant.device.1.status", _ON
        yield "wpasupplicant.device.1.devname", "ath0"
        yield "wpasupplicant.device.1.profile", "AUTO"
        yield "wpasupplicant.profile.1.name", "AUTO"
        yield f"{first}.status", _ON
        yield f"{first}.ssid", radio.ssid
        yield f"{first}.key_mgmt.1.name", "WPA-PSK"
        yield f"{first}.proto.1.name", "RSN"
        yield f"{first}.pairwise.1.name", "CCMP"


def _ieee(radio: RadioSettings) -> str:
    if radio.ac:
        return f"11acvht{radio.width_mhz}"
    return f"11{'na' if radio.band == '5g' else 'ng'}ht{min(radio.width_mhz, 40)}"
