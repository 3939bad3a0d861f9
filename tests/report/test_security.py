"""The security page: the four actions with this network's own ranges, and encryption by what was read of the radios."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from address_examples import chain, with_things

from cn_planner.i18n import say
from cn_planner.model.addressing import Addressing
from cn_planner.model.plan import Link, Plan, SiteRole, Uplink
from cn_planner.report import words
from cn_planner.report.address_pages import address_pages
from cn_planner.report.addresses import address_plan
from cn_planner.report.network import network
from cn_planner.report.security import security_records
from cn_planner.storage.catalogue import load_catalogue

if TYPE_CHECKING:
    from cn_planner.report.address_records import SecurityRecord


def page(plan: Plan, **addresses: object) -> list[SecurityRecord]:
    plan = replace(plan, addresses=Addressing(**addresses))  # type: ignore[arg-type]
    net = network(plan, {})
    return list(security_records(plan, net, load_catalogue(), address_plan(plan, net)))


def said(rows: list[SecurityRecord], topic: str) -> str:
    return "\n".join(f"{say(one.what)} | {say(one.where)} | {say(one.who)}" for one in rows if one.topic == topic)


def test_all_topics_are_there_each_with_what_where_who_and_a_source() -> None:
    rows = page(chain(2))
    assert [one.topic for one in rows] == sorted((one.topic for one in rows), key=list(words.SECURITY_TOPICS).index)
    assert {one.topic for one in rows} == set(words.SECURITY_TOPICS)
    assert all(say(one.what) and say(one.where) and say(one.who) and one.source for one in rows)


def test_without_a_number_of_its_own_the_upstream_is_asked() -> None:
    rows = page(chain(2))
    assert "announces nothing" in said(rows, "filtering")
    assert "asked in writing" in said(rows, "filtering")
    assert "All addresses are private" in said(rows, "validation")
    given = page(chain(2), ipv6_prefix="2001:db8::/40")
    assert "takes from you only 2001:db8::/40" in said(given, "filtering")
    assert "ROA for 2001:db8::/40 with its own number" in said(given, "validation")


def test_with_a_number_it_is_announced_registered_and_kept_right() -> None:
    rows = page(chain(2), ipv6_prefix="2001:db8::/40", as_number=64500, contact="noc@example.org")
    assert "Announce 2001:db8::/40 from AS64500" in said(rows, "filtering")
    assert "invalid by RPKI" in said(rows, "filtering")
    assert "ROA for 2001:db8::/40 with AS64500" in said(rows, "validation")
    assert "noc@example.org" in said(rows, "coordination")
    assert "PeeringDB" in said(rows, "coordination")


def test_every_sector_has_its_ranges_and_the_mode_of_the_check_follows_the_ways() -> None:
    plan = chain(2)
    net = network(plan, {})
    text = said(page(plan), "anti-spoofing")
    for tower in address_plan(plan, net).towers.values():
        for sector in tower.sectors:
            assert all(str(one) in text for one in (sector.ipv4, sector.link_ipv6, sector.homes_ipv6))
    assert "one way only" in text
    assert "feasible" not in text
    ring = with_things(plan, [Link("L-G1-T2", "G1", "T2")])
    assert "feasible" in said(page(ring), "anti-spoofing")
    two = with_things(plan, [replace(plan.sites["T2"], role=SiteRole.GATEWAY, uplink=Uplink())])
    assert "feasible" in said(page(two), "anti-spoofing")


def test_encryption_is_what_was_read_of_each_kits_radio() -> None:
    text = said(page(chain(1)), "encryption")
    assert "ubnt_lap-120). It was tried." in text
    assert "ubnt_powerbeam-5ac-620). Nobody has tried it." in text
    assert "was not read" in text
    lora = replace(chain(1), kits=replace(chain(1).kits, access="sensor-gateway-lora", client="sensor-lora"))
    hill = replace(
        lora.sites["T1"], sectors=tuple(replace(one, kit="sensor-gateway-lora") for one in lora.sites["T1"].sectors)
    )
    assert "no Wi-Fi" in said(page(with_things(lora, [hill])), "encryption")


def test_where_a_prefix_does_not_do_the_plan_is_printed_and_page_one_says_so() -> None:
    plan = replace(chain(4, 30), addresses=Addressing(ipv4_prefix="10.20.0.0/22"))
    pages = address_pages(plan, network(plan, {}), load_catalogue(), (), (), ())
    assert (pages.addresses, pages.security, pages.devices) == ((), (), ())
    assert "10.20.0.0/22 is too small" in say(pages.missing[0].what)


def test_a_tower_without_sectors_that_serves_homes_has_addresses_for_them() -> None:
    plan = chain(1, 3)
    plan = with_things(plan, [replace(plan.sites["T1"], sectors=())])
    pages = address_pages(plan, network(plan, {}), load_catalogue(), (), (), ())
    assert len(pages.home_addresses) == 3
    assert any(one.kind == "homes" for one in pages.addresses)


def test_there_is_no_page_without_a_network() -> None:
    assert page(Plan()) == []
