"""The address plan: nothing overlaps, sizes are as the RFCs advise, and what is added later changes nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations, pairwise

import pytest
from address_examples import SECRET, chain, homes, tower, with_things
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.model.addressing import ULA, Addressing
from cn_planner.model.plan import Link, Plan, Status
from cn_planner.model.settings import change_setting
from cn_planner.report.addresses import AddressPlan, address_plan, keep_addresses, ula
from cn_planner.report.names import LONGEST, dns_label, site_names
from cn_planner.report.network import network

PREFIXES = {
    "private": {},
    "given": {"ipv6_prefix": "2001:db8::/40"},
    "large": {"ipv6_prefix": "2001:db8::/32", "home_prefix": 52, "ipv4_prefix": "10.0.0.0/8"},
    "carrier": {"carrier": True, "ipv6_prefix": "2001:db8::/36", "home_prefix": 48},
    "small": {"ipv4_prefix": "172.20.0.0/18", "ipv6_prefix": "fd12:3456:7890::/44"},
}


def addresses(plan: Plan) -> AddressPlan:
    return address_plan(plan, network(plan, {}))


def with_prefixes(plan: Plan, name: str) -> Plan:
    return replace(plan, addresses=Addressing(**PREFIXES[name]))  # type: ignore[arg-type]


def apart(networks: list[IPv4Network] | list[IPv6Network]) -> bool:
    """Return whether no two networks share an address: in their order each ends before the next begins."""
    ordered = sorted(networks, key=lambda one: int(one.network_address))
    return all(a.broadcast_address < b.network_address for a, b in pairwise(ordered))


@pytest.mark.parametrize("prefixes", PREFIXES)
def test_nothing_overlaps_and_everything_lies_within_its_block(prefixes: str) -> None:
    found = addresses(with_prefixes(chain(6, 14), prefixes))
    towers = found.towers.values()
    assert apart([one.ipv4 for one in towers])
    assert apart([one.ipv6 for one in towers])
    assert all(one.ipv4.subnet_of(found.ipv4) for one in towers)
    assert all(any(one.ipv6.subnet_of(whole) for whole in found.ipv6) for one in towers)
    for one in towers:
        own = [pair for pair in found.pairs.values() if pair.owner == one.site]
        four = [IPv4Network(one.loopback_ipv4), one.management_ipv4, *(sector.ipv4 for sector in one.sectors)]
        four += [pair.ipv4 for pair in own]
        six = [IPv6Network(one.loopback_ipv6), one.management_ipv6, *(pair.ipv6 for pair in own)]
        six += [part for sector in one.sectors for part in (sector.link_ipv6, sector.homes_ipv6)]
        for block, parts in ((one.ipv4, four), (one.ipv6, six)):
            assert apart(parts)
            assert all(part.subnet_of(block) for part in parts)
    assert apart([IPv4Network(home.ipv4) for home in found.homes])
    assert apart([home.ipv6 for home in found.homes])
    sectors = {(one.site, sector.id): sector for one in towers for sector in one.sectors}
    for home in found.homes:
        sector = sectors[home.site, home.sector]
        assert home.ipv4 in sector.ipv4
        assert home.ipv6.subnet_of(sector.homes_ipv6)
        assert home.ipv4 not in (sector.ipv4[0], sector.ipv4[1], sector.ipv4[-1])  # network, router, broadcast
        assert sector.homes_ipv6[1] not in home.ipv6  # the router's own in that block
    assert len(found.homes) == 6 * 14


@pytest.mark.parametrize("prefixes", PREFIXES)
def test_sizes_are_as_the_rfcs_advise(prefixes: str) -> None:
    found = addresses(with_prefixes(chain(4, 12), prefixes))
    for pair in found.pairs.values():
        assert pair.ipv4.prefixlen == 31  # RFC 3021
        assert pair.ipv6.prefixlen == 127  # RFC 6164
        # RFC 6164, 5: neither all zeros nor the highest 128 in the rightmost 64 bits.
        assert all(0 < int(end[1]) & (2**64 - 1) < 2**64 - 128 for end in pair.ends.values())
        assert {end[0] for end in pair.ends.values()} == set(pair.ipv4)
    for one in found.towers.values():
        assert one.management_ipv6.prefixlen == 64  # RFC 4291, 2.5.1
        for sector in one.sectors:
            assert sector.link_ipv6.prefixlen == 64
            assert sector.room >= sector.homes * 1.5  # growth of the plan
            assert sector.ipv4.num_addresses - 3 >= sector.room
    for home in found.homes:
        assert 48 <= home.ipv6.prefixlen <= 56  # RIPE-690, RFC 6177


def test_private_prefixes_are_those_of_rfc_4193_and_say_nothing_of_the_secret() -> None:
    found = addresses(chain())
    assert found.private_ipv6
    assert all(one.subnet_of(ULA) and one.prefixlen == 48 for one in found.ipv6)
    assert len({str(one)[2:14] for one in found.ipv6}) == len(found.ipv6)  # each its own 40 bits
    assert ula("a", "x") == ula("a", "x")
    assert len({ula("a", "x"), ula("b", "x"), ula("a", "y")}) == 3
    assert not any(SECRET[at : at + 8] in str(one).replace(":", "") for one in found.ipv6 for at in range(24))


def everything(found: AddressPlan) -> dict[str, object]:
    rows: dict[str, object] = {f"tower {key}": replace(one, sectors=()) for key, one in found.towers.items()}
    rows |= {f"sector {key} {one.id}": one for key, tower_ in found.towers.items() for one in tower_.sectors}
    rows |= {f"link {key}": one for key, one in found.pairs.items()}
    return rows | {f"home {one.name}": one for one in found.homes}


def test_a_new_tower_with_its_link_and_homes_changes_no_address_of_the_others() -> None:
    plan = chain(6)
    before = everything(addresses(plan))
    # Ids before, between and after those that are there.
    for key in ("A0", "T1b", "ZZ"):
        new = tower(key, "New hill", 9)
        more = with_things(plan, [new, Link(f"L-{key}", "T6", key), *homes(new, 5)])
        after = everything(addresses(more))
        assert len(after) == len(before) + 1 + 2 + 1 + 5
        old = {name: row for name, row in after.items() if name in before and name != "tower T6"}
        assert old == {name: row for name, row in before.items() if name != "tower T6"}
        # Where the link arrives there is one radio more; the others keep their numbers.
        hosts = addresses(more).towers["T6"].hosts
        assert {part: hosts[part] for part in addresses(plan).towers["T6"].hosts} == addresses(plan).towers["T6"].hosts


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text("AT1z é", min_size=1, max_size=4), max_size=4, unique=True))
def test_kept_addresses_never_change_even_where_there_is_hardly_room(ids: list[str]) -> None:
    # 15 blocks for 7 towers: ids collide again and again.
    plan = replace(chain(6, 3), addresses=Addressing(ipv4_prefix="10.20.0.0/20", ipv6_prefix="2001:db8::/44"))
    found = addresses(plan)
    plan = keep_addresses(plan, found).plan
    new = [replace(tower(key, "Hill 1", 9), sectors=()) for key in ids if key not in plan.sites]
    after = everything(addresses(with_things(plan, new)))
    before = everything(found)
    assert {name: row for name, row in after.items() if name in before} == before


def test_kept_names_stay_where_a_new_place_is_called_like_a_device() -> None:
    plan = chain(3, 4)
    found = addresses(plan)
    plan = keep_addresses(plan, found).plan
    new = [tower("A1", "Hill 1 S1", 9), tower("A2", "Hill 1", 9), tower("A3", "Home T1 h000", 9)]
    more = addresses(with_things(plan, new))
    assert {key: one.name for key, one in more.towers.items() if key in found.towers} == {
        key: one.name for key, one in found.towers.items()
    }
    assert {one.name for one in more.homes} == {one.name for one in found.homes}
    assert all(more.towers[key].names.items() >= one.names.items() for key, one in found.towers.items())


def test_a_kept_name_that_a_file_holds_and_is_none_is_not_taken() -> None:
    kept = (("name site T1", "../../etc"), ("name site T2", "hill-3"), ("name sector T1 T1-S1", "$(reboot)"))
    found = addresses(replace(chain(3), addresses=Addressing(kept=kept)))
    assert [found.towers[key].name for key in ("T1", "T2", "T3")] == ["hill-1", "hill-3", "hill-3-t3"]
    assert found.towers["T1"].names["sector", "T1-S1"] == "hill-1-s1"


def test_what_stands_already_goes_before_ideas_of_a_smaller_id() -> None:
    plan = replace(chain(6, 2), addresses=Addressing(ipv4_prefix="10.20.0.0/20"))
    built = with_things(plan, [replace(site, status=Status.BUILT) for site in plan.sites.values()])
    blocks = {key: one.ipv4 for key, one in addresses(built).towers.items()}
    more = with_things(built, [tower(f"A{n}", number=9) for n in range(8)])
    assert {key: addresses(more).towers[key].ipv4 for key in blocks} == blocks


def test_the_order_of_edits_and_runs_does_not_matter() -> None:
    plan = chain(5)
    other = with_things(Plan(), list(reversed([*plan.sites.values()])))
    other = replace(with_things(other, [*plan.links.values(), *plan.households.values()]), info=plan.info)
    assert addresses(plan) == addresses(other) == addresses(chain(5))


@pytest.mark.parametrize(
    ("prefixes", "prefix", "needed"),
    [
        ({"ipv4_prefix": "10.20.0.0/22"}, "10.20.0.0/22", "/21"),
        ({"ipv6_prefix": "2001:db8::/48"}, "2001:db8::/48", "/44"),
    ],
)
def test_a_prefix_that_is_too_small_is_said_once_with_the_size_that_does(
    prefixes: dict[str, str], prefix: str, needed: str
) -> None:
    plan = chain(4, 30)
    with pytest.raises(InputError) as caught:
        addresses(replace(plan, addresses=Addressing(**prefixes)))  # type: ignore[arg-type]
    assert prefix in str(caught.value)
    assert needed in str(caught.value)
    key = next(iter(prefixes))
    larger = str(ip_network(prefix).supernet(new_prefix=int(needed[1:])))
    addresses(replace(plan, addresses=Addressing(**{key: larger})))  # type: ignore[arg-type]


def test_a_tower_with_more_homes_than_any_prefix_holds_is_said() -> None:
    plan = chain(1, 1)
    many = replace(homes(plan.sites["T1"], 1)[0], weight=1e6)
    with pytest.raises(InputError, match="No prefix is large enough"):
        addresses(with_things(plan, [many]))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("ipv4_prefix", "ten"),
        ("ipv4_prefix", "10.64.0.1/10"),
        ("ipv4_prefix", "2001:db8::/40"),
        ("ipv4_prefix", "127.0.0.0/8"),
        ("ipv4_prefix", "224.0.0.0/8"),
        ("ipv4_prefix", "169.254.0.0/16"),
        ("ipv4_prefix", "0.0.0.0/0"),
        ("ipv4_prefix", "100.64.0.0/10"),  # for carriers alone: RFC 6598
        ("ipv4_prefix", "10.0.0.0/24"),
        ("ipv6_prefix", "2001:db8::1/40"),
        ("ipv6_prefix", "10.0.0.0/8"),
        ("ipv6_prefix", "fe80::/10"),
        ("ipv6_prefix", "ff00::/16"),
        ("ipv6_prefix", "::/0"),
        ("ipv6_prefix", "2001:db8::/64"),
        ("home_prefix", "64"),
        ("management_vlan", "4096"),
        ("as_number", "0"),
        ("contact", "Mary"),
        ("contact", "a@b@c"),
        ("contact", "noc@exa mple.org"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(key: str, text: str) -> None:
    with pytest.raises(InputError):
        change_setting(Plan(), {f"addresses.{key}": text})


@pytest.mark.parametrize(
    "held", [Addressing(ipv4_prefix="ten"), Addressing(ipv6_prefix="2001:db8::%1/40"), Addressing(home_prefix=200)]
)
def test_what_a_file_holds_and_cannot_be_is_said(held: Addressing) -> None:
    with pytest.raises(InputError):
        addresses(replace(chain(1), addresses=held))


def test_settings_that_can_be_are_taken() -> None:
    texts = {
        "addresses.ipv4_prefix": "100.64.0.0/10", "addresses.carrier": "yes", "addresses.ipv6_prefix": "2001:db8::/32",
        "addresses.as_number": "64500", "addresses.contact": "noc@example.org", "addresses.home_prefix": "48",
    }  # fmt: skip
    plan = change_setting(Plan(), texts).plan
    assert str(plan.addresses.ipv4) == "100.64.0.0/10"
    assert change_setting(plan, {"addresses.as_number": "unknown"}).plan.addresses.as_number is None


NAMES = ("Kilima cha Mlima", "مرتفع النخيل", "गाँव", "ዓምባ", "山", "São Tomé", "", "...", "-", "O'Neil; reboot", "a\nb",
         "x" * 300, "\ud83d", "Hill", "Hill", "hill", "👩🏽‍🌾", "$[/system reset]")  # fmt: skip


def test_names_are_host_names_by_rfc_1123_unique_and_the_same_each_time() -> None:
    sites = [tower(f"s{n:02}", number=n, sectors=1) for n in range(len(NAMES))]
    sites = [replace(site, name=name) for site, name in zip(sites, NAMES, strict=True)]
    names = site_names(sites, {})
    assert len(set(names.values())) == len(sites)
    for name in names.values():
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name)
        assert len(name) <= LONGEST
    assert names == site_names(reversed(sites), {})
    assert names["s00"] == "kilima-cha-mlima"[:24]
    assert names["s06"] == "s06"  # no name: its id
    assert (names["s13"], names["s14"]) == ("hill", "hill-s14")


def test_every_device_has_a_name_of_its_own() -> None:
    plan = chain(3)
    plan = with_things(plan, [replace(plan.sites["T2"], name="Hill 1 S1")])
    found = addresses(plan)
    names = [one.name for one in found.towers.values()] + [one.name for one in found.homes]
    names += [name for one in found.towers.values() for name in one.names.values()]
    assert len(set(names)) == len(names)
    assert found.towers["T1"].names["sector", "T1-S1"] == "hill-1-s1-2"  # a tower has the plain name
    assert found.towers["T1"].names["link", "L-T1-T2"] == "hill-1-l-hill-1-s1"
    assert not any("family" in name for name in names)  # names of people are not names of devices
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name) and len(name) <= LONGEST for name in names)


@given(st.text(max_size=60))
def test_any_text_is_made_a_label_or_nothing(text: str) -> None:
    assert re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?)?", dns_label(text, LONGEST))


def test_a_point_of_several_homes_has_an_address_for_each() -> None:
    plan = chain(1, 2)
    home = replace(homes(plan.sites["T1"], 1)[0], weight=3.0)
    found = addresses(with_things(plan, [home]))
    assert [one.name for one in found.homes if one.home == home.id] == [
        "home-t1-h000",
        "home-t1-h000-2",
        "home-t1-h000-3",
    ]
    assert all(a.ipv4 != b.ipv4 for a, b in combinations(found.homes, 2))
