"""CN Planner: plan a community network, offline.

For other people's programs and notebooks::

    import cn_planner as cn

    surface = cn.open_surface("N41E001.hgt.zip", "N42E001.hgt.zip")
    seen = cn.coverage_map(surface, [(42.10, 1.85, 12.0)], radius_km=10.0, rx_height_m=5.0)

docs/library.md has an example of each name. Names that stand in `__all__` are kept from version to version.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cn_planner.version import __version__

if TYPE_CHECKING:
    from cn_planner.errors import PlannerError as PlannerError
    from cn_planner.library import (
        Conditions as Conditions,
    )
    from cn_planner.library import (
        CoverageMap as CoverageMap,
    )
    from cn_planner.library import (
        Radio as Radio,
    )
    from cn_planner.library import (
        coverage_map as coverage_map,
    )
    from cn_planner.library import (
        design as design,
    )
    from cn_planner.library import (
        export_plan as export_plan,
    )
    from cn_planner.library import (
        link_budget as link_budget,
    )
    from cn_planner.library import (
        new_plan as new_plan,
    )
    from cn_planner.library import (
        open_plan as open_plan,
    )
    from cn_planner.library import (
        open_surface as open_surface,
    )
    from cn_planner.library import (
        optimise as optimise,
    )
    from cn_planner.library import (
        path as path,
    )
    from cn_planner.library import (
        to_geodataframe as to_geodataframe,
    )

__all__ = [
    "Conditions", "CoverageMap", "PlannerError", "Radio", "__version__", "coverage_map", "design", "export_plan",
    "link_budget", "new_plan", "open_plan", "open_surface", "optimise", "path", "to_geodataframe",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is: a command that needs none of it starts without it."""
    if name in __all__:
        return getattr(import_module("cn_planner.errors" if name == "PlannerError" else "cn_planner.library"), name)
    raise AttributeError(f"module 'cn_planner' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
