"""``cn-planner set``: read and change the settings of a plan."""

from __future__ import annotations

from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, tell
from cn_planner.cli.options import PlanPath, key_values
from cn_planner.i18n import say
from cn_planner.message import msg


def _text(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(_text(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


@as_command("set")
def _set(
    plan: PlanPath,
    pairs: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE...", help="Without any: list all.")] = None,
) -> None:
    """Change settings, or fields of rows (sites.G1.consent=agreed); without any, list the settings."""
    from cn_planner.model.settings import PLAN_SETTINGS

    texts = key_values(pairs or [])
    with opened(plan) as project:
        if texts:
            edit = project.change_settings(texts)
            tell(msg("Done: {edit}.", edit=edit.label))
            return
        for key, setting in PLAN_SETTINGS.items():
            unit = f" {setting.unit}" if setting.unit not in ("", "1", "currency") else ""
            show(f"{key} = {_text(setting.value(project.plan))}{unit}\n    {say(setting.meaning)}")
