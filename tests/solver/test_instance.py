"""Instances and solutions as files: what is wrong is named, what is written is whole and the same each time."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner.errors import FileError, InputError
from cn_planner.solver.instance import (
    Solution,
    SolutionStatus,
    StoppedBy,
    parse_instance,
    read_instance,
    write_solution,
)

GOOD = {
    "heights_m": [6, 12],
    "sites": [{"id": "g", "role": "gateway", "cost": [1, None]}, {"id": "c", "role": "candidate", "cost": [None, 5]}],
    "homes": [{"id": "h", "weight": 1}],
    "serve": [[0, 0, 0]],
    "links": [[0, 1, 0, 1, 2]],
    "sector": {"cost": 1, "homes": 5, "max_per_site": 2},
    "max_hops": 2,
    "cover": 0.5,
}


def test_plain_and_gzip_read_alike_whatever_the_name(tmp_path):
    plain, packed = tmp_path / "a.gz", tmp_path / "b.json"
    plain.write_text(json.dumps(GOOD))
    packed.write_bytes(gzip.compress(json.dumps(GOOD).encode()))
    assert read_instance(plain).sites == read_instance(packed).sites


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x1f\x8b",
        b"\x1f\x8bxxxx",
        gzip.compress(b"{}" * 900, mtime=0)[:30],
        b"{",
        b"\xff\xfe",
        b'{"cover": NaN}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_said_to_be(tmp_path, data):
    path = tmp_path / "x.json"
    path.write_bytes(data)
    with pytest.raises(FileError) as error:
        read_instance(path)
    assert "x.json" in error.value.where


def test_no_file_and_a_folder(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(FileError):
            read_instance(path)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"heights_m": []}, "heights_m"),
        ({"heights_m": [12, 6]}, "heights_m"),
        ({"sites": [*GOOD["sites"], GOOD["sites"][0]]}, "sites[2].id"),
        ({"sites": [{"id": "g", "role": "hub", "cost": [1, 2]}]}, "sites[0].role"),
        ({"sites": [{"id": "g", "role": "gateway", "cost": [1]}]}, "sites[0].cost"),
        ({"sites": [{"id": "g", "role": "gateway", "cost": [-1, 2]}]}, "sites[0].cost[0]"),
        ({"homes": [{"id": "h", "weight": -1}]}, "homes[0].weight"),
        ({"homes": [{"id": "h", "weight": True}]}, "homes[0].weight"),
        ({"homes": [{"id": "h", "weight": 10**400}]}, "homes[0].weight"),
        ({"serve": [[0, 1, 0]]}, "serve[0][1]"),
        ({"serve": [[0, 0]]}, "serve[0]"),
        ({"links": [[1, 0, 0, 0, 2]]}, "links[0]"),
        ({"links": [[0, 1, 0, 2, 2]]}, "links[0][3]"),
        ({"links": [[0, 1, 0, 1, 2, None]]}, "links[0][5]"),
        ({"sites": [{"id": "g", "role": "gateway", "cost": [1, 2], "carries": -1}]}, "sites[0].carries"),
        ({"sector": None}, "sector"),
        ({"max_hops": 1.5}, "max_hops"),
        ({"cover": 1.1}, "cover"),
        ({"cover": "1"}, "cover"),
    ],
)
def test_the_wrong_field_is_named(changes, place):
    with pytest.raises(InputError) as error:
        parse_instance({**GOOD, **changes}, where="f")
    assert error.value.where == f"f: {place}"


@pytest.mark.parametrize("empty", ["sites", "homes", "heights_m"])
def test_a_row_about_something_of_an_empty_list_is_no_number_to_minus_one(empty):
    with pytest.raises(InputError) as error:
        parse_instance({**GOOD, empty: []}, where="f")
    assert "-1" not in str(error.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_anything_else_is_refused_in_words(raw):
    with pytest.raises(InputError):
        parse_instance(raw)


def test_a_solution_is_written_whole_or_not_at_all(tmp_path):
    solution = Solution(SolutionStatus.INFEASIBLE, StoppedBy.DONE, 0.1)
    path = tmp_path / "s.json"
    write_solution(solution, path)
    first = path.read_bytes()
    write_solution(solution, path)
    assert path.read_bytes() == first
    assert json.loads(first)["status"] == "infeasible"
    with pytest.raises(FileError):
        write_solution(solution, tmp_path / "none" / "s.json")
    assert [p.name for p in tmp_path.iterdir()] == ["s.json"]
