"""Long runs of one sign in a stranger's cell, list or text: read or refused in one pass, not in its square.

A list of stations with a word of 70,000 letters held a reader for 21 s; a coordinate with 2,000 spaces, for 16.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

LONG = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
from cn_planner.errors import PlannerError
from cn_planner.gis.osm import tags_of
from cn_planner.importers.coordinates import place_readings
from cn_planner.importers.fields import CellError, degrees
from cn_planner.importers.measured import read_level
from cn_planner.importers.signal_lists import signal_list
from cn_planner.importers.survey import SurveyNames, import_survey
from cn_planner.model.entry_form import quantity
from cn_planner.model.plan import Plan
from cn_planner.model.regulations import own_limits
from cn_planner.model.tree_scenarios import read_tree_scenarios

N = 1_000_000
def stations(text):
    path = Path(sys.argv[1]) / "list.txt"
    path.write_text(" 0 signal-strength=-68 radio-name=a\\n" + text)
    return signal_list(path, Plan())
def answers(columns):
    path = Path(sys.argv[1]) / "answers.csv"
    path.write_text(columns + "\\n" + "," * columns.count(",") + "\\n")
    return import_survey(Plan(), path, SurveyNames("tag", {}, {}, {"visit_status", "kind"}))
spaces = " " * N
tries = {
    "groups": (answers, ",".join(["a-" * 500] * (N // 1000))),
    "letters": (stations, "a" * N),
    "empty lines": (stations, "\\n" * N),
    "quotes": (lambda text: tags_of({"other_tags": text}), '"' + '\\\\"' * N),
    "level": (read_level, "-6" + spaces + "x"),
    "degrees": (degrees(90.0, "N", "S"), "N" + spaces + "x"),
    "minutes": (degrees(90.0, "N", "S"), "4 2" + spaces + "3" + spaces + "x"),
    "place": (place_readings, "42" + spaces + "1" + spaces + "x"),
    "digits": (place_readings, "1" * N + " " + "1" * N),
    "trees": (read_tree_scenarios, "3" + spaces + "x"),
    "quantity": (lambda text: quantity("height_m", text), "1 a" + spaces + "b\\n"),
    "limit": (own_limits, "1" + spaces + "x"),
    "wide": (own_limits, "5470-5725 MHz 30 dBm EIRP " + "1" * N),
}
for name, (read, text) in tries.items():
    try:
        read(text)
    except (PlannerError, CellError):
        pass
    print(name, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a process's time")
def test_no_reader_takes_the_square_of_a_long_run(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LONG, str(tmp_path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, f"after {done.stdout.split()[-1:]}: {done.returncode} {done.stderr[-600:]}"
