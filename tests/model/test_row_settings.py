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
