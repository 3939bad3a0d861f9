"""Fields of rows by text: what may stand there is said where something else does."""

from __future__ import annotations

import pytest

from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.plan import Plan, Site, SiteRole
from cn_planner.model.settings import change_setting

PLAN = edits.put(Plan(), [Site("G", "Gate", 1.0, 36.0, role=SiteRole.GATEWAY)]).plan


def test_a_word_that_is_no_consent_names_the_choices():
    """`consent=bogus` once passed."""
    with pytest.raises(InputError) as told:
        change_setting(PLAN, {"sites.G.consent": "bogus"})
    assert "agreed, asked, refused" in str(told.value.fix)
    for text in ("agreed", "Asked", "Ana agreed on 2026-11-28, in writing", ""):
        assert change_setting(PLAN, {"sites.G.consent": text}).plan.sites["G"].consent == text.strip()


def test_a_field_that_is_none_names_all_that_are():
    with pytest.raises(InputError) as told:
        change_setting(PLAN, {"sites.G.colour": "red"})
    for name in ("owner", "power", "uplink.kind", "uplink.mbps", "uplink.monthly_cost"):
        assert name in str(told.value.fix)


def test_no_amount_is_so_great_that_sums_end_in_a_mistake_of_the_program():
    """A wage of 1e300 a day was taken, and the search for a plan ended in a fault."""
    for setting in ("costs.labour_day", "costs.grant", "sites.G.build_cost", "sites.G.uplink.monthly_cost"):
        with pytest.raises(InputError, match="between 0 and 1,000,000,000,000"):
            change_setting(PLAN, {setting: "1e300"})
        change_setting(PLAN, {setting: "900000000000"})  # a tower in a currency of which a million buy one dollar


def test_a_year_without_any_sun_is_refused():
    """Batteries alone once fed each tower all the year: 138 of them, 72,000 USD, "works 100.00 % of the year"."""
    with pytest.raises(InputError, match="No month has any sun"):
        change_setting(PLAN, {"sun.monthly_kwh_m2_day": ",".join(["0"] * 12)})
    change_setting(PLAN, {"sun.monthly_kwh_m2_day": "0,0,1,2,3,4,4,3,2,1,0,0"})  # beyond the polar circle
    change_setting(PLAN, {"sun.monthly_kwh_m2_day": ""})
