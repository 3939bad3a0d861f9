"""Drafts for OpenWrt and LibreMesh of devices made by hand: who may send what where, and what each setting is."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from router_readers import Uci, read_uci

from cn_planner.export.openwrt_drafts import lime_community, lime_node, uci
from cn_planner.message import Message, msg
from cn_planner.report.address_records import DeviceSettings, Interface, RadioSettings, Route

HOMES = Interface(
    "homes11", "homes", 11, "10.64.1.1/24", "fd01:0:0:11::1/64", ("10.64.1.0/24",), ("fd01::/52",), pool_start=10,
    pool_size=200, router_ipv6="fd01:0:0:100::1/64", home_prefix=56,
)  # fmt: skip
MANAGE = Interface(
    "manage", "management", 99, "10.64.0.1/24", "fd01:0:0:99::1/64", ("10.64.0.0/24",), ("fd01:0:0:99::/64",)
)
UP = Interface("link21", "link", 21, "10.64.9.1/31", "fd09::1/127", peer_ipv4="10.64.9.0")
DOWN = Interface("link22", "link", 22, "10.64.9.2/31", "fd09::2/127", ("10.64.2.0/24",), ("fd02::/48",))
LOOP = Interface("loopback", "loopback", None, "10.64.8.1/32", "fd08::1/128")
INNER = DeviceSettings(
    "hill", "router", "T1", "The Hill", "", "", "", "KE", "10.64.0.1/24", "fd01:0:0:99::1/64", "", "", "10.64.9.0", 99,
    ("10.64.0.0/16",), ("fd01::/16",), interfaces=(LOOP, MANAGE, HOMES, UP, DOWN),
    routes=(Route("10.64.2.0/24", "10.64.9.3", "fd02::/48", "fd09::3", "link22"),
            Route("0.0.0.0/0", "10.64.9.0", "::/0", "fd09::", "link21")),
    networks_ipv4=("10.64.0.0/10",), networks_ipv6=("fd01::/48", "fd02::/48"),
)  # fmt: skip
WAN = Interface("internet", "internet", None, "", "")
GATE = replace(INNER, name="town", names_from_ipv4="", interfaces=(*INNER.interfaces, WAN))
AIR = RadioSettings(
    "ap", "5g", 112, 5560, "", 20, "VHT20", True, 25, 22, 1300, 2, "Hill", True, False, msg("The law allows it."),
)  # fmt: skip
RADIO = DeviceSettings(
    "hill-s1", "sector", "T1", "The Hill", "Some radio", "image", "", "KE", "10.64.0.9/24", "fd01:0:0:99::9/64",
    "10.64.0.1", "fd01:0:0:99::1", "10.64.0.1", 99, ("10.64.0.0/16",), ("fd01::/16",), radio=AIR,
    mesh_cloud="hill", mesh_ipv4="10.64.0.9/21", mesh_ipv6="fd01::9/64", mesh_pool_start=16, mesh_pool_size=64,
)  # fmt: skip


def draft(device: DeviceSettings) -> Uci:
    return read_uci(uci(device, ["A draft."], str))


def named(found: Uci, package: str, name: str) -> dict[str, list[str]]:
    return next(options for _, one, options in found[package] if one == name)


def let_in(
    device: DeviceSettings, side: str, source: str, port: int = 0, proto: str = "tcp", towards: str | None = None
) -> bool:
    """Return what the firewall does with a packet: to the device itself, or towards a side where one is given.

    By the manual: the first rule that fits decides, then the side's own word, which is no.
    """
    found = draft(device)
    family = f"ipv{ip_address(source).version}"
    for kind, _, rule in found["firewall"]:
        if kind != "rule" or rule["src"][0] not in (side, "*"):
            continue
        if ("dest" in rule) != (towards is not None) or ("dest" in rule and rule["dest"][0] not in (towards, "*")):
            continue
        protos = rule["proto"]
        if protos != ["all"] and proto not in protos:
            continue
        if rule.get("family", [family]) != [family]:
            continue
        if "dest_port" in rule and str(port) not in rule["dest_port"]:
            continue
        if "src_ip" in rule and not any(ip_address(source) in ip_network(one) for one in rule["src_ip"]):
            continue
        return rule["target"] == ["ACCEPT"]
    zone = next(options for kind, _, options in found["firewall"] if kind == "zone" and options["name"] == [side])
    return zone["forward" if towards else "input"] == ["ACCEPT"]


HOME4, HOME6, FOREIGN4, FOREIGN6 = "10.64.1.20", "fd01:0:0:120::5", "8.8.8.8", "2001:db8::5"
BELOW4, BELOW6, CARE4, CARE6 = "10.64.2.7", "fd02::7", "10.64.0.50", "fd01:0:0:99::50"


@pytest.mark.parametrize(
    ("side", "source", "port", "proto", "allowed"),
    [
        ("homes11", HOME4, 67, "udp", True),
        ("homes11", "169.254.7.7", 67, "udp", True),  # who has no address yet
        ("homes11", HOME6, 547, "udp", True),
        ("homes11", HOME4, 67, "tcp", False),
        ("homes11", HOME4, 53, "udp", True),
        ("homes11", HOME6, 53, "tcp", True),
        ("homes11", FOREIGN4, 53, "udp", False),
        ("homes11", FOREIGN6, 53, "udp", False),
        ("homes11", CARE4, 22, "tcp", False),  # nobody looks after a router from a home
        ("manage", CARE4, 22, "tcp", True),
        ("manage", CARE6, 443, "tcp", True),
        ("manage", CARE4, 80, "tcp", False),
        ("manage", FOREIGN4, 22, "tcp", False),
        ("manage", FOREIGN6, 22, "tcp", False),
        ("manage", CARE4, 53, "udp", True),  # the radios ask for names
        ("manage", HOME4, 53, "udp", False),
        ("link21", CARE4, 22, "tcp", True),
        ("link22", CARE6, 22, "tcp", True),
        ("link21", BELOW4, 53, "udp", False),  # from the side of the Internet nobody asks
        ("link22", BELOW4, 53, "udp", True),
        ("link22", BELOW4, 53, "tcp", True),
        ("link22", FOREIGN4, 53, "udp", False),
        ("homes11", HOME4, 0, "icmp", True),
        ("link21", FOREIGN6, 0, "icmp", True),
    ],
)
def test_what_a_router_answers(side, source, port, proto, allowed):
    assert let_in(INNER, side, source, port, proto) is allowed


@pytest.mark.parametrize(
    ("side", "towards", "source", "allowed"),
    [
        ("homes11", "link21", HOME4, True),
        ("homes11", "link21", HOME6, True),
        ("homes11", "link21", BELOW4, False),  # a source that does not live there
        ("homes11", "link21", FOREIGN6, False),
        ("link22", "link21", BELOW4, True),
        ("link22", "link21", BELOW6, True),
        ("link22", "link21", FOREIGN4, False),
        ("link21", "homes11", FOREIGN4, True),  # the Internet: the gateway has looked at it
        ("link21", "homes11", FOREIGN6, True),
        ("manage", "link21", CARE4, True),
        ("manage", "link21", HOME4, False),
        ("homes11", "manage", HOME4, False),
        ("link21", "manage", CARE4, True),
        ("link21", "manage", CARE6, True),
        ("link21", "manage", FOREIGN4, False),
        ("link22", "manage", BELOW6, False),
    ],
)
def test_what_a_router_lets_through(side, towards, source, allowed):
    assert let_in(INNER, side, source, towards=towards) is allowed


@pytest.mark.parametrize(
    ("side", "towards", "source", "allowed"),
    [
        ("homes11", "internet", HOME4, True),
        ("homes11", "internet", HOME6, False),  # private IPv6 stays in
        ("link22", "internet", BELOW4, True),
        ("internet", "homes11", HOME4, False),  # own sources do not come from outside
        ("internet", "homes11", BELOW6, False),
        ("internet", "homes11", FOREIGN4, False),  # answers alone come back
    ],
)
def test_what_a_gateway_lets_in_and_out(side, towards, source, allowed):
    assert let_in(GATE, side, source, towards=towards) is allowed


def test_a_gateway_gets_its_addresses_and_asks_its_upstream():
    assert let_in(GATE, "internet", FOREIGN4, 68, "udp")
    assert let_in(GATE, "internet", "fe80::1", 546, "udp")
    assert not let_in(GATE, "internet", FOREIGN4, 546, "udp")
    assert not let_in(GATE, "internet", "fe80::1", 68, "udp")
    assert not let_in(GATE, "internet", CARE4, 22)
    found = draft(GATE)
    assert named(found, "network", "internet") == {"device": ["eth1"], "proto": ["dhcp"]}
    assert named(found, "network", "internet6") == {"device": ["eth1"], "proto": ["dhcpv6"], "reqprefix": ["auto"]}
    assert "server" not in found["dhcp"][0][2]
    assert draft(INNER)["dhcp"][0][2]["server"] == ["10.64.9.0"]


@pytest.mark.parametrize("translates", [True, False])
def test_private_addresses_are_translated_where_they_leave(translates):
    zones = [one for kind, _, one in draft(replace(GATE, translates=translates))["firewall"] if kind == "zone"]
    assert {one["name"][0]: one.get("masq") for one in zones} == {
        "manage": None, "homes11": None, "link21": None, "link22": None, "internet": ["1" if translates else "0"],
    }  # fmt: skip
    internet = next(one for one in zones if one["name"] == ["internet"])
    assert (internet["network"], internet["mtu_fix"]) == (["internet", "internet6"], ["1"])


def test_every_side_says_no_to_what_is_not_named():
    for device in (INNER, GATE, RADIO):
        rows = [one for kind, _, one in draft(device)["firewall"] if kind in ("defaults", "zone")]
        assert {(one["input"][0], one["forward"][0], one["output"][0]) for one in rows} == {("DROP", "DROP", "ACCEPT")}
    defaults = draft(INNER)["firewall"][0][2]
    assert (defaults["drop_invalid"], defaults["synflood_protect"]) == (["1"], ["1"])


def test_ways_are_those_of_the_plan_and_the_void_is_at_the_gateway_alone():
    inner, gate = draft(INNER)["network"], draft(GATE)["network"]
    routes = [(kind, name, *(one[key][0] for key in ("interface", "target", "gateway")))
              for kind, name, one in inner if kind.startswith("route")]  # fmt: skip
    assert routes == [
        ("route", "way1", "link22", "10.64.2.0/24", "10.64.9.3"),
        ("route6", "way6_1", "link22", "fd02::/48", "fd09::3"),
        ("route", "way2", "link21", "0.0.0.0/0", "10.64.9.0"),
        ("route6", "way6_2", "link21", "::/0", "fd09::"),
    ]
    voids = [(kind, name, one) for kind, name, one in gate if kind.startswith("route") and "type" in one]
    assert [(kind, name, one["target"]) for kind, name, one in voids] == [
        ("route", "void1", ["10.64.0.0/10"]),
        ("route6", "void6_1", ["fd01::/48"]),
        ("route6", "void6_2", ["fd02::/48"]),
    ]
    # What goes nowhere ends here, after every way that is known: it does not go round in the Internet.
    for _, _, one in voids:
        assert (one["interface"], one["type"], one["metric"]) == (["loopback"], ["unreachable"], ["9999"])


def test_interfaces_of_a_router():
    found = draft(INNER)
    assert named(found, "network", "loopback")["ipaddr"] == ["127.0.0.1/8"]
    assert named(found, "network", "self") == {
        "device": ["lo"], "proto": ["static"], "ipaddr": ["10.64.8.1/32"], "ip6addr": ["fd08::1/128"],
    }  # fmt: skip
    assert named(found, "network", "homes11_dev") == {
        "type": ["8021q"], "ifname": ["eth0"], "vid": ["11"], "name": ["eth0.11"],
    }  # fmt: skip
    assert named(found, "network", "homes11") == {
        "device": ["eth0.11"], "proto": ["static"], "ipaddr": ["10.64.1.1/24"],
        "ip6addr": ["fd01:0:0:11::1/64", "fd01:0:0:100::1/64"],
    }  # fmt: skip
    assert named(found, "network", "link21")["ip6addr"] == ["fd09::1/127"]
    manage = named(found, "network", "manage")
    assert (manage["ipaddr"], manage["ip6addr"]) == (["10.64.0.1/24"], ["fd01:0:0:99::1/64"])
    assert not {"gateway", "ip6gw", "dns"} & set(manage)


def test_homes_get_addresses_and_others_do_not():
    rows = {name: options for _, name, options in draft(INNER)["dhcp"] if name}
    assert set(rows) == {"homes11", "manage", "link21", "link22"}
    homes = rows.pop("homes11")
    assert homes == {
        "interface": ["homes11"], "start": ["10"], "limit": ["200"], "leasetime": ["12h"], "dhcpv4": ["server"],
        "dhcpv6": ["server"], "ra": ["server"], "dhcpv6_pd_min_len": ["56"],
    }  # fmt: skip
    assert all(one == {"interface": [name], "ignore": ["1"]} for name, one in rows.items())
    usual = draft(INNER)["dhcp"][0][2]
    for key in ("domainneeded", "localise_queries", "rebind_protection", "authoritative", "localservice"):
        assert usual[key] == ["1"], key


@pytest.mark.parametrize(("strict", "value"), [(True, 1), (False, 2)])
def test_the_kernels_own_check_is_told_for_routers(strict, value):
    text = uci(replace(INNER, strict=strict), ["A draft."], str)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert comments[0] == "# A draft."
    said = next(line for line in comments if "sysctl.conf" in line)
    assert f"net.ipv4.conf.all.rp_filter={value} and net.ipv4.conf.default.rp_filter={value} " in said
    assert "rp_filter" not in uci(RADIO, ["A draft."], str)
    assert any("uci import < FILE" in line for line in comments)


def test_every_device_has_its_name_place_and_time():
    for device in (INNER, RADIO):
        system, clock = (options for _, _, options in draft(device)["system"])
        assert system == {"hostname": [device.name], "description": ["The Hill"], "timezone": ["UTC"]}
        assert clock["enabled"] == ["1"]
        assert len(clock["server"]) == 2
    assert draft(replace(INNER, site_name=""))["system"][0][2]["description"] == ["T1"]


def test_a_radio_is_a_bridge_and_is_looked_after_from_its_own_network():
    found = draft(RADIO)
    assert named(found, "network", "data_dev")["ports"] == ["eth0"]
    assert named(found, "network", "data") == {"device": ["br-data"], "proto": ["none"]}
    assert named(found, "network", "manage") == {
        "device": ["eth0.99"], "proto": ["static"], "ipaddr": ["10.64.0.9/24"], "ip6addr": ["fd01:0:0:99::9/64"],
        "gateway": ["10.64.0.1"], "ip6gw": ["fd01:0:0:99::1"], "dns": ["10.64.0.1"],
    }  # fmt: skip
    assert named(found, "network", "manage_dev")["vid"] == ["99"]
    assert set(found) == {"system", "network", "wireless", "firewall", "snmpd"}
    assert let_in(RADIO, "manage", CARE4, 22)
    assert let_in(RADIO, "manage", CARE6, 443)
    assert not let_in(RADIO, "manage", FOREIGN4, 22)
    assert not let_in(RADIO, "manage", CARE4, 80)
    assert let_in(RADIO, "manage", FOREIGN4, 0, "icmp")
    bare = draft(replace(RADIO, radio=None))
    assert "wireless" not in bare


def test_the_air_of_a_sector_and_of_a_link():
    sector, link = (
        [options for _, _, options in draft(replace(RADIO, radio=one))["wireless"]]
        for one in (AIR, replace(AIR, mode="sta", bridged=True, wpa3=False, ssid="Link", band="2g", htmode="HT20"))
    )
    assert sector[0] == {
        "type": ["mac80211"], "phy": ["phy0"], "band": ["5g"], "channel": ["112"], "htmode": ["VHT20"],
        "country": ["KE"], "txpower": ["25"], "distance": ["1300"], "disabled": ["1"],
    }  # fmt: skip
    assert sector[1] == {
        "device": ["radio0"], "mode": ["ap"], "network": ["data"], "ssid": ["Hill"], "encryption": ["sae"],
        "ieee80211w": ["2"], "wds": ["1"], "isolate": ["1"],
    }  # fmt: skip
    assert (link[0]["band"], link[0]["htmode"]) == (["2g"], ["HT20"])
    assert link[1] == {
        "device": ["radio0"], "mode": ["sta"], "network": ["data"], "ssid": ["Link"], "encryption": ["psk2+ccmp"],
        "ieee80211w": ["1"], "wds": ["1"],
    }  # fmt: skip
    nowhere = draft(replace(RADIO, country="", radio=replace(AIR, total_dbm=None)))["wireless"][0][2]
    assert not {"country", "txpower"} & set(nowhere)


def said(key: Message) -> str:
    return f"SAID {key}"


@pytest.mark.parametrize("wpa3", [True, False])
def test_old_encryption_is_explained_and_new_is_not(wpa3):
    device = replace(RADIO, radio=replace(AIR, wpa3=wpa3))
    for text in (uci(device, [], said), lime_node(device, [], said)):
        assert ("SAID WPA2 with AES" in text) is not wpa3
    assert "SAID The radio stays off until its key is set" in uci(device, [], said)
    assert "SAID Keys are set on the device" in lime_node(device, [], said)
    assert "Keys are set" not in lime_node(replace(RADIO, radio=None), [], said)


def lime(device: DeviceSettings) -> dict[str, dict[str, list[str]]]:
    return {f"{kind} {name}": options for kind, name, options in read_uci(lime_node(device, ["A draft."], str))[""]}


def test_a_libremesh_node_has_its_cloud_and_its_addresses():
    found = lime(RADIO)
    assert found["lime system"] == {"hostname": ["hill-s1"], "root_password_policy": ["DO_NOTHING"]}
    assert found["lime wifi"] == {"ap_ssid": ["hill"]}
    assert found["lime network"] == {
        "main_ipv4_address": ["10.64.0.9/21"], "main_ipv6_address": ["fd01::9/64"], "anygw_dhcp_start": ["16"],
        "anygw_dhcp_limit": ["64"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("air", "mode", "port"),
    [
        (AIR, "ap", None),
        (replace(AIR, bridged=True), "apbb", "wlan0-apbb"),
        (replace(AIR, mode="sta", bridged=True), "client", "wlan0-sta"),
        (replace(AIR, mode="sta"), "client", None),
    ],
)
def test_a_libremesh_radio_is_what_its_end_of_the_path_is(air, mode, port):
    found = lime(replace(RADIO, radio=air))
    own = {} if mode == "ap" else {f"{mode}_ssid": ["Hill"]}
    assert found["wifi radio0"] == {
        "modes": [mode], "channel": ["112"], "htmode": ["VHT20"], "txpower": ["25"], "distance": ["1300"], **own,
        f"{mode}_encryption": ["sae"],
    }  # fmt: skip
    assert found.get("net backbone") == (
        None if port is None else {"linux_name": [port], "protocols": [mode, "babeld:17", "batadv:%N1"]}
    )
    old = lime(replace(RADIO, radio=replace(air, wpa3=False)))["wifi radio0"]
    assert old[f"{mode}_encryption"] == ["psk2+ccmp"]


def test_all_libremesh_nodes_share_the_country_where_it_is_known():
    def wifi(country: str) -> dict[str, list[str]]:
        rows = {name: options for _, name, options in read_uci(lime_community(country, ["A draft."]))[""]}
        assert rows["network"] == {"protocols": ["lan", "anygw", "batadv:%N1", "babeld:17"]}
        return rows["wifi"]

    assert wifi("KE") == {"country": ["KE"]}
    assert wifi("") == {}
    assert lime_community("KE", ["A draft.", "By hand."]).startswith("# A draft.\n# By hand.\n")
