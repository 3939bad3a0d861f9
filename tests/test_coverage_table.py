"""What benchmarks/coverage.py says of its figures: verdicts, what is missed, and its section of docs/benchmarks.md."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def table() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_table", BENCHMARKS / "coverage_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[spec.name]
    return module


@pytest.mark.parametrize(
    ("figure", "bar", "stretch", "more", "verdict"),
    [
        (0.05, 0.1, 0.06, False, "both kept"),
        (0.1, 0.1, 0.06, False, "bar kept"),
        (0.15, 0.1, 0.06, False, "**missed by 50 %**"),
        (70.0, 25.0, 60.0, True, "both kept"),
        (20.0, 25.0, 60.0, True, "**missed by 20 %**"),
        (99.0, 95.0, None, True, "bar kept"),
        (1.0, None, None, False, "-"),
    ],
)
def test_a_verdict_is_computed_from_the_bars(
    table: ModuleType, figure: float, bar: float | None, stretch: float | None, more: bool, verdict: str
) -> None:
    assert table.Row("a work", figure, bar, stretch, more=more).verdict == verdict


def test_the_section_tells_ratios_what_is_missed_and_what_is_not_installed(table: ModuleType) -> None:
    found = table.Found(
        [
            table.Row("slow", 0.2, 0.1, 0.05, one_thread=0.3, profile="reading takes half"),
            table.Row("quick", 0.01, 1.0),
        ],
        [table.Row("exactness", 96.5, 95.0, unit="%", more=True)],
        [
            table.Beside("slow", "a peer", 0.2, 3.0, "a map", 1.5, 0.6),
            table.Beside("slow", "another", 0.2, None, "crashes", 1.0),
        ],
    )
    text = table.section(found, ["a peer 1.2"], ["a third"])
    assert "| slow | 200 ms | 300 ms (1.50) | 100 ms | 50 ms | **missed by 100 %** |" in text
    assert "| exactness | 96.5 % | 95 % | bar kept |" in text
    assert "| slow | a peer | 3 s | 15 | 5.0 | 1.5 s | a map |" in text
    assert "| slow | another | - | - | - | 1 s | crashes |" in text
    assert "Not installed, so not run: a third." in text
    missed = text[text.index("What is missed") :]
    assert "2.0 to 2.0 times as long" in missed
    assert "**slow**" in missed
    assert "reading takes half" in missed
    assert "quick" not in missed


def test_writing_takes_the_place_of_the_section_and_of_nothing_else(table: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    path.write_text(f"# Before\n\n{table.BEGIN}\nold\n{table.END}\n\n## After\n", encoding="utf-8")
    new = table.section(table.Found(), [], [])
    table.write(new, path)
    assert path.read_text(encoding="utf-8") == f"# Before\n\n{new}\n\n## After\n"
    table.write(new, path)
    assert path.read_text(encoding="utf-8").count(table.BEGIN) == 1


def test_writing_without_marks_adds_the_section_at_the_end(table: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    path.write_text("# Benchmarks\n", encoding="utf-8")
    table.write(table.section(table.Found(), [], []), path)
    assert path.read_text(encoding="utf-8").startswith(f"# Benchmarks\n\n{table.BEGIN}\n")


def test_others_are_noted_in_every_row(table: ModuleType) -> None:
    found = table.Found()
    with table.others_noted(found):
        found.speed.append(table.Row("a work", 1.0))
    if Path("/proc/stat").exists():
        assert found.speed[0].others >= 0.0
    else:
        assert found.speed[0].others is None


def test_a_share_is_not_rounded_up(table: ModuleType) -> None:
    row = table.Row("exactness", 99.9962, 99.95, unit="%", more=True)
    assert row.shown(row.figure) == "99.99 %"
