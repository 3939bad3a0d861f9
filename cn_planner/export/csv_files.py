"""The tables as CSV, one file each: UTF-8 with a mark that spreadsheets know, points for decimals, stable headers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from cn_planner.export.text import about_lines, cell_text, exact_text
from cn_planner.report.columns import MONEY, NUMBER
from cn_planner.report.tables import tables

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.columns import TableCell, TableColumn
    from cn_planner.report.deployment import DeploymentPlan

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # spreadsheets take full-width signs too


def _header(column: TableColumn) -> str:
    return f"{column.key}_{column.unit}" if column.kind is MONEY else column.key


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cell(column: TableColumn, cell: TableCell, language: str) -> str:
    if isinstance(cell, int | float) and column.exact:
        return exact_text(cell, money=column.kind is MONEY)
    if isinstance(cell, int | float):
        return f"{cell:.{column.decimals}f}" if column.kind in (NUMBER, MONEY) else f"{cell:g}"
    return guarded(cell_text(cell, language))


def write_csv(plan: DeploymentPlan, folder: Path) -> tuple[Path, ...]:
    """Write every table into a folder; return the files.

    Headers are the columns' keys in every language, so that programs can rely on them. What the files say of
    themselves stands beside them in ``about.csv``.
    """
    language = plan.meta.language
    lines = about_lines(plan)
    paths = [folder / "about.csv"]
    with paths[0].open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(["what", "text"])
        writer.writerows([guarded(label), guarded(text)] for label, text in lines)
    for table in tables(plan):
        path = folder / f"{table.key}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow([_header(column) for column in table.columns])
            for row in table.rows:
                writer.writerow(
                    [_cell(column, cell, language) for column, cell in zip(table.columns, row, strict=True)]
                )
        paths.append(path)
    return tuple(paths)
