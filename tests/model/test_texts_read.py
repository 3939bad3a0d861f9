"""Which texts papers name as the rules that were read: those of the plan's own channels."""

from __future__ import annotations

from dataclasses import replace

from small_network import small_network

from cn_planner.model.law import CountryRules
from cn_planner.model.regulations import regulations_of, texts_read
from cn_planner.model.source import Source
from cn_planner.storage.regulations import load_country_rules


def test_the_texts_that_were_read_are_those_of_the_channels() -> None:
    """Beside a limit that was written down papers named that alone, as "-: letter"."""
    plan = small_network(country="KE")
    limits = "3400-3480 MHz 36 dBm EIRP 20 wide licence"
    own = replace(plan, rules=replace(plan.rules, own_limits=limits, own_limits_source="letter of May"))
    rules = regulations_of(own, load_country_rules("KE"))
    assert rules is not None
    both = [name for name, _ in texts_read(rules, (3440.0, 5745.0))]
    assert "letter of May" in both
    assert len(both) > 1
    assert not [name for name in both if name.startswith("-") or "see each limit" in name]
    assert [name for name, _ in texts_read(rules, (5745.0,))] == [name for name in both if name != "letter of May"]
    alone = CountryRules("KE", (), Source("-", "-"))
    assert texts_read(alone, ()) == (("", alone.source.date),)
