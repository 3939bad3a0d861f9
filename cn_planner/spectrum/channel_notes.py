"""What is said of a channel plan beside its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import Message, counted, msg
from cn_planner.model.regulations import closed_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.links.channels import Channel
    from cn_planner.model.plan import Plan, Site
    from cn_planner.spectrum.interference import RadioNetwork
    from cn_planner.spectrum.radios import User
    from cn_planner.study import Study


def closed_words_of(study: Study, user: User, channel: Channel) -> Message | None:
    """Return why the rules do not let every radio of a user send on a channel; None where they do."""
    shelf, rules = study.catalogue, study.regulations
    if rules is None:
        return None
    for one in user.kits:
        kit = one.on(channel.freq_mhz, channel.width_mhz)
        why = closed_words(rules, kit, shelf.radios[kit.radio], shelf.antennas[kit.antenna])
        if why is not None:
            return why
    return None


def user_name(plan: Plan, user: User) -> str:
    """Return what people call a sector or link."""

    def of(site: str) -> str:
        row: Site | None = plan.sites.get(site)
        return row.name if row is not None and row.name else site

    if user.link is not None:
        return f"{of(user.link.from_site)} – {of(user.link.to_site)}"
    return f"{of(user.site)} ({user.key[2]})"


def notes_of(study: Study, network: RadioNetwork, channels: Sequence[Channel]) -> tuple[Message, ...]:
    """Return what is to be said of the channels that the users of a network have."""
    users = network.users
    notes = _closed_notes(study, users, channels)
    narrow = sum(one.width_mhz < user.full_mhz for one, user in zip(channels, users, strict=True))
    if narrow:
        notes.append(
            counted(
                "{count} sector or link has a narrower channel than its radio could have: slower, but undisturbed.",
                "{count} sectors and links have narrower channels than their radios could have: slower, but less "
                "disturbed.",
                narrow,
            )
        )
    if study.regulations is None:
        notes.append(msg("The rules of the country are not known: every channel of the radios was taken to be open."))
    if any(user.now.dfs or any(one.dfs for one in user.channels) for user in users):
        notes.append(
            msg("Where a channel asks for DFS, the radio leaves it when it hears a radar: expect other channels.")
        )
    if network.apart_m > 0.0:
        notes.append(
            msg("Of the homes of each sector some were held against the others: none is more than {m:,.0f} m from the "
                "one that stands for it.", m=network.apart_m)
        )  # fmt: skip
    notes.append(msg("Other people's radios are not known here: let the radios scan on site before you settle."))
    return tuple(notes)


def _but_place(why: Message) -> tuple[object, ...]:
    """Return a reason but for the channel that it speaks of: twenty radios that may not send have one, not twenty."""
    return why.key, *(_but_place(v) if isinstance(v, Message) else v for name, v in why.values if name != "place")


def _closed_notes(study: Study, users: Sequence[User], channels: Sequence[Channel]) -> list[Message]:
    """Return who gave up a channel of the plan's that is not open, and who stands on one still, with the reason."""
    left, stay = list[str](), dict[tuple[object, ...], tuple[Message, list[str]]]()
    for user, channel in zip(users, channels, strict=True):
        why = closed_words_of(study, user, channel)
        if why is not None:
            name = f"{user_name(study.plan, user)} {channel.freq_mhz:g} MHz"
            stay.setdefault(_but_place(why), (why, []))[1].append(name)
        elif user.given and channel != user.now and closed_words_of(study, user, user.now) is not None:
            left.append(user_name(study.plan, user))
    notes = [] if not left else [
        counted(
            "{count} sector or link had a channel that the rules do not open, and has another now: {names}.",
            "{count} sectors and links had channels that the rules do not open, and have others now: {names}.",
            len(left), names=", ".join(left),
        )
    ]  # fmt: skip
    return [
        *notes,
        *(msg("Must not be switched on as it is set: {names}. {why}", names=", ".join(names), why=why)
          for why, names in stay.values()),
    ]  # fmt: skip
