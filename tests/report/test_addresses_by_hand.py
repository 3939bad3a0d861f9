"""The address plan of two towers whose numbers are given: each range is worked by hand."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from address_examples import SECRET, chain, homes, tower, with_things

from cn_planner.errors import InputError
from cn_planner.model.addressing import Addressing
from cn_planner.model.plan import Plan, Sector
from cn_planner.report.addresses import (
    AddressPlan,
    address_plan,
    keep_addresses,
    keep_all,
    reason_of_range,
    site_lengths,
)
from cn_planner.report.network import network

NUMBERS = {
    "ipv4 G1": "1", "ipv4 T1": "5", "ipv6 G1": "1", "ipv6 T1": "3", "host T1 sector T1-S1": "7",
    "host T1 sector T1-S2": "4", "host T1 link L-G1-T1": "9", "eighth T1 T1-S1": "4", "link L-G1-T1": "11",
    "home T1-h000 1": "17", "home T1-h001 1": "2",
}  # fmt: skip


def addresses(plan: Plan) -> AddressPlan:
    return address_plan(plan, network(plan, {}))


def settled(**settings: object) -> AddressPlan:
    """A gateway and a tower with two homes, the first to the south; a /40 and the usual range."""
    settings = {"ipv6_prefix": "2001:db8::/40", "kept": tuple(NUMBERS.items()), **settings}
    return addresses(replace(chain(1, 2), addresses=Addressing(**settings)))  # type: ignore[arg-type]


def test_a_tower_has_its_block_cut_in_eighths():
    one = settled().towers["T1"]
    # The fifth /22 of 10.64.0.0/10 and the third /48 of the /40.
    assert one.ipv4 == IPv4Network("10.64.20.0/22")
    assert one.ipv6 == IPv6Network("2001:db8:3::/48")
    # Of the first eighth, a /25, the upper half is for management.
    assert one.loopback_ipv4 == IPv4Address("10.64.20.1")
    assert one.management_ipv4 == IPv4Network("10.64.20.64/26")
    assert one.loopback_ipv6 == IPv6Address("2001:db8:3::1")
    assert one.management_ipv6 == IPv6Network("2001:db8:3:1::/64")
    assert one.managed(7) == (IPv4Address("10.64.20.71"), IPv6Address("2001:db8:3:1::7"))
    assert one.hosts == {("sector", "T1-S1"): 7, ("sector", "T1-S2"): 4, ("link", "L-G1-T1"): 9}


def test_a_sector_has_an_eighth_and_the_next_one_free():
    first, second = settled().towers["T1"].sectors
    # Eighths of 128 addresses: the fourth begins 512 after the block, the second 256.
    assert (first.id, first.eighth, first.ipv4) == ("T1-S1", 4, IPv4Network("10.64.22.0/25"))
    assert first.homes_ipv6 == IPv6Network("2001:db8:3:8000::/51")
    assert first.link_ipv6 == IPv6Network("2001:db8:3:14::/64")  # 16 and 4
    assert (second.eighth, second.ipv4) == (2, IPv4Network("10.64.21.0/25"))
    assert second.homes_ipv6 == IPv6Network("2001:db8:3:4000::/51")
    # Of 32 prefixes two are the network's and the router's; 125 addresses would do for more.
    assert (first.room, first.homes, second.homes) == (30, 1, 1)


def test_the_ends_of_a_link_are_of_the_block_of_the_further_tower():
    (pair,) = settled().pairs.values()
    assert (pair.link, pair.owner) == ("L-G1-T1", "T1")
    # The 11th pair of its eighth; a /64 of its own, number 256 and 11, from its tenth address.
    assert pair.ipv4 == IPv4Network("10.64.20.22/31")
    assert pair.ipv6 == IPv6Network("2001:db8:3:10b::a/127")
    assert pair.ends == {
        "G1": (IPv4Address("10.64.20.22"), IPv6Address("2001:db8:3:10b::a")),
        "T1": (IPv4Address("10.64.20.23"), IPv6Address("2001:db8:3:10b::b")),
    }


def test_a_home_has_the_same_number_in_both_families():
    south, north = settled().homes
    assert (south.home, south.sector, north.sector) == ("T1-h000", "T1-S2", "T1-S1")
    assert (south.ipv4, south.ipv6) == (IPv4Address("10.64.21.17"), IPv6Network("2001:db8:3:5100::/56"))
    assert (north.ipv4, north.ipv6) == (IPv4Address("10.64.22.2"), IPv6Network("2001:db8:3:8200::/56"))
    assert (south.name, south.site) == ("home-t1-h000", "T1")


def test_every_number_and_name_is_written_down():
    kept = dict(settled().kept)
    assert kept.items() >= NUMBERS.items()
    assert kept["eighth T1 T1-S2"] == "2"
    assert {key: kept[key] for key in kept if key.startswith("name ")} == {
        "name site G1": "town", "name site T1": "hill-1", "name sector T1 T1-S1": "hill-1-s1",
        "name sector T1 T1-S2": "hill-1-s2", "name link T1 L-G1-T1": "hill-1-l-town",
        "name link G1 L-G1-T1": "town-l-hill-1", "name home T1-h000 1": "home-t1-h000",
        "name home T1-h001 1": "home-t1-h001",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("ipv4 T1", "0"),  # the first stays free
        ("ipv4 T1", "4096"),  # the last of a /10 is 4095
        ("ipv4 T1", "five"),
        ("ipv6 T1", "256"),
        ("host T1 sector T1-S1", "2"),  # the switch
        ("host T1 sector T1-S1", "63"),  # to all
        ("link L-G1-T1", "7"),
        ("link L-G1-T1", "32"),
        ("home T1-h000 1", "1"),
        ("home T1-h000 1", "32"),
        ("eighth T1 T1-S1", "8"),
        ("eighth T1 T1-S1", "0"),
    ],
)
def test_a_number_that_cannot_be_is_drawn_anew(key, word):
    kept = dict(settled(kept=tuple((NUMBERS | {key: word}).items())).kept)
    assert kept[key] != word
    assert kept.items() >= {other: number for other, number in NUMBERS.items() if other != key}.items()


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("ipv4 T1", "4095"),
        ("ipv6 T1", "255"),
        ("host T1 sector T1-S1", "3"),
        ("host T1 sector T1-S1", "62"),
        ("link L-G1-T1", "8"),
        ("link L-G1-T1", "31"),
        ("home T1-h000 1", "31"),
        ("eighth T1 T1-S1", "7"),
        ("eighth T1 T1-S1", "1"),
    ],
)
def test_the_first_and_the_last_number_can_be_had(key, word):
    assert dict(settled(kept=tuple((NUMBERS | {key: word}).items())).kept)[key] == word


@pytest.mark.parametrize(
    ("ipv4", "ipv6", "home_prefix", "lengths"),
    [
        ("10.0.0.0/8", "2001:db8::/32", 56, (20, 44)),
        ("10.64.0.0/10", "2001:db8::/33", 56, (22, 48)),
        ("10.64.0.0/12", "2001:db8::/44", 56, (24, 48)),
        ("10.64.0.0/16", "2001:db8::/45", 56, (24, 51)),
        ("10.0.0.0/9", None, 56, (21, 48)),
        ("10.0.0.0/8", "2001:d00::/24", 48, (20, 36)),  # eight bits more for a home, eight for a tower
        ("10.0.0.0/8", "2001:d80::/25", 48, (20, 40)),
        ("10.0.0.0/8", "2001:db8::/37", 48, (20, 43)),
        ("10.0.0.0/8", "2001:db0::/28", 52, (20, 40)),
    ],
)
def test_blocks_are_as_large_as_the_prefix_allows(ipv4, ipv6, home_prefix, lengths):
    assert site_lengths(IPv4Network(ipv4), None if ipv6 is None else IPv6Network(ipv6), home_prefix) == lengths


@pytest.mark.parametrize(
    ("weight", "growth", "eighth", "ipv4", "room"),
    [
        (30.0, 0.0, 2, "/25", 30),
        (20.0, 50.0, 2, "/25", 30),
        (21.0, 50.0, 2, "/24", 62),  # 32 homes to come: two eighths
        (31.0, 0.0, 2, "/24", 62),
        (62.0, 0.0, 2, "/24", 62),
        (63.0, 0.0, 4, "/23", 126),  # four, from the fourth on
        (126.0, 0.0, 4, "/23", 126),
    ],
)
def test_a_sector_takes_as_many_eighths_as_its_homes_will_need(weight, growth, eighth, ipv4, room):
    plan = chain(1, 0)
    site = tower("T1", "Hill 1", 1, sectors=1)
    home = replace(homes(site, 1)[0], weight=weight)
    plan = with_things(plan, [site, home])
    settings = Addressing(ipv6_prefix="2001:db8::/40")
    plan = replace(plan, addresses=settings, demand=replace(plan.demand, growth_pct=growth))
    (sector,) = addresses(plan).towers["T1"].sectors
    assert (sector.eighth, str(sector.ipv4)[-3:], sector.room, sector.homes) == (eighth, ipv4, room, weight)
    assert sector.homes_ipv6.prefixlen == 51 - (25 - int(ipv4[1:]))
    assert len(addresses(plan).homes) == weight


def test_sectors_take_every_second_eighth_first():
    def crowded(count: int) -> Plan:
        beams = tuple(Sector(f"s{n}", "village-sector-5ghz", 40.0 * n) for n in range(count))
        return with_things(chain(1, 0), [replace(tower("T1", "Hill 1", 1), sectors=beams)])

    assert [one.eighth for one in addresses(crowded(7)).towers["T1"].sectors] == [2, 4, 6, 1, 3, 5, 7]
    with pytest.raises(InputError, match="No prefix is large enough"):
        addresses(crowded(8))


def test_addresses_are_drawn_from_the_secret_and_from_the_name_only_where_there_is_none():
    first = addresses(chain(3, 4))
    assert addresses(chain(3, 4, name="Another valley")) == first, "a plan that is renamed keeps its addresses"
    other = addresses(chain(3, 4, secret=SECRET[::-1]))
    assert other.ipv6 != first.ipv6
    assert [one.ipv4 for one in other.homes] != [one.ipv4 for one in first.homes]
    assert {key: one.ipv4 for key, one in other.towers.items()} != {key: one.ipv4 for key, one in first.towers.items()}
    bare, renamed = (addresses(chain(3, 4, secret="", name=name)) for name in ("Valley", "Another valley"))
    assert bare != renamed
    assert bare.ipv6 != first.ipv6


def test_what_was_kept_stays_also_of_what_is_gone():
    plan = replace(chain(1, 2), addresses=Addressing(kept=(("home gone 1", "5"), ("ipv4 T1", "5"))))
    edit = keep_all(plan)
    assert str(edit.label) == "keep the addresses"
    kept = edit.plan.addresses.kept
    assert list(kept) == sorted(kept)
    assert ("home gone 1", "5") in kept
    assert ("ipv4 T1", "5") in kept
    assert addresses(edit.plan) == replace(addresses(plan), kept=addresses(edit.plan).kept)
    assert keep_addresses(edit.plan, addresses(edit.plan)).plan == edit.plan
    with pytest.raises(InputError, match="no network yet"):
        keep_all(Plan())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "Private addresses (RFC 1918)"),
        ({"carrier": True}, "RFC 6598"),
        ({"ipv4_prefix": "100.64.0.0/12", "carrier": True}, "RFC 6598"),
        ({"ipv4_prefix": "10.0.0.0/8"}, "Private addresses (RFC 1918)"),
        ({"ipv4_prefix": "41.80.0.0/16"}, "Public addresses of the community."),
    ],
)
def test_why_the_range_is_what_it_is(settings, said):
    assert said in str(reason_of_range(settled(**settings)))


def test_private_prefixes_are_one_each_and_a_given_one_is_the_networks():
    private = addresses(chain(2, 1))
    assert private.private_ipv6
    assert private.ipv6 == tuple(private.towers[key].ipv6 for key in ("G1", "T1", "T2"))
    assert private.home_prefix == 56
    given = settled()
    assert not given.private_ipv6
    assert given.ipv6 == (IPv6Network("2001:db8::/40"),)
    # A private /48 has no room for larger ones, whatever is asked for.
    assert addresses(replace(chain(1, 1), addresses=Addressing(home_prefix=48))).home_prefix == 56
    assert settled(home_prefix=52, ipv6_prefix="2001:db8::/32", kept=()).home_prefix == 52


def test_a_private_plan_with_more_homes_on_a_tower_than_its_prefix_has_gives_each_a_smaller_one():
    """A /48 has 256 of /56, an eighth of them 32: a sector of 140 homes wants five of eight."""
    found = addresses(chain(1, 140))
    assert found.home_prefix == 60
    tower, homes = found.towers["T1"], [one for one in found.homes if one.site == "T1"]
    assert len(homes) == 140
    assert len({one.ipv6 for one in homes}) == len({one.ipv4 for one in homes}) == 140
    for one in homes:
        assert one.ipv6.prefixlen == 60
        assert one.ipv6.subnet_of(tower.ipv6)
        assert one.ipv4 in tower.ipv4
    assert addresses(chain(1, 30)).home_prefix == 56
