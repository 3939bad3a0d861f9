"""The draft settings of routers and radios, read back as their systems read them."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network
from typing import TYPE_CHECKING

import pytest
from address_examples import SECRET, chain, tower, with_things
from deployment_example import antenna, example_deployment, home, link

from cn_planner.export import pdf_data
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.router_drafts import write_settings
from cn_planner.model.plan import Link, SiteRole, Uplink
from cn_planner.report.address_pages import AddressPages, address_pages
from cn_planner.report.address_tables import security_table
from cn_planner.report.network import network
from cn_planner.report.privacy import for_public
from cn_planner.storage.catalogue import load_catalogue

if TYPE_CHECKING:
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
)


def pages(plan: Plan) -> AddressPages:
    """Return the chapter with antennas and links made up: 25.7 dBm on every channel."""
    net = network(plan, {})
    rows = [antenna(site.id, one.id, freq_mhz=5560.0, tx_power_dbm=25.7, limit_dbm=41.7) for site in net.sites.values()
            for one in site.sectors]  # fmt: skip
    links = []
    for key, one in net.links.items():
        ends = sorted((one.from_site, one.to_site), key=lambda end: net.hops.get(end, 99))
        links.append(link(key, *ends, distance_m=6234.0))
        rows += [antenna(end, key, task="backhaul", freq_mhz=5510.0, width_mhz=40.0, tx_power_dbm=24.0) for end in ends]
    homes = [
        home(one.id, one.name, server=one.server, sector=f"{one.server}-S1", distance_m=1250.0)
        for one in plan.households.values()
    ]
    return address_pages(plan, net, load_catalogue(), tuple(rows), tuple(links), tuple(homes))


def deployment(plan: Plan) -> DeploymentPlan:
    found = pages(plan)
    base = example_deployment()
    meta = replace(base.meta, plan=plan.info.name, secret=plan.info.secret, country="KE")
    return replace(
        base, meta=meta, addresses=found.addresses, home_addresses=found.home_addresses, names=found.names,
        security=found.security, devices=found.devices,
    )  # fmt: skip


def drafts(plan: Plan, folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in write_settings(deployment(plan), folder)}


Uci = dict[str, list[tuple[str, str, dict[str, list[str]]]]]


def read_uci(text: str) -> Uci:
    """Read UCI text as `uci import` does: packages of (type, name, options); quotes as in a shell."""
    found: Uci = defaultdict(list)
    package = ""
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if words[0] == "package":
            (package,) = words[1:]
        elif words[0] == "config":
            assert len(words) in (2, 3), line
            assert re.fullmatch(r"[A-Za-z0-9_-]*", words[2] if len(words) > 2 else "")
            found[package].append((words[1], words[2] if len(words) > 2 else "", {}))
        else:
            assert words[0] in ("option", "list"), line
            kind, key, value = words
            options = found[package][-1][2]
            assert kind == "list" or key not in options, line
            options.setdefault(key, []).append(value)
    return found


def read_rsc(text: str) -> list[tuple[str, dict[str, str]]]:
    """Read a script as RouterOS does: one command a line, texts in quotes with codes of bytes."""
    found = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            assert not line.endswith("\\")
            continue
        head = re.match(r"(/[a-z0-9/-]+ (?:add|set))(?: ([a-z-]+|\[find default-name=\w+\]))?(?= |$)", line)
        assert head, line
        rest = line[head.end() :]
        words: dict[str, str] = {}
        while rest:
            word = re.match(r' ([a-z.-]+)=("(?:[^"\\$\[\];]|\\[0-9A-F]{2})*"|[A-Za-z0-9.:/,!_<-]+)', rest)
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
    script = dict(read_rsc(files["town-l-hill-1.routeros.rsc"]))
    if menu == "wifi":
        words = script["/interface/wifi set [find default-name=wifi1]"]
        assert words["security.authentication-types"] == auth
        assert words["channel.frequency"] == "5500"
        assert words["channel.width"] == "20/40mhz-Ce"
        assert words["configuration.tx-power"] == "24"
    else:
        words = script["/interface/wireless set [find default-name=wlan1]"]
        assert script["/interface/wireless/security-profiles add"]["authentication-types"] == auth
        assert (words["frequency"], words["channel-width"], words["tx-power"]) == ("5500", "20/40mhz-Ce", "24")
    assert words["disabled"] == "yes"


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_of_people_stay_texts_in_every_syntax(name: str, tmp_path: Path) -> None:
    plan = chain(1, name=name)
    plan = with_things(plan, [replace(plan.sites["T1"], name=name)])
    plain = drafts(chain(1), tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    files = drafts(plan, tmp_path)
    assert all("/" not in one and len(one) < 100 for one in files)
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
            body = "\n".join(lines).lower()
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
    (printed,) = pdf_data.table(security_table(plan), Tongue.of("en"))
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
