"""What a table would say row after row is said once below it."""

from __future__ import annotations

from cn_planner.export.long_cells import said_below

LAW = "Allowed where the radio is set to 14 dBm or less. " * 4
OTHER = "Forbidden at either end: nobody has read the law of this country for this band yet. " * 4


def test_long_texts_of_many_rows_stand_once_below_with_their_numbers() -> None:
    rows = [[f"S{n}", LAW if n % 2 else OTHER] for n in range(12)]
    assert said_below(rows, range(2), 7.0) == {1: [f"[1] {OTHER}", f"[2] {LAW}"]}
    assert rows == [[f"S{n}", "[2]" if n % 2 else "[1]"] for n in range(12)]


def test_texts_that_are_short_or_few_or_each_of_its_own_stay_where_they_are() -> None:
    for rows in (
        [[f"S{n}", "likely"] for n in range(12)],
        [[f"S{n}", LAW] for n in range(7)],
        [[f"S{n}", f"{n}: {LAW}"] for n in range(12)],
    ):
        as_they_were = [list(row) for row in rows]
        assert not any(said_below(rows, range(2), 7.0).values())
        assert rows == as_they_were


def test_numbers_run_on_through_the_columns() -> None:
    rows = [[LAW, OTHER] for _ in range(8)]
    assert said_below(rows, range(2), 7.0) == {0: [f"[1] {LAW}"], 1: [f"[2] {OTHER}"]}
