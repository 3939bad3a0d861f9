"""Each decision of a plan: its reason and price, and that what people say of it is what the planner then does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import flat_ground

from cn_planner.economics.costs import capital
from cn_planner.errors import InputError
from cn_planner.geo import destination
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.checks import problems
from cn_planner.model.history import apply_changes, changes
from cn_planner.model.plan import (
    Area,
    Choice,
    Household,
    Link,
    Plan,
    PowerSource,
    PublicPlace,
    RelayConsent,
    Rules,
    Site,
    SiteRole,
    Status,
    Uplink,
)
from cn_planner.model.settings import change_setting
from cn_planner.planning.deciding import choice_of, decide
from cn_planner.planning.decision_words import decision_reason, decision_title
from cn_planner.planning.decisions import Decision, DecisionKind, decisions_of
from cn_planner.planning.design import design
from cn_planner.planning.public_places import keeps_hotspot, planned_for, without_chosen
from cn_planner.planning.relays import relay_id
from cn_planner.service.homes import whole_service
from cn_planner.service.joined import gateways
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

PLAIN = Plan(area=Area(canopy_m=0.0), rules=Rules(mast_heights_m=(6.0, 12.0, 18.0), max_access_km=8.0))
SHELF, GROUND = load_catalogue(), flat_ground()
GATE = (-1.45, 36.55)
ASH = destination(*GATE, 0.0, 10_000.0)
HOMES = [Household(f"h{n}", "", *destination(*ASH, 40.0 * n, 900.0)) for n in range(4)]
TOWN = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 200.0, 90.0), power=PowerSource.GRID)
DEAR = Site(
    "A", "Ash", *ASH, role=SiteRole.GATEWAY_OPTION, uplink=Uplink("cellular", 50.0, 10.0, 50_000.0),
    power=PowerSource.GRID,
)  # fmt: skip
BEFORE = edits.put(PLAIN, [TOWN, DEAR, Site("E", "Elm", *destination(*GATE, 90.0, 4000.0)), *HOMES]).plan


def planned(plan: Plan) -> Plan:
    found = design(Study(plan, GROUND, SHELF))
    assert found.edit is not None
    return found.edit.plan


MADE = planned(BEFORE)
HIGH = max("AG", key=lambda key: MADE.sites[key].mast_height_m)
"""Which end of the only link has the higher mast: either would do."""


def decisions(plan: Plan = MADE) -> dict[tuple[DecisionKind, str], Decision]:
    study = Study(plan, GROUND, SHELF)
    return {(one.kind, one.id): one for one in decisions_of(study, whole_service(study).now)}


def metres(value: float) -> Message:
    return msg("{value:g} m", value=value)


def said(one: Decision, plan: Plan = MADE) -> tuple[str, str]:
    return str(decision_title(one, plan, metres)), str(decision_reason(one, metres))


def wanted(one: Decision, choice: Choice, plan: Plan = BEFORE, made: Plan = MADE) -> Plan:
    """Return the plan with a wish, after one undo gave back what was there before."""
    after = decide(plan, plan, made, one, choice).plan
    assert apply_changes(after, [replace(c, before=c.after, after=c.before) for c in changes(plan, after)]) == plan
    assert choice_of(after, made, one) is choice
    return after


def bill(plan: Plan) -> float:
    return capital(plan, SHELF).total.total


def test_each_decision_has_its_reason_and_its_price_which_two_bills_confirm():
    found, site, raised = decisions(), MADE.sites["A"], MADE.sites[HIGH]
    assert set(found) == {
        (DecisionKind.TOWER, "G"), (DecisionKind.MAST, "G"), (DecisionKind.TOWER, "A"), (DecisionKind.MAST, "A"),
        (DecisionKind.GATEWAY, "A"), (DecisionKind.LINK, "L-A-G"), (DecisionKind.TOWER, "E"),
    }  # fmt: skip
    tower, mast = found[DecisionKind.TOWER, "A"], found[DecisionKind.MAST, HIGH]
    assert said(tower) == ("Tower at Ash", "It connects 4 of the homes; 4 of them no other tower of the plan sees.")
    gone = edits.put(MADE, [replace(site, mast_height_m=None, sectors=())]).plan
    assert tower.cost == pytest.approx(bill(MADE) - bill(gone), abs=0.01)
    assert (mast.height_m, mast.lower_m) == (raised.mast_height_m, raised.mast_height_m - 6.0)
    lower = edits.put(MADE, [replace(raised, mast_height_m=mast.lower_m)]).plan
    assert mast.cost == pytest.approx(bill(MADE) - bill(lower), abs=0.01)
    assert mast.links == 1  # 10 km over a plain: the horizon says so
    assert said(mast)[1] == f"With {mast.lower_m:g} m, 1 link would not hold."
    link = found[DecisionKind.LINK, "L-A-G"]
    assert said(link) == ("Link Ash – Gate", "4 homes reach the Internet over it.")
    cut = edits.remove(MADE, "links", ["L-A-G"]).plan
    assert link.cost == pytest.approx(bill(MADE) - bill(cut), abs=0.01)
    door = found[DecisionKind.GATEWAY, "A"]
    assert (door.taken, door.month) == (False, 10.0)
    opened = edits.put(MADE, [replace(site, uplink_bought=True)]).plan
    assert door.cost == pytest.approx(bill(opened) - bill(MADE), abs=0.02)
    assert said(door)[1] == "The planner weighed it and does without."
    assert said(found[DecisionKind.TOWER, "E"])[1] == "The plan does without it."


def test_a_tower_that_is_kept_is_built_and_one_that_is_left_out_is_not():
    elm = decisions()[DecisionKind.TOWER, "E"]
    assert "E" in planned(wanted(elm, Choice.LOCKED)).used_sites
    ash = decisions()[DecisionKind.TOWER, "A"]
    without = wanted(ash, Choice.FORBIDDEN)
    assert design(Study(without, GROUND, SHELF)).edit is None  # nobody else sees the homes
    free = decide(without, BEFORE, MADE, ash, Choice.FREE).plan
    assert free == BEFORE


def test_a_mast_is_kept_at_its_height_or_no_longer_so_high():
    mast = decisions()[DecisionKind.MAST, HIGH]
    # The other end may then be as high as it likes: the link needs both.
    low = wanted(mast, Choice.FORBIDDEN)
    again = planned(low)
    assert again.sites[HIGH].mast_height_m < mast.height_m
    assert planned(wanted(mast, Choice.LOCKED)).sites[HIGH].mast_height_m == mast.height_m
    assert decide(low, BEFORE, MADE, mast, Choice.FREE).plan == BEFORE
    lowest = replace(mast, lower_m=None)
    with pytest.raises(InputError, match="no lower mast"):
        decide(BEFORE, BEFORE, MADE, lowest, Choice.FORBIDDEN)


def test_a_tower_that_is_locked_as_it_stands_is_kept_as_it_was_proposed():
    stands = edits.put(BEFORE, [replace(BEFORE.sites["A"], mast_height_m=6.0)]).plan
    tower = decisions()[DecisionKind.TOWER, "A"]
    kept = wanted(tower, Choice.LOCKED, stands)
    assert kept.sites["A"].mast_height_m == 6.0  # nothing is built by a wish
    assert planned(kept).sites["A"].mast_height_m == MADE.sites["A"].mast_height_m


def test_a_connection_is_opened_or_never_and_the_plan_pays_for_what_it_has():
    door = decisions()[DecisionKind.GATEWAY, "A"]
    opened = planned(wanted(door, Choice.LOCKED))
    assert gateways(opened) == ("A",)  # nothing hangs on the other any more
    assert opened.sites["A"].uplink_bought
    cheap = edits.put(BEFORE, [replace(DEAR, uplink=replace(DEAR.uplink, open_cost=1.0))]).plan
    made = planned(cheap)
    assert gateways(made) == ("A",)
    door = decisions(made)[DecisionKind.GATEWAY, "A"]
    assert said(door, made) == ("Internet connection here", "The Internet enters here for 4 homes.")
    never = planned(wanted(door, Choice.FORBIDDEN, cheap, made))
    assert gateways(never) == ("G",)
    assert not never.sites["A"].uplink_bought
    # What a plan had bought before is not paid for either.
    over = planned(wanted(door, Choice.FORBIDDEN, made, made))
    assert (gateways(over), over.sites["A"].uplink_bought) == (("G",), False)
    assert bill(over) == bill(never)


def test_a_link_is_kept_with_its_towers_or_never_made():
    link = decisions()[DecisionKind.LINK, "L-A-G"]
    never = wanted(link, Choice.FORBIDDEN)
    joined = {frozenset((one.from_site, one.to_site)) for one in planned(never).standing_links.values()}
    assert joined == {frozenset("AE"), frozenset("EG")}  # by way of Elm
    kept = wanted(link, Choice.LOCKED)
    assert {kept.sites[key].choice for key in "AG"} == {Choice.LOCKED}
    assert planned(kept).links["L-A-G"].choice is Choice.LOCKED
    free = decide(never, BEFORE, MADE, link, Choice.FREE).plan
    assert not free.links
    stood = edits.put(BEFORE, [Link("old", "G", "A")]).plan
    assert decide(stood, stood, MADE, link, Choice.FORBIDDEN).plan.links["old"].choice is Choice.FORBIDDEN


def test_a_relay_at_a_home_is_left_out_and_let_in_again():
    tall = destination(*GATE, 0.0, 10_000.0)
    rows = [Household(f"h{n}", "", *destination(*tall, 50.0 * n, 900.0)) for n in range(4)]
    home = Household("tall", "Mill", *tall, antenna_height_m=20.0, relay=RelayConsent.YES)
    rules = Rules(mast_heights_m=(6.0,), cover=1.0)
    before = edits.put(Plan(area=Area(canopy_m=0.0), rules=rules), [replace(TOWN, max_height_m=6.0), *rows, home]).plan
    made = planned(before)
    key = relay_id("tall")
    relay = decisions(made)[DecisionKind.RELAY, key]
    assert said(relay, made)[0] == "Relay at the home Mill"
    without = wanted(relay, Choice.FORBIDDEN, before, made)
    assert key not in planned(without).used_sites
    told = decide(without, before, made, relay, Choice.FREE).plan
    assert told == before
    assert key in planned(wanted(relay, Choice.LOCKED, before, made)).used_sites


def test_a_hotspot_and_a_public_place_are_kept_or_left_out():
    site = replace(MADE.sites["A"], hotspot=True)
    made = edits.put(MADE, [site, PublicPlace("m", "Market", *destination(*GATE, 0.0, 9_500.0), server="A")]).plan
    found = decisions(made)
    spot, place = found[DecisionKind.HOTSPOT, "A"], found[DecisionKind.PLACE, "m"]
    before = edits.put(BEFORE, [PublicPlace("m", "Market", *destination(*GATE, 0.0, 9_500.0))]).plan
    bare = edits.put(made, [replace(site, hotspot=False)]).plan
    assert spot.cost == pytest.approx(bill(made) - bill(bare), abs=0.01)
    kept, never = wanted(spot, Choice.LOCKED, before, made), wanted(spot, Choice.FORBIDDEN, made, made)
    assert without_chosen(kept).sites["A"].hotspot
    assert not without_chosen(never).sites["A"].hotspot
    assert keeps_hotspot(replace(site, choice=Choice.LOCKED))  # as it was before there were wishes
    assert "place:m" in planned_for(before).households
    assert "place:m" not in planned_for(wanted(place, Choice.FORBIDDEN, before, made)).households
    assert wanted(place, Choice.LOCKED, before, made).places["m"].must


def test_the_command_line_says_the_same():
    texts = {
        "sites.A.keep_mast_m": "18", "sites.A.uplink_choice": "forbidden", "sites.A.hotspot_choice": "locked",
        "sites.E.choice": "forbidden",
    }  # fmt: skip
    plan = change_setting(BEFORE, texts).plan
    site = plan.sites["A"]
    assert (site.keep_mast_m, site.uplink_choice, site.hotspot_choice) == (18.0, Choice.FORBIDDEN, Choice.LOCKED)
    assert planned(plan).sites["A"].mast_height_m == 18.0
    with pytest.raises(InputError):
        change_setting(BEFORE, {"sites.A.uplink_choice": "perhaps"})
    with pytest.raises(InputError):
        change_setting(BEFORE, {"sites.A.keep_mast_m": "-3"})


def test_what_is_built_is_nothing_to_decide_and_what_is_gone_is_said():
    built = edits.put(MADE, [replace(site, status=Status.BUILT) for site in MADE.sites.values()]).plan
    left = {kind for kind, key in decisions(built) if key in "AG"}
    assert not left & {DecisionKind.TOWER, DecisionKind.MAST}
    link = decisions()[DecisionKind.LINK, "L-A-G"]
    empty = edits.remove(MADE, "sites", ["A"]).plan
    with pytest.raises(InputError, match="no longer"):
        decide(empty, BEFORE, empty, link, Choice.LOCKED)


def test_wishes_that_cannot_be_kept_are_said():
    sites = [
        replace(BEFORE.sites["E"], uplink_choice=Choice.LOCKED),
        replace(BEFORE.sites["A"], keep_mast_m=40.0),
    ]
    place = PublicPlace("m", "Market", *ASH, must=True, left_out=True)
    told = [str(one.what) for one in problems(edits.put(BEFORE, [*sites, place]).plan)]
    for words in ("has no price", "to have a mast of 40 m; at most 30 m", "left out at once"):
        assert any(words in one for one in told), words
    assert not any("to be opened" in str(one.what) or "left out" in str(one.what) for one in problems(BEFORE))


def test_a_second_way_and_a_link_that_leads_nowhere_are_told_apart():
    high = [replace(site, mast_height_m=18.0) for site in MADE.sites.values()]
    second = edits.put(MADE, [*high, Link("x1", "A", "E"), Link("x2", "E", "G")]).plan
    found = decisions(second)
    assert "second way" in said(found[DecisionKind.LINK, "x1"], second)[1]
    assert said(found[DecisionKind.LINK, "x2"], second)[1] == "Nothing hangs on it while all else works."
