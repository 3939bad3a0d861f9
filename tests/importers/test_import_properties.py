"""Tables of any content: what was written is what is read, and nonsense is refused in words, never with a traceback."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.errors import PlannerError
from cn_planner.importers.choices import Choices
from cn_planner.importers.csv_table import delimiter_of, read_csv
from cn_planner.importers.fields import CellError, degrees, read_number
from cn_planner.importers.files import import_file
from cn_planner.importers.result import RowError
from cn_planner.importers.table import clean
from cn_planner.model.plan import Plan

CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


def in_file(content: bytes, name: str = "a.csv") -> Path:
    folder = Path(tempfile.mkdtemp())
    path = folder / name
    path.write_bytes(content)
    return path


def in_words(problem: object) -> None:
    assert str(problem)


def gone(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=6), st.sampled_from(",;\t"))
def test_a_table_comes_back_as_it_was_written(rows: list[tuple[str, str]], delimiter: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
            writer.writerow(["first", "second"])
            writer.writerows(rows)
        table = read_csv(path)
        assert table.columns == ("first", "second")
        read = [tuple(cells) for _, cells in table.rows if not isinstance(cells, RowError)]
        assert read == [row for row in rows if any(row)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["sites", "households", "measurements"]))
def test_any_bytes_are_read_or_refused_in_words(content: bytes, kind: str) -> None:
    path = in_file(b"id,lat,lon,freq,level\n" + content)
    try:
        result = import_file(Plan(), path, kind, choices=Choices(skip_bad=True))
        assert result.things
    except PlannerError as error:
        in_words(error)
    finally:
        gone(path)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["type", "coordinates", "id", "lat", "geometries"]), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection", "Circle"]),
)
def test_any_geojson_is_read_or_refused_in_words(value: object, kind: str) -> None:
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": kind, "coordinates": value}, "properties": {"id": "1"}},
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"name": value}},
            value,
        ],
    }
    path = in_file(json.dumps(document).encode(), "a.geojson")
    try:
        import_file(Plan(), path, "households", choices=Choices(skip_bad=True))
    except PlannerError as error:
        in_words(error)
    finally:
        gone(path)


@settings(deadline=None)
@given(st.floats(-1e6, 1e6))
def test_numbers_are_read_with_point_and_comma_alike(value: float) -> None:
    text = repr(value)
    assert read_number(text) == value
    assert read_number(text.replace(".", ",")) == value


@settings(deadline=None)
@given(st.decimals(0, 180, places=6))
def test_west_and_south_are_negative(value: object) -> None:
    assert degrees(180.0, "E", "W")(f"{value}W") == -float(str(value))
    assert degrees(180.0, "E", "W")(f"E {value}") == float(str(value))


@settings(deadline=None)
@given(st.text(max_size=20))
def test_no_cell_breaks_the_readers(text: str) -> None:
    for read in (read_number, degrees(90.0, "N", "S")):
        try:
            assert read(text) == read(text)
        except CellError as problem:
            in_words(problem.what)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_cleaned_text_is_clean(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not any(ord(sign) < 32 or "\ud800" <= sign <= "\udfff" for sign in cleaned)


@pytest.mark.parametrize(
    ("header", "delimiter"), [("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ('"a;b",c', ","), ("a", ",")]
)
def test_the_delimiter_is_what_stands_between_names(header: str, delimiter: str) -> None:
    assert delimiter_of(header) == delimiter
