"""Which addresses the network has, and who answers for it: a section of the plan, and what it may hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.fields import about, check_limits

PRIVATE_IPV4 = IPv4Network("10.64.0.0/10")
"""RFC 1918, and clear of what home routers and tunnels take first: 192.168.0.0/16, 172.16.0.0/12, 10.0, 10.1, 10.8."""
SHARED_IPV4 = IPv4Network("100.64.0.0/10")
"""RFC 6598: between a carrier that translates addresses and the routers of its customers, nowhere else."""
PRIVATE_RANGES = tuple(IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
ULA = IPv6Network("fd00::/8")
"""RFC 4193, 3.1: prefixes that everyone makes for themselves."""
_GLOBAL_IPV6 = IPv6Network("2000::/3")  # RFC 4291, 2.4: what IANA gives out of global unicast
LARGEST_IPV4, SMALLEST_IPV4 = 8, 22
LARGEST_IPV6, SMALLEST_IPV6 = 20, 48
"""Prefix lengths; the smallest still hold three towers or more, with room for each to grow."""
WANTED_IPV6 = 40
"""What to ask for: 255 towers with a /48 each."""


@dataclass(frozen=True, slots=True)
class Addressing:
    """The addresses of the network. ``kept`` holds numbers and names that were given out, by what they are for."""

    ipv6_prefix: str = about(
        msg("IPv6 prefix that is the community's, such as 2001:db8::/40; empty: private ones, made from the plan."),
        default="",
        source="RFC 4193 for private ones",
    )
    ipv4_prefix: str = about(
        msg("IPv4 range of the network; empty: 10.64.0.0/10, or 100.64.0.0/10 where the gateway is the carrier."),
        default="",
        source="RFC 1918, RFC 6598",
    )
    carrier: bool = about(
        msg("Whether the gateway itself shares public IPv4 addresses among the homes, as a carrier does."),
        default=False,
        source="RFC 6598",
    )
    home_prefix: int = about(
        msg("Length of the IPv6 prefix that a home gets: 56, or 48 for more."),
        default=56,
        low=48,
        high=56,
        source="RIPE-690, RFC 6177",
    )
    management_vlan: int = about(msg("VLAN in which devices are looked after."), default=99, low=2, high=99)
    as_number: int | None = about(
        msg("Number of the community's own autonomous system; unknown where it has none."),
        default=None,
        low=1,
        high=4_294_967_294,
    )
    contact: str = about(
        msg("Role address for those who run other networks, such as noc@example.org; never a person's name."),
        default="",
    )
    ssh_key: str = about(
        msg("Public SSH key of those who look after the devices, one line; never the secret one."), default=""
    )
    log_to: str = about(
        msg("IPv4 address of a computer in the network that keeps the devices' logs; empty: there is none."), default=""
    )
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def ipv4(self) -> IPv4Network:
        """The range of the network."""
        given = self.ipv4_prefix.strip()
        return IPv4Network(given) if given else SHARED_IPV4 if self.carrier else PRIVATE_IPV4

    @property
    def ipv6(self) -> IPv6Network | None:
        """The prefix of the community; None where private ones stand in for it."""
        given = self.ipv6_prefix.strip()
        return IPv6Network(given) if given else None


def check_addressing(addressing: Addressing) -> None:
    """Raise InputError where a prefix is none, not of a kind that may be used here, or smaller than any plan needs.

    Numbers are held against their limits, too.
    """
    check_limits(addressing, where="addresses")
    if addressing.ipv4_prefix.strip():
        _check_ipv4(addressing.ipv4_prefix.strip(), carrier=addressing.carrier)
    if addressing.ipv6_prefix.strip():
        _check_ipv6(addressing.ipv6_prefix.strip())
    contact = addressing.contact.strip()
    if contact and (contact.count("@") != 1 or any(c.isspace() or not c.isprintable() for c in contact)):
        raise InputError(
            msg("{contact} is not an address to write to.", contact=contact),
            where="addresses.contact",
            fix=msg("Give a role address, such as noc@example.org."),
        )
    _check_care(addressing)


_KEY = re.compile(
    r"(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]{16,1200}={0,3}(?: [ -~]{0,100})?"
)
"""RFC 4253, 6.6 in the one line of OpenSSH: kind, base64, words."""


def _check_care(addressing: Addressing) -> None:
    key, log = addressing.ssh_key.strip(), addressing.log_to.strip()
    if key and not _KEY.fullmatch(key):
        raise InputError(
            msg("This is no public SSH key of one line."),
            where="addresses.ssh_key",
            fix=msg("Give the line of a file that ends in .pub, such as: ssh-ed25519 AAAA… keepers."),
        )
    if log:
        try:
            IPv4Address(log)
        except ValueError as problem:
            raise InputError(
                msg("{text} is not an IPv4 address.", text=log),
                where="addresses.log_to",
                fix=msg("Give one such as 10.64.0.70, or leave it empty."),
            ) from problem


def _check_ipv4(text: str, *, carrier: bool) -> None:
    where, example = "addresses.ipv4_prefix", msg("Give one such as 10.64.0.0/10, or leave it empty.")
    try:
        found = IPv4Network(text)
    except ValueError as problem:
        raise InputError(msg("{text} is not an IPv4 prefix.", text=text), where=where, fix=example) from problem
    if found.overlaps(SHARED_IPV4) and not carrier:
        raise InputError(
            msg("{text} is for carriers that share public addresses among homes.", text=text),
            where=where,
            fix=msg("Set addresses.carrier=yes where the gateway does that, or take 10.64.0.0/10."),
        )
    own = any(found.subnet_of(one) for one in (*PRIVATE_RANGES, SHARED_IPV4))
    if found.prefixlen < LARGEST_IPV4 or not (own or found.is_global) or found.is_multicast:
        raise InputError(msg("{text} cannot be used in a network.", text=text), where=where, fix=example)
    if found.prefixlen > SMALLEST_IPV4:
        raise InputError(
            msg("{text} is too small: a plan needs /{needed} or more.", text=text, needed=SMALLEST_IPV4),
            where=where,
            fix=example,
        )


def _check_ipv6(text: str) -> None:
    where, example = "addresses.ipv6_prefix", msg("Give one such as 2001:db8::/40, or leave it empty.")
    try:
        found = IPv6Network(text)
    except ValueError as problem:
        raise InputError(msg("{text} is not an IPv6 prefix.", text=text), where=where, fix=example) from problem
    usable = found.subnet_of(_GLOBAL_IPV6) or found.subnet_of(ULA)
    if not usable or found.prefixlen < LARGEST_IPV6 or "%" in text:  # % names an interface: fe80::1%eth0
        raise InputError(msg("{text} cannot be used in a network.", text=text), where=where, fix=example)
    if found.prefixlen > SMALLEST_IPV6:
        raise InputError(
            msg("{text} is too small: a plan needs /{needed} or more.", text=text, needed=SMALLEST_IPV6),
            where=where,
            fix=msg("Ask whoever gave it for a /{wanted}.", wanted=WANTED_IPV6),
        )
