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
from cn_planner.model import edits
from cn_planner.model.addressing import Addressing, check_addressing
from cn_planner.model.plan import PublicPlace
from cn_planner.model.radio_figures import TotalDbm
from cn_planner.report.build import build_report
from cn_planner.report.more_devices import home_devices
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.model.equipment import Catalogue
    from cn_planner.report.deployment import DeploymentPlan

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1dCBub2JvZHkgaGFzIHRoZSBvdGhlciBoYWxm keepers"
LOG = "10.64.0.70"
SH = shutil.which("sh") or ""


def _report(far: str = "", hotspot: str = "", shelf: Catalogue | None = None, **kits: str) -> DeploymentPlan:
    """Return the small network in Kenya; ``far``: a home with the larger dish, ``hotspot``: a tower that has one."""
    plan = small_network(country="KE")
    if far:
        plan = edits.put(plan, [replace(plan.households[far], client_kit="far-home-5ghz")]).plan
    if hotspot:
        site = plan.sites[hotspot]
        place = PublicPlace("p", "Market", site.latitude, site.longitude + 0.001, server=hotspot)
        plan = edits.put(plan, [replace(site, hotspot=True), place]).plan
    plan = replace(plan, addresses=replace(plan.addresses, ssh_key=KEY, log_to=LOG), kits=replace(plan.kits, **kits))
    if "access" in kits:
        sites = [replace(one, sectors=tuple(replace(s, kit=kits["access"]) for s in one.sectors))
                 for one in plan.sites.values()]  # fmt: skip
        plan = replace(plan, sites=type(plan.sites)(sites))
    study = Study(plan, flat_ground(), load_catalogue() if shelf is None else shelf, load_country_rules("KE"))
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


def test_each_kit_of_a_sector_keeps_the_law_with_its_own_dish(tmp_path: Path) -> None:
    report = _report(far="A3")
    files = _written(report, tmp_path)
    catalogue = load_catalogue()
    usual, far = (catalogue.antennas[catalogue.kits[key].antenna].gain_dbi for key in (
        "roof-client-5ghz", "far-home-5ghz"))  # fmt: skip
    assert (usual, far) == (23.0, 25.0)
    sent = {
        name: float(read_uci(files[f"ash-b-hill-b-s1-{name}.openwrt.uci"])["wireless"][0][2]["txpower"][0])
        for name in ("home", "home-2")
    }
    law = {
        one.limit_dbm for one in load_country_rules("KE").limits
        if one.eirp and one.low_mhz <= 5550.0 and one.high_mhz >= 5570.0
    }  # fmt: skip
    assert law == {30.0}
    assert sent == {"home": 30.0 - usual, "home-2": 30.0 - far}
    for home in report.homes:
        gain = far if home.id == "A3" else usual
        assert (home.tx_power_dbm or 0.0) + gain == pytest.approx(home.eirp_dbm)


def test_a_sector_has_wpa3_where_the_radios_of_all_its_homes_have_it() -> None:
    shelf = load_catalogue()
    far = shelf.kits["far-home-5ghz"].radio
    images = {key: image for key, image in shelf.systems.images.items() if key != far}
    older = replace(shelf, systems=replace(shelf.systems, images=images))
    assert not older.systems.wpa3(far)
    sectors = {
        one.site: one.radio.wpa3
        for one in _report(far="A3", shelf=older).devices
        if one.kind == "sector" and one.radio is not None
    }
    assert sectors == {"A": False, "B": True, "C": True}


@pytest.mark.parametrize(("width", "htmode"), [(20.0, "HT20"), (40.0, "HT40"), (80.0, None)])
def test_an_older_radio_of_a_home_has_a_width_of_its_own(
    width: float, htmode: str | None, report: DeploymentPlan
) -> None:
    catalogue = load_catalogue()
    kit = catalogue.kits["roof-client-5ghz"]
    older = replace(catalogue, radios={**catalogue.radios, kit.radio: replace(
        catalogue.radios[kit.radio], technology="802.11n")})  # fmt: skip
    centre = {20.0: 5560.0, 40.0: 5550.0, 80.0: 5530.0}[width]
    sectors = [
        replace(one, radio=replace(one.radio, width_mhz=round(width), centre_mhz=centre, htmode=f"VHT{width:.0f}"))
        for one in report.devices
        if one.kind == "sector" and one.radio is not None
    ]
    parts = {one.name: (one.site, one.part) for one in report.names}
    made = home_devices(small_network(country="KE"), older, sectors, parts, report.homes, ())
    assert made
    for one in made:
        assert (None if one.radio is None else one.radio.htmode) == htmode


def test_a_hotspot_is_set_by_hand_and_comes_near_no_management(tmp_path: Path) -> None:
    report = _report(hotspot="A")
    files = _written(report, tmp_path)
    check_words(files)
    by_hand = next(line for line in files["README.txt"].splitlines() if line.startswith("Set by hand"))
    assert "Ash <b>hill</b> (on a tower)" in by_hand
    assert "Market (" in by_hand
    pack = next(one for one in report.packs if one.site == "A")
    phones = {one.port for one in pack.radios if one.card.task == "phones"}
    assert phones
    assert all(phones)
    switch = next(one for one in report.devices if one.site == "A" and one.kind == "switch")
    members = [port for kind, _, options in read_uci(files[f"{switch.name}.openwrt.uci"])["network"]
               if kind == "bridge-vlan" for port in options["ports"]]  # fmt: skip
    assert {one for one in members if one.startswith(tuple(f"lan{port}:" for port in phones))} == set()
    script = read_rsc(files[f"{switch.name}.routeros.rsc"])
    named = {port for menu, words in script if menu.endswith("bridge/vlan add")
             for key in ("tagged", "untagged") for port in words.get(key, "").split(",")}  # fmt: skip
    assert not named & {f"ether{port}" for port in phones}
    assert all(words["vlan-ids"] != "0" for menu, words in script if menu.endswith("bridge/vlan add"))


def test_radios_of_homes_answer_by_key_where_no_radio_of_a_tower_does(
    report: DeploymentPlan, files: dict[str, str], tmp_path: Path
) -> None:
    homes = tuple(replace(one, routeros="wireless", airos=True) if one.kind == "home-radio" else one
                  for one in report.home_devices)  # fmt: skip
    more = _written(replace(report, home_devices=homes), tmp_path)
    check_words(more)
    for one in homes:
        uci = read_uci(files[f"{one.name}.openwrt.uci"])
        assert (uci["dropbear"][0][2]["PasswordAuth"], uci["dropbear"][0][2]["RootPasswordAuth"]) == (["off"], ["off"])
        if one.kind != "home-radio":
            continue
        own = next(options["ipaddr"] for _, name, options in uci["network"] if name == "data")
        script = read_rsc(more[f"{one.name}.routeros.rsc"])
        said = {words["address"] for menu, words in script if menu == "/ip/address add"}
        assert {*own, *said, read_airos(more[f"{one.name}.airos.cfg"])["netconf.3.ip"] + "/24"} == {"192.168.31.1/24"}
        opened = [words for menu, words in script if menu == "/ip/firewall/filter add" and "src-address" in words]
        assert [words["src-address"] for words in opened] == ["192.168.31.0/24"]
        # The air comes before: it is no way to the radio itself.
        assert [words for menu, words in script if menu == "/interface/bridge/filter add"] == [
            {"chain": "input", "in-interface": "wlan1", "mac-protocol": "ip", "action": "drop"}
        ]


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
    model = next(one.model for one in devices if one.name == "ash-b-hill-b-s1")
    assert model
    assert f"{model} sends 10 dBm at the least" in text
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


def _words_of_a_device(folder: Path, **bodies: str) -> None:
    """Words that write down what they were told in place of the device's own."""
    folder.mkdir()
    for name, body in bodies.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)


@pytest.mark.skipif(not SH, reason="there is no sh")
@pytest.mark.parametrize(
    ("device", "starts"), [("link", True), ("sector", True), ("home-radio", False), ("router", False),
                           ("switch", False)],
)  # fmt: skip
def test_only_a_radio_of_a_tower_has_a_window(
    device: str, starts: bool, report: DeploymentPlan, files: dict[str, str], tmp_path: Path
) -> None:
    """The script that each device starts with, as it is: ``uci`` answers out of that device's own draft."""
    name = next(one.name for one in (*report.devices, *report.home_devices) if one.kind == device)
    known = {f"network.{section}": {"": [kind], **options}
             for kind, section, options in read_uci(files[f"{name}.openwrt.uci"])["network"] if section}  # fmt: skip
    answers = {f"{key}.{option}".rstrip("."): value[0] for key, of in known.items() for option, value in of.items()}
    cases = "".join(f"{key}) echo '{value}';;\n" for key, value in answers.items())
    words, root, told = tmp_path / "bin", tmp_path / "root", tmp_path / "told"
    root.mkdir()
    _words_of_a_device(words, uci=f'case "$3" in\n{cases}*) exit 1;;\nesac')
    path = f"{words}:/usr/bin:/bin"
    script = tmp_path / "first.sh"
    script.write_text(files["openwrt-first.sh"], encoding="utf-8")
    subprocess.run([SH, str(script)], check=True, env={"ROOT": str(root), "PATH": path})
    own = (root / "etc/init.d/rescue").read_text()
    window = tmp_path / "window"
    window.write_text(f"#!/bin/sh\necho opened >> {told}\n")
    window.chmod(0o755)
    assert own.count("/usr/sbin/rescue-window") == 1
    start = own.replace("/usr/sbin/rescue-window", str(window)) + "\nstart || true\nwait\n"
    subprocess.run([SH, "-c", start], check=True, env={"PATH": path})
    assert told.exists() is starts


@pytest.mark.skipif(not SH, reason="there is no sh")
def test_a_window_takes_no_address_away_that_was_there(files: dict[str, str], tmp_path: Path) -> None:
    words, root, told = tmp_path / "bin", tmp_path / "root", tmp_path / "told"
    root.mkdir()
    _words_of_a_device(words, uci="echo 10.64.0.1", ping="exit 1", sleep="exit 0", ip=f"echo ip $* >> {told}; exit 2")
    script = tmp_path / "first.sh"
    script.write_text(files["openwrt-first.sh"], encoding="utf-8")
    path = f"{words}:/usr/bin:/bin"
    subprocess.run([SH, str(script)], check=True, env={"ROOT": str(root), "PATH": path})
    subprocess.run([SH, str(root / "usr/sbin/rescue-window")], check=True, env={"PATH": path})
    assert set(told.read_text().splitlines()) == {"ip addr add 192.168.1.1/24 dev br-data"}


@pytest.mark.skipif(not SH, reason="there is no sh")
@pytest.mark.parametrize("answers", [True, False], ids=("the router answers", "it does not"))
def test_the_window_of_rescue_opens_while_no_router_answers(
    answers: bool, files: dict[str, str], tmp_path: Path
) -> None:
    """The script as it is, with words that write down what they were told in place of the device's own."""
    root, words, told = tmp_path / "root", tmp_path / "bin", tmp_path / "told"
    root.mkdir()
    _words_of_a_device(words, uci="echo 10.64.0.1", ping="exit 0" if answers else "exit 1",
                       sleep=f"echo sleep $* >> {told}", ip=f"echo ip $* >> {told}")  # fmt: skip
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
    assert "/system/reset-configuration no-defaults=yes" in files["README.txt"]
    one = next(each for each in devices if each.kind == "link")
    assert "/system/reset-configuration no-defaults=yes" in files[f"{one.name}.routeros.rsc"]
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
    for service in ("ssh", "winbox"):
        doors = [ip_network(door) for door in script[f"/ip/service set {service}"]["address"].split(",")]
        assert any(ip_address("192.168.88.2") in door for door in doors)
        # The list of the firewall does not have it: in the VLAN of management nobody comes from there.
    router = next(each for each in devices if each.kind == "router")
    closed = dict(read_rsc(files[f"{router.name}.routeros.rsc"]))["/ip/service set ssh"]["address"].split(",")
    assert not any(ip_address("192.168.88.2") in ip_network(door) for door in closed)
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
