"""Each edit by itself: what it is called in the Undo menu, what it refuses, and what of a late result it lets stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_examples import village

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.history import History, HistoryStep, apply_changes, changes
from cn_planner.model.items import Items
from cn_planner.model.plan import (
    Household,
    Info,
    Link,
    Measurement,
    Note,
    Obstacle,
    Plan,
    Rules,
    Sector,
    Site,
    TerrainFile,
    Uplink,
    Zone,
)

RING = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0))


@pytest.mark.parametrize(
    ("thing", "label"),
    [
        (Site("new", "Mill", -1.4, 36.5), "add site Mill"),
        (Site("new", "", -1.4, 36.5), "add site new"),
        (Household("new", "Ana", -1.4, 36.5), "add home Ana"),
        (Link("new", "gw", "ridge"), "add link new"),
        (Zone("new", "Grove", RING), "add zone Grove"),
        (Obstacle("new", -1.4, 36.5, 9.0), "add obstacle new"),
        (TerrainFile("new", "new.tif", "", 30.0), "add terrain file new"),
        (Measurement("new", -1.4, 36.5, 5500.0, -70.0), "add measurement new"),
        (Note("new", "Ask."), "add note new"),
        (replace(village().sites["hill"], latitude=-1.46), "move site Hill"),
        (replace(village().sites["hill"], longitude=36.56), "move site Hill"),
        (replace(village().sites["hill"], mast_height_m=18.0), "change site Hill"),
        (replace(village().households["h1"], longitude=36.57), "move home House 1"),
        (Note("n1", "Ask again."), "change note n1"),
    ],
)
def test_an_edit_is_called_by_what_it_does(thing, label):
    assert str(edits.put(village(), [thing]).label) == label
    assert str(edits.put(village(), [thing], msg("plan anew")).label) == "plan anew"


def test_several_things_are_counted():
    plan = village()
    two = [replace(plan.sites["hill"], name="H"), Note("n2", "x")]
    assert str(edits.put(plan, two).label) == "change 2 things"
    assert str(edits.put(plan, []).label) == "change 0 things"


@pytest.mark.parametrize(
    ("table", "ids", "label"),
    [
        ("sites", ["hill"], "remove site Hill"),
        ("households", ["h1"], "remove home House 1"),
        ("links", ["gw-hill"], "remove link gw-hill"),
        ("sites", ["hill", "ridge"], "remove 2 sites"),
        ("households", ["h1", "h2"], "remove 2 homes"),
        ("links", ["gw-hill", "hill-ridge"], "remove 2 links"),
        ("notes", [], "remove 0 notes"),
    ],
)
def test_what_is_removed_is_named_or_counted(table, ids, label):
    edit = edits.remove(village(), table, ids)
    assert str(edit.label) == label
    assert not set(ids) & set(getattr(edit.plan, table))
    assert len(getattr(edit.plan, table)) == len(getattr(village(), table)) - len(ids)


@pytest.mark.parametrize("table", ["zones", "obstacles", "terrain", "measurements", "notes", "places"])
def test_every_table_has_a_word_for_what_is_removed(table):
    kinds = {"zones": "zone", "obstacles": "obstacle", "terrain": "terrain file", "measurements": "measurement",
             "notes": "note", "places": "public place"}  # fmt: skip
    (key, row), *_ = getattr(village(), table).items()
    many = edits.put(village(), [replace(row, id="another")]).plan
    assert str(edits.remove(many, table, [key, "another"]).label) == f"remove 2 {kinds[table]}s"
    with pytest.raises(InputError, match=f"There is no {kinds[table]} nothing"):
        edits.remove(village(), table, ["nothing"])


def test_with_a_site_go_its_links_alone():
    plan = edits.put(village(), [Link("gw-ridge", "gw", "ridge"), Household("h3", "H", -1.4, 36.5, server="gw")]).plan
    after = edits.remove(plan, "sites", ["ridge"]).plan
    assert set(after.links) == {"gw-hill"}
    assert {key: home.server for key, home in after.households.items()} == {"h1": "hill", "h2": None, "h3": "gw"}
    assert edits.remove(plan, "households", ["h1"]).plan.links == plan.links


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (Site("", "No id", -1.0, 36.0), "An id is empty"),
        (Site("x", "X", -1.0, 36.0, max_height_m=-1.0), "max_height_m"),
        (Site("x", "X", -1.0, 36.0, sectors=(Sector("s", "kit", 400.0),)), "azimuth_deg"),
        (Site("x", "X", -1.0, 36.0, uplink=Uplink("fibre", -5.0)), "mbps"),
        (Link("x", "nowhere", "hill"), "nowhere, which is not a site"),
        (Link("x", "hill", "gw", freq_mhz=1.0), "freq_mhz"),
        (TerrainFile("x", "x.tif", "", 30.0, class_heights="all"), "all"),
        (Household("", "No id", -1.0, 36.0), "An id is empty"),
        (Household("x", "X", -1.0, 36.0, server="nowhere"), "Home x is served by nowhere, which is not a site"),
        (Household("x", "X", -1.0, 36.0, weight=-1.0), "weight"),
    ],
)
def test_what_cannot_be_is_refused(thing, said):
    with pytest.raises(InputError, match=said):
        edits.put(village(), [Household("fine", "Fine", -1.0, 36.0), thing])


def test_a_plan_without_any_site_serves_nobody():
    with pytest.raises(InputError, match="served by nowhere, which is not a site"):
        edits.put(Plan(), [Household("x", "X", -1.0, 36.0, server="nowhere")])


def test_homes_may_come_with_the_site_that_serves_them():
    home = Household("x", "X", -1.0, 36.0, server="new")
    plan = edits.put(village(), [home, Link("l", "gw", "new"), Site("new", "New", -1.0, 36.0)]).plan
    assert plan.households["x"].server == "new"


def test_a_section_keeps_its_limits_and_is_called_by_its_fields():
    edit = edits.change_section(village(), "rules", max_hops=3, cover=0.5)
    assert str(edit.label) == "change cover, max_hops"
    assert (edit.plan.rules.max_hops, edit.plan.rules.cover) == (3, 0.5)
    assert str(edits.change_section(village(), "rules", msg("fewer hops"), max_hops=3).label) == "fewer hops"
    with pytest.raises(InputError, match="max_hops"):
        edits.change_section(village(), "rules", max_hops=0)
    with pytest.raises(InputError, match="nonsense is not an IPv4 prefix"):
        edits.change_section(village(), "addresses", ipv4_prefix="nonsense")


BASE = Plan(
    sites=Items([Site("A", "Ash", 0.0, 0.0), Site("B", "", 0.0, 0.1)]),
    households=Items([Household("H1", "", 0.0, 0.0)]),
)


def site(**values):
    """The plan as it was, with other values of site A."""
    return edits.put(BASE, [replace(BASE.sites["A"], **values)])


def test_of_two_fields_one_in_conflict_is_enough():
    # A late result moves the site and sets its mast; meanwhile a person set the mast.
    late = site(latitude=1.0, mast_height_m=12.0)
    with pytest.raises(InputError, match="Ash was changed meanwhile") as refused:
        edits.rebased(late, BASE, site(mast_height_m=6.0).plan)
    assert "choose again" in str(refused.value.fix)
    with pytest.raises(InputError, match="Ash was changed meanwhile"):
        edits.rebased(late, BASE, site(latitude=2.0).plan)


def test_what_a_person_set_beside_it_stays_and_what_both_set_alike_is_no_conflict():
    late = site(latitude=1.0, mast_height_m=12.0)
    merged = edits.rebased(late, BASE, site(mast_height_m=12.0, owner="Ana").plan)
    now = merged.plan.sites["A"]
    assert (now.latitude, now.mast_height_m, now.owner) == (1.0, 12.0, "Ana")
    assert merged.label == late.label


def test_a_late_change_of_settings_lets_others_stand_and_does_not_take_them_back():
    late = edits.change_section(BASE, "rules", max_hops=2)
    other = edits.change_section(BASE, "rules", cover=0.5).plan
    assert edits.rebased(late, BASE, other).plan.rules == Rules(max_hops=2, cover=0.5)
    with pytest.raises(InputError, match="rules was changed meanwhile"):
        edits.rebased(late, BASE, edits.change_section(BASE, "rules", max_hops=5).plan)


def test_a_late_result_of_the_plan_as_it_stands_is_the_edit_itself():
    late = site(mast_height_m=12.0)
    assert edits.rebased(late, BASE, BASE) is late


def test_a_thing_that_both_added_or_removed_is_one_thing():
    added = edits.put(BASE, [Note("n", "Ask.")])
    assert edits.rebased(added, BASE, added.plan).plan.notes == added.plan.notes
    with pytest.raises(InputError, match="n was changed meanwhile"):
        edits.rebased(added, BASE, edits.put(BASE, [Note("n", "Else.")]).plan)
    removed = edits.remove(BASE, "households", ["H1"])
    assert edits.rebased(removed, BASE, removed.plan).plan.households == removed.plan.households
    with pytest.raises(InputError, match="H1 was changed meanwhile"):
        edits.rebased(removed, BASE, edits.put(BASE, [Household("H1", "", 0.0, 5.0)]).plan)


def test_a_home_is_not_given_to_a_tower_that_is_gone():
    late = edits.put(BASE, [replace(BASE.households["H1"], server="A")])
    with pytest.raises(InputError, match="which is not a site"):
        edits.rebased(late, BASE, edits.remove(BASE, "sites", ["A"]).plan)


def test_history_tells_what_undo_and_redo_do_and_ends_at_its_ends():
    empty = History()
    assert (empty.undo_label, empty.redo_label) == (None, None)
    first, second = site(mast_height_m=12.0), edits.put(site(mast_height_m=12.0).plan, [Note("n", "Ask.")])
    history = empty.after(HistoryStep(first.label, changes(BASE, first.plan)))
    history = history.after(HistoryStep(second.label, changes(first.plan, second.plan)))
    assert (str(history.undo_label), history.redo_label, history.done) == ("add note n", None, 2)
    back, plan = history.undone(second.plan)
    assert plan == first.plan
    assert (str(back.undo_label), str(back.redo_label), back.done) == ("change site Ash", "add note n", 1)
    start, plan = back.undone(plan)
    assert plan == BASE
    assert (start.undo_label, str(start.redo_label), start.done) == (None, "change site Ash", 0)
    with pytest.raises(IndexError):
        start.undone(plan)
    again, plan = start.redone(plan)
    assert (again.done, plan) == (1, first.plan)
    with pytest.raises(IndexError):
        history.redone(second.plan)
    # A new edit takes the place of what was undone, and of that alone.
    other = back.after(HistoryStep(msg("something else"), ()))
    assert [str(step.label) for step in other.steps] == ["change site Ash", "something else"]
    assert other.done == 2


def test_the_difference_is_in_the_order_of_parts_and_ids():
    after = edits.change_section(BASE, "info", name="New").plan
    after = edits.put(after, [Note("n", "Ask."), replace(BASE.sites["B"], name="Birch"), Site("C", "", 0.0, 0.2)]).plan
    after = edits.remove(after, "households", ["H1"]).plan
    found = changes(BASE, after)
    assert [(one.part, one.id) for one in found] == [
        ("info", ""), ("sites", "B"), ("sites", "C"), ("households", "H1"), ("notes", "n"),
    ]  # fmt: skip
    info, changed, added, removed, _ = found
    assert (info.before, info.after) == (Info(), Info(name="New"))
    assert (changed.before.name, changed.after.name) == ("", "Birch")
    assert (added.before, removed.after) == (None, None)
    assert apply_changes(BASE, found) == after
    assert apply_changes(after, found, backwards=True) == BASE


def test_tables_that_are_equal_though_made_anew_make_no_difference():
    twin = replace(BASE, sites=Items(list(BASE.sites.values())), info=Info())
    assert changes(BASE, twin) == ()
