"""Where a radio answers as it comes from its maker: there its window of rescue opens too, in drafts and on paper."""

from __future__ import annotations

from ipaddress import IPv4Interface

RESCUE = {"openwrt": "192.168.1.1", "routeros": "192.168.88.1", "airos": "192.168.1.20"}
"""The address, by system."""


def rescue_net(system: str) -> str:
    """Return the network of that address."""
    return str(IPv4Interface(f"{RESCUE[system]}/24").network)
