"""The survey as an XLSForm: ODK and Kobo ask it on phones, also where there is no Internet."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from cn_planner.export.text import cell_text
from cn_planner.message import msg
from cn_planner.report.survey_form import CHOICES, HOMES_LIST, SITES_LIST, SURVEY_QUESTIONS, SurveyQuestion, survey_tag

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

_SURVEY = (
    *("type", "name", "label", "required", "relevant", "constraint", "constraint_message", "calculation"),
    *("appearance", "parameters"),
)
_PHOTO = "max-pixels=1280"
"""Photographs are made this small on the phone: they are sent over thin lines."""
_LONGEST = 60


def write_xlsform(plan: DeploymentPlan, path: Path) -> None:
    """Write the form: sheets survey, choices and settings, with the places and homes of the plan to choose from."""
    import xlsxwriter

    day = dt.date.fromisoformat(plan.meta.date)
    whole = io.BytesIO()
    book = xlsxwriter.Workbook(
        whole, {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "in_memory": True}
    )
    book.set_properties({"created": dt.datetime(day.year, day.month, day.day)})  # noqa: DTZ001 - the format knows no zone
    tag, language = survey_tag(plan.meta.secret, plan.meta.plan), plan.meta.language
    for name, rows in (
        ("survey", _survey(tag, language)),
        ("choices", _choices(plan)),
        (
            "settings",
            [
                ("form_title", "form_id", "version"),
                (plan.meta.plan or "CN Planner", f"cn_planner_{tag}", f"{plan.meta.date}-{plan.meta.version}"),
            ],
        ),
    ):
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    path.write_bytes(whole.getvalue())


def _survey(tag: str, language: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [
        _SURVEY,
        ("start", "start", "", "", "", "", "", "", "", ""),
        ("calculate", "plan_id", "", "", "", "", "", f"'{tag}'", "", ""),
    ]
    return rows + [_row(one, language) for one in SURVEY_QUESTIONS]


def _row(one: SurveyQuestion, language: str) -> tuple[Any, ...]:
    within = said = ""
    if one.low is not None and one.high is not None:
        within = f". >= {one.low:g} and . <= {one.high:g}"
        limits = msg("It must be between {low:g} and {high:g}.", low=one.low, high=one.high)
        said = cell_text(limits, language)
    relevant = " or ".join(f"${{kind}} = '{kind}'" for kind in one.when)
    required = "yes" if one.required else ""
    if one.unless:
        required = f"${{{one.unless}}} != 'yes'"
    many = one.kind.split()[-1] in (SITES_LIST, HOMES_LIST)
    return (
        one.kind, one.name, cell_text(one.label, language), required, relevant, within, said, "",
        "minimal autocomplete" if many else "", _PHOTO if one.kind == "image" else "",
    )  # fmt: skip


def _choices(plan: DeploymentPlan) -> list[tuple[str, str, str]]:
    language = plan.meta.language
    rows = [("list_name", "name", "label")]
    for name, words in CHOICES.items():
        rows += [(name, key, cell_text(word, language)) for key, word in words.items()]
    sites = [(one.id, one.name) for one in plan.sites]
    homes = [(one.id, one.name) for one in plan.homes]
    for name, things in ((SITES_LIST, sites), (HOMES_LIST, homes)):
        rows += [(name, choice_name(key), f"{key} {label}".strip()[:_LONGEST]) for key, label in things]
        if not things:
            rows.append((name, "none", "-"))
    return rows


def choice_name(key: str) -> str:
    """Return an id as the name of a choice, which holds no space; what comes back is told from it again."""
    return "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-._") else f"_x{ord(sign):x}_" for sign in key
    )
