"""What would reach the homes that a design leaves out, once its channels are given: a link then carries less."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.errors import CancelledError
from cn_planner.planning.explain import UnservedKind
from cn_planner.planning.fixes import home_fixes
from cn_planner.progress import ALONE, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.planning.fixes import HomeFixes
    from cn_planner.planning.result import Design
    from cn_planner.study import Study


def with_fixes_on_channels(design: Design, study: Study, *, run: Run = ALONE) -> Design:
    """Return a design whose fixes hold in its plan as it was made: those that cost something are looked for again.

    A cancel leaves such homes with the reason alone.

    Parameters
    ----------
    design : Design
    study : Study
        Of the plan that was made.
    """
    asked = [one.id for one in design.unserved if one.fix_cost is not None and one.kind is not UnservedKind.SILENT]
    if not asked:
        return design
    found: Mapping[str, HomeFixes] = {}
    with contextlib.suppress(CancelledError):
        found = home_fixes(study, asked, only_cheapest=True, run=run.silently())
    again = set(asked)
    return replace(
        design,
        unserved=tuple(
            replace(
                one,
                fix=None if (own := found.get(one.id)) is None else own.words,
                fix_cost=None if own is None else own.cost,
            )
            if one.id in again
            else one
            for one in design.unserved
        ),
    )
