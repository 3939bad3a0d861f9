"""A measured pattern is kept in the plan, counts everywhere, and goes away again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.plan import Sector
from cn_planner.session.antenna_pattern import pattern_preview, without_pattern
from cn_planner.session.project import Project
from cn_planner.session.service import reach_of


@pytest.fixture
def sectored(network: Project) -> Project:
    site = replace(network.plan.sites["C01"], sectors=(Sector("S1", network.plan.kits.access, 200.0),))
    network.apply(edits.put(network.plan, [site]))
    return network


def antenna_of(project: Project) -> str:
    return project.catalogue.kit(project.plan.kits.access).antenna


def margins(project: Project) -> np.ndarray:
    return reach_of(project.snapshot(), project.plan.sites["C01"]).answer.margin_db


def test_a_pattern_travels_with_the_plan_and_counts(sectored: Project, shared_data: Path) -> None:
    key, before = antenna_of(sectored), margins(sectored)
    file = shared_data / "equipment" / "antenna_patterns" / "AM-5G19-120-Hpol.ant"
    found = pattern_preview(sectored.plan, sectored.catalogue, key, file)
    sectored.apply(found.edit)
    assert sectored.catalogue.antennas[key].pattern == found.pattern
    after = margins(sectored)
    assert np.abs(after - before).max() > 1.0
    # Its gain is still that of the catalogue: nobody is told of more than the antenna has.
    assert sectored.catalogue.antennas[key].gain_dbi == 16.0
    path = sectored.path
    sectored.close()
    with Project.open(path) as again:
        assert again.plan.shelf.patterns[0].pattern == found.pattern
        assert margins(again) == pytest.approx(after)
        again.apply(without_pattern(again.plan, key))
        assert margins(again) == pytest.approx(before)
        again.undo()
        assert margins(again) == pytest.approx(after)


def test_a_pattern_of_another_band_is_said(sectored: Project, shared_data: Path) -> None:
    files, key = shared_data / "equipment" / "antenna_patterns", antenna_of(sectored)
    said = [str(one) for one in pattern_preview(sectored.plan, sectored.catalogue, key, files / "sample.msi").warnings]
    assert any("measured at 1800 MHz; the antenna works at 51" in one for one in said), said
    near = pattern_preview(sectored.plan, sectored.catalogue, key, files / "NSM5-Hpol.ant").warnings
    assert not any("measured at" in str(one) for one in near)


def test_where_file_and_catalogue_differ_it_is_said(sectored: Project, shared_data: Path) -> None:
    files = shared_data / "equipment" / "antenna_patterns"
    key = antenna_of(sectored)
    told = pattern_preview(sectored.plan, sectored.catalogue, key, files / "NSM5-Hpol.ant").warnings
    assert any("43 degrees wide; 85 are stated" in str(one) for one in told)
    assert not any("does not say the gain" in str(one) for one in told)
    with pytest.raises(InputError, match="no antenna"):
        pattern_preview(sectored.plan, sectored.catalogue, "none", files / "NSM5-Hpol.ant")
    with pytest.raises(InputError, match="line 2"):
        pattern_preview(sectored.plan, sectored.catalogue, key, files / "009_freq.t.msi")
    with pytest.raises(InputError, match="no measured pattern"):
        without_pattern(sectored.plan, key)


def test_the_command_line_gives_a_pattern_and_takes_it_away(sectored: Project, shared_data: Path) -> None:
    key, path = antenna_of(sectored), sectored.path
    sectored.close()
    file = shared_data / "equipment" / "antenna_patterns" / "AM-5G19-120-Hpol.ant"
    run = CliRunner().invoke
    done = run(app, ["antenna", str(path), key, str(file)])
    assert done.exit_code == 0, done.output
    listed = run(app, ["antenna", str(path)]).stdout.splitlines()
    assert [line for line in listed if line.endswith("measured")] == [line for line in listed if line.startswith(key)]
    assert run(app, ["antenna", str(path), key, "--remove"]).exit_code == 0
    assert "measured" not in run(app, ["antenna", str(path)]).stdout
    assert run(app, ["antenna", str(path), key, "--remove"]).exit_code == 1
    assert run(app, ["antenna", str(path), key]).exit_code == 2
    assert run(app, ["antenna", str(path), "none", str(file)]).exit_code == 1
