"""The draft settings of every device, as a folder: one file a device and system, each marked as a draft."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cn_planner.export.openwrt_drafts import lime_community, lime_node, uci
from cn_planner.export.routeros_drafts import script
from cn_planner.export.text import RESERVED, cell_text
from cn_planner.message import msg

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.message import Message
    from cn_planner.report.address_records import DeviceSettings
    from cn_planner.report.deployment import DeploymentPlan

_README = "README.txt"


def write_settings(plan: DeploymentPlan, folder: Path) -> tuple[Path, ...]:
    """Write the drafts into a folder; return the files.

    For each router one for OpenWrt and one for RouterOS: which of them it is, the plan does not know. For each radio
    those of the systems that it is known to run. What is set by hand is named in the README.
    """
    say = partial(cell_text, language=plan.meta.language)
    files: dict[str, str] = {}
    for device in plan.devices:
        head = _head(plan, device)
        # Windows opens a device where a file is called con.rsc.
        name = f"device-{device.name}" if device.name.lower() in RESERVED else device.name
        if device.kind == "router":
            files[f"{name}.openwrt.uci"] = uci(device, head, say)
            files[f"{name}.routeros.rsc"] = script(device, head, say)
        elif device.radio is not None:
            if device.image:
                files[f"{name}.openwrt.uci"] = uci(device, head, say)
                files[f"{name}.lime-node"] = lime_node(device, head, say)
            if device.routeros:
                files[f"{name}.routeros.rsc"] = script(device, head, say)
    if any(name.endswith(".lime-node") for name in files):
        files["lime-community"] = lime_community(plan.meta.country, _marks(plan))
    files = {_README: _readme(plan, sorted(files))} | files
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in files)


def _say(plan: DeploymentPlan, message: Message) -> str:
    return cell_text(message, plan.meta.language)


def _marks(plan: DeploymentPlan) -> list[str]:
    """Return what every draft begins with."""
    meta = plan.meta
    return [
        _say(plan, msg("DRAFT: look through it before you use it.")),
        _say(
            plan, msg("Plan: {plan}, version {version}, {date}", plan=meta.plan, version=meta.version, date=meta.date)
        ),
        _say(plan, msg("No secrets are here: set passwords and keys on the device, before it goes up.")),
        _say(plan, meta.estimate),
    ]


def _head(plan: DeploymentPlan, device: DeviceSettings) -> list[str]:
    lines = [*_marks(plan), _say(plan, msg("Device: {name}, {model}", name=device.name, model=device.model or "-"))]
    if device.kind == "router":
        many = msg(
            "There is more than one way between towers: these static ways are the shortest. Source checks are loose."
        )
        one = msg("There is one way between towers: these static ways are all. Source checks are strict.")
        lines.append(_say(plan, one if device.strict else many))
    if device.image:
        lines.append(_say(plan, msg("Image of OpenWrt: look for {image}.", image=device.image)))
    if device.radio is not None:
        lines.append(_say(plan, device.radio.limit))
    return lines


def _readme(plan: DeploymentPlan, files: list[str]) -> str:
    by_hand = [one.name for one in plan.devices if one.kind != "router" and not _drafted(one)]
    lines = [*_marks(plan), ""]
    if plan.meta.homes_blurred_m is not None:
        lines.append(_say(plan, msg("These files are for the public: settings of devices are left out.")))
    elif not plan.devices:
        lines.append(_say(plan, msg("There is no tower with addresses yet, so there are no settings.")))
    else:
        lines += [
            _say(plan, one)
            for one in (
                msg("NAME.openwrt.uci: for OpenWrt 21.02 and later. Load it with: uci import < FILE; uci commit."),
                msg("NAME.routeros.rsc: for RouterOS 7. Load it with: /import FILE."),
                msg("NAME.lime-node and lime-community: for LibreMesh, in place of the others: it finds its ways by "
                    "itself, and needs no router beside the radios."),
                msg("A router is given in both systems: take that of yours. It speaks with each radio in a VLAN of its "
                    "own, which the switch of the tower hands to that radio; the table of names has them."),
                msg("Radios stay off until you have set their key on the device."),
            )
        ]  # fmt: skip
    if by_hand:
        lines.append(
            _say(plan, msg("Set by hand, from the tables of antennas and names: {names}.", names=", ".join(by_hand)))
        )
    if files:
        # A folder may hold drafts of an earlier version, of devices that are no more.
        lines += ["", _say(plan, msg("The drafts of this version:")), *files]
    return "\n".join(lines) + "\n"


def _drafted(device: DeviceSettings) -> bool:
    return device.radio is not None and bool(device.image or device.routeros)
