"""A pipe in place of a file, and a home folder that nothing may be written to: the program ends in words, in time."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="pipes and rights as Linux has them")
_MOST_S = 120.0
"""On a machine that is busy; nobody writes into the pipe, so that who waits for it waits for ever."""


def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cn_planner", *map(str, words)], env=os.environ | environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=_MOST_S,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pipe.cnplan.gpkg", ["check", "PIPE"]),
        ("pipe.cnplan.gpkg", ["merge", "PLAN", "PIPE"]),
        ("homes.csv", ["import", "PLAN", "PIPE", "--as", "households"]),
        ("homes.xlsx", ["import", "PLAN", "PIPE", "--as", "households"]),
        ("homes.geojson", ["import", "PLAN", "PIPE", "--as", "households"]),
        ("homes.osm.pbf", ["import", "PLAN", "PIPE", "--as", "sites"]),
        ("sun.json", ["import", "PLAN", "PIPE", "--as", "sun"]),
        ("hills.tif", ["terrain", "PLAN", "PIPE"]),
        ("map.mbtiles", ["base-map", "PLAN", "PIPE"]),
        ("pattern.msi", ["antenna", "PLAN", "airfiber-24-antenna", "PIPE"]),
        ("prices.csv", ["shelf", "prices", "PLAN", "--in", "PIPE"]),
        ("instance.json", ["optimise", "PIPE", "--out", "OUT"]),
        ("cases.csv", ["loss", "--model", "two-ray", "--cases", "PIPE", "--out", "OUT"]),
        ("profiles.npz", ["loss", "--model", "two-ray", "--cases", "CASES", "--profiles", "PIPE", "--out", "OUT"]),
    ],
)
def test_a_pipe_is_no_file(valley_folder: Path, tmp_path: Path, name: str, words: list[str]) -> None:
    pipe = tmp_path / name
    os.mkfifo(pipe)
    named = {"PIPE": pipe, "PLAN": valley_folder / "sample-valley.cnplan.gpkg", "OUT": tmp_path / "out.json"}
    named["CASES"] = tmp_path / "cases of a table.csv"
    named["CASES"].write_text("freq_mhz\n5500\n")
    done = run(*(named.get(word, word) for word in words))
    assert done.returncode in (1, 2), (done.returncode, done.stdout)
    assert "Traceback" not in done.stderr
    assert name in done.stderr
    assert "pipe" in done.stderr.replace(name, "").replace(str(pipe), "")


@pytest.mark.parametrize("words", [["set", "PLAN"], ["check", "PLAN"], ["check", "PLAN", "--json"]])
def test_who_reads_no_further_is_no_mistake(valley_folder: Path, words: list[str]) -> None:
    plan = str(valley_folder / "sample-valley.cnplan.gpkg")
    with subprocess.Popen(
        [sys.executable, "-m", "cn_planner", *(plan if word == "PLAN" else word for word in words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    ) as command:  # fmt: skip
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        said = command.stderr.read()
        assert command.wait(_MOST_S) == 0
    assert "mistake" not in said
    assert "Pipe" not in said


WINDOW = """
import time
from pathlib import Path
from PySide6.QtTest import QTest
from cn_planner.gui.app import application, make_window
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools
app = application()
settings = Settings()
settings.set("tour_seen", True)
window = make_window(settings)
window.show()
window.state.open(Path(sys.argv[1]))
until = time.monotonic() + 60.0
while (window.state.project is None or window.state.jobs.active()) and time.monotonic() < until:
    QTest.qWait(10)
settings.set("look", "dark")
app.processEvents()
print(len(window.state.plan.households))
window.close()
close_pools()
"""
COMMAND = """
from cn_planner.cli.main import main
main()
"""
PLAIN = """
import sys
sys.path.insert(0, {tests!r})
from rights import plain_rights
with plain_rights():
"""


@pytest.mark.parametrize("what", ["window", "check", "shelf"])
def test_a_home_folder_that_may_not_be_written_to_stops_nobody(valley_folder: Path, tmp_path: Path, what: str) -> None:
    """As in a kiosk, or where a disk is full: nothing is kept, and all else goes on."""
    home, plan = tmp_path / "home", valley_folder / "sample-valley.cnplan.gpkg"
    home.mkdir()
    home.chmod(0o555)
    code = PLAIN.format(tests=str(Path(__file__).parents[1])) + textwrap.indent(
        WINDOW if what == "window" else COMMAND, "    "
    )
    words = {"window": [plan], "check": ["check", plan], "shelf": ["shelf", "list", plan]}[what]
    # Where machine code is kept stays as it is: to make it anew takes minutes.
    own = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    own["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], env=own | {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=3 * _MOST_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "made a mistake" not in done.stderr
    assert list(home.iterdir()) == []
    assert what != "window" or done.stdout.split() == ["150"]
