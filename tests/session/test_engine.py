"""What computes is made ready beside the window: none of its kernels is left for the window's own process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "cn_planner"
ELSEWHERE = {
    # Many predictions at once, and parts of a Recommendation against its tables: the batch command and the notebook.
    "_clearances", "_heights_needed", "_many", "_many_parts", "itm_areas_kernel", "itm_many_kernel",
    "p1812_many_kernel",
    # Every cell on its own path: `coverage --exact`.
    "exact_rows",
    # Maps of a model without a kernel of its own: somebody else's, slow as its own paths are.
    "cell_profile", "with_trees",
    # The best server of each place and its second choice: no command or panel asks for it.
    "_choose",
}  # fmt: skip
ASKED = """
import cn_planner.propagation.kernel as module

asked, compiled = set(), module.compiled
module.compiled = lambda function: asked.add(function.__qualname__) or compiled(function)

from cn_planner.coverage.map_models import GROUND_MAPS
from cn_planner.links.register import MODELS
from cn_planner.session import engine

engine.make()
engine.make_search()
for model in [*GROUND_MAPS, *(name for name in MODELS.names() if name != "free-space")]:
    engine.make_map(str(model))
print(*sorted(asked))
"""


def test_every_kernel_is_made_beside_the_window() -> None:
    """One that is compiled where the hand moves holds it for seconds, and its compiler keeps 80 MB.

    A further kernel is used by `session.engine`, or it is named above with who uses it. Kernels are compared by name;
    of what kinds of arrays they are compiled for a scripted day tells (`run.py reliability hours`).
    """
    named = set[str]()
    for path in PACKAGE.rglob("*.py"):
        named |= set(re.findall(r"\bcompiled\((\w+)\)", path.read_text("utf-8")))
    named -= {"kernel"}  # what a table of models holds, by another name
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=False, timeout=600)
    asked = set(done.stdout.split())
    assert len(asked) > 20, done.stderr
    assert named - asked == ELSEWHERE & named
    assert named >= ELSEWHERE
