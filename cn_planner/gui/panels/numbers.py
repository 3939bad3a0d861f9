"""Numbers for the engineer: pairs of name and value for sites, links and homes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.gui.panels.formatters import UNKNOWN, dotted, with_unit
from cn_planner.gui.words import tr, with_commas
from cn_planner.links.verdict import chance_pct
from cn_planner.message import Message, msg
from cn_planner.model.regulations import NO_ADVICE, conditions, source_words, stricter_words

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.links.budget import LinkBudget
    from cn_planner.model.equipment import Antenna, Kit
    from cn_planner.model.law import CountryRules
    from cn_planner.model.plan import Sector, Site
    from cn_planner.session.details import SiteDetails
    from cn_planner.session.project import Project


def channel_widths(project: Project, kit_id: str, given: float | None) -> list[tuple[float | None, str]]:
    """Return the channel widths that a kit's radio has, in words, and what is given; None: the kit's own."""
    catalogue = project.catalogue
    kit = catalogue.kits.get(kit_id)
    if kit is None:
        return []
    widths = {mode.width_mhz for mode in catalogue.radios[kit.radio].modes} | ({given} if given is not None else set())
    usual = tr(msg("{width} (as the kit)", width=_megahertz(kit.width_mhz)))
    return [(None, usual), *((one, _megahertz(one)) for one in sorted(widths))]


def _megahertz(value: float) -> str:
    """Return a frequency or a width as its field writes it: whole or not, without a sign between thousands."""
    return tr(msg("{freq:g} MHz", freq=value))


def kit_numbers(
    project: Project, kit_id: str, freq_mhz: float | None, width_mhz: float | None = None, *, of_its_own: bool = False
) -> list[tuple[str, str]]:
    """Return radio, channel, gains, power and the law of one kit.

    ``of_its_own``: it is asked of a sector or link, which may be given a channel; where it has none yet that is said.
    """
    catalogue, regulations = project.catalogue, project.country_rules
    kit = catalogue.kits.get(kit_id)
    if kit is None:
        return [(tr(msg("Kit")), tr(msg("{kit} is not on the shelf", kit=kit_id)))]
    from cn_planner.links.radio import radio_end

    kit = kit.on(freq_mhz, width_mhz)
    end, antenna, radio = (
        radio_end(catalogue, kit, regulations),
        catalogue.antennas[kit.antenna],
        catalogue.radios[kit.radio],
    )
    power = max(end.tx_power_dbm(mode) for mode in end.modes)
    eirp = max(end.eirp_dbm(mode) for mode in end.modes)
    pairs = [
        (tr(msg("Radio")), f"{radio.maker} {radio.name}".strip()),
        (tr(msg("Antenna")), antenna.name),
        (
            tr(msg("Channel")),
            dotted(
                _megahertz(kit.freq_mhz),
                tr(msg("{width:g} MHz wide", width=kit.width_mhz)),
                tr(msg("narrower than the kit's {width:g} MHz", width=catalogue.kits[kit_id].width_mhz))
                if kit.width_mhz < catalogue.kits[kit_id].width_mhz
                else "",
                tr(msg("the kit's own: none is given yet")) if of_its_own and freq_mhz is None else "",
            ),
        ),
        (tr(msg("Gain")), with_unit(antenna.gain_dbi, "dBi", 1)),
        (tr(msg("Beam")), tr(msg("{az:.0f}° by {el:.0f}°", az=antenna.beamwidth_az_deg, el=antenna.beamwidth_el_deg))),
        (tr(msg("Transmit power")), with_unit(power, "dBm")),
        (tr(msg("Cable loss")), with_unit(kit.cable_loss_db, "dB", 1)),
        (tr(msg("EIRP")), with_unit(eirp, "dBm", 1)),
    ]
    return pairs + _limits(regulations, kit, antenna, eirp)


def _limits(regulations: CountryRules | None, kit: Kit, antenna: Antenna, eirp: float) -> list[tuple[str, str]]:
    limit_words = tr(msg("Legal limit"))
    if regulations is None:
        return [(limit_words, tr(msg("unknown: no rules of this country on the shelf")))]
    limit = regulations.limit_of(kit, antenna)
    if limit is None:
        return [(limit_words, tr(msg("not allowed outdoors on this channel")))]
    kind: Message = msg("EIRP") if limit.eirp else msg("conducted")
    said = dotted(
        with_unit(limit.power_dbm(antenna.gain_dbi, kit.width_mhz), "dBm"),
        tr(kind),
        tr(msg("radar check (DFS)")) if limit.dfs else "",
    )
    most = limit.eirp_dbm(antenna.gain_dbi, kit.width_mhz)
    pairs = [(limit_words, said), (tr(msg("Margin to it")), with_unit(most - eirp, "dB", 1))]
    stricter = stricter_words(limit, antenna.gain_dbi, kit.width_mhz)
    if asked := [tr(one) for one in (*conditions(limit), *stricter)]:
        pairs.append((tr(msg("On what terms")), " ".join(asked)))
    source = source_words(limit, regulations) or tr(msg("what you wrote down"))
    return [*pairs, (tr(msg("Read in")), source), (tr(msg("Warning")), tr(NO_ADVICE))]


def kit_of_site(project: Project, site: Site) -> tuple[str, float | None, float | None]:
    """Return the kit that a site's numbers are of, and its channel where that is another than the kit's."""
    if site.sectors:
        first = site.sectors[0]
        return first.kit, first.freq_mhz, first.width_mhz
    return project.plan.kits.access, None, None


def site_numbers(
    context: PanelContext, project: Project, site: Site, details: SiteDetails | None
) -> list[tuple[str, str]]:
    """Return the numbers of a site."""
    ground = details.ground_m if details is not None else None
    mast = site.mast_height_m
    pairs = [
        (tr(msg("Id")), site.id),
        (tr(msg("Latitude")), f"{site.latitude:.6f}"),
        (tr(msg("Longitude")), f"{site.longitude:.6f}"),
        (tr(msg("Ground")), context.height(ground)),
        (tr(msg("Mast")), context.set_height(mast)),
        (tr(msg("Top above sea")), context.height(None if ground is None or mast is None else ground + mast)),
    ]
    if site.sectors:
        heights = [context.set_height(one.height_m if one.height_m is not None else mast) for one in site.sectors]
        pairs.append((tr(msg("Sectors at")), with_commas(dict.fromkeys(heights))))
    pairs += kit_numbers(project, *kit_of_site(project, site), of_its_own=bool(site.sectors))
    return pairs + [(one.id, _sector_limits(project, one)) for one in site.sectors[1:]]


def _sector_limits(project: Project, sector: Sector) -> str:
    """Return channel, power and law of a further sector of a site, in one line."""
    told = dict(kit_numbers(project, sector.kit, sector.freq_mhz, sector.width_mhz, of_its_own=True))
    eirp, limit, margin = (tr(one) for one in (msg("EIRP"), msg("Legal limit"), msg("Margin to it")))
    rest = (f"{name} {told[name]}" for name in (eirp, limit, margin) if name in told)
    return dotted(told.get(tr(msg("Channel")), ""), *rest)


def _clearance(value_m: float | None) -> str:
    return tr(UNKNOWN) if value_m is None or value_m != value_m else tr(msg("{value:,.1f} m", value=value_m))


def budget_numbers(context: PanelContext, budget: LinkBudget) -> list[tuple[str, str]]:
    """Return the numbers of a path, both ways."""
    loss = budget.losses
    pairs = [
        (tr(msg("Distance")), context.distance(budget.distance_m)),
        (tr(msg("Azimuth")), f"{with_unit(budget.azimuth_deg, '°', 1)} / {with_unit(budget.back_azimuth_deg, '°', 1)}"),
        (tr(msg("Tilt")), f"{with_unit(budget.tilt_from_deg, '°', 2)} / {with_unit(budget.tilt_to_deg, '°', 2)}"),
        (
            tr(msg("Clearance")),
            dotted(
                _clearance(budget.worst_clear_m),
                tr(msg("{f1} F1", f1=with_unit(budget.clearance_f1, "", 2))),
                *([] if budget.clearance_at_m is None else [context.distance(budget.clearance_at_m)]),
            ),
        ),
        (
            tr(msg("Heights needed")),
            " / ".join(map(context.height_needed, (budget.height_needed_from_m, budget.height_needed_to_m))),
        ),
        (tr(msg("Free space")), with_unit(loss.free_space_db, "dB", 1)),
        (tr(msg("Ground")), with_unit(loss.diffraction_db, "dB", 1)),
        (tr(msg("Trees")), with_unit(loss.vegetation_db, "dB", 1)),
        (
            tr(msg("Arrives with")),
            f"{with_unit(budget.rsl_to_dbm, 'dBm', 1)} / {with_unit(budget.rsl_from_dbm, 'dBm', 1)}",
        ),
        (tr(msg("Margin")), f"{with_unit(budget.margin_down_db, 'dB', 1)} / {with_unit(budget.margin_up_db, 'dB', 1)}"),
        (tr(msg("Margin, slowest")), with_unit(budget.fallback_margin_db, "dB", 1)),
        (tr(msg("Modulation")), f"{budget.mcs_down or '–'} / {budget.mcs_up or '–'}"),
        (tr(msg("Sigma")), with_unit(budget.sigma_db, "dB", 1)),
    ]
    if budget.ack_timeout_us is not None:
        pairs.append((tr(msg("ACK timeout")), with_unit(budget.ack_timeout_us, "µs")))
    if budget.probability_works is not None:
        pairs.append((tr(msg("Works with")), with_unit(chance_pct(budget.probability_works), "%")))
    return pairs
