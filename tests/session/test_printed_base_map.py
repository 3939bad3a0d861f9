"""The base map of a plan in what is handed out: there where its file is, and named as missing where it is gone."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from lxml import html

from cn_planner.model.items import Items
from cn_planner.model.plan import Area, Household, Info, Plan
from cn_planner.session.project import SUFFIX, Project

if TYPE_CHECKING:
    from pathlib import Path

HOMES = Items([Household("H1", "", 42.544, 1.514), Household("H2", "", 42.552, 1.522)])


def test_maps_that_are_handed_out_show_the_base_map_or_say_that_it_is_gone(tmp_path: Path, shared_data: Path) -> None:
    extract = tmp_path / "andorra.osm.pbf"
    shutil.copyfile(shared_data / "osm/andorra.osm.pbf", extract)
    path = tmp_path / f"plan{SUFFIX}"
    plan = Plan(info=Info(name="La Massana"), area=Area(base_map=extract.name), households=HOMES)
    with Project.create(path, plan) as project:
        (page,) = project.export(tmp_path / "with", ("html",), date="2026-11-12")
        extract.unlink()
        (bare,) = project.export(tmp_path / "without", ("html",), date="2026-11-12")
    shown, gone = (html.fromstring(one.read_text(encoding="utf-8")) for one in (page, bare))
    assert len(shown.xpath("//*[@data-name='base']//path")) > 20
    assert "La Massana" in shown.xpath("//*[@data-name='places']//text()")
    assert any("OpenStreetMap contributors" in text for text in shown.xpath("//svg//text()"))
    assert not gone.xpath("//*[@data-name='base']//path")
    assert "The base map of this plan is gone" in gone.text_content()
    assert "The base map of this plan is gone" not in shown.text_content()
