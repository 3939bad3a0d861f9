"""How a device with OpenWrt is looked after: keys in place of passwords, SNMP, a fair queue, and a way back in.

Packages are those of OpenWrt's own feeds: dropbear (in every image), snmpd, sqm-scripts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cn_planner.export.rescue_window import RESCUE
from cn_planner.export.uci_text import comment_of, one_line, section
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cn_planner.message import Message
    from cn_planner.report.address_records import DeviceSettings

    Say: TypeAlias = Callable[[Message], str]

COMMUNITY = "watch"
"""Of SNMP: no secret. What may ask is told by its address."""
_KEYS = msg(
    "Run openwrt-first.sh on the device before this is loaded: it puts the key there. Passwords no longer work then."
)
_NO_KEY = msg(
    "No key is in the plan (set PLAN addresses.ssh_key=...): put yours on the device, and switch off passwords."
)
_WATCHED = msg("For SNMP: opkg install snmpd. It tells, and takes no orders.")
_QUEUE = msg(
    "For the fair queue: opkg install sqm-scripts. Measure the connection both ways, and write 95 % of it here."
)


def by_key(device: DeviceSettings, say: Say) -> Iterator[str]:
    """Yield how the device lets its keepers in: by key alone where the plan has one."""
    if device.ssh_key:
        yield comment_of(say(_KEYS))
        yield from ("package dropbear", "")
        yield from section("dropbear", "", ("enable", 1), ("PasswordAuth", "off"), ("RootPasswordAuth", "off"),
                           ("Port", 22))  # fmt: skip
    else:
        yield comment_of(say(_NO_KEY))
        yield ""


def care(device: DeviceSettings, say: Say) -> Iterator[str]:
    """Yield how the device is reached and watched: by key, from the management ranges alone."""
    yield from by_key(device, say)
    yield comment_of(say(_WATCHED))
    yield from ("package snmpd", "")
    yield from section("agent", "", ("agentaddress", "UDP:161,UDP6:161"))
    yield from section("system", "", ("sysName", device.name), ("sysLocation", device.site_name or device.site))
    for kind, ranges in (("com2sec", device.managed_from_ipv4), ("com2sec6", device.managed_from_ipv6)):
        for number, source in enumerate(ranges, 1):
            yield from section(
                kind, f"{kind}_{number}", ("secname", "ro"), ("source", source), ("community", COMMUNITY)
            )
    for version in ("v1", "v2c"):
        yield from section("group", f"ro_{version}", ("group", "ro"), ("version", version), ("secname", "ro"))
    yield from section("view", "all", ("viewname", "all"), ("type", "included"), ("oid", ".1"))
    yield from section(
        "access", "ro", ("group", "ro"), ("context", "none"), ("version", "any"), ("level", "noauth"),
        ("prefix", "exact"), ("read", "all"), ("write", "none"), ("notify", "none"),
    )  # fmt: skip


def fair_queue(device: DeviceSettings, port: str, say: Say) -> Iterator[str]:
    """Yield the queue towards the Internet that shares it out by home (CAKE); nothing where none comes in here."""
    if device.queue is None:
        return
    yield comment_of(say(_QUEUE))
    yield from ("package sqm", "")
    yield from section(
        "queue", "internet", ("enabled", 1), ("interface", port), ("download", device.queue.down_kbit),
        ("upload", device.queue.up_kbit), ("qdisc", "cake"), ("script", "piece_of_cake.qos"),
        ("linklayer", "none"), ("qdisc_advanced", 1), ("qdisc_really_really_advanced", 1),
        ("iqdisc_opts", "nat dual-dsthost ingress"), ("eqdisc_opts", "nat dual-srchost"),
    )  # fmt: skip


_WINDOW = """\
#!/bin/sh
# Opens untagged management for ten minutes after power, as long as the router does not answer.
router=$(uci -q get network.manage.gateway)
turn=0
open=0
while [ "$turn" -lt 60 ]; do
	if [ -n "$router" ] && ping -c 1 -W 2 "$router" >/dev/null 2>&1; then
		break
	fi
	# An address that is there already is not the window's to take away.
	if [ "$open" = 0 ] && ip addr add RESCUE/24 dev br-data; then
		open=1
	fi
	sleep 10
	turn=$((turn + 1))
done
if [ "$open" = 1 ]; then
	ip addr del RESCUE/24 dev br-data
fi
"""


def first_script(marks: Iterable[str], key: str) -> str:
    """Return the script that is run once on each device with OpenWrt: the keepers' key, and a radio's window of rescue.

    ``ROOT`` before its name writes below another folder.
    """
    quoted = "'" + one_line(key).replace("'", "'\\''") + "'"
    return "\n".join(
        (
            *(comment_of(one) for one in marks),
            "set -e",
            'root="${ROOT:-}"',
            f"key={quoted}",
            'file="$root/etc/dropbear/authorized_keys"',
            'if [ -n "$key" ]; then',
            '\tmkdir -p "$root/etc/dropbear"',
            '\ttouch "$file"',
            '\tgrep -qxF "$key" "$file" || echo "$key" >> "$file"',
            '\tchmod 600 "$file"',
            "fi",
            'mkdir -p "$root/etc/init.d" "$root/usr/sbin"',
            "cat > \"$root/usr/sbin/rescue-window\" <<'END'",
            _WINDOW.rstrip("\n").replace("RESCUE", RESCUE["openwrt"]),
            "END",
            "cat > \"$root/etc/init.d/rescue\" <<'END'",
            "#!/bin/sh /etc/rc.common",
            "START=99",
            "start() {",
            "\t# A tower's radio alone has one: a router has a port for it, a home's radio its own address.",
            '\t[ -n "$(uci -q get network.data)" ] && [ -n "$(uci -q get network.manage.gateway)" ] &&',
            "\t\t/usr/sbin/rescue-window &",
            "}",
            "END",
            'chmod +x "$root/usr/sbin/rescue-window" "$root/etc/init.d/rescue"',
            '[ -n "$root" ] || /etc/init.d/rescue enable',
            "",
        )
    )
