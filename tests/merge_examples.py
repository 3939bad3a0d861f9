"""Random runs of edits on a small plan, and a check of what came of two of them that shares nothing with the merger."""

from __future__ import annotations

import random
from dataclasses import asdict, replace

from cn_planner.model import edits
from cn_planner.model.merge import MergedPlan, Take, merge_plans
from cn_planner.model.plan import SECTIONS, TABLES, Household, Info, Items, Link, Measurement, Note, Plan, Site

PAIRED = {"latitude": "place", "longitude": "place", "from_site": "ends", "to_site": "ends"}
_REFERS = {"server", "site", "from_site", "to_site", "about_id"}


def start() -> Plan:
    sites = [Site(f"s{n}", f"Hill {n}", -1.4 + 0.01 * n, 36.5, mast_height_m=12.0) for n in range(5)]
    homes = [Household(f"h{n}", f"Home {n}", -1.41, 36.5 + 0.001 * n, server=f"s{n % 5}") for n in range(8)]
    links = [Link(f"l{n}", f"s{n}", f"s{n + 1}") for n in range(4)]
    return Plan(info=Info(name="village"), sites=Items(sites), households=Items(homes), links=Items(links))


def run_of_edits(plan: Plan, draw: random.Random, count: int) -> Plan:
    for _ in range(count):
        plan = _one(plan, draw)
    return plan


def _one(plan: Plan, draw: random.Random) -> Plan:
    kind = draw.randrange(10)
    sites, homes, links = list(plan.sites), list(plan.households), list(plan.links)
    number = draw.randrange(6)
    where = {"latitude": -1.4 - draw.randrange(4) / 1000.0, "longitude": 36.5 + draw.randrange(4) / 1000.0}
    if kind == 0:
        return edits.put(plan, [Site(f"n{number}", draw.choice("AB"), **where)]).plan
    if kind == 1:
        return edits.put(plan, [Household(f"k{number}", draw.choice("AB"), **where)]).plan
    if kind == 2 and homes:
        home = plan.households[draw.choice(homes)]
        change = draw.choice([where, {"note": draw.choice("xy")}, {"server": draw.choice([*sites, None])},
                              {"weight": float(draw.randrange(1, 4))}])  # fmt: skip
        return edits.put(plan, [replace(home, **change)]).plan
    if kind == 3 and sites:
        site = plan.sites[draw.choice(sites)]
        change = draw.choice([where, {"owner": draw.choice("xy")}, {"mast_height_m": draw.choice([6.0, 18.0])}])
        return edits.put(plan, [replace(site, **change)]).plan
    if kind == 4 and len(sites) > 1:
        return edits.put(plan, [Link(f"m{number}", *draw.sample(sites, 2))]).plan
    if kind == 5:
        return edits.put(
            plan, [Note(f"t{number}", draw.choice("xyz"), about_id=draw.choice([*sites, *homes, ""]))]
        ).plan
    if kind == 6:
        level = -90.0 - draw.randrange(3)
        where |= {"freq_mhz": 5500.0, "level_dbm": level, "site": draw.choice([*sites, ""])}
        return edits.put(plan, [Measurement(f"q{number}", **where)]).plan
    if kind == 7:
        value = {"max_hops": draw.randrange(1, 4)} if draw.random() < 0.5 else {"cover": draw.choice([0.5, 0.9])}
        return edits.change_section(plan, "rules", **value).plan
    table, keys = draw.choice([("sites", sites), ("households", homes), ("links", links)])
    return edits.remove(plan, table, [draw.choice(keys)]).plan if keys and draw.random() < 0.6 else plan


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
    if not found.conflicts:
        assert found.plan == back.plan
        _nothing_lost(base, mine, theirs, found.plan)
    else:
        _every_conflict_is_one(base, mine, theirs)
    return found


def _nothing_dangles(plan: Plan) -> None:
    for link in plan.links.values():
        assert {link.from_site, link.to_site} <= plan.sites.keys()
        assert link.from_site != link.to_site
    assert {home.server for home in plan.households.values()} - {None} <= plan.sites.keys()


def _clashes(base: Plan, mine: Plan, theirs: Plan) -> list[tuple[str, str, str]]:
    """Fields that both set otherwise, rows that one removed and the other changed, and sites that are gone and used."""
    was, ours, others = _plain(base), _plain(mine), _plain(theirs)
    found = []
    for key in was.keys() | ours.keys() | others.keys():
        before, one, two = was.get(key), ours.get(key), others.get(key)
        if one == two or before in (one, two):
            continue
        if one is None or two is None:
            found.append((*key, "row"))
        elif before is not None:
            sets = [{PAIRED.get(f, f) for f in row if row[f] != before[f]} for row in (one, two)]
            found += [
                (*key, name)
                for name in sets[0] & sets[1]
                if any(one[f] != two[f] for f in one if PAIRED.get(f, f) == name)
            ]
        else:
            found.append((*key, "new"))
    for site in base.sites:
        for gone, user in ((mine, theirs), (theirs, mine)):
            if site in gone.sites:
                continue
            found += [
                ("links", link.id, site)
                for link in user.links.values()
                if site in (link.from_site, link.to_site) and link != base.links.get(link.id)
            ]
            for home in user.households.values():
                old = base.households.get(home.id)
                if home.server == site and (old is None or old.server != site):
                    found.append(("households", home.id, site))
    return found


def _every_conflict_is_one(base: Plan, mine: Plan, theirs: Plan) -> None:
    assert _clashes(base, mine, theirs), "a conflict was named where both did not touch the same"


def _nothing_lost(base: Plan, mine: Plan, theirs: Plan, result: Plan) -> None:
    assert all(kind == "new" for *_, kind in _clashes(base, mine, theirs)), "a conflict was not named"
    was, came = _plain(base), _plain(result)
    contents = [(name, _content(row)) for (name, _), row in came.items()]
    for side, other in ((_plain(mine), _plain(theirs)), (_plain(theirs), _plain(mine))):
        for key, row in side.items():
            if key not in was:
                assert (key[0], _content(row)) in contents or key in other, f"{key} was added and is gone"
                continue
            for name, value in row.items():
                if value != was[key][name]:
                    assert key in came
                    kept = came[key][name]
                    # What it refers to may be new, and have got another id as the other had a new thing of that id.
                    follows = name in _REFERS and str(kept) == f"{value}-2"
                    assert kept == value or follows, f"{key} {name} was set and is not"
        for key in was.keys() - side.keys():
            assert key not in came, f"{key} was removed and is there"


def _content(row: dict[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((name, repr(value)) for name, value in row.items() if name not in {"id", *_REFERS})
