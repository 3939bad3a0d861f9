"""What hangs at a tower, what it draws and what feeds it, counted once more from the shipped files and a plan file.

It shares nothing with the program but the sun: what falls on a panel each hour of a year is taken from it, for tests of
its own hold that. What docs/power.md says is counted here anew: loads, ports, cables, and the cheapest set of all.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from typing import Any

import numpy as np

from cn_planner.economics.sun import sun_year
from cn_planner.model.power import Sun
from tests.plan_file_shelf import Shelf

STEPS = [2.0 * n for n in range(1, 31)] + [60.0 + 5.0 * n for n in range(1, 25)]
OHM_M = 0.0938
MOST = 24
USED, RETURNED = {"lifepo4": 0.8, "lead": 0.5}, {"lifepo4": 0.92, "lead": 0.8}


def watts(shelf: Shelf, kit: dict[str, Any], length_m: float) -> float:
    """Return what a radio draws, with the loss of the cable that feeds it."""
    power = kit["power_w"] if "power_w" in kit else shelf.radios[kit["radio"]]["max_power_w"]
    volts = injector(shelf, kit)[1]
    ohm = OHM_M * length_m
    room = volts**2 - 4.0 * power * ohm
    if room < 0.0:
        return 2.0 * power
    current = (volts - math.sqrt(room)) / (2.0 * ohm)
    return power + current**2 * ohm


def injector(shelf: Shelf, kit: dict[str, Any]) -> tuple[str, float]:
    names = [name for name in kit["parts"] if name.startswith("poe-injector")]
    return names[0], shelf.items[names[0]]["nominal_v"]


def radio_pieces(shelf: Shelf, kit: dict[str, Any], length_m: float, *, own: bool) -> Counter[str]:
    """Return what a radio at a tower takes; ``own``: with its injector, for a box that stands already."""
    found = Counter({name: float(count) for name, count in kit["parts"].items()})
    if "outdoor-cable" in found:
        found["outdoor-cable"] = math.ceil(length_m - 1e-9)
    if not own:
        found.pop(injector(shelf, kit)[0])
    return found


def box_pieces(shelf: Shelf, kits: list[dict[str, Any]], gateway: bool, price) -> Counter[str]:
    """Return router, switches, injectors and leads: the cheapest of what has a port for each radio and the router."""
    best = None
    for name in shelf.tower["switches"]:
        switch = shelf.items[name]
        count = 1
        while count * switch["ports"] - (2 * count - 1) < len(kits):
            count += 1
        feeds = count * switch["ports"] - (2 * count - 1)
        assert switch["poe_ports"] == switch["ports"]
        found = Counter({shelf.tower["router"]: 1.0, name: float(count)})
        for kit in kits:
            own, volts = injector(shelf, kit)
            if volts == switch["nominal_v"] and feeds > 0:
                feeds -= 1
            else:
                found[own] += 1.0
                found[shelf.tower["patch_lead"]] += 1.0
        found[shelf.tower["patch_lead"]] += count + gateway
        cost = sum(price(item) * number for item, number in found.items())
        if best is None or (cost, name) < best[:2]:
            best = cost, name, found
    assert best is not None
    return best[2]


def drawn(shelf: Shelf, pieces: Counter[str]) -> float:
    return sum(shelf.items.get(name, {}).get("power_w", 0.0) * count for name, count in pieces.items())


def panels_and_batteries(shelf: Shelf, plan: dict[str, Any], load_w: float, price) -> Counter[str]:
    """Return the cheapest set of the shelf that keeps a load, which is rounded up to the next step."""
    step = next(one for one in STEPS if one >= load_w - 1e-9)
    power = plan["power"]
    hours = None if not plan["sun"]["monthly_kwh_m2_day"] and plan["sun"]["clearness"] is None else _hours(
        round(float(np.mean([site["at"][0] for site in plan["sites"].values()])) / 0.1) * 0.1,
        tuple(plan["sun"]["monthly_kwh_m2_day"]), plan["sun"]["tilt_deg"], plan["sun"]["clearness"],
        power["cloudy_days"], power["tilt_deg"], power["losses_pct"],
    )  # fmt: skip
    chemistry, volts = power["chemistry"], power["system_v"]
    used = (USED[chemistry] if power["usable_pct"] is None else power["usable_pct"] / 100) * power["aged_pct"] / 100
    rows = []
    for panel, panels, battery, batteries, controller, controllers in _offers(shelf, chemistry, volts):
        wp = panels * shelf.items[panel]["panel_wp"]
        wh = batteries * shelf.items[battery]["battery_ah"] * shelf.items[battery]["nominal_v"]
        if used * wh < power["autonomy_days"] * 24.0 * step - 1e-6:
            continue
        usual = shelf.tower["solar_parts"]["solar-panel-200"] * 200.0 / shelf.tower["solar_for_w"]
        if hours is None and wp < usual * step - 1e-6:
            continue
        mount = shelf.items[panel]["mount"]
        found = Counter({panel: panels, battery: batteries, controller: controllers})
        found[mount] += math.ceil(panels / shelf.items[mount]["holds_panels"])
        # Copper, there and back: no cable from the panels may lose more than a tenth of the voltage.
        length = shelf.tower["solar_parts"]["solar-cable"]
        lost = wp / volts * 2.0 * length / (58.0 * power["cable_mm2"]) / volts
        # And each charge controller has panels of its own.
        runs = max(1, math.ceil(10.0 * lost - 1e-9), controllers)
        found.update({name: shelf.tower["solar_parts"][name] * runs for name in ("dc-protection", "solar-cable")})
        rows.append((sum(price(name) * count for name, count in found.items()), wp, wh, found))
    rows.sort(key=lambda row: row[0])
    if hours is None:
        return rows[0][3]
    dark = (1.0 - power["uptime_pct"] / 100.0) * 8760.0 * step
    for start in range(0, len(rows), 500):
        some = rows[start : start + 500]
        lacks = _lacks(hours, step, np.array([row[1] for row in some]), used * np.array([row[2] for row in some]),
                       RETURNED[chemistry])  # fmt: skip
        kept = [row for row, lack in zip(some, lacks, strict=True) if lack <= dark + 1e-3]
        if kept:
            return kept[0][3]
    raise AssertionError(f"nothing keeps {load_w} W")


def _offers(shelf: Shelf, chemistry: str, volts: float):
    things = shelf.items
    for panel, one in things.items():
        if not one.get("panel_wp"):
            continue
        for panels in range(1, MOST + 1):
            amperes = panels * one["panel_wp"] / volts
            for controller, other in things.items():
                if other.get("charge_a") and other["nominal_v"] == volts:
                    for battery, third in things.items():
                        if third.get("battery_ah") and third["chemistry"] == chemistry:
                            row = round(volts / third["nominal_v"])
                            for count in range(1, MOST + 1):
                                yield (panel, panels, battery, row * count, controller,
                                       math.ceil(amperes / other["charge_a"] - 1e-9))  # fmt: skip


@lru_cache(maxsize=4)
def _hours(latitude, monthly, tilt, clearness, cloudy_days, panel_tilt, losses_pct):
    year = sun_year(latitude, Sun(monthly, tilt, clearness), cloudy_days=cloudy_days, tilt_deg=panel_tilt)
    days = year.panel_w_m2.reshape(365, 24).sum(axis=1)
    starts = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])
    ends = [*starts[1:], 365]
    sunny = max(range(12), key=lambda n: days[starts[n] : ends[n]].mean())
    return np.roll(year.panel_w_m2 / 1000.0 * (1.0 - losses_pct / 100.0), -24 * int(starts[sunny]))


def _lacks(hours, load, wp, usable, returned):
    """Return what a load lacks in a year that begins full."""
    return _lacking(*(one.tobytes() for one in (hours, wp, usable)), load, returned)


@lru_cache(maxsize=256)
def _lacking(each_hour, panels, batteries, load, returned):
    """Return the same, hour by hour; once for all plan files whose towers are alike."""
    hours, wp, usable = map(np.frombuffer, (each_hour, panels, batteries))
    stored, lacks = usable.copy(), np.zeros(len(wp))
    for sun in hours:
        more = sun * wp - load
        stored = stored + np.where(more > 0.0, returned * more, more)
        lacks += np.maximum(0.0, -stored)
        stored = np.minimum(np.maximum(stored, 0.0), usable)
    return lacks
