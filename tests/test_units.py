"""What a user would miss: a sensor's rate that is more than "0.0 Mbit/s"."""

from __future__ import annotations

import pytest

from cn_planner.i18n import say
from cn_planner.units import rate_words


@pytest.mark.parametrize(
    ("mbps", "said"),
    [
        (1234.6, "1,235 Mbit/s"),
        (0.1, "0.1 Mbit/s"),
        (0.0999, "99.9 kbit/s"),
        (0.0054687 * 0.36, "2.0 kbit/s"),
        (0.001, "1.0 kbit/s"),
        (0.0002441 * 0.36, "88 bit/s"),
        (0.0, "0.0 Mbit/s"),
    ],
)
def test_a_rate_is_said_in_the_unit_that_says_something(mbps: float, said: str) -> None:
    assert say(rate_words(mbps)) == said
