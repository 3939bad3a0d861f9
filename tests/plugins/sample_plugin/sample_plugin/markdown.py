"""The towers of a plan as a table in Markdown."""

from __future__ import annotations

from cn_planner.export.formats import ExportFormat
from cn_planner.message import msg


def write(given, path) -> None:
    """Write the table."""
    rows = [f"| {site.name} | {site.latitude:.5f} | {site.longitude:.5f} |" for site in given.plan.sites]
    head = [f"# {given.plan.meta.plan}", "", "| Tower | Latitude | Longitude |", "|---|---|---|"]
    path.write_text("\n".join([*head, *rows, ""]), encoding="utf-8")


FORMAT = ExportFormat(key="markdown", suffix=".md", words=msg("Towers for a wiki (Markdown)"), write=write)
