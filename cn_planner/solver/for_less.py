"""Of the plans for a budget that serve as much as the best, the cheapest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.solver.highs import SolverEnd
from cn_planner.solver.incumbent import Known
from cn_planner.solver.instance import StoppedBy
from cn_planner.solver.milp import MilpModel
from cn_planner.solver.network import network_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.progress import CancelToken
    from cn_planner.solver.network import Layout

_ENDS = {SolverEnd.TIME: StoppedBy.TIME, SolverEnd.CANCEL: StoppedBy.CANCEL}


def cheapest_of_equals(
    known: Known,
    most_columns: int,
    limit_s: float | None,
    cancel: CancelToken | None,
    search: Callable[[Known, float | None], StoppedBy],
) -> StoppedBy:
    """Look for a plan that serves as much as the best of a budget for less; return what ended that.

    Parameters
    ----------
    known : Known
        With the best plan, which is replaced by a cheaper one.
    most_columns : int
        Of a model that goes to the solver at once: with towers in their steps, else with amounts that add up.
    limit_s, cancel
        What ends it.
    search : callable
        What is asked where both models are larger: it improves a `Known` of least cost, within seconds.
    """
    best = known.best
    if best is None:
        return StoppedBy.DONE
    network, served = known.network, known.network.served(best)
    model = MilpModel(network, served, None)
    if len(model.columns.cost) > most_columns:
        model = MilpModel(network_of(network.instance.without_steps()), served, None)
    if len(model.columns.cost) > most_columns:
        return _searched(known, best, limit_s, search)
    result = model.solve(start=best, time_limit_s=limit_s, nodes=None if limit_s is not None else 2_000, cancel=cancel)
    known.take(result.choice)
    return _ENDS.get(result.end, StoppedBy.DONE)


def _searched(
    known: Known, best: Layout, limit_s: float | None, search: Callable[[Known, float | None], StoppedBy]
) -> StoppedBy:
    network = known.network
    if network.coverable <= 0.0:
        return StoppedBy.DONE
    share = min(1.0, network.served(best) / network.coverable)
    cheaper = Known(network_of(replace(network.instance, cover=share)), None)
    cheaper.take(best)
    ended = search(cheaper, limit_s)
    known.take(cheaper.best)
    return ended
