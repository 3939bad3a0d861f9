"""Random runs of edits on a small plan, and a check of what came of two of them that shares nothing with the merger."""

from __future__ import annotations

import random
from dataclasses import asdict, fields, replace
from enum import Enum
from typing import Any

from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.equipment import OwnPrice, Price
from cn_planner.model.evidence import Evidence, Seen, Visit, evidence_id
from cn_planner.model.ground import TerrainFile, Zone
from cn_planner.model.measurement import Calibration, Residual
from cn_planner.model.merge import MergedPlan, Take, merge_plans
from cn_planner.model.plan import (
    SECTIONS,
    TABLES,
    Household,
    Info,
    Items,
    Link,
    Measurement,
    Note,
    Obstacle,
    Plan,
    Sector,
    Site,
    Uplink,
)
from cn_planner.model.power import SolarSet
from cn_planner.model.public_place import PlaceKind, PublicPlace

PAIRED = {"latitude": "place", "longitude": "place", "from_site": "ends", "to_site": "ends",
          "server": "server", "client_kit": "server", "from_latitude": "from", "from_longitude": "from",
          "to_latitude": "to", "to_longitude": "to"}  # fmt: skip
WHOLE = {"calibration", "scenarios", "addresses", "sun", "choices", "outcome"}
_REFERS = {"server", "site", "from_site", "to_site", "about_id", "towards"}
_ROWS_WITHIN = {("power", "sets"): "site", ("shelf", "prices"): "item"}
_SOLAR = ("panel-a", 2, "battery-a", 1, "controller-a", 1)


def start() -> Plan:
    sites = [Site(f"s{n}", f"Hill {n}", -1.4 + 0.01 * n, 36.5, mast_height_m=12.0) for n in range(5)]
    homes = [Household(f"h{n}", f"Home {n}", -1.41, 36.5 + 0.001 * n, server=f"s{n % 5}") for n in range(8)]
    links = [Link(f"l{n}", f"s{n}", f"s{n + 1}") for n in range(4)]
    places = [PublicPlace(f"p{n}", f"Place {n}", -1.42, 36.5 + 0.001 * n, server=f"s{n}") for n in range(3)]
    return Plan(
        info=Info(name="village"),
        sites=Items(sites),
        households=Items(homes),
        links=Items(links),
        places=Items(places),
        notes=Items([Note("t9", "the old road", about_id="h1")]),
        obstacles=Items([Obstacle("o9", -1.4, 36.51, 12.0)]),
        zones=Items([Zone("z9", "Graves", ((-1.4, 36.5), (-1.41, 36.5), (-1.41, 36.51)))]),
        terrain=Items([TerrainFile("a.tif", "a.tif", "00", 30.0)]),
        evidence=Items([Evidence("seen:s1:s2:2026-11-01", "s1", "s2", Seen.CLEAR, date="2026-11-01", photos="a")]),
        measurements=Items([Measurement("q9", -1.4, 36.5, 5500.0, -80.0, site="s0")]),
    )


def run_of_edits(plan: Plan, draw: random.Random, count: int) -> Plan:
    """Return a plan after a run of edits, some of them undone again."""
    states = [plan]
    for _ in range(count):
        if len(states) > 1 and draw.random() < 0.1:
            states.pop()
        else:
            states.append(_one(states[-1], draw))
    return states[-1]


def _value(draw: random.Random, thing: Any, name: str) -> Any:
    """Return another value for a field, of few, so that two people meet in one now and then."""
    now = getattr(thing, name)
    if isinstance(now, bool):
        return not now
    if isinstance(now, Enum):
        return draw.choice(list(type(now)))
    if isinstance(now, str):
        return draw.choice(["x", "y", ""])
    if isinstance(now, int):
        return now + draw.randrange(1, 3)
    return (now or 0.0) + draw.randrange(1, 3)


def _plain_fields(thing: Any) -> list[str]:
    """Return the fields that any value of their type may stand in."""
    kept = {"id", *_REFERS, *PAIRED, "ring", "secret", "country", "currency", "language", "photos"}
    return [
        one.name
        for one in fields(thing)
        if one.name not in kept
        and (isinstance(getattr(thing, one.name), bool | int | float | str | Enum) or one.type == "float | None")
    ]


def _changed(plan: Plan, draw: random.Random, name: str, keys: list[str]) -> Plan:
    """Return a plan with one field of one row set, or of many rows alike."""
    table = getattr(plan, name)
    field = draw.choice(_plain_fields(table[keys[0]]))
    value = _value(draw, table[keys[0]], field)
    try:
        return edits.put(plan, [replace(table[key], **{field: value}) for key in keys]).plan
    except InputError:  # beyond its limits
        return plan


def _section(plan: Plan, draw: random.Random) -> Plan:
    name = draw.choice([one for one in SECTIONS if one not in WHOLE])
    section = getattr(plan, name)
    names = _plain_fields(section)
    if not names:
        return plan
    field = draw.choice(names)
    try:
        return edits.change_section(plan, name, **{field: _value(draw, section, field)}).plan
    except InputError:
        return plan


def _new(plan: Plan, draw: random.Random) -> Any:
    """Return a new thing of any table, under one of few ids."""
    number = draw.randrange(6)
    sites, homes = list(plan.sites), list(plan.households)
    where = {"latitude": -1.4 - draw.randrange(4) / 1000.0, "longitude": 36.5 + draw.randrange(4) / 1000.0}
    somewhere = draw.choice([*sites, ""])
    day = f"2026-11-{draw.randrange(10, 13)}"
    makers = [
        lambda: Site(f"n{number}", draw.choice("AB"), **where),
        lambda: Household(f"k{number}", draw.choice("AB"), **where, server=somewhere or None),
        lambda: PublicPlace(f"c{number}", draw.choice("AB"), **where, kind=draw.choice(list(PlaceKind))),
        lambda: Note(f"t{number}", draw.choice("xyz"), about_id=draw.choice([*sites, *homes, *plan.links, ""])),
        lambda: Measurement(
            f"q{number}", **where, freq_mhz=5500.0, level_dbm=-90.0 - draw.randrange(3), site=somewhere
        ),
        lambda: Obstacle(f"o{number}", **where, height_m=10.0 + draw.randrange(3)),
        lambda: Zone(f"z{number}", draw.choice(["", "Graves"]), ((-1.4, 36.5), (-1.41, 36.5), tuple(where.values()))),
        lambda: TerrainFile(f"{draw.choice('ab')}.tif", draw.choice(["a.tif", "b/a.tif"]), "00", 30.0),
    ]
    if len(sites) > 1:
        makers.append(lambda: Link(f"m{number}", *draw.sample(sites, 2)))
    about = draw.choice([*sites, *homes]) if sites or homes else ""
    towards = draw.choice([*sites, ""])
    if about and about != towards:
        makers.append(
            lambda: Evidence(
                evidence_id(about, towards, day), about, towards, draw.choice(list(Seen)), draw.choice(list(Visit)),
                who=draw.choice(["", "Asha", "Juma"]), date=day, photos=" ".join(draw.sample("abc", 2)),
            )
        )  # fmt: skip
    return draw.choice(makers)()


def _within(plan: Plan, draw: random.Random) -> Plan:
    """Return a plan with something else that stands within a row or section."""
    kind, site = draw.randrange(5), draw.choice([*plan.sites, "s0"])
    if kind == 0:
        fed = {one.site: one for one in plan.power.sets} | {
            site: SolarSet(site, *_SOLAR[:1], draw.randrange(1, 4), *_SOLAR[2:])
        }
        return edits.change_section(plan, "power", sets=tuple(fed[key] for key in sorted(fed))).plan
    if kind == 1:
        item = draw.choice(["rope", "pole"])
        rows = {one.item: one for one in plan.shelf.prices}
        rows[item] = OwnPrice(item, Price(float(draw.randrange(3)), "USD", "2026-11-29", "shop"))
        return edits.change_section(plan, "shelf", prices=tuple(rows[key] for key in sorted(rows))).plan
    if kind == 2:
        residual = Residual(-1.4, 36.5, 0, 5500.0, 1000.0, 3.0, 1.0, float(draw.randrange(3)), 9.0)
        learned = Calibration() if draw.random() < 0.3 else Calibration((site,), (residual,), 6.0, 250.0, 3.0, 0.2)
        return replace(plan, calibration=learned)
    if kind == 3 and plan.evidence:
        row = plan.evidence[draw.choice(list(plan.evidence))]
        return edits.put(plan, [replace(row, photos=" ".join(sorted({*row.photos.split(), draw.choice("abcd")})))]).plan
    if site in plan.sites:
        one = plan.sites[site]
        sectors = (Sector("a", "village-sector-5ghz", 90.0 * draw.randrange(4)),)
        return edits.put(plan, [draw.choice([replace(one, sectors=sectors), replace(one, uplink=Uplink())])]).plan
    return plan


def _moved(plan: Plan, draw: random.Random) -> Plan:
    name = draw.choice(["sites", "households", "places"])
    keys = list(getattr(plan, name))
    if not keys:
        return plan
    thing = getattr(plan, name)[draw.choice(keys)]
    change: dict[str, Any] = {
        "latitude": -1.4 - draw.randrange(4) / 1000.0,
        "longitude": 36.5 + draw.randrange(4) / 1000.0,
    }
    if name != "sites" and draw.random() < 0.5:
        change = {"server": draw.choice([*plan.sites, None])}
    return edits.put(plan, [replace(thing, **change)]).plan


def _one(plan: Plan, draw: random.Random) -> Plan:
    kind = draw.random()
    if kind < 0.25:
        return edits.put(plan, [_new(plan, draw)]).plan
    if kind < 0.35:
        return _moved(plan, draw)
    if kind < 0.45:
        return _section(plan, draw)
    if kind < 0.57:
        return _within(plan, draw)
    name = draw.choice(list(TABLES))
    keys = list(getattr(plan, name))
    if not keys:
        return plan
    many = draw.sample(keys, min(len(keys), draw.randrange(2, 6))) if draw.random() < 0.2 else [draw.choice(keys)]
    if kind < 0.87:
        return _changed(plan, draw, name, many)
    return edits.remove(plan, name, many).plan


def _plain(plan: Plan) -> dict[tuple[str, str], dict[str, object]]:
    rows = {(name, key): asdict(thing) for name in TABLES for key, thing in getattr(plan, name).items()}
    return rows | {(name, ""): asdict(getattr(plan, name) or Note("", "")) for name in SECTIONS}


def hold(base: Plan, mine: Plan, theirs: Plan) -> MergedPlan:
    """Merge, and hold the result to the words of the contract; return it."""
    found = merge_plans(base, mine, theirs)
    back = merge_plans(base, theirs, mine)
    assert len(found.conflicts) == len(back.conflicts)
    assert sorted((c.mine, c.theirs) for c in found.conflicts) == sorted((c.theirs, c.mine) for c in back.conflicts)
    assert (found.from_mine, found.from_theirs, found.both_alike) == (back.from_theirs, back.from_mine, back.both_alike)
    for take in Take:
        one, two = merge_plans(base, mine, theirs, take), merge_plans(base, theirs, mine, take.other)
        assert one.plan == two.plan
        assert all(conflict.taken is take for conflict in one.conflicts)
        _nothing_dangles(one.plan)
    _nothing_lost(base, mine, theirs, found)
    if not found.conflicts:
        assert found.plan == back.plan
    else:
        assert _clashes(base, mine, theirs), "a conflict was named where both did not touch the same"
    return found


def _nothing_dangles(plan: Plan) -> None:
    for link in plan.links.values():
        assert {link.from_site, link.to_site} <= plan.sites.keys()
        assert link.from_site != link.to_site
    served = {one.server for table in (plan.households, plan.places) for one in table.values()}
    assert served - {None} <= plan.sites.keys()


def _fields_that_clash(key: tuple[str, str], before: Any, one: Any, two: Any) -> list[str]:
    found = []
    for name in one:
        both = one[name] != before[name] and two[name] != before[name] and one[name] != two[name]
        if name == "photos":  # photographs of both are kept
            continue
        within = _ROWS_WITHIN.get((key[0], name))
        if within is not None:
            was, ours, others = ({row[within]: row for row in side[name]} for side in (before, one, two))
            found += [
                name
                for row in was.keys() | ours.keys() | others.keys()
                if ours.get(row) != was.get(row) != others.get(row) and ours.get(row) != others.get(row)
            ]
        elif both:
            found.append(PAIRED.get(name, name))
        elif name in PAIRED:
            mates = [other for other in one if PAIRED.get(other) == PAIRED[name]]
            sets = [any(side[mate] != before[mate] for mate in mates) for side in (one, two)]
            if all(sets) and any(one[mate] != two[mate] for mate in mates):
                found.append(PAIRED[name])
    return found


def _clashes(base: Plan, mine: Plan, theirs: Plan) -> set[tuple[str, str, str]]:
    """Fields that both set otherwise, rows that one removed and the other changed, things that are gone and used."""
    was, ours, others = _plain(base), _plain(mine), _plain(theirs)
    found = set()
    for key in was.keys() | ours.keys() | others.keys():
        before, one, two = was.get(key), ours.get(key), others.get(key)
        if one == two or before in (one, two) or key[0] == "outcome":
            continue
        if one is None or two is None or key[0] in WHOLE:
            found.add((*key, "row"))
        elif before is not None:
            found |= {(*key, name) for name in _fields_that_clash(key, before, one, two)}
        else:
            found.add((*key, "new"))
    for gone, user in ((mine, theirs), (theirs, mine)):
        for name in ("sites", "households", "places"):
            for thing in getattr(base, name).keys() - getattr(gone, name).keys():
                found |= {("used", one, thing) for one in _tells_of(base, user, name, thing)}
    return found


def _tells_of(base: Plan, plan: Plan, name: str, thing: str) -> list[str]:
    found = [
        row.id
        for told in ("evidence", "notes", "measurements")
        for row in getattr(plan, told).values()
        if row != getattr(base, told).get(row.id)
        and (thing == getattr(row, "about_id", None) or (name == "sites" and thing in _sites_of(row)))
    ]
    if name == "sites":
        found += [one.id for one in plan.links.values() if thing in _sites_of(one) and one != base.links.get(one.id)]
        for table in ("households", "places"):
            for one in getattr(plan, table).values():
                old = getattr(base, table).get(one.id)
                if one.server == thing and (old is None or old.server != thing):
                    found.append(one.id)
    return found


def _sites_of(row: Any) -> set[str]:
    return {getattr(row, name, "") for name in ("site", "towards", "from_site", "to_site")}


def _nothing_lost(base: Plan, mine: Plan, theirs: Plan, merged: MergedPlan) -> None:
    """Hold that each thing that one set or made is there, or a clash that is named; and that no clash goes unnamed."""
    clashes = _clashes(base, mine, theirs)
    sure = {one for one in clashes if one[2] != "new"}
    assert not sure or merged.conflicts, f"no conflict was named: {sorted(sure)}"
    if merged.conflicts:
        return
    was, came = _plain(base), _plain(merged.plan)
    contents = [(name, _content(row)) for (name, _), row in came.items()]
    for side, other in ((_plain(mine), _plain(theirs)), (_plain(theirs), _plain(mine))):
        for key, row in side.items():
            if key[0] == "outcome" and other[key] != was[key]:
                continue
            if key not in was:
                there = (key[0], _content(row)) in contents or (key in other and key in came)
                assert there, f"{key} was added and is gone"
                continue
            for name, value in row.items():
                if value != was[key][name]:
                    assert key in came
                    assert _stands(key, name, was[key][name], value, came[key][name]), (
                        f"{key} {name} was set and is not"
                    )
        for key in was.keys() - side.keys():
            assert key not in came, f"{key} was removed and is there"


def _stands(key: tuple[str, str], name: str, before: Any, value: Any, kept: Any) -> bool:
    if name == "photos":
        added, gone = set(value.split()) - set(before.split()), set(before.split()) - set(value.split())
        return added <= set(kept.split()) and not gone & set(kept.split())
    if (key[0], name) in _ROWS_WITHIN:
        # A site may have got another id.
        strip = [{part: held for part, held in one.items() if part != "site"} for one in kept]
        return all({part: held for part, held in row.items() if part != "site"} in strip for row in value)
    # What it refers to may be new, and have got another id as the other had a new thing of that id.
    return bool(kept == value or (name in _REFERS and str(kept).startswith(f"{value}-")) or key[0] == "calibration")


def _content(row: dict[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, repr(value)) for name, value in row.items() if name not in {"id", *_REFERS})
