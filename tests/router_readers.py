"""Strict readers of the draft settings, written from the systems' own sources and manuals, not from our writers."""

from __future__ import annotations

import re

Uci = dict[str, list[tuple[str, str, dict[str, list[str]]]]]
_UCI_WORD = re.compile(r"""\s*((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\;#])+)""")
_UCI_PIECE = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\])""")


def uci_words(line: str) -> list[str]:
    """Split a line as libuci does (openwrt/uci, file.c): quotes, backslash, and a comment from an open hash on.

    Stricter: a text that goes on in the next line, and two commands in one, are refused.
    """
    found, at = [], 0
    while at < len(line) and line[at:].strip() and not line[at:].lstrip().startswith("#"):
        word = _UCI_WORD.match(line, at)
        assert word, line
        pieces = _UCI_PIECE.findall(word[1])
        found.append("".join(one or re.sub(r"\\(.)", r"\1", two) or three or four for one, two, three, four in pieces))
        at = word.end()
    return found


def read_uci(text: str) -> Uci:
    """Read UCI text as `uci import` does: packages of (type, name, options). Names as util.c checks them."""
    found: Uci = {}
    package: list[tuple[str, str, dict[str, list[str]]]] = found.setdefault("", [])
    assert all(c in "\t\n" or c.isprintable() for c in text)
    for line in text.split("\n"):
        words = uci_words(line)
        if not words:
            continue
        kind, name, *rest = words
        if kind == "package":
            assert re.fullmatch(r"[A-Za-z0-9_-]+", name), line
            assert not rest, line
            assert name not in found, line  # UCI_ERR_DUPLICATE
            package = found[name] = []
        elif kind == "config":
            assert re.fullmatch(r"[!-~]+", name), line
            assert len(rest) <= 1, line
            assert all(re.fullmatch(r"[A-Za-z0-9_]+", one) for one in rest), line
            assert not rest or rest[0] not in {one for _, one, _ in package}, line
            package.append((name, *(rest or [""]), {}))
        else:
            assert kind in ("option", "list"), line
            assert re.fullmatch(r"[A-Za-z0-9_]+", name), line
            (value,) = rest
            options = package[-1][2]
            assert kind == "list" or name not in options, line
            options.setdefault(name, []).append(value)
    return {key: rows for key, rows in found.items() if rows}


RSC_HEAD = re.compile(r"(/[a-z0-9/-]+ (?:add|set))(?: (blackhole|[a-z-]+(?= )|\[find default(?:-name)?=\w+\]))?(?= |$)")


def read_rsc(text: str) -> list[tuple[str, dict[str, str]]]:
    """Read a script as RouterOS does: one command a line, texts in quotes with codes of bytes."""
    found = []
    for line in text.split("\n"):
        if not line or line.startswith("#"):
            assert "\\" not in line  # at the end it would join the next line
            assert line.isprintable()
            continue
        assert line.isascii()
        head = RSC_HEAD.match(line)
        assert head, line
        rest = line[head.end() :]
        words: dict[str, str] = {}
        while rest:
            word = re.match(
                r' ([a-z.-]+)=("(?:[^"\\$\[\];\x00-\x1f]|\\[0-9A-F]{2})*"|[A-Za-z0-9.:/,!_<-]+)(?= |$)', rest
            )
            assert word, line
            value = word[2]
            if value.startswith('"'):
                codes = re.sub(r"\\([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), value[1:-1])
                value = codes.encode("latin-1").decode("utf-8")
            assert word[1] not in words, line
            words[word[1]] = value
            rest = rest[word.end() :]
        found.append((f"{head[1]} {head[2] or ''}".strip(), words))
    return found


# What the manuals name: openwrt.org (network, wireless, dhcp, firewall, system), lime-example.txt.
UCI_OPTIONS = {
    "system system": "hostname description timezone log_ip log_port",
    "system timeserver": "enabled server",
    "network interface": "device proto ipaddr ip6addr gateway ip6gw dns reqprefix hostname clientid ip6assign",
    "network device": "type ifname vid name ports vlan_filtering",
    "network bridge-vlan": "device vlan ports",
    "network route": "interface target gateway type metric",
    "network route6": "interface target gateway type metric",
    "wireless wifi-device": "type phy band channel htmode country txpower distance disabled",
    "wireless wifi-iface": "device mode network ssid encryption ieee80211w wds isolate",
    "dhcp dnsmasq": "domainneeded localise_queries rebind_protection rebind_localhost authoritative localservice "
    "resolvfile server",
    "dhcp dhcp": "interface start limit leasetime dhcpv4 dhcpv6 ra dhcpv6_pd_min_len ignore",
    "dhcp host": "name ip",
    "firewall forwarding": "src dest",
    "firewall defaults": "input output forward drop_invalid synflood_protect",
    "firewall zone": "name network input output forward masq mtu_fix",
    "firewall rule": "name src dest proto family src_ip dest_ip dest_port icmp_type limit target",
    # dropbear.init, snmpd.init and sqm-scripts of OpenWrt's feeds.
    "dropbear dropbear": "enable PasswordAuth RootPasswordAuth Port",
    "snmpd agent": "agentaddress",
    "snmpd system": "sysName sysLocation",
    "snmpd com2sec": "secname source community",
    "snmpd com2sec6": "secname source community",
    "snmpd group": "group version secname",
    "snmpd view": "viewname type oid",
    "snmpd access": "group context version level prefix read write notify",
    "sqm queue": "enabled interface download upload qdisc script linklayer qdisc_advanced qdisc_really_really_advanced "
    "iqdisc_opts eqdisc_opts",
    " lime": "hostname root_password_policy ap_ssid main_ipv4_address main_ipv6_address anygw_dhcp_start "
    "anygw_dhcp_limit protocols country",
    " wifi": "modes channel htmode txpower distance ap_encryption apbb_ssid apbb_encryption client_ssid "
    "client_encryption",
    " net": "linux_name protocols",
}
# What MikroTik's manual of RouterOS 7 names.
_FILTER = (
    "action chain connection-state dst-port in-interface in-interface-list out-interface out-interface-list protocol "
)
RSC_WORDS = {
    "/interface/bridge add": "name vlan-filtering",
    "/interface/bridge set": "vlan-filtering",
    "/interface/bridge/filter add": "action chain in-interface mac-protocol",
    "/interface/bridge/port add": "bridge frame-types ingress-filtering interface pvid",
    "/interface/bridge/vlan add": "bridge tagged untagged vlan-ids",
    "/interface/list add": "name",
    "/interface/list/member add": "interface list",
    "/interface/vlan add": "interface name vlan-id",
    "/interface/wifi set": "channel.band channel.frequency channel.width configuration.country configuration.mode "
    "configuration.ssid "
    "configuration.tx-power datapath.client-isolation disabled security.authentication-types "
    "security.management-protection security.wps",
    "/interface/wireless set": "band channel-width country default-forwarding disabled distance frequency mode "
    "security-profile ssid tx-power tx-power-mode wps-mode",
    "/interface/wireless/security-profiles add": "authentication-types group-ciphers management-protection mode name "
    "unicast-ciphers",
    "/ip/address add": "address interface network",
    "/ip/dhcp-client add": "dhcp-options interface",
    "/ip/dhcp-client/option add": "code name value",
    "/ip/dhcp-server add": "address-pool interface lease-time name",
    "/ip/dhcp-server/lease add": "address client-id server",
    "/ip/dhcp-server/network add": "address dns-server gateway",
    "/ip/dns set": "allow-remote-requests servers",
    "/ip/firewall/address-list add": "address list",
    "/ip/firewall/filter add": _FILTER + "src-address src-address-list dst-address",
    "/ip/firewall/nat add": "action chain out-interface out-interface-list",
    "/ip/neighbor/discovery-settings set": "discover-interface-list",
    "/ip/pool add": "name ranges",
    "/ip/route add": "distance dst-address gateway",
    "/ip/service set": "address disabled",
    "/ip/settings set": "rp-filter tcp-syncookies",
    "/ip/ssh set": "strong-crypto",
    "/ipv6/address add": "address advertise from-pool interface",
    "/ipv6/dhcp-client add": "add-default-route interface pool-name prefix-hint request",
    "/ipv6/dhcp-server add": "interface name prefix-pool",
    "/ipv6/firewall/address-list add": "address list",
    "/ipv6/firewall/filter add": _FILTER + "src-address src-address-list",
    "/ipv6/pool add": "name prefix prefix-length",
    "/ipv6/route add": "distance dst-address gateway",
    "/ipv6/settings set": "accept-redirects",
    "/queue/simple add": "dst max-limit name queue target",
    "/queue/type add": "cake-flowmode cake-nat kind name",
    "/snmp set": "enabled location",
    "/snmp/community set": "addresses name",
    "/system/logging add": "action topics",
    "/system/logging/action add": "name remote target",
    "/system/scheduler add": "name on-event start-time",
    "/user/ssh-keys add": "key user",
    "/system/identity set": "name",
    "/system/ntp/client set": "enabled servers",
    "/tool/bandwidth-server set": "enabled",
    "/tool/mac-server set": "allowed-interface-list",
    "/tool/mac-server/mac-winbox set": "allowed-interface-list",
    "/tool/mac-server/ping set": "enabled",
}


# netjsonconfig's backend for airOS 8.3 (converters, radio, wireless, aaa, wpasupplicant), and configurations of airOS 8
# that people published.
AIROS_KEYS = re.compile(
    r"netmode|(?:radio|wireless|aaa|bridge|netconf|vlan|route|resolv|snmp|syslog|sshd|telnetd|httpd|discovery|unms|"
    r"ntpclient|wpasupplicant)\.status|sshd\.(?:port|auth\.passwd)|sshd\.auth\.key\.1\.(?:status|type|value|comment)|"
    r"httpd\.https\.(?:status|port)|snmp\.(?:community|location)|syslog\.remote\.(?:status|port|ip)|"
    r"ntpclient\.1\.(?:status|server)|resolv\.host\.1\.(?:name|status)|resolv\.nameserver\.1\.(?:status|ip)|"
    r"bridge\.1\.(?:status|devname|stp\.status)|bridge\.1\.port\.\d\.(?:status|devname)|"
    r"netconf\.\d\.(?:status|devname|up|mtu|role|ip|netmask)|vlan\.1\.(?:status|devname|id)|"
    r"route\.1\.(?:status|devname|gateway|ip|netmask)|radio\.(?:1\.)?countrycode|"
    r"radio\.1\.(?:status|devname|mode|chanbw|freq|center\.1\.freq|ieee_mode|obey|reg_obey|dfs\.status|txpower|polling|"
    r"ptpmode|ack\.auto|ackdistance)|wireless\.1\.(?:status|devname|ssid|hide_ssid|wds\.status|l2_isolation|"
    r"security\.type)|aaa\.1\.(?:status|devname|ssid|wpa|wpa\.1\.pairwise|wpa\.key\.1\.mgmt)|"
    r"wpasupplicant\.device\.1\.(?:status|devname|profile)|wpasupplicant\.profile\.1\.name|"
    r"wpasupplicant\.profile\.1\.network\.1\.(?:status|ssid|key_mgmt\.1\.name|proto\.1\.name|pairwise\.1\.name)"
)


def read_airos(text: str) -> dict[str, str]:
    """Read a configuration of airOS as it stands under the comments: one key and its value a line, each key once."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert not found, line  # all that is cut off stands on top
            continue
        key, _, value = line.partition("=")
        assert AIROS_KEYS.fullmatch(key), line
        assert value, line
        assert value.isprintable(), line
        assert key not in found, line
        found[key] = value
    return found


def check_words(files: dict[str, str]) -> None:
    """Every section, option, menu and word is one that the manuals name."""
    for name, text in files.items():
        if name.endswith(".airos.cfg"):
            read_airos(text)
        elif name.endswith(".rsc"):
            for menu, words in read_rsc(text):
                assert set(words) <= set(RSC_WORDS[" ".join(menu.split()[:2])].split()), (name, menu)
        elif name not in ("README.txt", "openwrt-first.sh"):
            for package, rows in read_uci(text).items():
                for kind, _, options in rows:
                    assert set(options) <= set(UCI_OPTIONS[f"{package} {kind}"].split()), (name, kind)
