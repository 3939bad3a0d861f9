"""Who falls silent with whom, counted by hand on small networks."""

from __future__ import annotations

from cn_planner.model.items import Items
from cn_planner.model.plan import Link, Plan, Site, SiteRole
from cn_planner.report.network import network


def plan(sites: str, links: str, gateways: str = "g") -> Plan:
    return Plan(
        sites=Items(
            Site(
                one, one, 1.0, 2.0, mast_height_m=12.0, role=SiteRole.GATEWAY if one in gateways else SiteRole.CANDIDATE
            )
            for one in sites
        ),
        links=Items(Link(ends, ends[0], ends[1]) for ends in links.split()),
    )


HOMES = {"a": 5.0, "b": 3.0, "c": 2.0}


def test_in_a_chain_everything_beyond_is_lost() -> None:
    net = network(plan("gabc", "ga ab bc"), HOMES)
    assert net.hops == {"g": 0, "a": 1, "b": 2, "c": 3}
    assert net.without_site("b") == (5.0, ("c",))
    assert net.without_site("g") == (10.0, ("a", "b", "c"))
    assert net.without_link("ab") == 5.0
    assert net.downstream_homes("ab") == 5.0
    assert net.downstream_homes("ga") == 10.0


def test_in_a_ring_only_the_site_itself_is_lost() -> None:
    net = network(plan("gabc", "ga ab bc cg"), HOMES)
    assert net.without_site("b") == (3.0, ())
    assert net.without_link("ab") == 0.0
    assert sum(net.downstream_homes(link) for link in ("ga", "cg")) == 10.0


def test_a_second_gateway_takes_over() -> None:
    net = network(plan("gabch", "ga ab bc ch", "gh"), HOMES)
    assert net.without_site("g") == (0.0, ())
    assert net.gateway_of("c") == "h"


def test_a_site_that_reaches_no_gateway_has_no_hops() -> None:
    net = network(plan("gabc", "ga bc"), HOMES)
    assert "b" not in net.hops
    assert net.gateway_of("b") is None
    assert net.without_site("b") == (0.0, ())  # its homes have no Internet to lose
