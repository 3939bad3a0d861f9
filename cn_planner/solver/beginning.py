"""How a search begins: a plan of all sites, thinned out, beside a first bound; and a plan of what its prices build."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.solver.price_bound import MOST_PRICES, PRICE_STEPS, PriceBound
from cn_planner.solver.worker import run_in_worker

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.message import Message
    from cn_planner.progress import Run
    from cn_planner.solver.incumbent import Known

_PRICED, _THINNED = 0.45, 0.1
"""Of the time that is left, for the prices and for thinning out."""
_BUILT = (0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0.02)
"""What the prices build to so much at least, until that is a plan."""
_LIKELY = (0.3, 0.1, 0.02)


@dataclass(slots=True)
class Beginning:
    """The first plans and the first bound of what is known.

    Attributes
    ----------
    thinned : levels of the cheapest plan that was thinned out; None where a budget decides.
    prices : None where they are not asked for, or would be too many.
    """

    known: Known
    run: Run
    time_limit: float | None
    """Moment of the performance counter at which the time is over."""
    thinned: NDArray[np.int64] | None = None
    prices: PriceBound | None = None

    def find(self, say: Callable[[float, Message], None], *, prove: bool) -> bool:
        """Find a plan, with the bound beside it where two threads may work, then one of what the prices build.

        The result is the same for any number of threads. False: it was cancelled while the kernels were made ready.
        """
        from cn_planner.solver.prepare import prepare  # compiles kernels

        say(0.0, msg("Preparing the engine"))
        if run_in_worker(prepare, self.run.cancel) is None:
            return False
        known = self.known
        if prove and PriceBound.size(known.network) <= MOST_PRICES and not self.run.cancelled:
            self.prices = PriceBound(known.network, known.goal, known.budget)
        if self.run.threads > 1:
            with ThreadPoolExecutor(1) as pool:
                priced = pool.submit(self._price, say)
                self._thin(None)
                priced.result()
        else:
            self._thin(None)
            self._price(say)
        for least in _BUILT:
            if self.prices is None or self._thin(self.prices.tops(least)):
                break
        return True

    def likely(self, number: int) -> tuple[int, ...] | None:
        """Return what the prices likely build, each time more freely; None without prices."""
        return None if self.prices is None else self.prices.tops(_LIKELY[number % len(_LIKELY)])

    def _until(self, share: float) -> float | None:
        """Return the moment at which so much of what is left of the time has passed."""
        now = time.perf_counter()
        return None if self.time_limit is None else now + share * max(0.0, self.time_limit - now)

    def _price(self, say: Callable[[float, Message], None]) -> None:
        if self.prices is not None:
            self.prices.run(
                PRICE_STEPS, self._until(_PRICED), self.run.cancel,
                lambda done: say(done, msg("Bounding what any plan would cost: {pct:.0f} % at most", pct=100.0 * done)),
            )  # fmt: skip
            self.known.take_bound(self.prices.bound)

    def _thin(self, tops: tuple[int, ...] | None) -> bool:
        """Thin out all sites, or some; return whether that is a plan. It is not the best, but found at once."""
        from cn_planner.solver.search import Searcher  # compiles kernels

        known, net = self.known, self.known.network
        if known.budget is not None or self.run.cancelled:
            return False
        if tops is None:
            tops = tuple(len(a) - 1 if u else -1 for a, u in zip(net.allowed, net.usable, strict=True))
        searcher = Searcher(net, budget=None)
        levels = searcher.thinned(tops, deadline=self._until(_THINNED), cancel=self.run.cancel)
        choice = searcher.complete(levels)
        before = known.best
        known.take(choice)
        if self.thinned is None or known.best is not before:
            self.thinned = levels
        return choice is not None
