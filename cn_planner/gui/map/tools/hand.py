"""All tools that a hand can take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.gui.kinds import THINGS
from cn_planner.gui.map.tools.area import AreaTool, VillageTool
from cn_planner.gui.map.tools.lines import LinkTool, MeasureTool
from cn_planner.gui.map.tools.place import DrawNoBuildTool, DrawZoneTool, GatewayTool, PlaceTool
from cn_planner.gui.map.tools.select import SelectTool

if TYPE_CHECKING:
    from cn_planner.gui.map.map_view import MapView
    from cn_planner.gui.map.tools.base import Tool


def tools_of(canvas: MapView) -> dict[str, Tool]:
    """Return the tools of a map by their keys; those that place a thing are of its kind's entry."""
    placing = (PlaceTool(canvas, kind, kind.hand) for kind in THINGS.values() if kind.hand is not None)
    others = (SelectTool, DrawZoneTool, DrawNoBuildTool, LinkTool, MeasureTool, AreaTool, VillageTool, GatewayTool)
    return {tool.key: tool for tool in (*(make(canvas) for make in others), *placing)}
