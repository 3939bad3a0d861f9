"""An edit that was made of the plan of a while ago takes back nothing that was done since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link, Plan, Site

BASE = Plan(
    sites=Items([Site("A", "", 0.0, 0.0), Site("B", "", 0.0, 0.1)]),
    households=Items([Household("H1", "", 0.0, 0.0), Household("H2", "", 0.0, 0.0)]),
)


def test_other_rows_and_other_fields_of_a_row_stay():
    made = edits.put(BASE, [replace(BASE.sites["A"], mast_height_m=12.0), replace(BASE.households["H1"], server="A")])
    now = edits.put(BASE, [replace(BASE.sites["A"], name="Hill"), replace(BASE.households["H2"], name="Ana")]).plan
    plan = edits.rebased(made, BASE, now).plan
    assert (plan.sites["A"].name, plan.sites["A"].mast_height_m) == ("Hill", 12.0)
    assert (plan.households["H1"].server, plan.households["H2"].name) == ("A", "Ana")


def test_what_both_set_is_refused():
    made = edits.put(BASE, [replace(BASE.sites["A"], mast_height_m=12.0)])
    now = edits.put(BASE, [replace(BASE.sites["A"], mast_height_m=6.0)]).plan
    with pytest.raises(InputError, match="changed meanwhile"):
        edits.rebased(made, BASE, now)


def test_what_is_done_already_is_no_conflict():
    made = edits.put(BASE, [replace(BASE.sites["A"], mast_height_m=12.0)])
    assert edits.rebased(made, BASE, made.plan).plan == made.plan


@pytest.mark.parametrize("gone", ["A", "B"])
def test_a_link_to_a_tower_that_is_gone_is_refused(gone):
    made = edits.put(BASE, [replace(BASE.sites["A"], mast_height_m=12.0), Link("L", "A", "B")])
    now = edits.remove(BASE, "sites", [gone]).plan
    with pytest.raises(InputError):
        edits.rebased(made, BASE, now)


def test_a_row_that_was_removed_meanwhile_is_not_brought_back():
    made = edits.put(BASE, [replace(BASE.households["H1"], server="A")])
    now = edits.remove(BASE, "households", ["H1"]).plan
    with pytest.raises(InputError, match="changed meanwhile"):
        edits.rebased(made, BASE, now)
