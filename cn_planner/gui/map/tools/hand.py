"""All tools that a hand can take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.gui.map.tools.area import AreaTool
from cn_planner.gui.map.tools.lines import LinkTool, MeasureTool
from cn_planner.gui.map.tools.place import (
    DrawNoBuildTool,
    DrawZoneTool,
    PlaceHomeTool,
    PlaceObstacleTool,
    PlaceTowerTool,
)
from cn_planner.gui.map.tools.select import SelectTool

if TYPE_CHECKING:
    from cn_planner.gui.map.tools.base import Tool

TOOLS: tuple[type[Tool], ...] = (
    SelectTool, PlaceTowerTool, PlaceHomeTool, PlaceObstacleTool, DrawZoneTool, DrawNoBuildTool, LinkTool, MeasureTool,
    AreaTool,
)  # fmt: skip
