"""A link's chance is one number: in a sentence, in the window's words, in the table and among the risks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from paper_example import paper_plan

from cn_planner.links.verdict import chance_words
from cn_planner.report.paper_money import paper_money
from cn_planner.report.paper_risks import Trouble, paper_risks
from cn_planner.report.tables import tables


@pytest.mark.parametrize(
    ("chance", "whole"), [(0.0, 0), (0.125, 13), (0.665, 67), (0.925, 93), (0.934, 93), (0.9951, 99), (1.0, 99)]
)
def test_words_table_and_risks_say_the_same(chance, whole):
    plan = paper_plan()
    plan = replace(plan, links=tuple(replace(one, probability=chance) for one in plan.links))
    assert str(chance_words(chance)) == f"{whole} chances in 100 that it works as drawn"
    table = next(one for one in tables(plan) if one.key == "links")
    at = [column.key for column in table.columns].index("probability_pct")
    assert {row[at] for row in table.rows} == {whole}
    (risk,) = (one for one in paper_risks(plan, paper_money(plan)) if one.trouble is Trouble.LINK)
    assert (risk.count, risk.of) == (100 - whole, 100)
