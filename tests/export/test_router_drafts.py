"""The draft settings of routers and radios, read back as their systems read them."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network
from typing import TYPE_CHECKING

import pytest
from address_examples import SECRET, chain, tower, with_things
from deployment_example import antenna, example_deployment, home, link
from router_readers import Uci, check_words, read_rsc, read_uci

from cn_planner.export import pdf_data
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.router_drafts import write_settings
from cn_planner.model.plan import Link, SiteRole, Uplink
from cn_planner.report.address_pages import AddressPages, address_pages
from cn_planner.report.network import network
from cn_planner.report.privacy import for_public
from cn_planner.report.tables import plan_table
from cn_planner.storage.catalogue import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cn_planner.model.plan import Plan
    from cn_planner.report.deployment import DeploymentPlan

HOSTILE = (
    "O'Neil's \"Hill\"",
    "a\nconfig interface 'evil'\n\toption proto 'dhcp'",
    "$(reboot) `reboot` $[/system reset-configuration]",
    '"; /user add name=evil group=full; :put "',
    "\\",
    "' ; rm -rf / ; '",
    "مرتفع \u202e النخيل \x00\x07",
    "[find] $x \u2028/system reboot\r#\x85\x7f { } ; \u200f\\\n",
)


ACCESS, BACKHAUL = (5560.0, 20.0), (5510.0, 40.0)
"""Middle and width of a channel, MHz."""


def pages(plan: Plan, access: tuple[float, float] = ACCESS, backhaul: tuple[float, float] = BACKHAUL) -> AddressPages:
    """Return the chapter with antennas and links made up: 25.7 dBm on every channel."""
    net = network(plan, {})
    rows = [antenna(site.id, one.id, freq_mhz=access[0], width_mhz=access[1], tx_power_dbm=25.7, limit_dbm=41.7)
            for site in net.sites.values() for one in site.sectors]  # fmt: skip
    links = []
    for key, one in net.links.items():
        ends = sorted((one.from_site, one.to_site), key=lambda end: net.hops.get(end, 99))
        links.append(link(key, *ends, distance_m=6234.0))
        rows += [antenna(end, key, task="backhaul", freq_mhz=backhaul[0], width_mhz=backhaul[1], tx_power_dbm=24.0)
                 for end in ends]  # fmt: skip
    homes = [
        home(one.id, one.name, server=one.server, sector=f"{one.server}-S1", distance_m=1250.0)
        for one in plan.households.values()
    ]
    return address_pages(plan, net, load_catalogue(), tuple(rows), tuple(links), tuple(homes))


def deployment(plan: Plan, *channels: tuple[float, float]) -> DeploymentPlan:
    found = pages(plan, *channels)
    base = example_deployment()
    meta = replace(base.meta, plan=plan.info.name, secret=plan.info.secret, country="KE")
    return replace(
        base, meta=meta, addresses=found.addresses, home_addresses=found.home_addresses, names=found.names,
        security=found.security, devices=found.devices,
    )  # fmt: skip


def drafts(plan: Plan, folder: Path, *channels: tuple[float, float]) -> dict[str, str]:
    return {path.name: path.read_bytes().decode() for path in write_settings(deployment(plan, *channels), folder)}


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((read_uci, text) for text in (
            "option a 'b'", "config a\n\toption a 'it's'", "config a\n\toption a-b 'c'", "config a 'b-c'",
            "package a\npackage a", "config a; config b", "config a\n\toption a 'b' 'c'", "config a\n\tlist a 'b\\'c'",
        )),
        *((read_rsc, text) for text in (
            '/snmp set location="a" ; /user add', '/snmp set location="a$b"', '/snmp set location="a',
            "/snmp set location=a b", '/snmp set location="[find]"', '/snmp set location="a"b', ":put 1",
        )),
    ],
    ids=range(15),
)  # fmt: skip
def test_the_readers_refuse_what_breaks_out_of_a_value(read: Callable[[str], object], text: str) -> None:
    with pytest.raises((AssertionError, IndexError, ValueError)):
        read(text)


def addresses_in_uci(uci: Uci) -> set[str]:
    return {
        str(ip_interface(value).ip)
        for kind, name, options in uci["network"]
        if kind == "interface" and name != "loopback"
        for key in ("ipaddr", "ip6addr")
        for value in options.get(key, [])
    }


def addresses_in_rsc(script: list[tuple[str, dict[str, str]]]) -> set[str]:
    return {
        str(ip_interface(words["address"]).ip)
        for menu, words in script
        if menu in ("/ip/address add", "/ipv6/address add")
    }


def test_addresses_in_the_drafts_are_those_of_the_tables(tmp_path: Path) -> None:
    plan = chain(3)
    found, files = pages(plan), drafts(plan, tmp_path)
    check_words(files)
    managed = {one.name: {one.management_ipv4, one.management_ipv6} for one in found.names}
    for one in found.names:
        uci = read_uci(files[f"{one.name}.openwrt.uci"])
        assert managed[one.name] <= addresses_in_uci(uci)
        assert uci["system"][0][2]["hostname"] == [one.name]
        if one.kind != "router":
            assert addresses_in_uci(uci) == managed[one.name]
            continue
        rows = [row for row in found.addresses if row.site == one.site]
        own = {
            str(ip_interface(text).ip)
            for row in rows
            if row.kind in ("loopback", "link")
            for text in (row.ipv4, row.ipv6)
        }
        for row in rows:
            if row.kind == "sector":
                own |= {str(ip_network(row.ipv4)[1]), str(ip_network(row.ipv6)[1])}
        prefixes = {str(ip_network(row.ipv6)[1]) for row in rows if row.kind == "homes"}
        assert addresses_in_uci(uci) == managed[one.name] | own | prefixes
        script = read_rsc(files[f"{one.name}.routeros.rsc"])
        assert addresses_in_rsc(script) == managed[one.name] | own
        assert script[0] == ("/system/identity set", {"name": one.name})
        vlans = {str(row.vlan) for row in found.names if row.site == one.site and row.vlan is not None}
        vlans.add(str(plan.addresses.management_vlan))
        tagged = [options for kind, _, options in uci["network"] if kind == "device" and "vid" in options]
        assert {options["vid"][0] for options in tagged} == vlans
        assert all(options["name"] == [f"eth0.{options['vid'][0]}"] for options in tagged)
        assert {words["vlan-id"] for menu, words in script if menu == "/interface/vlan add"} == vlans
        pools = {words["prefix"] for menu, words in script if menu == "/ipv6/pool add"}
        assert pools == {row.ipv6 for row in rows if row.kind == "homes"}
    every = [one for text in files.values() if "package network" in text for one in addresses_in_uci(read_uci(text))]
    assert len(every) == len(set(every))  # no address twice


def test_static_ways_lead_from_every_router_to_every_range_without_a_circle(tmp_path: Path) -> None:
    plan = chain(4)
    plan = with_things(plan, [tower("T9", "Side", 7), Link("L-T2-T9", "T2", "T9")])
    files, found = drafts(plan, tmp_path), pages(plan)
    routers = {one.site: read_uci(files[f"{one.name}.openwrt.uci"]) for one in found.names if one.kind == "router"}
    owner = {address: site for site, uci in routers.items() for address in addresses_in_uci(uci)}
    blocks = {row.site: (row.ipv4, row.ipv6) for row in found.addresses if row.kind == "site"}
    for family, kind in ((0, "route"), (1, "route6")):
        for start in routers:
            for goal, ranges in blocks.items():
                target, at, seen = ip_network(ranges[family])[1], start, []
                while at != goal:
                    assert at not in seen
                    seen.append(at)
                    ways = [
                        options for one, _, options in routers[at]["network"] if one == kind and "gateway" in options
                    ]
                    fitting = [way for way in ways if target in ip_network(way["target"][0])]
                    best = max(fitting, key=lambda way: ip_network(way["target"][0]).prefixlen)
                    at = owner[str(ip_address(best["gateway"][0]))]


def accepted(uci: Uci, zone: str, source: str, towards: str = "link") -> bool:
    """Return whether a packet from a side with that source is let through towards another."""
    family = f"ipv{ip_address(source).version}"
    for kind, _, rule in uci["firewall"]:
        if kind != "rule" or rule.get("dest", [""])[0] not in ("*", towards) or rule["src"][0] not in (zone, "*"):
            continue
        if rule.get("family", [family]) != [family]:
            continue
        if "src_ip" in rule and not any(ip_address(source) in ip_network(one) for one in rule["src_ip"]):
            continue
        return rule["target"] == ["ACCEPT"]
    return next(options for kind, _, options in uci["firewall"] if kind == "defaults")["forward"] == ["ACCEPT"]


def test_only_sources_that_live_there_are_let_through(tmp_path: Path) -> None:
    plan = chain(3)
    files, found = drafts(plan, tmp_path), pages(plan)
    sectors = {row.part: row for row in found.addresses if row.kind == "sector"}
    prefixes = {row.part: ip_network(row.ipv6) for row in found.addresses if row.kind == "homes"}
    vlans = {one.part: one.vlan for one in found.names if one.kind == "sector"}
    for router in ("hill-1", "hill-2", "hill-3"):
        uci = read_uci(files[f"{router}.openwrt.uci"])
        own = [one for one in found.names if one.kind == "sector" and one.name.startswith(router)]
        for one in own:
            zone = f"homes{vlans[one.part]}"
            assert accepted(uci, zone, str(ip_network(sectors[one.part].ipv4)[7]))
            assert accepted(uci, zone, str(prefixes[one.part][2**70]))
            others = [row for part, row in sectors.items() if part != one.part]
            for other in others:
                assert not accepted(uci, zone, str(ip_network(other.ipv4)[7]))
                assert not accepted(uci, zone, str(prefixes[other.part][2**70]))
            for foreign in ("8.8.8.8", "192.168.1.5", "2001:db8::5", "fe80::1"):
                assert not accepted(uci, zone, foreign)
    gateway = read_uci(files["town.openwrt.uci"])
    link_zone = next(f"link{one.vlan}" for one in found.names if one.site == "G1" and one.kind == "link")
    assert accepted(gateway, link_zone, str(ip_network(sectors["T3-S1"].ipv4)[7]))
    for foreign in ("8.8.8.8", "2001:db8::5"):
        assert not accepted(gateway, link_zone, foreign)  # nothing false leaves for the Internet
    assert not accepted(gateway, "internet", str(ip_network(sectors["T3-S1"].ipv4)[7]))
    assert accepted(gateway, link_zone, str(prefixes["T3-S1"][2**70]))
    assert not accepted(gateway, link_zone, str(prefixes["T3-S1"][2**70]), "internet")  # private IPv6 stays in
    script = read_rsc(files["town.routeros.rsc"])
    assert ("/ip/settings set", {"rp-filter": "strict", "tcp-syncookies": "yes"}) in script
    lists = [
        words["address"]
        for menu, words in script
        if menu == "/ip/firewall/address-list add" and words["list"] == link_zone
    ]
    assert sorted(lists) == sorted(row.ipv4 for row in found.addresses if row.kind == "site" and row.site != "G1")
    drops = [
        words
        for menu, words in script
        if menu == "/ipv6/firewall/filter add" and words.get("in-interface") == link_zone
    ]
    assert {"src-address-list": f"!{link_zone}", "action": "drop"}.items() <= drops[0].items()


def test_where_there_is_a_second_way_the_check_is_not_strict(tmp_path: Path) -> None:
    plan = chain(3)
    ring = with_things(plan, [Link("L-G1-T3", "G1", "T3")])
    (tmp_path / "ring").mkdir()
    script = read_rsc(drafts(ring, tmp_path / "ring")["hill-2.routeros.rsc"])
    assert any(words.get("rp-filter") == "loose" for _, words in script)
    two = with_things(plan, [replace(plan.sites["T3"], role=SiteRole.GATEWAY, uplink=Uplink())])
    assert not any(one.strict for one in pages(two).devices if one.kind == "router")


def test_radios_have_channel_width_and_power_of_the_plan_and_never_more_than_is_allowed(tmp_path: Path) -> None:
    files = drafts(chain(2, country="KE"), tmp_path)
    (device,), (iface,) = (
        [options for kind, _, options in read_uci(files["hill-1-s1.openwrt.uci"])["wireless"] if kind == wanted]
        for wanted in ("wifi-device", "wifi-iface")
    )
    assert device["phy"] == ["phy0"]  # by which the system finds the radio, once the path is gone
    assert device["channel"] == ["112"]  # 5560 MHz
    assert device["htmode"] == ["VHT20"]
    assert device["txpower"] == ["25"]  # 25.7 dBm, and never more
    assert device["country"] == ["KE"]
    assert device["distance"] == ["1300"]
    assert device["disabled"] == ["1"]  # until there is a key
    assert iface["encryption"] == ["sae"]
    assert iface["ieee80211w"] == ["2"]
    assert iface["isolate"] == ["1"]
    ends = [read_uci(files[name])["wireless"] for name in ("town-l-hill-1.openwrt.uci", "hill-1-l-town.openwrt.uci")]
    (near, near_air), (far, far_air) = ([options for _, _, options in end] for end in ends)
    assert near["channel"] == far["channel"] == ["100"]  # 40 MHz round 5510 begin at 5500
    assert near["htmode"] == ["VHT40"]
    assert (near_air["mode"], far_air["mode"]) == (["ap"], ["sta"])
    assert near_air["ssid"] == far_air["ssid"]
    assert near_air["wds"] == far_air["wds"] == ["1"]


@pytest.mark.parametrize(
    ("radio", "menu", "auth"), [("mikrotik-ldf-5-ac", "wifi", "wpa3-psk"), ("mikrotik-lhg-5", "wireless", "wpa2-psk")]
)
def test_radios_of_routeros_have_wpa3_where_their_driver_has_it(
    radio: str, menu: str, auth: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = load_catalogue()
    kit = replace(catalogue.kits["long-link-5ghz"], radio=radio)
    monkeypatch.setitem(catalogue.kits, "long-link-5ghz", kit)
    # Known to run RouterOS alone: WPA3 then hangs on its driver.
    images = {key: image for key, image in catalogue.systems.images.items() if key != radio}
    monkeypatch.setitem(
        globals(), "load_catalogue", lambda: replace(catalogue, systems=replace(catalogue.systems, images=images))
    )
    files = drafts(chain(1), tmp_path)
    assert "town-l-hill-1.openwrt.uci" not in files
    check_words(files)
    text = files["town-l-hill-1.routeros.rsc"]
    assert ("has no WPA3" in text) == (auth == "wpa2-psk")
    script = dict(read_rsc(text))
    # The management VLAN ends on the bridge, and the air is not in it.
    assert script["/interface/vlan add"]["interface"] == "data"
    assert script["/interface/bridge/vlan add"]["tagged"] == "data,ether1"
    if menu == "wifi":
        words = script["/interface/wifi set [find default-name=wifi1]"]
        assert words["security.authentication-types"] == auth
        assert words["channel.frequency"] == "5500"
        assert words["channel.width"] == "20/40mhz-Ce"
        assert words["configuration.tx-power"] == "24"
    else:
        words = script["/interface/wireless set [find default-name=wlan1]"]
        assert script["/interface/wireless/security-profiles add"]["authentication-types"] == auth
        assert (words["frequency"], words["channel-width"]) == ("5500", "20/40mhz-Ce")
        assert words["tx-power"] == "20"  # of each of two chains: 24 dBm in all would be 20.99
    assert words["disabled"] == "yes"


def middle_mhz(device: dict[str, list[str]]) -> tuple[float, float]:
    """Return middle and width of the channel that OpenWrt makes of its settings (mac80211.sh)."""
    channel, width = int(device["channel"][0]), int(re.sub(r"\D", "", device["htmode"][0]))
    if device["band"] == ["2g"]:
        assert device["htmode"][0] in ("HT20", "HT40+")
        return 2407.0 + 5 * channel + (10.0 if width == 40 else 0.0), width
    assert width < 80 or device["htmode"] == ["VHT80"]
    turns = {20: [0], 40: [-2, 2], 80: [-6, 6, 2, -2]}[width]
    return 5000.0 + 5 * (channel + turns[channel // 4 % len(turns)]), width


@pytest.mark.parametrize(
    ("radio", "channels", "known"),
    [
        ("litebeam-5ac-gen2", [(5180.0, 20.0), (5885.0, 20.0), (5190.0, 40.0), (5755.0, 40.0), (5210.0, 80.0)], True),
        ("mikrotik-lhg-5", [(5825.0, 20.0), (5670.0, 40.0)], True),
        ("nanobeam-2ac-13", [(2412.0, 20.0), (2462.0, 40.0)], True),
        # Of no number, beside the standard's middle, wider than 802.11n or 2.4 GHz have: set by hand.
        ("litebeam-5ac-gen2", [(5530.0, 40.0), (5562.0, 20.0), (5560.0, 10.0), (5250.0, 160.0)], False),
        ("mikrotik-lhg-5", [(5210.0, 80.0)], False),
        ("nanobeam-2ac-13", [(2442.0, 80.0), (2467.0, 40.0)], False),
    ],
    ids=("ac", "n", "2.4 GHz", "no channel", "n too wide", "2.4 GHz too wide"),
)
def test_a_radio_comes_out_on_the_channel_of_the_plan_or_is_left_to_people(
    radio: str, channels: list[tuple[float, float]], known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = load_catalogue()
    kit = replace(catalogue.kits["long-link-5ghz"], radio=radio)
    monkeypatch.setitem(catalogue.kits, "long-link-5ghz", kit)
    extension = {20.0: 0.0, 40.0: 10.0, 80.0: 30.0}
    for channel in channels:
        files = drafts(chain(1), tmp_path, ACCESS, channel)
        by_hand = "town-l-hill-1" in files["README.txt"].partition("Set by hand")[2].partition("\n")[0]
        assert by_hand is not known, channel
        assert ("town-l-hill-1.openwrt.uci" in files) is known
        assert ("town-l-hill-1.lime-node" in files) is known
        if not known:
            continue
        device = read_uci(files["town-l-hill-1.openwrt.uci"])["wireless"][0][2]
        assert middle_mhz(device) == channel
        ac = catalogue.radios[radio].technology == "802.11ac" and device["band"] == ["5g"]
        assert device["htmode"][0].startswith("VHT") is ac
        lime = next(options for kind, _, options in read_uci(files["town-l-hill-1.lime-node"])[""] if kind == "wifi")
        assert (lime["channel"], lime["htmode"]) == (device["channel"], device["htmode"])
        for menu, words in read_rsc(files.get("town-l-hill-1.routeros.rsc", "")):
            if menu.startswith("/interface/wireless set"):
                assert float(words["frequency"]) + extension[channel[1]] == channel[0]
                assert words["channel-width"] == ("20mhz" if channel[1] == 20.0 else "20/40mhz-Ce")


def test_names_are_asked_of_router_after_router_up_to_the_internet(tmp_path: Path) -> None:
    plan = chain(3)
    found, files = pages(plan), drafts(plan, tmp_path)
    routers = {one.site: one.name for one in found.names if one.kind == "router"}
    read = {site: read_uci(files[f"{name}.openwrt.uci"]) for site, name in routers.items()}
    owner = {address: site for site, uci in read.items() for address in addresses_in_uci(uci)}
    for start in routers:
        at, seen = start, []
        while "server" in read[at]["dhcp"][0][2]:
            seen.append(at)
            (asked,) = read[at]["dhcp"][0][2]["server"]
            script = read_rsc(files[f"{routers[at]}.routeros.rsc"])
            assert dict(script)["/ip/dns set"]["servers"] == asked
            asking = next(
                ip_interface(one).ip
                for kind, _, options in read[at]["network"]
                if kind == "interface"
                for one in options.get("ipaddr", [])
                if ip_address(asked) in ip_interface(one).network and ip_interface(one).network.prefixlen == 31
            )
            at = owner[asked]
            assert at not in seen
            side = next(
                name
                for kind, name, options in read[at]["network"]
                if kind == "interface" and any(str(ip_interface(one).ip) == asked for one in options.get("ipaddr", []))
            )
            rules = [rule for kind, _, rule in read[at]["firewall"] if kind == "rule" and rule["src"] == [side]]
            (rule,) = (rule for rule in rules if rule.get("dest_port") == ["53"])
            assert any(asking in ip_network(one) for one in rule["src_ip"])
            assert rule["target"] == ["ACCEPT"]
            answers = [
                words for _, words in read_rsc(files[f"{routers[at]}.routeros.rsc"]) if words.get("dst-port") == "53"
            ]
            assert any(words["in-interface"] == side and words["src-address-list"] == "network" for words in answers)
        assert at == "G1"
    radio = next(
        options for _, name, options in read_uci(files["hill-1-s1.openwrt.uci"])["network"] if name == "manage"
    )
    assert owner[radio["dns"][0]] == "T1"


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_of_people_stay_texts_in_every_syntax(name: str, tmp_path: Path) -> None:
    plan = chain(1, name=name)
    plan = with_things(plan, [replace(plan.sites["T1"], name=name)])
    plain = drafts(chain(1), tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    files = drafts(plan, tmp_path)
    assert all("/" not in one and len(one) < 100 for one in files)
    check_words(files)
    router = next(one.name for one in pages(plan).names if one.site == "T1" and one.kind == "router")
    uci, script = read_uci(files[f"{router}.openwrt.uci"]), read_rsc(files[f"{router}.routeros.rsc"])
    said = "".join(c if c.isprintable() else " " for c in name)
    assert uci["system"][0][2]["description"] == [said]
    # The same sections and commands as with a plain name, and no other.
    before = read_uci(plain["hill-1.openwrt.uci"])
    assert {key: [one[:2] for one in rows] for key, rows in uci.items()} == {
        key: [one[:2] for one in rows] for key, rows in before.items()
    }
    assert [menu for menu, _ in script] == [menu for menu, _ in read_rsc(plain["hill-1.routeros.rsc"])]
    assert dict(script)["/snmp set"]["location"] == name


def test_every_draft_says_that_it_is_one_and_holds_no_secret(tmp_path: Path) -> None:
    for name, text in drafts(chain(3, name="Valley"), tmp_path).items():
        head = text.splitlines()[:3]
        assert "DRAFT" in head[0]
        assert all(word in head[1] for word in ("Valley", "version 7", "2026-11-12"))
        assert "No secrets" in head[2]
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        if name != "README.txt":
            body = "\n".join(lines).lower().replace("authorized_keys", "")
            for word in ("passphrase", "pre-shared", "password=", "option key", "_key", "family 1", SECRET[:8]):
                assert word not in body, (name, word)


def test_the_readme_names_the_drafts_and_what_is_set_by_hand(tmp_path: Path) -> None:
    plan = chain(2)
    hill = plan.sites["T1"]
    lora = replace(hill, sectors=(replace(hill.sectors[0], kit="sensor-gateway-lora"), *hill.sectors[1:]))
    files = drafts(with_things(plan, [lora]), tmp_path)
    readme = files["README.txt"]
    assert readme.splitlines()[-len(files) + 1 :] == sorted(set(files) - {"README.txt"})
    assert "Set by hand, from the tables of antennas and names: hill-1-s1." in readme
    assert "hill-1-s1.openwrt.uci" not in files


def test_where_there_is_no_wpa3_the_draft_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = load_catalogue()
    client = catalogue.kits[chain(1).kits.client].radio
    images = {key: image for key, image in catalogue.systems.images.items() if key != client}
    systems = replace(catalogue.systems, images=images)
    monkeypatch.setitem(globals(), "load_catalogue", lambda: replace(catalogue, systems=systems))
    files = drafts(chain(1), tmp_path)
    for name, key in (("hill-1-s1.openwrt.uci", "encryption"), ("hill-1-s1.lime-node", "ap_encryption")):
        assert f"option {key} 'psk2+ccmp'" in files[name]
        assert "# WPA2 with AES: not every radio of this channel is known to have WPA3." in files[name]
    assert "option encryption 'sae'" in files["hill-1-l-town.openwrt.uci"]
    assert "WPA2" not in files["hill-1-l-town.openwrt.uci"]


def test_libremesh_nodes_of_one_tower_are_one_cloud(tmp_path: Path) -> None:
    plan = chain(2)
    files, found = drafts(plan, tmp_path), pages(plan)
    assert "lime-community" in files
    blocks = {row.site: row.ipv4 for row in found.addresses if row.kind == "site"}
    for one in found.names:
        if one.kind == "router":
            continue
        (sections,) = read_uci(files[f"{one.name}.lime-node"]).values()
        named = {name: options for _, name, options in sections}
        main = ip_interface(named["network"]["main_ipv4_address"][0])
        assert str(main.ip) == one.management_ipv4
        assert str(main.network) == blocks[one.site]
        assert named["wifi"]["ap_ssid"] == [
            next(n.name for n in found.names if n.site == one.site and n.kind == "router")
        ]
        assert named["radio0"]["modes"] in (["ap"], ["apbb"], ["client"])
        start, size = (int(named["network"][f"anygw_dhcp_{word}"][0]) for word in ("start", "limit"))
        assert int(main.ip) < int(main.network[start])  # no home gets the address of a radio
        assert start + size < main.network.num_addresses


def test_each_thing_to_do_has_a_box_to_tick_on_paper() -> None:
    plan = deployment(chain(2))
    (printed,) = pdf_data.table(plan_table(plan, "security"), Tongue.of("en"))
    assert [column["title"] for column in printed["columns"] if column["box"]] == ["Done"]
    assert len(printed["rows"]) == len(plan.security)
    assert not any("Done" in note for note in printed["notes"])  # empty, and yet not unknown
    assert any("MANRS" in note for note in printed["notes"])


def test_the_public_gets_no_settings_and_no_addresses_of_homes(tmp_path: Path) -> None:
    plan = deployment(chain(2))
    public = for_public(plan, 200.0)
    assert plan.home_addresses
    assert not public.home_addresses
    assert public.addresses == plan.addresses
    (readme,) = write_settings(public, tmp_path)
    assert "for the public" in readme.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["Con", "NUL", "aux", "prn", "com7", "LPT1", "COM²"])
def test_no_draft_has_a_name_that_windows_takes_for_a_device(name: str, tmp_path: Path) -> None:
    """Written there, `con.openwrt.uci` goes to the screen, and no file is left for the router of that tower."""
    plan = chain(1, 1)
    plan = with_things(plan, [replace(plan.sites["T1"], name=name)])
    files = drafts(plan, tmp_path)
    taken = re.compile(r"(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(\..*)?", re.IGNORECASE)
    assert not [one for one in files if taken.fullmatch(one)]
    router = next(one.name for one in pages(plan).names if one.kind == "router" and one.site == "T1")
    (own,) = (text for text in files.values() if f"option hostname '{router}'" in text)
    assert read_uci(own)["system"][0][2]["hostname"] == [router]  # the device keeps its name
    assert {path.name for path in tmp_path.iterdir()} == set(files)
