"""Every thing that a plan's papers name is looked for in its bill: devices, ports, cables, power, homes."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from tests.plan_file_shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.model.plan import Plan
    from cn_planner.report.deployment import DeploymentPlan


def lacking(plan: Plan, report: DeploymentPlan) -> list[str]:
    """Return in words what drafts, drawings and tables of a plan name and its bill does not have.

    Of a plan of which nothing is built yet, with the kits of the shelf.
    """
    bills: dict[str, Counter[str]] = {}
    for line in report.site_bom:
        bills.setdefault(line.site, Counter())[line.item] += line.quantity
    shelf = Shelf()
    return [
        *_towers(plan, report, bills, shelf), *_packs(report, bills), *_power(plan, report, bills, shelf),
        *_homes(plan, bills, shelf), *_sums(report), *_work(report),
    ]  # fmt: skip


def _sum(bill: Counter[str], shelf: Shelf, figure: str) -> float:
    return sum(count * shelf.items.get(item, {}).get(figure, 0.0) for item, count in bill.items())


def _towers(plan: Plan, report: DeploymentPlan, bills: dict[str, Counter[str]], shelf: Shelf) -> Iterator[str]:
    radios: dict[str, list[str]] = {}
    for device in report.devices:
        if device.kind in ("sector", "link"):
            radios.setdefault(device.site, []).append(device.name)
        elif device.kind == "router" and bills[device.site]["tower-router"] != 1.0:
            yield f"{device.name}: a draft, and no router"
    for site, names in radios.items():
        bill = bills[site]
        bought = sum(count for item, count in bill.items() if item in shelf.radios)
        if bought != len(names):
            yield f"{site}: drafts for {len(names)} radios, {bought:g} in the bill"
        switches = Counter({item: count for item, count in bill.items() if item.startswith("switch-poe")})
        between = 2 * switches.total() - 1
        if _sum(switches, shelf, "ports") < len(names) + between:
            yield f"{site}: too few ports for {len(names)} radios and the router"
        injectors = sum(count for item, count in bill.items() if item.startswith("poe-injector"))
        if _sum(switches, shelf, "poe_ports") - between + injectors < len(names):
            yield f"{site}: not all of {len(names)} radios are fed"
        heights = [one.height_m or 0.0 for one in report.antennas if one.site == site]
        metres = sum(math.ceil(height + plan.power.run_m - 1e-9) for height in heights)
        if len(heights) != len(names) or bill["outdoor-cable"] != metres:
            yield f"{site}: {bill['outdoor-cable']:g} m of cable for runs of {metres} m"
        leads = switches.total() + injectors + (plan.sites[site].role.value == "gateway")
        if bill["patch-lead"] != leads:
            yield f"{site}: {bill['patch-lead']:g} leads, not {leads:g}"


def _packs(report: DeploymentPlan, bills: dict[str, Counter[str]]) -> Iterator[str]:
    drafted = Counter(one.site for one in report.devices if one.kind == "switch")
    for pack in report.packs:
        bill = bills[pack.site]
        bought = sum(count for item, count in bill.items() if item.startswith("switch-poe"))
        if drafted[pack.site] != bought:
            yield f"{pack.site}: {drafted[pack.site]} drafts of switches, {bought:g} bought"
        for part in pack.parts:
            if part.quantity != bill[part.item]:
                yield f"{pack.site}: the pack has {part.quantity:g} {part.item}, the bill {bill[part.item]:g}"


def _power(plan: Plan, report: DeploymentPlan, bills: dict[str, Counter[str]], shelf: Shelf) -> Iterator[str]:
    for record in report.power:
        bill = bills[record.site]
        sizes = _sum(bill, shelf, "panel_wp"), _sum(bill, shelf, "battery_ah")
        panels = sum(count for item, count in bill.items() if shelf.items.get(item, {}).get("panel_wp"))
        carried = _sum(bill, shelf, "charge_a") >= (record.controller_a or 0.0)
        if sizes != (record.panel_wp, record.battery_ah) or not carried or _sum(bill, shelf, "holds_panels") < panels:
            yield f"{record.site}: the chapter of power has another set than the bill"
        dark = record.uptime_pct is not None and record.uptime_pct < plan.power.uptime_pct - 1e-6
        if dark or (record.autonomy_days or 0.0) < plan.power.autonomy_days - 1e-6:
            yield f"{record.site}: goes dark"


def _homes(plan: Plan, bills: dict[str, Counter[str]], shelf: Shelf) -> Iterator[str]:
    served = [home for home in plan.households.values() if home.server is not None]
    needed = Counter[str]()
    for home in served:
        kits = max(1, math.ceil(home.weight)) if home.kind.value == "home" else 1
        usual = home.antenna_height_m is None and not home.on_pole
        tall = usual and plan.demand.antenna_height_m > 5.0  # the short pole holds an antenna up to there
        pole = "roof-pole-3m" if tall else "roof-pole"
        for item in (shelf.kits[home.client_kit or plan.kits.client]["radio"], "home-router", "poe-injector", pole):
            needed[item] += kits
    for item, count in needed.items():
        if bills[""][item] < count:
            yield f"homes: {bills[''][item]:g} {item} for {count}"


def _sums(report: DeploymentPlan) -> Iterator[str]:
    if not math.isclose(math.fsum(line.amount for line in report.budget), report.headline.capex, abs_tol=1e-6):
        yield "the lines of the budget do not add up to the price"
    goods = math.fsum(line.total or 0.0 for line in report.bom)
    if not math.isclose(math.fsum(line.total or 0.0 for line in report.site_bom), goods, abs_tol=1e-6):
        yield "the bills by site do not add up to the bill"
    classes = {line.item_class.value for line in report.bom}
    if not math.isclose(math.fsum(one.amount for one in report.budget if one.key in classes), goods, abs_tol=1e-6):
        yield "the budget has other goods than the bill"


def _work(report: DeploymentPlan) -> Iterator[str]:
    days = math.fsum(task.days or 0.0 for task in report.work)
    labour = next(line for line in report.budget if line.key == "labour")
    if not math.isclose(days, labour.quantity or 0.0, abs_tol=1e-6):
        yield f"the work plan has {days:g} days, the budget {labour.quantity:g}"
    for task in report.work:
        if task.days is None and str(task.what).startswith(("Hang", "Antenna", "Raise", "Earthing")):
            yield f"no days: {task.what}"
