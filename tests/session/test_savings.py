"""What would save money, asked of an open plan: trial after trial with the real planner, and what a cancel leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.errors import CancelledError, InputError
from cn_planner.model import edits
from cn_planner.model.plan import Choice, SiteRole
from cn_planner.planning.savings import SavingKind
from cn_planner.progress import CancelToken, Run
from cn_planner.session.savings import savings_of


@pytest.fixture
def small(valley):
    """The valley with two places beside its gateway."""
    free = [site for site in valley.plan.sites.values() if site.role is SiteRole.CANDIDATE]
    valley.apply(edits.put(valley.plan, [replace(site, choice=Choice.FORBIDDEN) for site in free[2:]]))
    return valley


def test_trials_are_told_one_after_the_other_and_a_cancel_keeps_them(small):
    before = small.plan
    token, told = CancelToken(), []

    def tell(found) -> None:
        told.append(found)
        token.cancel()

    found = savings_of(small.snapshot(), most=1, partial=tell, run=Run(cancel=token))
    assert small.plan is before
    assert found is told[-1]
    assert (found.tried, found.trials) == (1, 2)  # a connection; relays were not tried any more
    assert found.plan is before
    assert all(one.saved > 0.0 and one.homes >= found.homes for one in found.found)
    assert [one["kind"] for one in found.as_dict()["savings"]] == [one.kind.value for one in found.found]
    for one in found.found:
        assert one.kind is SavingKind.CONNECTION
        assert one.edit.plan.sites[one.site].uplink_bought


def test_without_a_plan_to_hold_against_nothing_is_said(small):
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        savings_of(small.snapshot(), run=Run(cancel=token))
    none = [replace(site, choice=Choice.FORBIDDEN) for site in small.plan.sites.values()]
    small.apply(edits.put(small.plan, none))
    with pytest.raises(InputError):
        savings_of(small.snapshot())
