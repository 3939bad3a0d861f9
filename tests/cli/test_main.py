"""Each command is there, in the help and by its name, and starts without the modules of the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import cn_planner.cli
from cn_planner.cli.main import _COMMANDS, app, commands_of

# Modules beside the commands: what they share, and what opens the window.
_SHARED = {"__init__", "main", "console", "options", "remedies", "window"}


@pytest.mark.parametrize("module", _COMMANDS)
def test_the_table_of_commands_says_what_each_module_adds(module: str) -> None:
    assert tuple(commands_of(module)) == _COMMANDS[module]


def test_no_module_of_a_command_is_missing_from_the_table() -> None:
    folder = Path(cn_planner.cli.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} - _SHARED == set(_COMMANDS)


def test_the_help_lists_every_command() -> None:
    group = typer.main.get_group(app)
    said = CliRunner().invoke(app, ["--help"]).output
    names = group.list_commands(typer.Context(group))
    assert len(set(names)) == len(names) > 20
    assert all(f"│ {name} " in said for name in names)


def test_a_word_like_a_command_is_answered_with_the_command() -> None:
    done = CliRunner().invoke(app, ["coverag"])
    assert done.exit_code == 2
    assert "coverage" in done.output


def test_the_help_of_all_commands_loads_neither_arrays_nor_rasters() -> None:
    program = (
        "import json, sys\n"
        "from cn_planner.cli.main import main\n"
        "sys.argv = ['cn-planner', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(json.dumps(sorted({'numpy', 'pyproj', 'rasterio', 'PySide6', 'numba'} & sys.modules.keys())))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_one_command_starts_without_the_modules_of_the_others() -> None:
    code = (
        "import json, sys; from typer.testing import CliRunner; from cn_planner.cli.main import app\n"
        "assert CliRunner().invoke(app, ['link', '--help']).exit_code == 0\n"
        "print(json.dumps(sorted(name for name in sys.modules if name.startswith('cn_planner'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout))
    assert "cn_planner.cli.link" in loaded
    assert not {"cn_planner.cli.plan", "cn_planner.cli.check", "cn_planner.model.plan"} & loaded


@pytest.mark.parametrize(("words", "spared"), [(["--version"], True), ([], False)])
def test_a_command_spares_rounds_of_the_collector_and_the_window_does_not(words: list[str], *, spared: bool) -> None:
    code = (
        "import gc, sys; from cn_planner.cli.main import main\n"
        f"sys.argv = ['cn-planner', *{words!r}]\n"
        "usual = gc.get_threshold()[0]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(gc.isenabled(), gc.get_threshold()[0] > usual)"
    )
    kept = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    kept.pop("QT_QPA_PLATFORM", None)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60, env=kept
    )
    assert done.stdout.splitlines()[-1] == f"True {spared}"


def test_maps_of_terrain_load_no_plan_no_equipment_and_no_radio() -> None:
    words = [
        "coverage",
        "--dem",
        "gone.tif",
        "--site",
        "1,2,3",
        "--rx-height",
        "5",
        "--radius-km",
        "1",
        "--model",
        "los",
        "--out",
        "x.tif",
    ]
    code = (
        "import json, sys; from typer.testing import CliRunner; from cn_planner.cli.main import app\n"
        f"assert CliRunner().invoke(app, {words!r}).exit_code == 1\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout))
    assert "cn_planner.session.coverage" in loaded
    unused = {"cn_planner.model.plan", "cn_planner.model.equipment", "cn_planner.links.radio", "msgspec", "scipy"}
    assert not unused & loaded


def test_a_link_loads_no_plan_no_equipment_no_readers_of_maps_and_no_net(tmp_path: Path) -> None:
    tile = tmp_path / "N41E001.hgt"
    tile.write_bytes(b"\0\x64" * 1201**2)
    words = ["link", "--dem", str(tile), "--from", "41.5,1.5,10", "--to", "41.6,1.6,10", "--freq-mhz", "5800"]
    words += ["--tx-power-dbm", "23", "--tx-gain-dbi", "16", "--rx-gain-dbi", "16"]
    code = (
        "import json, sys; from typer.testing import CliRunner; from cn_planner.cli.main import app\n"
        f"assert CliRunner().invoke(app, {words!r}).exit_code == 0\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout))
    assert "cn_planner.session.link" in loaded
    unused = {"cn_planner.model.plan", "cn_planner.model.equipment", "cn_planner.terrain.tree_files", "msgspec"}
    assert not (unused | {"ssl", "urllib.request", "pyproj.sync", "scipy", "numba", "rasterio"}) & loaded


def test_what_pyproj_downloads_with_is_loaded_when_it_is_asked_for() -> None:
    code = (
        "import cn_planner.geo, sys\n"
        "from pyproj import transformer\n"
        "assert 'pyproj.sync' not in sys.modules\n"
        "try:\n    transformer._download_resource_file()\n"
        "except TypeError as problem:\n    print(problem)\n"
        "print('pyproj.sync' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "missing" in done.stdout  # the function itself answers
    assert done.stdout.splitlines()[-1] == "True"
