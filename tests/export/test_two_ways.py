"""Figures within lines that run from the right: what is set apart, and what is left whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from deployment_example import example_deployment

from cn_planner import i18n
from cn_planner.export.page import render_page
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.two_ways import all_apart, figures_apart
from cn_planner.paths import resources


@pytest.mark.parametrize(
    ("line", "apart"),
    [
        ("أسفل 5.3° · 6.0 m · 5720 MHz", "أسفل [5.3°] · [6.0 m] · [5720 MHz]"),
        ("A: 20 بيتًا", "A: [20] بيتًا"),
        ("Vila، 0.7 كم", "Vila، [0.7] كم"),
        ("أقوى من −40: هل القدرة 24 dBm؟", "أقوى من [−40]: هل القدرة [24 dBm]؟"),
        ("بين −48 … −40 dBm", "بين [−48 … −40 dBm]"),
        ("يدخل: 81 بيتًا × 8 USD = 648 USD", "يدخل: [81] بيتًا × [8 USD] = [648 USD]"),
        ("الأرض · -8.189659, -20.993055", "الأرض · [-8.189659, -20.993055]"),
        ("فيه 3 × LiFePO4 battery 24 V, 100 Ah", "فيه [3 × LiFePO4 battery 24 V, 100 Ah]"),
        ("الموجّه هو 10.80.88.65/26", "الموجّه هو [10.80.88.65/26]"),
        # Names of makers, commands and standards are Latin runs as they stand.
        ("ما مساحة LiteBeam 5AC 16-120؟", "ما مساحة LiteBeam 5AC 16-120؟"),
        (
            "من الحاسوب: ssh -J root@10.80.88.65 root@192.168.1.1",
            "من الحاسوب: ssh -J root@10.80.88.65 root@192.168.1.1",
        ),
        ("في VLAN 99 (IEC 62305-3)", "في VLAN 99 (IEC 62305-3)"),
        ("down 5.3° · 6.0 m", "down 5.3° · 6.0 m"),
    ],
)
def test_figures_keep_their_own_order(line, apart):
    assert figures_apart(line).translate({0x2066: "[", 0x2069: "]"}) == apart
    assert figures_apart(figures_apart(line)) == figures_apart(line)


def test_what_a_template_is_given_is_walked_whole():
    data = {"file": "drawing-1.svg", "rows": [["A", "20 بيتًا"], 3], "none": None}
    assert all_apart(data) == {"file": "drawing-1.svg", "rows": [["A", "\u206620\u2069 بيتًا"], 3], "none": None}


def test_a_latin_name_keeps_the_figure_that_it_begins_with_on_pages_that_run_from_the_right():
    names = ["24 V supply with battery charger", "LiFePO4 battery 24 V", "12.5", "drawing-1.svg"]
    assert all_apart(names) == names
    assert all_apart(names, from_right=True) == ["\u206624 V supply with battery charger\u2069", *names[1:]]


@pytest.fixture
def catalogues():
    i18n.use_catalogues(resources() / "translations")
    yield
    i18n.use_catalogues(Path("none"))


@pytest.mark.usefixtures("catalogues")
def test_a_latin_name_keeps_its_figure_in_the_page_of_one_file_too():
    plan = example_deployment()
    plan = replace(plan, bom=(replace(plan.bom[0], name="24 V supply"), *plan.bom[1:]))
    for language, cell in (("ar", "\u206624 V supply\u2069"), ("es", "24 V supply")):
        assert f">{cell}</td>" in render_page(replace(plan, meta=replace(plan.meta, language=language)))


@pytest.mark.usefixtures("catalogues")
def test_one_unit_stands_for_metres_in_all_that_a_language_prints():
    said = {code: Tongue.of(code).figure(6.0, "m", 1) for code in ("en", "es", "ar", "hi")}
    assert said == {"en": "6.0 m", "es": "6,0 m", "ar": "6.0 م", "hi": "6.0 मी"}
    assert [Tongue.of(code).unit("km") for code in ("fr", "ar", "hi")] == ["km", "كم", "किमी"]
    # A channel is typed into a radio as it stands.
    assert {Tongue.of(code).figure(5190.0, "MHz") for code in ("en", "es", "fr", "hi", "ar")} == {"5190 MHz"}
    assert Tongue.of("de").figure(902.5, "MHz") == "902,5 MHz"
    assert Tongue.of("ar").figure(None, "m") == "\u2013"
