"""How amounts and numbers are written on paper: as the language groups them, and in an order that nobody misreads."""

from __future__ import annotations

import pytest

from cn_planner.export.pdf_data import Tongue


@pytest.mark.parametrize(
    ("language", "currency", "written"),
    [
        ("en", "USD", "$64,590"),
        ("hi", "INR", "\u20b949,69,265"),
        ("ar", "USD", "\u200f64,590\xa0USD"),
        ("ar", "EGP", "\u200f64,590\xa0\u062c.\u0645.\u200f"),
        ("sw", "USD", "US$\xa064,590"),
    ],
)
def test_an_amount_reads_the_same_way_round_in_every_language(language, currency, written):
    value = 4_969_265 if language == "hi" else 64_590
    assert Tongue.of(language).money(value, currency, 0) == written


def test_a_number_has_the_groups_of_its_amounts():
    assert Tongue.of("hi").number(4_969_265) == "49,69,265"
    assert Tongue.of("en").number(4_969_265) == "4,969,265"
    assert Tongue.of("hi").number(1234.5, 1) == "1,234.5"
