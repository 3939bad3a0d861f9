"""No fix fills a link or an Internet connection beyond what it carries: by the plan file and a checker of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.gateways import is_gateway
from cn_planner.model.history import Edit
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link, Plan, Uplink
from cn_planner.planning import way_room
from cn_planner.planning.fix_words import FixKind
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.way_room import WayRoom, rates_on_channels
from cn_planner.report.air import air_plan
from cn_planner.service.homes import service
from cn_planner.session.project import Project
from cn_planner.session.reach_left import reach_left
from cn_planner.session.suggestions import suggest
from tests.plan_file_checker import link_rates
from tests.plan_file_radio import PlanFile

HEAVY = 8.0
"""What each home left out counts, so that one more is felt."""
SPARE = 5.0
"""What is left where things are full: less than one of these takes, and more than rounding."""


@pytest.fixture
def half(planned_sample: Callable[[float | None], Path], tmp_path: Path) -> Iterator[Project]:
    """The valley with one tower on one link to a wide gateway, for half of the homes; each other counts for eight."""
    folder = planned_sample(0.5)
    for file in folder.iterdir():
        shutil.copy(file, tmp_path)
    with Project.open(next(tmp_path.glob("*.cnplan.gpkg"))) as project:
        heavy = [replace(one, weight=HEAVY) for one in project.plan.households.values() if one.server is None]
        gates = [one for one in project.plan.used_sites.values() if is_gateway(one)]
        wide = [replace(one, uplink=Uplink("fibre", 10_000.0)) for one in gates]
        project.apply(edits.put(project.plan, [*heavy, *wide]))
        yield project


def _carried(file: PlanFile) -> tuple[dict[str, float], dict[str, float]]:
    """Return what each link and each gateway has to carry at the busy hour, Mbit/s: on the fewest links, as a tree."""
    near: dict[str, list[tuple[str, str]]] = {key: [] for key in file.towers}
    for key, link in sorted(file.links.items()):
        near[link["from_site"]].append((link["to_site"], key))
        near[link["to_site"]].append((link["from_site"], key))
    up: dict[str, tuple[str, str] | None] = dict.fromkeys(sorted(file.gates))
    front = list(up)
    for here in front:
        for there, key in near[here]:
            if there not in up:
                up[there] = here, key
                front.append(there)
    links, gates = dict.fromkeys(file.links, 0.0), dict.fromkeys(file.gates, 0.0)
    for home in file.homes.values():
        at = home["server"]
        while at in up:
            way = up[at]
            if way is None:
                gates[at] += home["weight"] * file.busy
                break
            links[way[1]] += home["weight"] * file.busy
            at = way[0]
    return links, gates


def _too_full(path: Path) -> list[str]:
    file = PlanFile(path)
    links, gates = _carried(file)
    found = [key for key, mbps in links.items() if mbps > link_rates(file, file.links[key])[1] * 1.002]
    return found + [key for key in gates if (own := file.sites[key]["uplink"]) and gates[key] > own["mbps"] * 1.002]


def _fill_link(project: Project) -> str:
    """Put so many homes beside the mast of a tower, on its cable, that its link has next to no room."""
    file = PlanFile(project.path)
    links, _ = _carried(file)
    ((key, mbps),) = links.items()
    link = file.links[key]
    (tower,) = {link["from_site"], link["to_site"]} - file.gates
    site = project.plan.sites[tower]
    more = (link_rates(file, link)[1] - mbps) / file.busy - SPARE
    flats = Household("flats", "Flats", site.latitude, site.longitude, more, server=tower)
    project.apply(edits.put(project.plan, [flats]))
    return tower


def _fill_gateway(project: Project) -> str:
    file = PlanFile(project.path)
    ((gate, mbps),) = _carried(file)[1].items()
    bought = Uplink("fibre", mbps + SPARE * file.busy)
    project.apply(edits.put(project.plan, [replace(project.plan.sites[gate], uplink=bought)]))
    return gate


def _left(project: Project) -> list[str]:
    return [one.home for one in service(project.snapshot().study) if not one.served]


def _after(project: Project, edit: Edit) -> list[str]:
    """Return what is too full once an edit is made, which is then taken back."""
    project.apply(edit)
    found = _too_full(project.path)
    project.undo()
    return found


def test_no_fix_offered_fills_a_link_beyond_what_it_carries(half: Project) -> None:
    """A home was given to a tower whose only link was full: it went from 99 % to 142 % of what it carries."""
    study = half.snapshot().study
    before = home_fixes(study, _left(half))
    tower = _fill_link(half)
    assert not _too_full(half.path)
    assert any(fix.site == tower for own in before.values() for fix in own.fixes)
    found = home_fixes(half.snapshot().study, _left(half))
    offered = {(fix.kind, fix.site): fix for own in found.values() for fix in own.fixes}
    assert not [site for _, site in offered if site == tower]
    assert len(offered) > 3
    for fix in offered.values():
        assert _after(half, fix.edit(half.plan)) == [], str(fix.words)
    # As it was: what was offered before does fill it.
    worst = next(fix for own in before.values() for fix in own.fixes if fix.kind is FixKind.CONNECT)
    home = replace(half.plan.households[worst.home], server=tower)
    assert len(_after(half, edits.put(half.plan, [home]))) == 1


def test_where_all_ways_are_full_the_home_says_what_is(half: Project) -> None:
    gate = _fill_gateway(half)
    found = home_fixes(half.snapshot().study, _left(half))
    assert not [fix for own in found.values() for fix in own.fixes]
    name = half.plan.sites[gate].name
    said = [str(own.words) for own in found.values() if own.words is not None]
    assert any(one.startswith(f"The Internet connection at {name} has no room for more: it carries ") for one in said)
    assert reach_left(half.snapshot(), most=2).edit is None


def test_the_last_homes_are_reached_by_no_link_that_is_full(half: Project) -> None:
    tower = _fill_link(half)
    found = reach_left(half.snapshot(), most=3)
    assert found.edit is not None
    assert not [key for key in found.homes if found.edit.plan.households[key].server == tower]
    assert _after(half, found.edit) == []


def test_a_link_is_judged_on_the_channel_that_it_is_given(half: Project) -> None:
    """What the papers say that it carries beside the others counts, where that is less than it could alone."""
    (link,) = half.plan.standing_links.values()
    study = half.snapshot().study
    given = replace(half.plan, links=Items([replace(link, freq_mhz=5510.0)]))
    on_channels = rates_on_channels(replace(study, plan=given))
    assert on_channels == {link.id: air_plan(replace(study, plan=given)).carries_mbps[link.id]}
    tower = link.from_site if link.from_site not in PlanFile(half.path).gates else link.to_site
    connect = next(
        fix for own in home_fixes(study, _left(half)).values() for fix in own.fixes if fix.kind is FixKind.CONNECT
    )
    mbps = _carried(PlanFile(half.path))[0][link.id]
    each = HEAVY * half.plan.demand.busy_hour_mbps
    home, site = half.plan.households[connect.home], half.plan.sites[tower]
    assert WayRoom(study, {link.id: mbps + each}).full_for(home, site) is None
    full = WayRoom(study, {link.id: mbps + each - 0.1}).full_for(home, site)
    assert full is not None
    assert f"carries {mbps + each - 0.1:.1f} Mbit/s, and {mbps + each:.1f} would be wanted" in str(full)


def test_links_without_channels_or_ground_are_not_listened_to(half: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InputError("no mode in common")

    study = half.snapshot().study
    monkeypatch.setattr(way_room, "plan_channels", refuse)
    free = [replace(one, freq_mhz=None) for one in half.plan.links.values()]
    assert rates_on_channels(replace(study, plan=replace(half.plan, links=Items(free)))) == {}
    given = [replace(one, freq_mhz=5510.0) for one in half.plan.links.values()]
    assert rates_on_channels(replace(study, plan=replace(half.plan, links=Items(given)))) == {}


def test_a_tower_that_is_joined_brings_all_of_its_homes(half: Project) -> None:
    """What hangs on a tower without a link comes with it, not the home alone for which it is linked."""
    (link,) = half.plan.standing_links.values()
    ends = {link.from_site, link.to_site}
    (gate,) = PlanFile(half.path).gates
    (tower,) = ends - {gate}
    homes = sum(one.weight for one in half.plan.households.values() if one.server == tower)
    alone: Plan = replace(half.plan, links=Items())
    each = alone.demand.later_mbps
    own = sum(one.weight for one in alone.households.values() if one.server == gate)
    home = next(one for one in alone.households.values() if one.server is None)
    for spare, fits in ((0.1, True), (-0.1, False)):
        enough = Uplink("fibre", (own + homes + HEAVY) * each + spare)
        plan = edits.put(alone, [replace(alone.sites[gate], uplink=enough)]).plan
        room = WayRoom(replace(half.snapshot().study, plan=plan))
        full = room.full_for(home, plan.sites[tower], Link("new", tower, gate))
        assert (full is None) is fits


def test_what_is_too_full_already_is_not_in_question_where_it_gets_no_more(half: Project) -> None:
    """Nobody is kept from a tower of its own gateway as another way is too full; nor is any change of names refused."""
    (link,) = half.plan.standing_links.values()
    (gate,) = PlanFile(half.path).gates
    (tower,) = {link.from_site, link.to_site} - {gate}
    site = half.plan.sites[tower]
    flats = Household("flats", "Flats", site.latitude, site.longitude, 1000.0, server=tower)
    half.apply(edits.put(half.plan, [flats]))
    assert len(_too_full(half.path)) == 1
    room = WayRoom(half.snapshot().study)
    home = next(one for one in half.plan.households.values() if one.server is None)
    assert room.full_for(home, half.plan.sites[gate]) is None
    assert room.full_for(home, site) is not None
    assert room.full_for_all([home], gate, []) is None
    assert room.full_for_all([home], tower, []) is not None


def test_nothing_is_suggested_that_fills_a_link(half: Project) -> None:
    tower = _fill_link(half)
    found = suggest(half.snapshot())
    assert len(found) > 1
    assert not [one for one in found if tower in (one.site, one.parent)]
    for one in found:
        assert _after(half, one.edit) == [], str(one.reason)
    _fill_gateway(half)
    assert suggest(half.snapshot()) == ()
