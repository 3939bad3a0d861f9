"""What those who ask of many paths one by one do first: a single path alone loads no compiler."""

from __future__ import annotations

from cn_planner.links.sight import put_chance_at_hand
from cn_planner.propagation.p526 import put_p526_at_hand


def expect_many_paths() -> None:
    """Have budgets of single links computed by machine code from now on, to the same bits in a hundredth of the time.

    To load it takes as long as fifty links without, where other kernels are in use; two hundred where none is.
    """
    put_p526_at_hand()
    put_chance_at_hand()
