"""Texts that people, or those who wish them ill, type into a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from deployment_example import example_deployment

if TYPE_CHECKING:
    from cn_planner.report.deployment import DeploymentPlan

TEXTS = (
    "=1+1",
    '=HYPERLINK("http://example.invalid","click")',
    "+41 79",
    "-2",
    "@SUM(A1)",
    "\t=1+1",
    "<b>bold</b> & <script>alert(1)</script>",
    "]]> --> <!-- {{x}} {0} %s #{x} $x$",
    "\"quotes\" and 'more'",
    "مرتفع النخيل",
    "गाँव ዓምባ 山",
    "👩🏽‍🌾 hill",
    "two\nlines\r\nand three",
    "bell \x07 null \x00 half \ud83d",
    "http://example.invalid/",
    "x" * 40_000,
)


def hostile_deployment(text: str) -> DeploymentPlan:
    """Return the example with one text in every place where people write."""
    plan = example_deployment()
    return replace(
        plan,
        meta=replace(plan.meta, plan=text, sources=(replace(plan.meta.sources[0], name=text, licence=text),)),
        sites=tuple(replace(one, name=text, owner=text, note=text, access=text) for one in plan.sites),
        homes=tuple(replace(one, name=text, note=text) for one in plan.homes),
        places=tuple(replace(one, name=text, note=text) for one in plan.places),
        bom=tuple(replace(one, name=text, price_source=text) for one in plan.bom),
    )
