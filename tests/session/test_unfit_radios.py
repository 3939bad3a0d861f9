"""`check` tells what radios of a plan cannot be set to or bear, from what the shelf knows of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.equipment import OwnShelf
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link, Site
from cn_planner.session.check import check_snapshot
from cn_planner.session.project import Project

if TYPE_CHECKING:
    from pathlib import Path

OWN = "own-dish"


def test_a_short_link_between_dishes_is_overdriven_and_a_far_one_is_not(tmp_path: Path) -> None:
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="ES") as project:
        kit = project.catalogue.kits["long-link-5ghz"]
        known = project.catalogue.radios[kit.radio]

        def said(**figures: float) -> list[tuple[str, str | None]]:
            radio = replace(known, id=OWN, **figures)
            plan = replace(
                project.plan,
                shelf=OwnShelf(radios=(radio,), kits=(replace(kit, id="own-link", radio=OWN),)),
                kits=replace(project.plan.kits, backhaul="own-link"),
                sites=Items([Site("a", "A", 42.0, 1.0), Site("b", "B", 42.001, 1.0), Site("c", "C", 42.1, 1.0)]),
                links=Items([Link("near", "a", "b"), Link("far", "a", "c")]),
            )
            found = check_snapshot(project.workspace.snapshot(plan))
            return [(f"{one.what} {one.fix}", one.where) for one in found if "dBm" in str(one.what)]

        assert said() == []
        # 111 m lose 88.2 dB at 5510 MHz, 11 km 128: of at most 30 dBm EIRP and 29 dBi there, -29 and -69 dBm are left.
        ((words, where),) = said(max_input_dbm=-50.0)
        assert where == "near"
        assert "which bears -50 dBm" in words
        assert "No source says that the radio can be set to -20 dBm" in words
        ((words, _),) = said(max_input_dbm=-35.0)
        assert "Set the other radio to" not in words  # -5 dBm: nor that
        # 30 dBm EIRP at most with 29 dBi leave at most 1 dBm.
        ((words, where),) = said(least_tx_power_dbm=10.0)
        assert where == "own-link"
        assert "cannot be set below 10 dBm" in words
        both = {where: words for words, where in said(max_input_dbm=-50.0, least_tx_power_dbm=10.0)}
        assert set(both) == {"near", "own-link"}
        assert "attenuators" in both["near"]


def test_what_no_radio_has_is_refused_where_it_is_said_and_told_where_it_stands(tmp_path: Path) -> None:
    """A kit that is none, or a width that the radio has not, was taken: no command answered any more, no paper came."""
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="ES") as project:
        sites = [Site("a", "A", 42.0, 1.0), Site("b", "B", 42.05, 1.0)]
        home = Household("h", "", 42.001, 1.001)
        project.apply(edits.put(project.plan, [*sites, home, Link("l", "a", "b", kit="long-link-5ghz")]))
        before = project.plan
        for key, value, said in (
            ("links.l.kit", "no-such", "There is no kit no-such"),
            ("households.h.client_kit", "no-such", "There is no kit no-such"),
            ("links.l.width_mhz", "7", "channel of 7 MHz"),
        ):
            with pytest.raises(InputError, match=said):
                project.change_settings({key: value})
        assert project.plan is before
        project.change_settings({"links.l.width_mhz": "20", "households.h.client_kit": "far-home-5ghz"})
        broken = edits.put(project.plan, [replace(home, client_kit="no-such")])
        project.apply(broken)  # as another program may leave it
        told = [(one.where, str(one.what)) for one in check_snapshot(project.snapshot())]
        assert ("h", "There is no kit no-such.") in told
        project.change_settings({"info.name": "B"})  # what was wrong before keeps nobody from the rest
