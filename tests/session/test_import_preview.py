"""A file is looked at before it is imported: kind, columns, what is wrong, and whether places are turned round."""

from __future__ import annotations

from pathlib import Path

import pytest

from cn_planner.errors import FileError
from cn_planner.progress import Run, silent
from cn_planner.session.import_preview import guess_kind, preview, try_import
from cn_planner.session.project import Project


def write(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (("id", "lat", "lon"), "households"),
        (("home_id", "lat", "lon", "families"), "households"),
        (("site_id", "lat", "lon", "max_height_m", "power"), "sites"),
        (("id", "lat", "lon", "freq_mhz", "level_dbm"), "measurements"),
        ((), "households"),
    ],
)
def test_the_kind_is_guessed_from_the_columns(columns: tuple[str, ...], kind: str) -> None:
    assert guess_kind(columns) == kind


def test_a_preview_shows_the_first_rows_and_what_columns_mean(tmp_path: Path) -> None:
    rows = "".join(f"X{n},-8.19,-20.99,{n}\n" for n in range(40))
    found = preview(write(tmp_path, f"id,lat,lng,families\n{rows}"))
    assert found.kind == "households"
    assert found.columns == ("id", "lat", "lng", "families")
    assert len(found.rows) == 12
    assert found.rows[0] == ("X0", "-8.19", "-20.99", "0")
    assert found.mapping["latitude"] == "lat"
    assert found.mapping["longitude"] == "lng"
    assert found.mapping["weight"] == "families"
    assert len(set(found.mapping.values())) == len(found.mapping)  # no column means two things


def test_a_kind_that_was_asked_for_is_not_guessed(tmp_path: Path) -> None:
    found = preview(write(tmp_path, "id,lat,lng,families\nX1,-8.19,-20.99,1\n"), "sites")
    assert found.kind == "sites"
    assert ("max_height_m", False) in found.fields or ("max_height_m", True) in found.fields


def test_long_cells_and_short_rows_are_made_to_fit(tmp_path: Path) -> None:
    found = preview(write(tmp_path, f"id,lat,lng,note\nX1,-8.19,-20.99,{'x' * 500}\nX2,-8.19,-20.99\n"))
    assert len(found.rows[0][3]) == 120
    assert all(len(one) == 4 for one in found.rows)


def test_a_file_that_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        preview(tmp_path / "not there.csv")


def trial(project: Project, path: Path, **columns: str):
    mapping = {"latitude": "lat", "longitude": "lng", "id": "id", **columns}
    return try_import(project.snapshot(), path, "households", mapping, run=Run(progress=silent))


def test_a_trial_changes_nothing_and_names_each_bad_row(valley: Project, tmp_path: Path) -> None:
    path = write(tmp_path, "id,lat,lng\nX1,-8.19,-20.99\nX2,abc,-20.99\nX3,-8.19,\n")
    version = valley.version
    found = trial(valley, path)
    assert found.result is not None
    assert (len(found.result.things), found.bad_count) == (1, 2)
    assert [one.row for one in found.bad] == [3, 4]
    assert valley.version == version
    assert "X1" not in valley.plan.households


def test_places_that_are_turned_round_are_recognised(valley: Project, tmp_path: Path) -> None:
    home = next(iter(valley.plan.households.values()))
    path = write(tmp_path, f"id,lat,lng\nX1,{home.longitude},{home.latitude}\n")
    found = trial(valley, path)
    assert found.swapped
    assert found.result is None
    assert found.problem is not None
    assert trial(valley, path, latitude="lng", longitude="lat").result is not None


def test_places_that_lie_elsewhere_are_not_called_turned_round(valley: Project, tmp_path: Path) -> None:
    found = trial(valley, write(tmp_path, "id,lat,lng\nX1,abc,def\n"))
    assert not found.swapped
