"""Where the growth is built later, each row of the busy hour says for which day it counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from room_example import LINK, law_between, planned_with_room

from cn_planner.planning.year_five import wider_links, year_five
from cn_planner.report.build import build_report
from cn_planner.service.homes import whole_service


@pytest.mark.parametrize("mbps", [8.0, 1.0])
def test_what_is_bought_later_carries_today_s_demand_and_the_rest_that_of_five_years(mbps) -> None:
    """By hand: eight homes, each with four times its demand in five years."""
    study = planned_with_room(None)
    study = replace(study, plan=replace(study.plan, demand=replace(study.plan.demand, mbps_per_home=mbps)))
    widens = [one.link for one in wider_links(study)]
    assert widens == ([LINK] if mbps == 8.0 else [])
    report = build_report(study, version=1, date="2026-12-01")
    rows = {row.kind: row for row in report.capacity}
    today, later = 8 * mbps, 32 * mbps
    assert rows["sector"].demand_mbps == pytest.approx(today)
    assert rows["uplink"].demand_mbps == pytest.approx(later)
    assert rows["link"].demand_mbps == pytest.approx(today if widens else later)
    (link,) = report.links
    assert link.load_mbps == rows["link"].demand_mbps
    assert str(rows["sector"].note).startswith("Today's demand.")
    grown = {one.site for one in year_five(study, whole_service(study).now).towers}
    assert ("bought later" in str(rows["sector"].note)) == (rows["sector"].site in grown)
    assert ("widens from" in str(rows["link"].note)) == bool(widens)
    assert rows["uplink"].note is None


def test_a_link_for_which_no_wider_channel_is_found_is_not_said_to_widen() -> None:
    """The link of 40 MHz and a sector leave no 80 MHz of 120 free."""
    report = build_report(planned_with_room(law_between(5470.0, 5590.0)), version=1, date="2026-12-01")
    note = next(str(row.note) for row in report.capacity if row.kind == "link")
    assert "would widen from 40 to 80 MHz in five years, but finds no such channel" in note
    assert note.removeprefix("Today's demand. ") in str(report.headline.later)


def test_where_all_is_bought_now_nothing_is_noted() -> None:
    study = planned_with_room(None)
    study = replace(study, plan=replace(study.plan, demand=replace(study.plan.demand, grow_later=False)))
    rows = build_report(study, version=1, date="2026-12-01").capacity
    assert {row.demand_mbps for row in rows} == {256.0}
    assert not any("later" in str(row.note) for row in rows)
