"""Patterns of makers' files are drawn before they are taken, held against gain and beamwidths."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.drawing.display import texts
from cn_planner.errors import InputError
from cn_planner.session.antenna_pattern import draw_pattern, pattern_preview
from cn_planner.session.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANTENNA = "litebeam-5ac-16-120-antenna"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.new(tmp_path / "a.cnplan.gpkg", name="A", country="ES") as made:
        yield made


def said(project: Project, path: Path) -> str:
    found = pattern_preview(project.plan, project.catalogue, ANTENNA, path)
    plot = draw_pattern(project.catalogue, ANTENNA, found.pattern)
    return " ".join(one.text for one in texts(plot.items))


def test_every_maker_s_file_is_drawn(project: Project, shared_data: Path) -> None:
    for path in sorted((shared_data / "equipment" / "antenna_patterns").iterdir()):
        if path.name == "009_freq.t.msi":
            with pytest.raises(InputError, match="line"):
                said(project, path)
            continue
        assert "By this pattern" in said(project, path), path.name


@pytest.mark.parametrize("count", [181, 360, 361, 3601])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_any_number_of_points_and_either_sign_gives_the_same_plot(
    project: Project, tmp_path: Path, count: int, sign: float
) -> None:
    step = 180.0 / 180 if count == 181 else 360.0 / (count - count % 10)

    def rows(start: float) -> str:
        angles = [start + n * step for n in range(count)]
        return "".join(f"{a:g} {sign * 12.0 * ((a + 180) % 360 - 180) ** 2 / 60.0**2:.4f}\n" for a in angles)

    start = -90.0 if count == 181 else 0.0
    path = tmp_path / "a.msi"
    cuts = f"HORIZONTAL {count}\n{rows(start)}VERTICAL {count}\n{rows(start)}"
    path.write_text(f"NAME made\nFREQUENCY 5.5 GHz\nGAIN 10 dBd\n{cuts}", encoding="utf-8")
    found = pattern_preview(project.plan, project.catalogue, ANTENNA, path)
    assert found.pattern.gain_dbi == pytest.approx(12.15)
    assert found.pattern.freq_mhz == pytest.approx(5500.0)
    assert math.isclose(max(found.pattern.horizontal_db), 0.0)
    assert "60° by 60°" in said(project, path)


def test_the_plot_is_written_by_command(project: Project, shared_data: Path, tmp_path: Path) -> None:
    path, out = str(project.path), tmp_path / "plot.svg"
    project.close()
    file = shared_data / "equipment" / "antenna_patterns" / "NSM5-Hpol.ant"
    result = CliRunner().invoke(app, ["shelf", "pattern", path, ANTENNA, str(file), "--out", str(out)])
    assert result.exit_code == 0
    assert "85 are stated" in result.stderr
    first = out.read_text(encoding="utf-8")
    assert "By this pattern" in first
    assert CliRunner().invoke(app, ["shelf", "pattern", path, ANTENNA, "--out", str(out)]).exit_code == 0
    assert "computed" in out.read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["shelf", "pattern", path, "nothing", "--out", str(out)]).exit_code == 1
    assert CliRunner().invoke(app, ["shelf", "pattern", path, ANTENNA, "--out", str(tmp_path)]).exit_code == 1
