"""The last page of a tower's pack: how one gets at a radio that does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.export.pdf_data import printable
from cn_planner.export.rescue_window import RESCUE
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from cn_planner.export.pdf_data import Tongue
    from cn_planner.report.tower_records import TowerPack

NAMES = {"openwrt": "OpenWrt", "routeros": "RouterOS", "airos": "airOS"}
WINDOW_MINUTES = 10
_DASH = "\u2013"


def rescue_page(pack: TowerPack, tongue: Tongue) -> dict[str, Any]:
    """Return the page: who answers where, and the steps, the mildest first."""
    systems = sorted({one for radio in pack.radios for one in radio.systems}, key=list(RESCUE).index)
    return {
        "columns": [
            tongue.say(one)
            for one in (msg("Radio"), msg("Host name"), msg("Looked after at"), msg("VLAN of its data"),
                        msg("In the window"))
        ],
        "rows": [
            [
                one.letter, printable(one.device) or _DASH, one.managed_ipv4 or _DASH,
                str(one.vlan) if one.vlan else _DASH,
                ", ".join(dict.fromkeys(RESCUE[system] for system in one.systems)) or _DASH,
            ]
            for one in pack.radios
        ]
        + [
            [tongue.say(what), _DASH, address, str(pack.management_vlan), _DASH]
            for what, address in ((msg("Switch"), pack.switch_ipv4), (msg("Router"), pack.router_ipv4))
            if address
        ],
        "steps": [
            {"head": tongue.say(head), "lines": [tongue.say(line) for line in lines]}
            for head, lines in _steps(pack, systems)
        ],
        "boxes": [
            tongue.say(one) for one in (msg("Which radio"), msg("Day and hour"), msg("What helped"), msg("By whom"))
        ],
    }  # fmt: skip


def _steps(pack: TowerPack, systems: list[str]) -> list[tuple[Message, list[Message]]]:
    vlan = str(pack.management_vlan or "")
    look = [
        msg(
            "Is its port lit? No light: look at the plug, the arrester, the fuse; put it into a free port that gives "
            "power."
        ),
    ]
    if pack.laptop_ipv4:
        look.append(
            msg("Laptop into port 5 of the router, set to {laptop}. The router is {router} ({name}): does it answer?",
                laptop=pack.laptop_ipv4, router=pack.router_ipv4, name=pack.router_device)
        )  # fmt: skip
        look.append(msg("From there each radio answers at its address of the table, by SSH with your key, in VLAN "
                        "{vlan}.", vlan=vlan))  # fmt: skip
    found: list[tuple[Message, list[Message]]] = [(msg("1. Look"), look)]
    windows = [one for one in systems if one != "airos"]
    if windows:
        where = ", ".join(f"{NAMES[one]} {RESCUE[one]}" for one in windows)
        lines = [
            msg("Take its plug out of the switch for ten seconds. For {minutes} minutes after it has power again, and "
                "as long as it does not hear its router, it answers untagged too: {where}.", minutes=WINDOW_MINUTES,
                where=where),
            msg("The router hears it in the VLAN of its data. On the router, with that number for N:"),
        ]  # fmt: skip
        if "openwrt" in windows:
            lines.append(msg("OpenWrt: ip addr add 192.168.1.2/24 dev eth0.N, then from the laptop: ssh -J "
                             "root@{router} root@192.168.1.1", router=pack.router_ipv4 or "ROUTER"))  # fmt: skip
        if "routeros" in windows:
            lines.append(msg("RouterOS: /ip/address add address=192.168.88.2/24 interface=linkN (of a sector: homesN), "
                             "then /system/ssh 192.168.88.1"))  # fmt: skip
        lines.append(msg("Load its draft again, and take the address off the router afterwards."))
        found.append((msg("2. Its window"), lines))
    reset = [msg("Somebody has to climb: all of page 1 holds. Power is on; the button is beside the socket.")]
    if "openwrt" in systems:
        reset.append(msg("OpenWrt: press it once while its light flashes fast after power: it answers at 192.168.1.1 "
                         "(failsafe). Held for ten seconds when it runs: all settings go."))  # fmt: skip
    if "routeros" in systems:
        reset.append(msg("RouterOS: hold it while it gets power, until its light flashes: all settings go, it answers "
                         "at 192.168.88.1."))  # fmt: skip
    if "airos" in systems:
        reset.append(msg("airOS: hold it for more than ten seconds when it runs: all settings go, it answers at "
                         "192.168.1.20."))  # fmt: skip
    if not systems:
        reset.append(msg("How this radio is reset stands in its maker's guide: write it here before you climb."))
    reset.append(msg("Then as in step 2: over the VLAN of its data, at that address, load its draft, set its key."))
    found.append((msg("3. Its button"), reset))
    found.append(
        (
            msg("4. Another radio"),
            [msg("Load the same draft into the spare on the ground, try it on the bench, then change them. Look "
                 "whether the arrester has done its work: a burnt one goes too.")],
        )
    )  # fmt: skip
    return found
