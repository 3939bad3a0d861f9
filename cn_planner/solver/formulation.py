"""What the parts of a model share: its columns and rows as they are written down, and which column says what.

The letters are those of `milp`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cn_planner.solver.highs import ModelColumns, ModelRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.progress import CancelToken
    from cn_planner.solver.clustering import Clustering
    from cn_planner.solver.network import SolverNetwork


@dataclass(frozen=True, slots=True)
class LinkOption:
    """A way to hang a site on another: the least level of either, the cost of the link, the flow that it carries."""

    parent: int
    child: int
    parent_level: int
    child_level: int
    cost: float
    carries: float = math.inf
    kind: int = 0


@dataclass(frozen=True, slots=True)
class Arc:
    """A column that says a way is used; layered, that the child then is at this depth (0 where there are no layers)."""

    option: LinkOption
    column: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What a better plan than the best known may still use: ways between sites, and sites (group, site) for homes."""

    options: frozenset[LinkOption]
    serves: frozenset[tuple[int, int]]


@dataclass(slots=True)
class Formulation:
    """What a model is of, and what of it is written down: its columns, its rows, and which column is what.

    Parameters
    ----------
    network : Network
        The instance.
    goal : float
        Weight that must be served (0 where the budget decides).
    budget : float or None
        None: least cost. Else most weight for so much money.
    levels : per site the levels it may take (-1: not built); None: all. A restriction: its bound is not the whole's.
    whole_homes : whether homes are counted whole even where it is not needed for a bound.
    layered : bool
        Whether depths are layers rather than numbers.
    keep : Kept, optional
        What is written down at all; the bound is then that of the plans which use nothing else.
    tree : bool
        False leaves the links out: each site that is no gateway pays for the cheapest link that could feed it. That
        asks less than the whole does, so its bound holds; its choice is no plan.
    cancel : CancelToken, optional
        Looked at while the model is written down.
    clustering : Clustering, optional
        What the groups hold, where their homes differ.
    """

    network: SolverNetwork
    goal: float
    budget: float | None = None
    levels: Sequence[Sequence[int]] | None = None
    whole_homes: bool = True
    tree: bool = True
    layered: bool = False
    keep: Kept | None = None
    cancel: CancelToken | None = None
    clustering: Clustering | None = None
    columns: ModelColumns = field(default_factory=ModelColumns)
    rows: ModelRows = field(default_factory=ModelRows)
    x: dict[tuple[int, int], int] = field(default_factory=dict)
    f: dict[int, int] = field(default_factory=dict)
    n: dict[int, int] = field(default_factory=dict)
    u: dict[int, int] = field(default_factory=dict)
    y: dict[int, int] = field(default_factory=dict)
    """Column of a site that may become a gateway: it is one."""
    place: dict[tuple[int, int, int], int] = field(default_factory=dict)
    """Column of (site, depth, level): it stands there so high. Not layered, the depth is 0."""
    arcs: list[Arc] = field(default_factory=list)
    z: dict[tuple[int, int], int] = field(default_factory=dict)
    flow: dict[tuple[int, int], int] = field(default_factory=dict)
    """Column of (parent, child), where a link or a gateway can be full."""
    turns: dict[tuple[int, int], int] = field(default_factory=dict)
    """Column of (site, arc), where sectors are arcs: how many point at that arc or one before it. The last is `n`."""
    towers: dict[tuple[int, int, int, int], int] = field(default_factory=dict)
    """Column of (site, level, radios alike, unlike): it stands so high with these; below 0: with so many or more."""
    beyond: dict[tuple[int, int], int] = field(default_factory=dict)
    """Column of (site, kind): radios alike (0) or unlike (1), where they are many."""
    whole: list[tuple[int, int, int]] = field(default_factory=list)
    """Columns of each thing in reserve: its pieces, what they are more than the share, what may be needed beside."""
    raised: dict[tuple[int, int], int] = field(default_factory=dict)
    """Column of (site, level): sectors that hang so high or higher."""
    one: int = -1
    """Column that is always 1, where homes of a group differ: what their rows count for certain."""
    served: list[tuple[int, float]] = field(default_factory=list)
    """Columns of homes that are served, with their weight."""
