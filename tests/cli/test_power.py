"""Sun and power by command line: from a file, by figures, from a clear sky; sets taken, counted, undone."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.model import edits
from cn_planner.model.plan import PowerSource, Site
from cn_planner.session.project import Project

NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
LEVEL = (1.81, 2.77, 3.92, 4.66, 5.44, 6.28, 6.56, 5.67, 4.51, 2.96, 2.00, 1.56)


def power_file(folder: Path, latitude: float) -> Path:
    content = {
        "geometry": {"coordinates": [1.8, latitude, 700.0]},
        "properties": {"parameter": {"ALLSKY_SFC_SW_DWN": dict(zip(NAMES, LEVEL, strict=True))}},
        "parameters": {"ALLSKY_SFC_SW_DWN": {"units": "kW-hr/m^2/day"}},
    }
    path = folder / f"POWER{latitude:g}.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


def test_a_village_sizes_its_towers_for_the_dullest_month(tmp_path: Path) -> None:
    sites = [Site("G", "Town", 42.10, 1.80, mast_height_m=12.0, power=PowerSource.GRID),
             Site("H", "Hill", 42.12, 1.84, mast_height_m=18.0, power=PowerSource.SOLAR)]  # fmt: skip
    with Project.new(tmp_path / "v.cnplan.gpkg", name="Valley", country="ES") as project:
        project.apply(edits.put(project.plan, sites))
        plan = str(project.path)

    def run(*words: str, status: int = 0) -> tuple[str, str]:
        done = CliRunner().invoke(app, [words[0], plan, *words[1:]])
        assert done.exit_code == status, done.output
        return done.stdout, done.stderr

    def hill() -> dict[str, float]:
        answer = json.loads(run("power", "--json")[0])
        assert [one["site"] for one in answer["sites"]] == ["H"]
        return dict(answer["sites"][0])

    assert "not known" in run("power")[1]
    run("import", str(power_file(tmp_path, 42.1)), "--as", "sun")
    assert "km from the plan" in run("import", str(power_file(tmp_path, -42.1)), "--as", "sun", status=1)[1]
    first = hill()
    assert first["uptime_pct"] >= 99.5
    # More asked for costs more, and is kept.
    run("set", "power.uptime_pct=100", "power.autonomy_days=9")
    more = hill()
    assert more["uptime_pct"] >= 100.0 - 1e-6
    assert more["autonomy_days"] >= 9.0
    assert more["cost"] > first["cost"]

    assert "1 tower" in run("power", "--take")[1]
    taken = hill()
    assert taken == more | {"sized_by": "chosen for it"}
    run("undo")
    assert hill() == more
    run("power", "--take")
    run("power", "--usual")
    assert hill() == more
    assert run("power", "--take", "--usual", status=2)

    run("set", "sun.monthly_kwh_m2_day=", "sun.clearness=0.7")
    said, asked = run("power")
    assert "December" in said
    assert "not known" not in asked
    assert "12" in run("set", "sun.monthly_kwh_m2_day=1,2,3", status=1)[1]
    assert "clear sky" in run("set", "sun.monthly_kwh_m2_day=" + ",".join(["9"] * 12))[1] + run("power")[1]
