"""Two people work on copies of one file for weeks and bring them together now and then: each keeps to what is theirs.

What must come of it is known without the merger: each thing as the one who owns it left it, and no question asked.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from merge_examples import start

from cn_planner.model import edits
from cn_planner.model.plan import Household, Link, Plan, Site
from cn_planner.session.merge import bring_together, take_in
from cn_planner.session.project import Project

if TYPE_CHECKING:
    from pathlib import Path

_FIELDS = ("note", "latitude", "weight")


@dataclass
class Person:
    """A copy of the file, and what is this person's: homes, the things that they add, and one rule."""

    path: Path
    letter: str
    homes: tuple[str, ...]
    rule: str
    merges: int = 0
    since_merge: int = 0
    """Edits that stand since something was brought in: only these are undone here."""
    made: set[str] = field(default_factory=set)

    def work(self, draw: random.Random, count: int) -> None:
        with Project.open(self.path) as project:
            for _ in range(count):
                kind = draw.random()
                if kind < 0.2 and self.since_merge:
                    project.undo()
                    self.since_merge -= 1
                elif kind < 0.27 and project.redo_label is not None:
                    project.redo()
                    self.since_merge += 1
                else:
                    before = project.plan
                    project.apply(edits.Edit(edits.msg("edit {n}", n=draw.randrange(10**9)), self._one(before, draw)))
                    self.since_merge += project.plan != before

    def _one(self, plan: Plan, draw: random.Random) -> Plan:
        kind, number = draw.random(), draw.randrange(4)
        if kind < 0.2:
            # Both use the same ids for what is new.
            site = Site(
                f"new-{number}", f"{self.letter} {number}", -1.4 - (self.letter == "b") / 100.0, 36.5 + number / 100.0
            )
            own = [one.id for one in plan.sites.values() if one.name == site.name]
            return edits.put(plan, [replace(site, id=own[0]) if own else self._fresh(plan, site)]).plan
        own = [one.id for one in plan.sites.values() if one.name.startswith(f"{self.letter} ")]
        if kind < 0.3 and own:
            return edits.remove(plan, "sites", [draw.choice(own)]).plan
        if kind < 0.4 and own:
            return edits.put(plan, [Link(f"link-{self.letter}", "s0", draw.choice(own))]).plan
        if kind < 0.5:
            return edits.change_section(plan, "rules", **{self.rule: draw.randrange(1, 6)}).plan
        home = plan.households[draw.choice(self.homes)]
        name = draw.choice(_FIELDS)
        value: Any = {"note": str(draw.randrange(99)), "latitude": -1.41 + draw.randrange(99) / 1e4,
                      "weight": 1.0 + draw.randrange(9)}[name]  # fmt: skip
        return edits.put(plan, [replace(home, **{name: value})]).plan

    def _fresh(self, plan: Plan, site: Site) -> Site:
        taken = plan.sites.get(site.id)
        return site if taken is None else replace(site, id=f"{site.id}{self.letter}")

    def take(self, other: Person) -> int:
        """Bring the other's copy in; return how many conflicts were named."""
        with Project.open(self.path) as project:
            found = bring_together(project, other.path)
            steps = project.history.done
            take_in(project, found)
            if project.history.done > steps:
                self.since_merge = 0
        return len(found.merged.conflicts)

    def owned(self) -> dict[str, Any]:
        """Return what is this person's, as their own file has it."""
        with Project.open(self.path) as project:
            plan = project.plan
        sites = {one.name: (one.latitude, one.longitude) for one in plan.sites.values() if one.name[0] == self.letter}
        homes: dict[str, Household] = {key: plan.households[key] for key in self.homes}
        link = plan.links.get(f"link-{self.letter}")
        ends = None if link is None else plan.sites[link.to_site].name
        return {"sites": sites, "homes": homes, "rule": getattr(plan.rules, self.rule), "link": ends}


def hold_rounds(folder: Path, seed: int, rounds: int = 6) -> int:
    """Let two people work and meet in some rounds, and hold what came of it; return how often they met."""
    draw = random.Random(seed)
    base = start()
    base = replace(base, info=replace(base.info, secret="s"))  # noqa: S106 - of an example
    first, second = folder / "a.cnplan.gpkg", folder / "b.cnplan.gpkg"
    with Project.create(first, base) as project:
        for number in range(draw.randrange(3)):
            project.apply(edits.put(project.plan, [replace(project.plan.sites["s1"], owner=str(number))]))
    shutil.copyfile(first, second)
    people = (
        Person(first, "a", ("h0", "h1", "h2", "h3"), "max_hops"),
        Person(second, "b", ("h4", "h5", "h6", "h7"), "max_sectors"),
    )
    met = 0
    for _ in range(rounds):
        for person in people:
            person.work(draw, draw.randrange(5))
        for person, other in draw.choice(
            [(), (people,), (people[::-1],), (people, people[::-1]), (people[::-1], people)]
        ):
            met += 1
            assert person.take(other) == 0, f"seed {seed}: a conflict was named, and none is"
    wanted = [person.owned() for person in people]
    order = people if draw.random() < 0.5 else people[::-1]
    assert order[0].take(order[1]) == order[1].take(order[0]) == 0
    for person, other, own in zip(people, people[::-1], wanted, strict=True):
        assert person.owned() == own, f"seed {seed}: own work was changed"
        other_has = replace_path(person, other.path).owned()
        assert other_has == own, f"seed {seed}: work did not come over"
    with Project.open(first) as one, Project.open(second) as two:
        assert one.plan == two.plan, f"seed {seed}: the two differ"
    return met


def replace_path(person: Person, path: Path) -> Person:
    return replace(person, path=path)
