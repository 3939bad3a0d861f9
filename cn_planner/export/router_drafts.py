"""The draft settings of every device, as a folder: one file a device and system, each marked as a draft."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from cn_planner.export.airos_drafts import airos
from cn_planner.export.openwrt_care import first_script
from cn_planner.export.openwrt_drafts import lime_community, lime_node, uci
from cn_planner.export.openwrt_more import home_radio_uci, home_router_uci, switch_uci
from cn_planner.export.routeros_drafts import script
from cn_planner.export.routeros_more import home_radio_script, home_router_script, switch_script
from cn_planner.export.text import cell_text
from cn_planner.message import msg
from cn_planner.paths import is_device

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from cn_planner.message import Message
    from cn_planner.report.address_records import DeviceSettings
    from cn_planner.report.deployment import DeploymentPlan

    Say: TypeAlias = Callable[[Message], str]
    _Write: TypeAlias = Callable[[DeviceSettings, Iterable[str], Say], str]

_README, _FIRST = "README.txt", "openwrt-first.sh"
_OPENWRT: dict[str, _Write] = {
    "router": uci, "sector": uci, "link": uci, "switch": switch_uci, "home-radio": home_radio_uci,
    "home-router": home_router_uci,
}  # fmt: skip
_ROUTEROS: dict[str, _Write] = {
    "router": script, "sector": script, "link": script, "switch": switch_script, "home-radio": home_radio_script,
    "home-router": home_router_script,
}  # fmt: skip
_ANY_SYSTEM = frozenset({"router", "switch", "home-router"})
"""Which system they run the plan does not know: they are drafted in both."""


def write_settings(plan: DeploymentPlan, folder: Path) -> tuple[Path, ...]:
    """Write the drafts into a folder; return the files.

    For each router and switch one for OpenWrt and one for RouterOS: which of them it is, the plan does not know. For
    each radio those of the systems that it is known to run. What is set by hand is named in the README.
    """
    say = partial(cell_text, language=plan.meta.language)
    marks = _marks(plan)
    files: dict[str, str] = {}
    for device in (*plan.devices, *plan.home_devices):
        head = _head(plan, device, marks)
        name = f"device-{device.name}" if is_device(device.name) else device.name
        files |= {f"{name}{suffix}": text for suffix, text in _drafts(device, head, say)}
    if any(name.endswith(".lime-node") for name in files):
        files["lime-community"] = lime_community(plan.meta.country, marks)
    if any(name.endswith(".openwrt.uci") for name in files):
        files[_FIRST] = first_script(marks, next((one.ssh_key for one in plan.devices), ""))
    files = {_README: _readme(plan, sorted(files))} | files
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in files)


def _drafts(device: DeviceSettings, head: list[str], say: Say) -> Iterable[tuple[str, str]]:
    any_system = device.kind in _ANY_SYSTEM
    if not any_system and device.radio is None:
        return
    if any_system or device.image:
        yield ".openwrt.uci", _OPENWRT[device.kind](device, head, say)
        if device.kind in {"sector", "link"}:
            yield ".lime-node", lime_node(device, head, say)
    if any_system or device.routeros:
        yield ".routeros.rsc", _ROUTEROS[device.kind](device, head, say)
    if device.airos:
        yield ".airos.cfg", airos(device, head, say)


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


def _head(plan: DeploymentPlan, device: DeviceSettings, marks: list[str]) -> list[str]:
    lines = [*marks, _say(plan, msg("Device: {name}, {model}", name=device.name, model=device.model or "-"))]
    if device.country:
        lines.append(_say(plan, msg("Country: {country}", country=device.country)))
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
        if device.radio.caution is not None:
            lines.append(_say(plan, device.radio.caution))
    return lines


def _readme(plan: DeploymentPlan, files: list[str]) -> str:
    by_hand = [
        one.name
        for one in (*plan.devices, *plan.home_devices)
        if one.kind not in _ANY_SYSTEM and not (one.radio is not None and (one.image or one.routeros or one.airos))
    ]
    if plan.devices:
        by_hand += [f"{one.name} ({_say(plan, one.kind)})" for one in plan.phones.hotspots]
    lines = [*_marks(plan), ""]
    if plan.meta.homes_blurred_m is not None:
        lines.append(_say(plan, msg("These files are for the public: settings of devices are left out.")))
    elif not plan.devices:
        lines.append(_say(plan, msg("There is no tower with addresses yet, so there are no settings.")))
    else:
        lines += [_say(plan, one) for one in _how(plan, files)]
    if by_hand:
        lines.append(
            _say(plan, msg("Set by hand, from the tables of antennas and names: {names}.", names=", ".join(by_hand)))
        )
    if files:
        # A folder may hold drafts of an earlier version, of devices that are no more.
        lines += ["", _say(plan, msg("The drafts of this version:")), *files]
    return "\n".join(lines) + "\n"


def _how(plan: DeploymentPlan, files: list[str]) -> list[Message]:
    """Return how the drafts are loaded, and what stands in the way of that."""
    said = [
        msg("NAME.openwrt.uci: for OpenWrt 21.02 and later. Load it with: uci import < FILE; uci commit."),
        msg("openwrt-first.sh: run it once on each device with OpenWrt, before its draft: sh openwrt-first.sh. It puts "
            "the keepers' key there, and gives a radio its window of rescue."),
        msg("NAME.routeros.rsc: for RouterOS 7. After /system/reset-configuration no-defaults=yes, load it with: "
            "/import FILE."),
        msg("NAME.lime-node and lime-community: for LibreMesh, in place of the others: it finds its ways by "
            "itself, and needs no router beside the radios."),
        msg("A router is given in both systems: take that of yours. It speaks with each radio in a VLAN of its "
            "own, which the switch of the tower hands to that radio; the table of names has them."),
        msg("SECTOR-home: the radio of every home of that sector. home-NAME: the router of that home, which is always "
            "given the address that is printed for it."),
        msg("Radios stay off until you have set their key on the device."),
    ]  # fmt: skip
    if any(name.endswith(".airos.cfg") for name in files):
        said.insert(3, msg("NAME.airos.cfg: for airOS 8, whose airMAX the capacity counts on."))
    if any("Ubiquiti" in one.model and one.image for one in (*plan.devices, *plan.home_devices)):
        # openwrt-devel, June 2021: "This firmware is not trusted by airOS"; forum.openwrt.org/t/39225.
        said.append(
            msg("Ubiquiti signs the firmware of its radios: newer airOS refuses others, and its downgrade too on some "
                "hardware. Try the way of openwrt.org on one radio, by its page in the table of hardware, before you "
                "buy many: where it fails, choose airOS, and plan again with a radio that is counted so.")
        )  # fmt: skip
    return said
