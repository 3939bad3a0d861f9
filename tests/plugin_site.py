"""A folder of installed packages for tests: the sample plug-in of tests/plugins, and packages that fail."""

from __future__ import annotations

import shutil
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cn_planner import plugins
from cn_planner.export.formats import FORMATS
from cn_planner.importers.readers import READERS
from cn_planner.model.propagation_models import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pytest

SAMPLE = Path(__file__).parent / "plugins" / "sample_plugin"
FAILING = {
    "cn_planner.models": {
        "gone": "failing_plugin.no_such_module:MODEL",
        "itm": "failing_plugin.things:ITM",
        "misnamed": "failing_plugin.things:RAISES",
        "raises": "failing_plugin.things:RAISES",
        "Word": "failing_plugin.things:TEXT",
        "word": "failing_plugin.things:TEXT",
    },
    "cn_planner.exports": {"boom": "failing_plugin.things:BOOM", "twin": "failing_plugin.things:TWIN"},
    "cn_planner.importers": {
        "bad-reader": "failing_plugin.things:BAD_READER",
        "bad-sniffer": "failing_plugin.things:BAD_SNIFFER",
    },
}
_THINGS = """
from dataclasses import replace
from cn_planner import plugins
from cn_planner.export.formats import ExportFormat
from cn_planner.importers.readers import Reader
from cn_planner.importers.table import SourceTable
from cn_planner.links.register import PropagationModel
from cn_planner.message import msg

TEXT = "no model"
def fails(*_):
    raise ZeroDivisionError("division by zero")
RAISES = PropagationModel(key="raises", name="Raises", path=fails, freq_mhz=(1.0, 1e6), source="none")
ITM = replace(RAISES, key="itm")
BOOM = ExportFormat(key="boom", suffix=".boom", words=msg("Boom"), write=fails)
TWIN = ExportFormat(key="twin", suffix=".GPX", words=msg("Twin"), write=fails)
def rows():
    yield 1, ["x", "1", "1"]
    fails()
BAD_READER = Reader(
    key="bad-reader", words=msg("Bad"), suffixes=(".bad",), is_mine=lambda path: path.suffix == ".bad",
    read=lambda path: SourceTable(path.name, ("name", "latitude", "longitude"), rows()),
)
BAD_SNIFFER = replace(BAD_READER, key="bad-sniffer", is_mine=fails)
"""


def add_package(site: Path, name: str, points: Mapping[str, Mapping[str, str]]) -> None:
    """Write what an installer writes of a package's entry points."""
    folder = site / f"{name.replace('-', '_')}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    lines = [
        line
        for group, ones in points.items()
        for line in (f"[{group}]", *(f"{key} = {at}" for key, at in ones.items()))
    ]
    (folder / "entry_points.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")


def add_sample(site: Path) -> None:
    """Install the sample plug-in."""
    project = tomllib.loads((SAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shutil.copytree(SAMPLE / "sample_plugin", site / "sample_plugin")
    add_package(site, project["name"], project["entry-points"])


def add_failing(site: Path) -> None:
    """Install a package whose every thing fails, each in its way."""
    (site / "failing_plugin").mkdir(parents=True)
    (site / "failing_plugin" / "__init__.py").write_text("", encoding="utf-8")
    (site / "failing_plugin" / "things.py").write_text(_THINGS, encoding="utf-8")
    add_package(site, "failing-plugin", FAILING)


@contextmanager
def on_the_path(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the packages of a folder found by this process, and forgotten at the end."""
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(plugins, "_left_out", {})
    for door in (MODELS, FORMATS, READERS):
        door.forget()
    yield
    monkeypatch.undo()
    for door in (MODELS, FORMATS, READERS):
        door.forget()
    for name in [one for one in sys.modules if one.partition(".")[0] in {"sample_plugin", "failing_plugin"}]:
        del sys.modules[name]
