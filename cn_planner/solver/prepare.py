"""The kernels of the optimiser, made ready on the smallest network there is."""

from __future__ import annotations

import numpy as np

from cn_planner.progress import silent
from cn_planner.solver.cutsets import CutSets
from cn_planner.solver.instance import Instance, InstanceHome, InstanceSite
from cn_planner.solver.milp import MilpModel
from cn_planner.solver.network import network_of
from cn_planner.solver.price_bound import PriceBound
from cn_planner.solver.search import Searcher


def prepare() -> bool:
    """Run each kernel once, in the thread that calls: what is compiled or loaded then is ready for all. Return True."""
    instance = Instance(
        name="",
        heights_m=(6.0,),
        sites=(InstanceSite("gateway", True, (1.0,)), InstanceSite("tower", False, (1.0,))),
        homes=(InstanceHome("home"),),
        serve=np.array([[1, 0, 0]], np.int32),
        links=np.array([[0, 1, 0, 0]], np.int32),
        link_cost=np.array([1.0]),
        sector_cost=1.0,
        sector_homes=1.0,
        max_sectors=1,
        max_hops=1,
        cover=1.0,
    )
    network = network_of(instance)
    Searcher(network, budget=None).run(
        chains=1, steps=1, last_start=None, deadline=None, cancel=None, watch=lambda _done: silent(1.0)
    )
    PriceBound(network, network.goal).run(1, None, None)
    model = MilpModel(network, network.goal)
    CutSets(model).violated(np.ones(len(model.columns.cost)), 0.1, 1)
    return True
