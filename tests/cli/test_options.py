"""How amounts, shares and kinds are read as people write them, and refused where they may mean two things."""

from __future__ import annotations

import pytest
import typer

from cn_planner.cli.console import Watch, show_json
from cn_planner.cli.import_file import _kind
from cn_planner.cli.options import amount, metres, share
from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.plan import PowerSource
from cn_planner.model.settings import PlanSetting, check_amounts, find_setting, parse_setting


def test_what_can_be_read_in_one_way_is_read() -> None:
    assert [share(one) for one in ("0.95", "95%", "95 %", "1")] == [0.95, 0.95, 0.95, 1.0]
    for text, value in {"25000": 25e3, "1,250,000": 1.25e6, "25 000": 25e3, "25,000.50": 25000.5, "0.500": 0.5}.items():
        assert amount(text) == value
    assert metres("200m") == metres("200 m") == metres("200") == 200.0
    assert (_kind("Homes"), _kind("towers"), _kind("sun")) == ("households", "sites", "sun")


@pytest.mark.parametrize("text", ["95", "-0.1", "101%", "nan", "much"])
def test_a_share_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="did you mean 95%" if text == "95" else "share"):
        share(text)


@pytest.mark.parametrize("text", ["25.000", "25,000"])
def test_an_amount_that_may_be_two_is_refused_and_says_how_to_write_it(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="write 25000, or"):
        amount(text)


@pytest.mark.parametrize("text", ["-5", "inf", "nan", "much", "1e300", "100001"])
def test_a_length_that_would_move_homes_to_another_country_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        metres(text)
    assert metres("100000") == 100_000.0


@pytest.mark.parametrize("text", ["-5", "inf", "12,34", "much", "1e300", "1000000000001"])
def test_an_amount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        amount(text)


def test_a_percentage_of_what_is_counted_in_percent_is_not_its_hundredth() -> None:
    for key, text, value in (
        ("customs_pct", "16%", 16.0),
        ("growth_pct", "50 %", 50.0),
        ("contingency_pct", "7.5", 7.5),
        ("cover", "95%", 0.95),
    ):
        assert parse_setting(find_setting(key), text) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("exchange_rate", "16.250"),
        ("costs.fee_month", "25,000"),
        ("grant", "1.200"),
        ("sites.N016.build_cost", "12.000"),
        ("sites.N.1.uplink.open_cost", "1.200"),
    ],
)
def test_money_that_may_be_two_amounts_is_refused_as_a_setting(key: str, text: str) -> None:
    with pytest.raises(InputError, match=f"write {text[:-4]}{text[-3:]}, or {text[:-4]}.{text[-3:]}0"):
        check_amounts({"canopy_m": "10.125", "info.name": "25.000", key: text})


def test_other_amounts_and_lengths_are_read() -> None:
    check_amounts(
        {"exchange_rate": "16.25", "grant": "0.500", "loan": "16250", "canopy_m": "10.125", "k_factor": "1.333"}
    )


def test_a_day_is_a_day_and_mains_are_the_grid() -> None:
    with pytest.raises(InputError, match="not a day"):
        parse_setting(find_setting("exchange_date"), "hello")
    assert parse_setting(find_setting("exchange_date"), "2026-11-20") == "2026-11-20"
    power = PlanSetting("sites.A.power", PowerSource, False, None, find_setting("exchange_date").meaning, "", "")
    assert (parse_setting(power, "mains"), parse_setting(power, "sun")) == (PowerSource.GRID, PowerSource.SOLAR)


def test_an_answer_holds_what_json_has_and_no_zero_below_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"gap": -0.0, "rate": [float("nan"), -0.5], "homes": 0, "yes": True})
    assert capsys.readouterr().out == '{"gap": 0.0, "rate": [null, -0.5], "homes": 0, "yes": true}\n'


def test_on_a_pipe_each_kind_of_work_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    watch = Watch()
    for step in range(3):
        watch(0.1 * step, msg("Searching: {percent} %", percent=step))
        watch(0.1 * step, msg("Bounding: {percent} %", percent=step))
    assert capsys.readouterr().err.splitlines() == ["Searching: 0 %", "Bounding: 0 %"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--objective", "five_years", "--budget", "50000"], "a budget is money to build"),
        (["--objective", "ten_years"], "five_years"),
    ],
)
def test_an_objective_that_is_none_or_fits_no_budget_is_refused(words: list[str], said: str) -> None:
    from typer.testing import CliRunner

    from cn_planner.cli.main import app

    done = CliRunner().invoke(app, ["plan", "none.cnplan.gpkg", *words])
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())


@pytest.mark.parametrize(
    "words",
    [
        *(f"{command} none --time-limit nan" for command in ("plan", "tradeoff", "savings", "growth")),
        "tradeoff none --take nan",
        "optimise none --out none.json --budget nan",
        "optimise none --out none.json --time-limit nan",
        "link --dem none --from 1,2,3 --to 1,2.1,3 --freq-mhz 5500 --rain-rate nan",
    ],
)
def test_what_is_no_number_passes_no_limit(words: str) -> None:
    from typer.testing import CliRunner

    from cn_planner.cli.main import app

    done = CliRunner().invoke(app, words.split())
    assert done.exit_code == 2
    assert "not a number" in done.output
