"""A catalogue of a dozen things with round prices, for sums that are worked by hand."""

from __future__ import annotations

from dataclasses import replace

from cn_planner.model.equipment import Antenna, Catalogue, Item, ItemClass, Kit, Mast, Part, Price, Radio, Source, Task
from cn_planner.model.plan import Costs, Info, KitChoice, Plan
from cn_planner.model.work import Labour

_SOURCE = Source("none", "by hand")


def item(key: str, kind: ItemClass, amount: float | None, currency: str = "KES", unit: str = "piece", **more) -> Item:
    price = None if amount is None else Price(amount, currency, "2026-11-01", "the shop", example=False)
    return Item(key, key.title(), kind, unit, price, **more)


# The plan counts in KES, of which 2.5 buy one USD: the access point costs 250.
ITEMS = (
    item("ap", ItemClass.RADIO, 100.0, "USD"),
    item("cpe", ItemClass.RADIO, 120.0),
    item("cable", ItemClass.CABLE, 3.0, unit="m"),
    item("jumper", ItemClass.CABLE, 11.0),
    item("pipe", ItemClass.MAST, 40.0),
    item("guy", ItemClass.MAST, 7.25),
    item("box", ItemClass.ENCLOSURE, 15.0),
    item("plug", ItemClass.POWER, 20.0),
    item("panel", ItemClass.POWER, 300.0, panel_wp=100.0, mount="mount"),
    item("mount", ItemClass.POWER, 30.0, holds_panels=2.0),
    item("battery", ItemClass.BATTERY, 200.0, battery_ah=100.0, nominal_v=12.0),
    item("controller", ItemClass.POWER, 50.0, charge_a=20.0),
    item("breaker", ItemClass.POWER, 5.0),
    item("gift", ItemClass.TOOL, None),
    item("pounds", ItemClass.TOOL, 80.0, "GBP"),
)


def parts(**quantities: float) -> tuple[Part, ...]:
    return tuple(Part(key, quantity) for key, quantity in quantities.items())


def kit(key: str, task: Task, **quantities: float) -> Kit:
    return Kit(key, key, task, "radio", "dish", 5500.0, 20.0, 0.5, parts(**quantities))


CATALOGUE = Catalogue(
    version="by hand",
    radios={"radio": Radio("radio", "Radio", "", "wifi", (5000.0, 6000.0), (), 8.0, 0.6, _SOURCE)},
    antennas={"dish": Antenna("dish", "Dish", "", (5000.0, 6000.0), 23.0, 10.0, 10.0, _SOURCE)},
    kits={
        "sector": kit("sector", Task.ACCESS, ap=1.0, cable=10.0),
        "roof": kit("roof", Task.CLIENT, cpe=1.0, jumper=1.0),
        "far": kit("far", Task.BACKHAUL, ap=1.0, jumper=2.0),
        "other": kit("other", Task.BACKHAUL, cpe=1.0),
    },
    masts=(
        Mast("high", "High mast", 12.0, parts(pipe=4.0, guy=3.0), 3.5),
        Mast("pole", "Pole", 5.0, parts(pipe=1.0), 0.25),
        Mast("low", "Low mast", 6.0, parts(pipe=2.0), 1.0),
    ),
    items={one.id: one for one in ITEMS},
    site_parts=parts(box=1.0),
    solar_parts=parts(panel=2.0, mount=1.0, battery=1.0, controller=1.0, breaker=1.0),
    grid_parts=parts(plug=1.0),
)

PLAN = Plan(
    info=Info(name="By hand", currency="KES"),
    kits=KitChoice("sector", "roof", "far"),
    work=Labour(survey_days=0.0, box_days=0.0, radio_days=0.0, home_days=0.0, training_days=0.0),
    costs=Costs(
        exchange_rate=2.5, labour_day=20.0, transport_pct=8.0, customs_pct=5.0, contingency_pct=10.0, spares_pct=10.0
    ),
)


def with_rates(**rates: float) -> Plan:
    """Return the empty plan with other rates."""
    return replace(PLAN, costs=replace(PLAN.costs, **rates))
