"""What a verdict says: each number is that of the path, and advice is given where it helps and only there."""

from __future__ import annotations

import math
import re

import pytest

from cn_planner.links.verdict import Facts, Verdict, chance_pct, explain, no_data_reason, sigma_clear_db
from cn_planner.message import msg
from cn_planner.model.plan import Rules
from cn_planner.model.propagation_models import MODELS
from cn_planner.propagation.clearance import HeightNeeded

RULES = Rules(mast_heights_m=(6.0, 30.0), likely_probability=0.9, clearance_f1=0.6)
CLEAR = {
    "names": ("Hill", "School"), "heights_m": (12.0, 8.0), "at_m": 2340.0, "clear_m": 20.0, "clearance_f1": 1.4,
    "cover_m": 0.0, "cover_assumed": False, "canopy_m": 10.0, "needed": HeightNeeded(4.0, 3.0, -5.0),
    "margin_db": 21.3, "excess_db": 0.0, "sigma": 6.0, "sigma_clear": 6.0, "probability": 0.934, "allowed": True,
    "freq_mhz": 5500.0,
}  # fmt: skip


def said(verdict: Verdict, **facts: object) -> tuple[str, str]:
    """Return reason and fix in English; no fix is empty."""
    reason, fix = explain(verdict, Facts(**{**CLEAR, **facts}), RULES)  # type: ignore[arg-type]
    return str(reason), "" if fix is None else str(fix)


def test_a_likely_link_tells_its_margin_and_its_chance():
    assert said(Verdict.LIKELY) == (
        "The path is clear, the fade margin 21 dB; it works with a probability of 93 %.", "",
    )  # fmt: skip


def test_a_clear_path_with_little_margin_says_so():
    reason, fix = said(Verdict.CHECK_ON_SITE, margin_db=3.4, probability=0.715)
    assert reason == "The path is clear but the margin is only 3 dB; it works with a probability of 72 %."
    # 90 % take 1.2816 times 6 dB, 7.69; of them 3.4 are there: 4.29 are missing.
    assert fix == "Use antennas with 5 dB more gain in all, or shorten the path."


def test_a_clear_path_that_is_too_long_says_how_much_is_missing():
    reason, fix = said(Verdict.BLOCKED, margin_db=-7.4, probability=0.1)
    assert reason == "The path is clear but too long for these radios: 7 dB are missing."
    assert "with 16 dB more gain" in fix  # 7.69 and 7.4
    at_the_edge, _ = said(Verdict.CHECK_ON_SITE, margin_db=0.0, probability=0.5)
    assert "margin is only 0 dB; it works with a probability of 50 %" in at_the_edge


@pytest.mark.parametrize(("chance", "percent"), [(0.0, 0), (0.925, 93), (0.99, 99), (0.9999, 99), (1.0, 99)])
def test_nothing_is_certain(chance, percent):
    assert chance_pct(chance) == percent


def test_the_ground_in_the_way_is_measured_from_the_line_to_its_top():
    behind = {"clear_m": -13.4, "clearance_f1": -0.8, "sigma": 12.0}
    reason, _ = said(Verdict.BLOCKED, **behind, margin_db=-3.6, probability=0.38)
    assert reason == "The ground 2.3 km from Hill stands 13 m above the line of sight. 4 dB are missing."
    # Of 13.4 m that stand above the line 6 are trees: the ground stands 7.4 m above it.
    reason, _ = said(Verdict.BLOCKED, **behind, cover_m=6.0, margin_db=-3.6, probability=0.38)
    assert reason.startswith("The ground 2.3 km from Hill stands 7 m above the line of sight.")
    reason, _ = said(Verdict.BLOCKED, clear_m=-0.2, clearance_f1=-0.1, margin_db=None, probability=None)
    assert reason.startswith("The ground 2.3 km from Hill stands 1 m above")


def test_trees_in_the_way_are_named_where_the_ground_alone_leaves_the_line_free():
    reason, _ = said(Verdict.BLOCKED, clear_m=-8.6, cover_m=8.6, clearance_f1=-0.4, margin_db=-1.0)
    assert reason.startswith("Trees or buildings 2.3 km from Hill reach 9 m above the line of sight.")
    reason, _ = said(Verdict.BLOCKED, clear_m=-8.6, cover_m=8.5, clearance_f1=-0.4, margin_db=-1.0)
    assert reason.startswith("The ground")


def test_what_narrows_the_zone_without_touching_the_line_is_told_with_what_should_be():
    reason, _ = said(Verdict.CHECK_ON_SITE, clear_m=2.0, clearance_f1=0.347, margin_db=11.6, probability=0.83)
    assert reason == (
        "2.3 km from Hill only 0.35 of the first Fresnel radius is clear; it should be 0.6. "
        "The fade margin is 12 dB; it works with a probability of 83 %."
    )
    reason, _ = said(Verdict.CHECK_ON_SITE, clear_m=0.0, clearance_f1=0.0, margin_db=0.0, probability=0.5)
    assert "only 0.00 of the first Fresnel radius" in reason
    assert "The fade margin is 0 dB; it works with a probability of 50 %." in reason


def test_enough_is_enough_to_the_billionth_part():
    just, _ = said(Verdict.LIKELY, clearance_f1=0.6)
    hair, _ = said(Verdict.LIKELY, clearance_f1=0.6 - 0.5e-9)
    less, fix = said(Verdict.CHECK_ON_SITE, clearance_f1=0.6 - 1e-6)
    assert just.startswith("The path is clear")
    assert hair.startswith("The path is clear")
    assert "first Fresnel radius is clear; it should be 0.6" in less
    assert fix.startswith("Put the antenna higher")
    assert said(Verdict.CHECK_ON_SITE, clearance_f1=0.6, margin_db=1.0)[1].startswith("Use antennas")


def test_without_radios_the_path_alone_is_judged():
    reason, fix = said(Verdict.LIKELY, margin_db=None, probability=None)
    assert reason == (
        "The path is clear: 1.4 of the first Fresnel radius at the worst place. "
        "No radio was given: this judges the path alone."
    )
    assert fix == ""
    reason, _ = said(Verdict.LIKELY, margin_db=None, probability=None, clearance_f1=math.inf)
    assert reason == "The path is clear. No radio was given: this judges the path alone."
    assert "No radio" not in said(Verdict.LIKELY)[0]
    reason, fix = said(Verdict.CHECK_ON_SITE, margin_db=None, probability=None, clearance_f1=0.5)
    assert reason.endswith("it should be 0.6. No radio was given: this judges the path alone.")
    assert "gain" not in fix


def test_assumed_trees_are_told_with_their_height_and_known_ones_are_not():
    note = "Trees of 14 m are assumed on the path, as no tree heights are known."
    assert note in said(Verdict.LIKELY, cover_assumed=True, canopy_m=14.2)[0]
    assert "assumed" not in said(Verdict.LIKELY, cover_assumed=False, canopy_m=14.2)[0]


def test_where_nothing_may_be_sent_the_rules_are_the_reason():
    reason, fix = said(Verdict.BLOCKED, allowed=False)
    assert reason == "The rules of the country allow no sending outdoors at 5500 MHz."
    assert fix == "Choose a kit for a band that the country allows."
    assert said(Verdict.BLOCKED, allowed=False, closed=msg("Indoors alone."))[0] == "Indoors alone."
    assert said(Verdict.LIKELY, closed=msg("Indoors alone."))[0] != "Indoors alone."


LOW = {"clearance_f1": 0.1, "clear_m": 1.0, "margin_db": 30.0, "probability": 0.8, "sigma": 11.0}


def heights(fix: str) -> tuple[int | None, int | None, int | None]:
    """Return the heights of the first end, of the second, and of both, that a fix offers."""
    found = (re.search(rf"{what} (\d+) m", fix) for what in ("Hill to", "School to", "both ends by"))
    a, b, both = (None if match is None else int(match[1]) for match in found)
    return a, b, both


@pytest.mark.parametrize(
    ("needed", "offered"),
    [
        ((19.2, 25.0, 3.01), (20, 25, 4)),
        ((19.0000001, 25.9, 2.0), (19, 26, 2)),
        ((30.0, 30.1, 18.0), (30, None, 18)),  # 12 and 18 are 30: no more than the highest mast
        ((31.0, 29.0, 18.1), (None, 29, None)),
        ((35.0, 40.0, 25.0), (None, None, None)),
    ],
)
def test_masts_are_offered_in_whole_metres_up_to_the_highest(needed, offered):
    fix = said(Verdict.CHECK_ON_SITE, **LOW, needed=HeightNeeded(*needed))[1]
    assert heights(fix) == offered
    none = "No mast up to 30 m clears this path: look for another site, or for a place for a tower in between."
    assert (fix == none) == (offered == (None, None, None))
    weak = said(Verdict.BLOCKED, **{**LOW, "margin_db": -40.0}, needed=HeightNeeded(*needed), excess_db=20.0)[1]
    assert ("gain" in weak) == (weak != none) == (offered != (None, None, None)), "no dish helps behind a mountain"


def test_ways_to_raise_are_told_one_after_another():
    fix = said(Verdict.CHECK_ON_SITE, **LOW, needed=HeightNeeded(19.2, 25.0, 3.01))[1]
    assert fix == "Put the antenna higher: Hill to 20 m, or School to 25 m, or both ends by 4 m."
    tall = said(Verdict.CHECK_ON_SITE, **LOW, heights_m=(8.0, 20.0), needed=HeightNeeded(40.0, 40.0, 10.5))[1]
    assert heights(tall) == (None, None, None), "the higher end would be 31 m"


def test_the_gain_that_is_missing_is_that_of_the_path_once_it_is_cleared():
    behind = {**LOW, "needed": HeightNeeded(19.2, 25.0, 3.0)}
    # Cleared, the path gains the 20 dB that the hill takes: 13 dB over nothing, where 90 % take 7.69.
    assert "gain" not in said(Verdict.BLOCKED, **{**behind, "margin_db": -7.0}, excess_db=20.0)[1]
    # 4 of them would be there: 3.69 are missing.
    fix = said(Verdict.BLOCKED, **{**behind, "margin_db": -16.0}, excess_db=20.0)[1]
    assert fix.endswith("both ends by 3 m. Use antennas with 4 dB more gain in all, or shorten the path.")
    # Of a model that is less sure of clear paths 90 % take 10.25.
    assert "with 7 dB" in said(Verdict.BLOCKED, **{**behind, "margin_db": -16.0}, excess_db=20.0, sigma_clear=8.0)[1]


def test_where_certainty_is_asked_for_the_gain_is_still_a_number():
    facts = Facts(**{**CLEAR, "margin_db": 1.0})  # type: ignore[arg-type]
    _, fix = explain(Verdict.CHECK_ON_SITE, facts, Rules(likely_probability=1.0))
    assert "with 22 dB more gain" in str(fix)  # 99.99 % take 3.719 times 6 dB, 22.31; one is there


def test_what_a_path_that_is_good_enough_would_need_is_not_asked_for():
    assert said(Verdict.CHECK_ON_SITE, margin_db=7.7)[1] == "", "a hair over the 7.69 dB that 90 % take"
    assert "with 1 dB more" in said(Verdict.CHECK_ON_SITE, margin_db=7.6)[1]


@pytest.mark.parametrize(
    ("facts", "looks"),
    [
        ({"cover_assumed": True, "cover_m": 10.0, "clear_m": -2.0, "clearance_f1": -0.1}, True),
        ({"cover_assumed": False, "cover_m": 10.0, "clear_m": -2.0, "clearance_f1": -0.1}, False),  # they are known
        ({"cover_assumed": True, "cover_m": 10.0, "clear_m": 9.0, "clearance_f1": 0.9}, False),  # they are in no way
        ({"cover_assumed": True, "cover_m": 10.0, "clear_m": -12.0, "clearance_f1": -0.5}, False),  # so is the ground
        ({"cover_assumed": True, "cover_m": 0.0, "clear_m": 1.0, "clearance_f1": 0.1}, False),  # none stand there
    ],
)
def test_one_is_sent_to_look_for_trees_where_only_assumed_ones_are_in_the_way(facts, looks):
    fix = said(Verdict.BLOCKED, **facts, margin_db=4.0, probability=0.6)[1]
    assert ("Look whether trees stand 2.3 km from Hill." in fix) is looks


def test_missing_ground_is_named_tile_by_tile():
    reason, fix = no_data_reason(["N01E030", "N01E031"])
    assert str(reason) == "Terrain is missing on the path: N01E030, N01E031."
    assert str(fix) == "Add elevation files that cover the path."


def test_itm_alone_is_less_sure_of_clear_paths():
    assert {model: sigma_clear_db(model) for model in MODELS.names()} == {
        model: 8.0 if model == "itm" else 6.0 for model in MODELS.names()
    }
    assert sigma_clear_db() == 6.0
