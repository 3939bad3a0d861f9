"""A bill worked by hand: an access point from abroad, a mast that is new, a silo that stands."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from priced_by_hand import CATALOGUE, PLAN

from cn_planner.economics.costs import UnitCosts
from cn_planner.export.csv_files import write_csv
from cn_planner.model import edits
from cn_planner.model.equipment import ItemClass
from cn_planner.model.plan import Household, Link, Plan, PowerSource, Sector, Site, SiteRole, Status, Uplink
from cn_planner.report.bill import bom_lines, needs, rest_line
from cn_planner.report.build import build_report
from cn_planner.report.deployment import DeploymentPlan
from cn_planner.study import Study
from cn_planner.terrain.surface import NO_TERRAIN

COSTS = UnitCosts(PLAN, CATALOGUE)


def network() -> Plan:
    """G with a new mast and a silo with a sector, a link between them, a home on its roof and one of 2 on poles."""
    sites = [
        Site("G", "Gate", -1.5, 36.5, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 100.0, 90.0), mast_height_m=12.0,
             power=PowerSource.GRID, build_cost=55.5),
        Site("E", "Silo", -1.4, 36.5, role=SiteRole.EXISTING, mast_height_m=9.0, sectors=(Sector("s", "", 0.0),)),
    ]  # fmt: skip
    homes = [
        Household("roof", "Roof", -1.41, 36.5, server="E"),
        Household("pole", "Pole", -1.42, 36.5, server="E", weight=2.0, on_pole=True),
        Household("left", "Left", -1.43, 36.5, on_pole=True),
    ]
    return edits.put(PLAN, [*sites, Link("G-E", "G", "E"), *homes]).plan


@pytest.fixture(scope="module")
def report() -> DeploymentPlan:
    return build_report(Study(network(), NO_TERRAIN, CATALOGUE, None), version=1, date="2026-11-12")


# Item: quantity with spares, of which spares, price of one in KES, in all. Radios and jumpers have one spare of each
# ten begun, cable a tenth of its length; 1 USD is 2.5 KES.
BY_HAND = {
    "ap": (4.0, 1.0, 250.0, 1000.0),
    "cpe": (4.0, 1.0, 120.0, 480.0),
    "pipe": (6.0, 0.0, 40.0, 240.0),
    "guy": (3.0, 0.0, 7.25, 21.75),
    "box": (2.0, 0.0, 15.0, 30.0),
    "plug": (1.0, 0.0, 20.0, 20.0),
    "panel": (2.0, 0.0, 300.0, 600.0),
    "mount": (1.0, 0.0, 30.0, 30.0),
    "battery": (1.0, 0.0, 200.0, 200.0),
    "controller": (1.0, 0.0, 50.0, 50.0),
    "breaker": (1.0, 0.0, 5.0, 5.0),
    "cable": (11.0, 1.0, 3.0, 33.0),
    "jumper": (8.0, 1.0, 11.0, 88.0),
}


def test_the_bill_is_what_stands_in_the_shop_times_what_is_needed(report: DeploymentPlan) -> None:
    found = {line.item: (line.quantity, line.spares, line.unit_price, line.total) for line in report.bom}
    assert found == BY_HAND


def test_a_price_from_abroad_is_shown_as_it_was_and_as_it_is_paid(report: DeploymentPlan) -> None:
    line = next(one for one in report.bom if one.item == "ap")
    assert (line.list_price, line.list_currency, line.unit_price) == (100.0, "USD", 250.0)
    assert (line.price_date, line.price_source, line.example) == ("2026-11-01", "the shop", False)
    assert (line.name, line.item_class, line.unit) == ("Ap", ItemClass.RADIO, "piece")


def test_an_example_price_is_marked_and_one_that_nobody_knows_counts_as_none() -> None:
    items = dict(CATALOGUE.items)
    assert items["box"].price is not None
    items["box"] = replace(items["box"], price=replace(items["box"].price, example=True))
    costs = UnitCosts(PLAN, replace(CATALOGUE, items=items))
    lines = {line.item: line for line in bom_lines(costs, {"box": 2.0, "gift": 3.0, "pounds": 1.0}, spares=True)}
    assert lines["box"].example
    gift, pounds = lines["gift"], lines["pounds"]
    assert (gift.unit_price, gift.total, gift.list_price, gift.list_currency, gift.example) == (
        None,
        None,
        None,
        "",
        False,
    )
    assert (gift.price_date, gift.price_source, gift.quantity) == ("", "", 3.0)
    assert (pounds.unit_price, pounds.total, pounds.list_price, pounds.list_currency) == (None, None, 80.0, "GBP")


def test_lines_are_by_class_then_by_name() -> None:
    some = {"box": 1.0, "cable": 1.0, "ap": 1.0, "panel": 1.0, "guy": 1.0, "pipe": 1.0, "cpe": 1.0}
    lines = bom_lines(COSTS, some, site="E", spares=False)
    assert [line.item for line in lines] == ["ap", "cpe", "guy", "pipe", "panel", "cable", "box"]
    assert {line.site for line in lines} == {"E"}
    assert {line.spares for line in lines} == {0.0}


def test_each_site_has_what_goes_there(report: DeploymentPlan) -> None:
    by_site: dict[str, float] = {}
    for line in report.site_bom:
        by_site[line.site] = by_site.get(line.site, 0.0) + (line.total or 0.0)
    # A mast 181.75, a box, a plug, the link's end 272; the set 885, a box, the sector 280, the link's other end. At the
    # homes three kits of 131 and two poles of 40; then the spares: 250, 120, 3 and 11.
    assert by_site == {"G": 488.75, "E": 1452.0, "": 473.0 + 384.0}
    last = report.site_bom[-1]
    assert (last.item, last.total, last.unit_price, last.quantity, last.example) == ("spares", 384.0, 384.0, 1.0, False)


def test_no_line_of_rest_where_nothing_is_left() -> None:
    lines = bom_lines(COSTS, {"ap": 2.0}, spares=False)
    assert rest_line(lines, lines, "Rest") == ()
    spared = bom_lines(COSTS, {"ap": 2.0, "gift": 1.0}, spares=True)
    (rest,) = rest_line(spared, lines, "Rest")
    assert (rest.name, rest.total, rest.spares) == ("Rest", 250.0, 1.0)
    # What nobody knows the price of counts as nothing wherever it stands.
    free = bom_lines(COSTS, {"gift": 1.0}, site="E", spares=False)
    assert rest_line(lines, (*lines, *free, *free), "Rest") == ()
    assert rest_line((*lines, *free), lines, "Rest") == ()


def test_the_budget_is_that_of_the_bill_and_rounding_is_a_few_cents(report: DeploymentPlan) -> None:
    lines = {line.key: line.amount for line in report.budget}
    # Goods 2797.75; 3.5 days for the mast, two poles of a quarter: 4 at 20; the way and customs on goods; a tenth of
    # 3296.96.
    assert abs(lines.pop("rounding", 0.0)) < 0.05
    assert lines == {
        "radio": 1480.0, "mast": 261.75, "power": 705.0, "battery": 200.0, "cable": 121.0, "enclosure": 30.0,
        "place": 55.5, "labour": 80.0, "transport": 223.82, "customs": 139.89, "contingency": 329.7,
    }  # fmt: skip
    assert report.headline.capex == pytest.approx(3626.66, abs=0.05)


def test_only_what_is_new_needs_a_mast_and_hands() -> None:
    found = needs(network(), UnitCosts(network(), CATALOGUE))
    assert {key: mast.id for key, mast in found.masts.items()} == {"G": "high"}
    assert found.labour_days == 3.5 + 2 * 0.25
    assert found.too_tall == ()
    built = edits.put(network(), [replace(network().sites["G"], status=Status.BUILT)]).plan
    assert needs(built, UnitCosts(built, CATALOGUE)).masts == {}
    assert needs(built, UnitCosts(built, CATALOGUE)).labour_days == 0.5


def test_a_mast_higher_than_any_that_is_sold_is_named() -> None:
    sites = [replace(network().sites["G"], mast_height_m=18.0), replace(network().sites["E"], mast_height_m=50.0)]
    tall = edits.put(network(), sites).plan
    found = needs(tall, UnitCosts(tall, CATALOGUE))
    assert found.too_tall == ("G",)
    assert found.masts == {}
    assert found.labour_days == 0.5


def test_a_price_of_which_cents_are_too_coarse_is_printed_finer(report: DeploymentPlan, tmp_path: Path) -> None:
    """What stands beside a line times its quantity is its total: 0.70 USD at 0.92 is 0.644, and not 0.64."""
    cable = next(one for one in report.bom if one.item == "cable")
    long = replace(cable, quantity=3388.0, unit_price=0.70 * 0.92, total=2181.87)
    for number, (rows, last) in enumerate(((report.bom, "15.00"), ((*report.bom, long), "0.644"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_csv(replace(report, bom=rows), folder)
        with (folder / "bom.csv").open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
        assert lines[-1]["unit_price_KES"] == last
        for line in lines:
            counted = float(line["quantity"]) * float(line["unit_price_KES"])
            assert float(line["total_KES"]) == pytest.approx(counted, abs=0.0051)
