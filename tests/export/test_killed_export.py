"""The program is killed while an export puts its files into place: the next export does the rest, nothing is mixed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from deployment_example import example_deployment

from cn_planner.export.files import export_all

FORMATS = ("csv", "geojson", "gpx", "linkplanner")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def killed_after(moves: int, folder: Path) -> None:
    """Export in a process that ends without a word at one of its moves."""
    child = os.fork()
    if child == 0:
        count, real = 0, Path.replace

        def counted(self: Path, target: Path) -> Path:
            nonlocal count
            count += 1
            if count > moves:
                os._exit(9)
            return real(self, target)

        Path.replace = counted  # type: ignore[method-assign,assignment]
        plan = example_deployment()
        export_all(replace(plan, meta=replace(plan.meta, version=plan.meta.version + 1)), None, folder, FORMATS)
        os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process cannot be forked here")
def test_an_export_that_was_killed_at_any_move_is_brought_to_its_end(tmp_path: Path) -> None:
    plan = example_deployment()
    newer = tmp_path / "newer"
    export_all(replace(plan, meta=replace(plan.meta, version=plan.meta.version + 1)), None, newer, FORMATS)
    after = contents(newer)
    older = tmp_path / "older"
    export_all(plan, None, older, FORMATS)
    before = contents(older)
    assert before.keys() == after.keys()
    assert before != after
    for moves in range(9):
        folder = tmp_path / f"killed-{moves}"
        export_all(plan, None, folder, FORMATS)
        killed_after(moves, folder)
        export_all(plan, None, folder, ("kmz",))  # the next export, of anything
        found = {name: data for name, data in contents(folder).items() if not name.endswith(".kmz")}
        assert found == after, f"mixed after {moves} moves"
        assert not list(folder.glob(".cn-planner-*"))


def test_what_people_put_into_a_folder_of_ours_stays(tmp_path: Path) -> None:
    export_all(example_deployment(), None, tmp_path, ("csv",))
    (folder,) = tmp_path.glob("*-csv")
    (folder / "notes.odt").write_bytes(b"ours")
    (folder / "old-table.csv").write_text("gone")
    export_all(example_deployment(), None, tmp_path, ("csv",))
    assert (folder / "notes.odt").read_bytes() == b"ours"
    assert not (folder / "old-table.csv").exists()
