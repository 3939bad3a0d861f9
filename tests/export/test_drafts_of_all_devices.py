"""Every device that a plan buys has settings, and they come together: homes, switches, gateway, keys, a way back in."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network
from typing import TYPE_CHECKING

import pytest
from router_readers import check_words, read_airos, read_rsc, read_uci
from small_network import flat_ground, small_network

from cn_planner.errors import InputError
from cn_planner.export.router_drafts import write_settings
from cn_planner.model.addressing import Addressing, check_addressing
from cn_planner.model.radio_figures import TotalDbm
from cn_planner.report.build import build_report
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1dCBub2JvZHkgaGFzIHRoZSBvdGhlciBoYWxm keepers"
LOG = "10.64.0.70"
SH = shutil.which("sh") or ""


def _report(**kits: str) -> DeploymentPlan:
    plan = small_network(country="KE")
    plan = replace(plan, addresses=replace(plan.addresses, ssh_key=KEY, log_to=LOG), kits=replace(plan.kits, **kits))
    if "access" in kits:
        sites = [replace(one, sectors=tuple(replace(s, kit=kits["access"]) for s in one.sectors))
                 for one in plan.sites.values()]  # fmt: skip
        plan = replace(plan, sites=type(plan.sites)(sites))
    study = Study(plan, flat_ground(), load_catalogue(), load_country_rules("KE"))
    return build_report(study, version=7, date="2026-11-28")


def _written(report: DeploymentPlan, folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in write_settings(report, folder)}


@pytest.fixture(scope="module")
def report() -> DeploymentPlan:
    return _report()


@pytest.fixture(scope="module")
def files(report: DeploymentPlan, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return _written(report, tmp_path_factory.mktemp("drafts"))


def test_every_device_of_the_bill_has_a_draft(report: DeploymentPlan, files: dict[str, str]) -> None:
    check_words(files)
    bill = Counter({line.item: line.quantity - line.spares for line in report.bom})
    kinds = Counter(one.kind for one in report.devices)
    assert kinds["router"] == bill["tower-router"] == 4
    assert kinds["switch"] == bill["switch-poe"] + bill["switch-poe-8"] == 4
    assert kinds["sector"] == bill["litebeam-5ac-16-120"] == 3
    assert kinds["link"] == bill["powerbeam-5ac-620"] == 6
    at_home = Counter(one.kind for one in report.home_devices)
    assert at_home["home-router"] == bill["home-router"] == len(report.home_addresses)
    assert at_home["home-radio"] == 3  # one draft for all homes of a sector
    for one in (*report.devices, *report.home_devices):
        assert f"{one.name}.openwrt.uci" in files
        if one.kind in ("router", "switch", "home-router"):
            assert f"{one.name}.routeros.rsc" in files
    assert len({one.name for one in (*report.devices, *report.home_devices)}) == len(report.devices) + len(
        report.home_devices
    )


def test_printed_addresses_of_homes_come_true(report: DeploymentPlan, files: dict[str, str]) -> None:
    routers = {one.site: one.name for one in report.names if one.kind == "router"}
    for home in report.home_addresses:
        own = read_uci(files[f"{home.name}.openwrt.uci"])
        wan = next(options for _, name, options in own["network"] if name == "wan")
        assert wan["hostname"] == own["system"][0][2]["hostname"] == [home.name]
        tower = read_uci(files[f"{routers[home.site]}.openwrt.uci"])
        kept = [options for kind, _, options in tower["dhcp"] if kind == "host"]
        assert {"name": [home.name], "ip": [home.ipv4]} in kept
        # RouterOS goes by the client identifier: kind 0, then the name.
        script = read_rsc(files[f"{routers[home.site]}.routeros.rsc"])
        lease = next(words for menu, words in script if menu.endswith("lease add") and words["address"] == home.ipv4)
        said = bytes(int(one, 16) for one in lease["client-id"].split(":"))
        assert said == b"\0" + home.name.encode()
        assert bytes.fromhex(wan["clientid"][0]) == said
        option = next(words for menu, words in read_rsc(files[f"{home.name}.routeros.rsc"])
                      if menu == "/ip/dhcp-client/option add")  # fmt: skip
        assert (option["code"], bytes.fromhex(option["value"].removeprefix("0x"))) == ("61", said)
        subnet = next(
            ip_interface(words["address"]).network
            for menu, words in script
            if menu == "/ip/address add" and ip_address(home.ipv4) in ip_interface(words["address"]).network
        )
        assert ip_address(home.ipv4) in subnet
        assert next(options for _, name, options in own["network"] if name == "wan6")["reqprefix"] == ["56"]


def test_a_frame_of_a_radio_comes_to_its_router_in_its_own_vlan(report: DeploymentPlan, files: dict[str, str]) -> None:
    packs = {one.site: one for one in report.packs}
    for switch in (one for one in report.devices if one.kind == "switch"):
        pack = packs[switch.site]
        rows = read_uci(files[f"{switch.name}.openwrt.uci"])["network"]
        members = {int(options["vlan"][0]): set(options["ports"]) for kind, _, options in rows if kind == "bridge-vlan"}
        (up,) = (f"lan{one.port}" for one in pack.ports if one.kind == "router")
        assert members[99] >= {f"{up}:t"}
        script = read_rsc(files[f"{switch.name}.routeros.rsc"])
        pvids = {words["interface"]: words.get("pvid") for menu, words in script if menu.endswith("bridge/port add")}
        for radio in pack.radios:
            port = f"lan{radio.port}"
            assert members[radio.vlan] == {f"{port}:u*", f"{up}:t"}
            assert f"{port}:t" in members[99]
            assert pvids[f"ether{radio.port}"] == str(radio.vlan)
        for free in (one for one in pack.ports if one.kind == "free"):
            assert not any(one.startswith(f"lan{free.port}:") for ports in members.values() for one in ports)
        router = next(one for one in report.devices if one.site == switch.site and one.kind == "router")
        network = read_uci(files[f"{router.name}.openwrt.uci"])["network"]
        vlans = {int(options["vid"][0]) for kind, _, options in network if kind == "device" and "vid" in options}
        assert vlans == set(members)
        address = next(options["ipaddr"][0] for _, name, options in rows if name == "manage")
        assert ip_interface(address).ip == ip_network(ip_interface(address).network)[2]


def test_the_internet_is_shared_fairly_where_it_comes_in(files: dict[str, str]) -> None:
    queue = read_uci(files["town.openwrt.uci"])["sqm"][0][2]
    assert (queue["download"], queue["upload"], queue["interface"]) == (
        ["190000"],
        ["190000"],
        ["eth1"],
    )  # of 200 Mbit/s
    simple = dict(read_rsc(files["town.routeros.rsc"]))["/queue/simple add"]
    assert simple["max-limit"] == "190000k/190000k"
    assert not any("sqm" in read_uci(text) for name, text in files.items()
                   if name.endswith(".openwrt.uci") and name != "town.openwrt.uci")  # fmt: skip


def test_devices_are_reached_by_key_and_tell_where_they_are_asked_from(
    report: DeploymentPlan, files: dict[str, str]
) -> None:
    for one in report.devices:
        uci = read_uci(files[f"{one.name}.openwrt.uci"])
        assert uci["dropbear"][0][2]["PasswordAuth"] == ["off"]
        assert uci["system"][0][2]["log_ip"] == [LOG]
        asked = [options["source"][0] for kind, _, options in uci["snmpd"] if kind == "com2sec"]
        assert asked == list(one.managed_from_ipv4)
        assert all(options["write"] == ["none"] for kind, _, options in uci["snmpd"] if kind == "access")
        if f"{one.name}.routeros.rsc" in files:
            script = dict(read_rsc(files[f"{one.name}.routeros.rsc"]))
            assert script["/user/ssh-keys add"]["key"] == KEY
            assert script["/system/logging/action add"]["remote"] == LOG
            assert script["/snmp/community set [find default=yes]"]["addresses"].split(",")[0] == asked[0]


def test_every_radio_has_its_country_and_no_more_power_than_the_law(
    report: DeploymentPlan, files: dict[str, str]
) -> None:
    antennas = {(one.site, one.id): one for one in report.antennas}
    parts = {one.name: (one.site, one.part) for one in report.names}
    seen = 0
    for one in (*report.devices, *report.home_devices):
        if one.radio is None:
            continue
        device = read_uci(files[f"{one.name}.openwrt.uci"])["wireless"][0][2]
        assert device["country"] == ["KE"]
        assert device["disabled"] == ["1"]
        power = float(device["txpower"][0])
        if one.kind == "home-radio":
            home = next(home for home in report.homes if (home.server, home.sector) == parts[one.name[: -len("-home")]])
            assert home.eirp_dbm is not None
            assert home.limit_dbm is not None
            gain = home.eirp_dbm - (home.tx_power_dbm or 0.0)
            assert power + gain <= home.limit_dbm + 1e-6
        else:
            antenna = antennas[parts[one.name]]
            assert antenna.limit_dbm is not None
            assert antenna.gain_dbi is not None
            assert power + antenna.gain_dbi <= antenna.limit_dbm + 1e-6
        seen += 1
    assert seen == 12


def test_homes_hear_their_sector_on_its_channel(report: DeploymentPlan, files: dict[str, str]) -> None:
    for one in (each for each in report.home_devices if each.kind == "home-radio"):
        own, sector = (read_uci(files[f"{name}.openwrt.uci"])["wireless"] for name in (one.name, one.name[:-5]))
        assert (own[1][2]["mode"], own[1][2]["wds"], sector[1][2]["wds"]) == (["sta"], ["1"], ["1"])
        assert own[1][2]["ssid"] == sector[1][2]["ssid"]
        assert own[1][2]["encryption"] == sector[1][2]["encryption"]
        assert (own[0][2]["channel"], own[0][2]["htmode"]) == (sector[0][2]["channel"], sector[0][2]["htmode"])


def test_a_radio_that_sends_more_than_it_may_at_the_least_is_said(tmp_path: Path, report: DeploymentPlan) -> None:
    devices = tuple(
        one if one.radio is None else replace(
            one, radio=replace(one.radio, total_dbm=None, chain_dbm=None, least_dbm=TotalDbm(10.0)))
        for one in report.devices
    )  # fmt: skip
    files = _written(replace(report, devices=devices), tmp_path)
    text = files["ash-b-hill-b-s1.openwrt.uci"]
    assert "10 dBm at the least" in text
    assert "txpower" not in read_uci(text)["wireless"][0][2]


def test_where_airmax_is_counted_the_draft_is_for_airos(tmp_path: Path) -> None:
    report = _report(access="busy-sector-5ghz")
    catalogue = load_catalogue()
    assert not catalogue.systems.drafted(catalogue.kits["busy-sector-5ghz"].radio)
    files = _written(report, tmp_path)
    check_words(files)
    name = next(one.name for one in report.devices if one.kind == "sector")
    assert f"{name}.openwrt.uci" not in files
    device = next(one for one in report.devices if one.name == name)
    found = read_airos(files[f"{name}.airos.cfg"])
    assert device.radio is not None
    assert (found["radio.1.mode"], found["radio.1.polling"], found["wireless.1.wds.status"]) == (
        "master", "enabled", "enabled",
    )  # fmt: skip
    assert found["radio.countrycode"] == "404"  # Kenya, ISO 3166-1
    antenna = next(one for one in report.antennas if one.site == device.site and one.task == "access")
    assert found["radio.1.freq"] == f"{antenna.freq_mhz:.0f}"
    assert float(found["radio.1.txpower"]) <= (antenna.tx_power_dbm or 0.0)
    assert f"{found['netconf.3.ip']}" == device.management_ipv4.split("/")[0]
    assert (found["vlan.1.id"], found["netconf.3.devname"]) == ("99", "eth0.99")
    assert found["wireless.1.status"] == "disabled"  # until its key is set
    assert found["sshd.auth.passwd"] == "disabled"
    assert (found["syslog.remote.ip"], found["snmp.status"]) == (LOG, "enabled")
    assert "airOS" in files["README.txt"]
    pack = next(one for one in report.packs if one.site == device.site)
    assert pack.radios[0].systems == ("airos",)


@pytest.mark.skipif(not SH, reason="there is no sh")
@pytest.mark.parametrize("answers", [True, False], ids=("the router answers", "it does not"))
def test_the_window_of_rescue_opens_while_no_router_answers(
    answers: bool, files: dict[str, str], tmp_path: Path
) -> None:
    """The script as it is, with words that write down what they were told in place of the device's own."""
    root, words, told = tmp_path / "root", tmp_path / "bin", tmp_path / "told"
    root.mkdir()
    words.mkdir()
    for name, body in {
        "uci": "echo 10.64.0.1", "ping": "exit 0" if answers else "exit 1", "sleep": f"echo sleep $* >> {told}",
        "ip": f"echo ip $* >> {told}",
    }.items():  # fmt: skip
        (words / name).write_text(f"#!/bin/sh\n{body}\n")
        (words / name).chmod(0o755)
    script = tmp_path / "first.sh"
    script.write_text(files["openwrt-first.sh"], encoding="utf-8")
    path = f"{words}:/usr/bin:/bin"
    for _ in range(2):  # twice does no harm
        subprocess.run([SH, str(script)], check=True, env={"ROOT": str(root), "PATH": path})
    assert (root / "etc/dropbear/authorized_keys").read_text() == KEY + "\n"
    subprocess.run([SH, "-n", str(root / "etc/init.d/rescue")], check=True)
    subprocess.run([SH, str(root / "usr/sbin/rescue-window")], check=True, env={"PATH": path})
    said = told.read_text().splitlines() if told.exists() else []
    if answers:
        assert said == []
    else:
        assert said[0] == "ip addr add 192.168.1.1/24 dev br-data"
        assert said[-1] == "ip addr del 192.168.1.1/24 dev br-data"
        assert said[1:-1] == ["sleep 10"] * 60  # ten minutes


def test_a_radio_of_routeros_has_a_window_too(tmp_path: Path, report: DeploymentPlan) -> None:
    devices = tuple(replace(one, routeros="wifi") if one.kind == "link" else one for one in report.devices)
    files = _written(replace(report, devices=devices), tmp_path)
    check_words(files)
    one = next(each for each in devices if each.kind == "link")
    script = dict(read_rsc(files[f"{one.name}.routeros.rsc"]))
    window = script["/system/scheduler add"]
    assert window["start-time"] == "startup"
    event = window["on-event"]
    assert event.startswith("/ip/address/remove [find comment=rescue];")
    assert f"/ping {one.gateway_ipv4} count=5] = 0" in event
    assert event.index("address=192.168.88.1/24") < event.index(":delay 570s") < event.rindex("/ip/address/remove")
    assert event.count("{") == event.count("}") == 1
    accepted = [words for menu, words in read_rsc(files[f"{one.name}.routeros.rsc"])
                if words.get("dst-address") == "192.168.88.1"]  # fmt: skip
    assert [(one["in-interface"], one["action"]) for one in accepted] == [("data", "accept")]
    assert script["/interface/wifi set [find default-name=wifi1]"]["configuration.country"] == "Kenya"
    assert list(read_rsc(files[f"{one.name}.routeros.rsc"]))[-1][1] == {"configuration.country": "Kenya"}


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"ssh_key": "-----BEGIN OPENSSH PRIVATE KEY-----"}, "addresses.ssh_key"),
        ({"ssh_key": KEY + "\nssh-rsa AAAA"}, "addresses.ssh_key"),
        ({"log_to": "logs.example.org"}, "addresses.log_to"),
        ({"log_to": "10.64.0.700"}, "addresses.log_to"),
    ],
)
def test_what_is_no_key_or_address_is_told(values: dict[str, str], where: str) -> None:
    with pytest.raises(InputError) as caught:
        check_addressing(Addressing(**values))
    assert caught.value.where == where
    assert caught.value.fix is not None
