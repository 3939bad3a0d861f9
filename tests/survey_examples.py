"""A plan whose survey goes out to telephones, and what these send back."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
from deployment_example import example_deployment
from plan_examples import village
from typer.testing import CliRunner, Result

from cn_planner.cli.main import app
from cn_planner.export.xlsform import write_xlsform
from cn_planner.model import edits
from cn_planner.model.plan import Household, Plan, Site
from cn_planner.session.project import Project

SITE, HOME = "hügel 1", "home\u00a07"
"""Ids that no choice of a form may be called."""


def run(*words: object) -> Result:
    return CliRunner().invoke(app, list(map(str, words)))


def sheets(form: Path) -> dict[str, list[dict[str, str]]]:
    book = openpyxl.load_workbook(form)
    found = {}
    for name in book.sheetnames:
        head, *rows = [["" if cell is None else str(cell) for cell in row] for row in book[name].values]
        found[name] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def village_file(tmp_path: Path) -> Path:
    """A plan whose things are called what no choice of a form may be called."""
    base = village()
    base = replace(base, info=replace(base.info, secret="a0"))  # noqa: S106 - of an example
    base = edits.put(base, [Site(SITE, "Hügel", -1.4, 36.5), Household(HOME, "Asha", -1.41, 36.51)]).plan
    path = tmp_path / "village.cnplan.gpkg"
    Project.create(path, base).close()
    return path


def choice(plan: Path, name: str, key: str, tmp_path: Path) -> str:
    """What the form calls a thing: read off the form that the program itself writes."""
    deployment = example_deployment()
    with Project.open(plan) as project:
        source: Plan = project.plan
    sites = tuple(replace(deployment.sites[0], id=one.id, name=one.name) for one in source.sites.values())
    homes = tuple(replace(deployment.homes[0], id=one.id, name=one.name) for one in source.households.values())
    path = tmp_path / "choices.xlsx"
    write_xlsform(replace(deployment, sites=sites, homes=homes), path)
    rows = [row for row in sheets(path)["choices"] if row["list_name"] == name]
    return next(row["name"] for row in rows if row["label"].startswith(key))


def jpeg(path: Path, width: int = 2400, height: int = 1200, orientation: int = 6) -> Path:
    """A photograph as a telephone writes it: red at the left, turned by its EXIF, with its place in it."""
    import rasterio
    from rasterio.io import MemoryFile

    colours = np.zeros((3, height, width), np.uint8)
    colours[0, :, : width // 2] = 250
    with rasterio.Env(), MemoryFile() as memory:
        with memory.open(driver="JPEG", width=width, height=height, count=3, dtype="uint8") as out:
            out.write(colours)
        plain = memory.read()
    # TIFF of two entries, by hand (CIPA DC-008): orientation, and whose camera it is.
    maker = b"Secret Camera 12345\0"
    entries = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack("<HHII", 0x010F, 2, len(maker), 38)
    tiff = b"II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 0) + maker
    app = b"Exif\0\0" + tiff
    path.write_bytes(plain[:2] + b"\xff\xe1" + struct.pack(">H", len(app) + 2) + app + plain[2:])
    return path
