"""The wiring of a tower whose box stands already: its words lie beside the cables, not on them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import flat_ground, small_network

from cn_planner.drawing.display import texts
from cn_planner.drawing.labels import text_width
from cn_planner.drawing.tower_wiring import tower_wiring
from cn_planner.model import edits
from cn_planner.model.plan import Status
from cn_planner.model.power import Power, SolarSet
from cn_planner.report.build import build_report
from cn_planner.report.tower_records import TowerPack
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

INJECTORS_END = 314.0
"""Points from the left: behind the boxes of the injectors."""


@pytest.fixture(scope="module")
def pack() -> TowerPack:
    plan = small_network()
    plan = edits.put(plan, [replace(plan.sites["A"], status=Status.BUILT)]).plan
    report = build_report(Study(plan, flat_ground(), load_catalogue(), None), version=1, date="2026-11-30")
    return next(one for one in report.packs if one.site == "A")


@pytest.mark.parametrize("language", ["en", "es", "fr", "pt", "sw", "hi"])
def test_words_of_a_box_that_stands_lie_on_no_cable(pack: TowerPack, language: str) -> None:
    assert not pack.switch
    assert any(one.injector for one in pack.radios)
    drawn = tower_wiring(pack, width=519.0, language=language)
    rows = {22.0 + 26.0 * (number + 0.5) for number in range(len(pack.radios))}
    within = [one for one in texts(drawn.items) if one.x > 250.0 and 12.0 < one.y < max(rows) + 14.0]
    said = [one for one in within if one.text != "PoE"]
    assert said
    for one in said:
        assert one.x >= INJECTORS_END
        assert one.x + text_width(one.text, one.size, bold=one.bold) <= 519.0 - 4.0


def test_cables_from_the_panels_are_named_with_their_number_and_length() -> None:
    """Each of four controllers has a cable of 15 m from its panels: the 60 m of the bill are drawn as that."""
    plan = small_network()
    chosen = SolarSet("A", "solar-panel-200", 8, "battery-24v-100ah", 2, "charge-controller", 4)
    for power, said in ((Power(), "15 m"), (Power(sets=(chosen,)), "4 × 15 m")):
        study = Study(replace(plan, power=power), flat_ground(), load_catalogue(), None)
        report = build_report(study, version=1, date="2026-11-30")
        pack = next(one for one in report.packs if one.site == "A")
        assert said in {one.text for one in texts(tower_wiring(pack, width=519.0, language="en").items)}
