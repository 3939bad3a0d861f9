"""Two people made something new, and both gave it the same id: one thing where it is meant as one, else two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from cn_planner.model.items import Items
from cn_planner.model.plan import TABLES, Evidence, Link, Measurement, Note, Plan, TerrainFile, Zone

_SAME_DEG = 5e-5
"""Two new things of one id and name within some 5 m are one thing."""
_ROUNDS = (
    ("sites",),
    ("households", "places"),
    tuple(name for name in TABLES if name not in {"sites", "households", "places", "notes"}),
    ("notes",),
)
"""What others refer to comes first: by what they refer to they are told apart."""


Names: TypeAlias = dict[str, dict[str, str]]
"""New ids by table and id; of scenarios, new numbers."""


class Apart(NamedTuple):
    """Two plans in which no two things have one id, and which of theirs got another one."""

    mine: Plan
    theirs: Plan
    names: Names


def things_apart(base: Plan, mine: Plan, theirs: Plan) -> Apart:
    """Return both plans with new ids where they gave the same to two new things; what refers to them follows.

    Which of both gets the new id does not depend on who is called mine.
    """
    renamed: Names = {}
    for names in _ROUNDS:
        moved: tuple[Names, Names] = ({}, {})
        for name in names:
            ours, others, known = getattr(mine, name), getattr(theirs, name), getattr(base, name)
            if ours is others:
                continue
            taken = {*ours, *others, *known}
            for key in sorted(ours.keys() & others.keys() - known.keys()):
                one, two = ours[key], others[key]
                if one == two or _one_thing(one, two):
                    continue
                side = 1 if repr(one) <= repr(two) else 0
                moved[side].setdefault(name, {})[key] = _free(key, taken)
        mine, theirs = with_names(base, mine, moved[0]), with_names(base, theirs, moved[1])
        renamed |= moved[1]
    return Apart(mine, theirs, renamed)


def names_after(first: Names, then: Names) -> Names:
    """Return what things are called that got new ids twice."""
    found: Names = {}
    for name in first.keys() | then.keys():
        before, now = first.get(name, {}), then.get(name, {})
        twice = {key: now.get(new, new) for key, new in before.items()}
        found[name] = {key: new for key, new in now.items() if key not in before.values()} | twice
    return found


def _free(key: str, taken: set[str]) -> str:
    number = 2
    while f"{key}-{number}" in taken:
        number += 1
    taken.add(f"{key}-{number}")
    return f"{key}-{number}"


def _one_thing(one: Any, two: Any) -> bool:
    """Return whether two new things of one id are meant to be the same."""
    match one:
        case Link():
            return {one.from_site, one.to_site} == {two.from_site, two.to_site}
        case Evidence():
            same = bool((one.about_id, one.towards, one.date) == (two.about_id, two.towards, two.date))
            return same and (one.who == two.who or "" in (one.who, two.who))
        case Measurement():
            return _near(one, two) and all(
                getattr(one, name) == getattr(two, name) for name in ("site", "freq_mhz", "level_dbm", "height_m")
            )
        case Note():
            return bool((one.text, one.about_id) == (two.text, two.about_id))
        case Zone():
            return bool(one.name == two.name if one.name else one.ring == two.ring)
        case TerrainFile():
            return True  # the id is the file's name: the same ground
    return bool(getattr(one, "name", "") == getattr(two, "name", "")) and _near(one, two)


def _near(one: Any, two: Any) -> bool:
    return all(abs(getattr(one, name) - getattr(two, name)) <= _SAME_DEG for name in ("latitude", "longitude"))


def with_names(base: Plan, plan: Plan, moved: Names) -> Plan:
    """Return a plan with new ids for some things, and what refers to them; ``base``: what both began from."""
    if not any(moved.values()):
        return plan
    plan = replace(plan, scenarios=plan.scenarios.numbered(moved.get("scenarios", {})))
    sites = moved.get("sites", {})
    # What the common plan has under that id, too, is what is spoken of.
    about = {
        key: new
        for name, ids in moved.items()
        for key, new in ids.items()
        if name in TABLES
        if not any(key in getattr(base, table) for table in TABLES)
    }
    parts: dict[str, Any] = {}
    for name in TABLES:
        own = moved.get(name, {})
        rows = []
        for thing in getattr(plan, name).values():
            change: dict[str, Any] = {"id": own[thing.id]} if thing.id in own else {}
            for field in ("from_site", "to_site", "server", "site", "towards"):
                if getattr(thing, field, None) in sites:
                    change[field] = sites[getattr(thing, field)]
            if getattr(thing, "about_id", None) in about:
                change["about_id"] = about[thing.about_id]
            rows.append(replace(thing, **change) if change else thing)
        parts[name] = Items(rows)
    if sites:
        measured = tuple(sites.get(one, one) for one in plan.calibration.sites)
        parts["calibration"] = replace(plan.calibration, sites=measured)
        fed = tuple(replace(one, site=sites.get(one.site, one.site)) for one in plan.power.sets)
        parts["power"] = replace(plan.power, sets=fed)
    return replace(plan, **parts)
