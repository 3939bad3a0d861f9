"""Names and descriptions of what stands on a map, the same in every map file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.export.text import cell_text, header
from cn_planner.message import msg
from cn_planner.report import words
from cn_planner.report.columns import MONEY, NUMBER
from cn_planner.report.tables import plan_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.report.columns import Table, TableCell
    from cn_planner.report.deployment import AntennaRecord, DeploymentPlan, HomeRecord, LinkRecord, SiteRecord
    from cn_planner.report.public_places import PlaceRecord

COLOURS = {
    "likely": "#0b6e4f",
    "check_on_site": "#b35c00",
    "blocked": "#b00020",
    "no_data": "#6b6b6b",
    "": "#6b6b6b",
}
"""By verdict; every label says the verdict in words too."""
SITE_COLOUR = "#12343b"
OUTLINE_COLOUR = "#0b6e4f"
PLACE_COLOUR = "#00527f"


class Labels:
    """The labels of one plan, in its language."""

    def __init__(self, plan: DeploymentPlan) -> None:
        self._plan = plan
        self._language = plan.meta.language
        self._names = {site.id: site.name or site.id for site in plan.sites}

    def say(self, cell: TableCell) -> str:
        """Return a text or message in the plan's language."""
        return cell_text(cell, self._language)

    def site_name(self, key: str) -> str:
        """Return the name of a site, or its id where it has none."""
        return self.say(self._names.get(key, key))

    def site(self, site: SiteRecord) -> tuple[str, str]:
        """Return name and description of a site, with a line for each of its antennas."""
        lines = [
            f"{self.say(words.ROLE_WORDS[site.role])}, {self.say(words.STATUS_WORDS[site.status])}",
            self.say(
                msg("Mast {height_m:.0f} m", height_m=site.mast_height_m)
                if site.mast_height_m is not None
                else msg("Not in this plan")
            ),
            *(self._antenna(one) for one in self._plan.antennas if one.site == site.id),
            self.say(self._plan.meta.estimate),
        ]
        return self.say(site.name or site.id), "\n".join(lines)

    def _antenna(self, antenna: AntennaRecord) -> str:
        what = (
            msg("To {site}", site=self.site_name(antenna.towards))
            if antenna.towards
            else msg("Sector {id}", id=antenna.id)
        )
        tilt = (
            msg("tilt {degrees:.1f}°", degrees=antenna.tilt_deg)
            if antenna.tilt_deg is not None
            else msg("tilt unknown")
        )
        if antenna.azimuth_deg is None:
            return f"{self.say(what)}: {self.say(msg('All round'))}, {self.say(tilt)}"
        compass = (
            msg("compass {degrees:.1f}°", degrees=antenna.azimuth_magnetic_deg)
            if antenna.azimuth_magnetic_deg is not None
            else msg("compass unknown")
        )
        return self.say(
            msg(
                "{what}: {azimuth:.1f}° true, {compass}, {tilt}",
                what=what,
                azimuth=antenna.azimuth_deg,
                compass=compass,
                tilt=tilt,
            )
        )

    def sector(self, antenna: AntennaRecord) -> tuple[str, str]:
        """Return name and description of a sector's wedge."""
        name = self.say(msg("{site}, sector {id}", site=self.site_name(antenna.site), id=antenna.id))
        return name, "\n".join((self._antenna(antenna), self.say(self._plan.meta.estimate)))

    def home(self, home: HomeRecord) -> tuple[str, str]:
        """Return name and description of a home."""
        if home.server is None or not home.reached:
            lines = [self.say(msg("Not reached")), self.say(home.reason), self.say(home.fix)]
        else:
            lines = [
                self.say(msg("Served by {site}", site=self.site_name(home.server))),
                self.say(words.VERDICT_WORDS[home.verdict]),
            ]
            if home.azimuth_deg is not None and home.distance_m is not None:
                lines.append(
                    self.say(
                        msg("{azimuth:.0f}° true, {km:.2f} km", azimuth=home.azimuth_deg, km=home.distance_m / 1000.0)
                    )
                )
        kind = self.say(words.HOME_KINDS[home.kind])
        return self.say(home.name or home.id), "\n".join([kind, *(line for line in lines if line)])

    def link(self, link: LinkRecord) -> tuple[str, str]:
        """Return name and description of a link."""
        name = f"{self.site_name(link.a.site)} – {self.site_name(link.b.site)}"
        lines = [
            self.say(words.VERDICT_WORDS[link.verdict]),
            self.say(msg("{km:.2f} km", km=link.distance_m / 1000.0)),
            self.say(link.reason),
            self.say(link.fix),
        ]
        return name, "\n".join(line for line in lines if line)

    def outline(self, site: str) -> tuple[str, str]:
        """Return name and description of a coverage outline."""
        name = self.say(msg("Where {site} reaches", site=self.site_name(site)))
        return name, self.say(self._plan.meta.estimate)

    def place(self, place: PlaceRecord) -> tuple[str, str]:
        """Return name and description of a public place."""
        lines = [self.say(words.PLACE_KINDS[place.kind])]
        if place.server is not None and place.reached:
            lines.append(self.say(msg("Served by {site}", site=self.site_name(place.server))))
        return self.say(place.name or place.id), "\n".join(lines)

    def wanted(self) -> tuple[Table, Table, Table, Table]:
        """Return the tables of sites, homes, links and public places, whose rows stand in the order of the records."""
        plan = self._plan
        return (
            plan_table(plan, "sites"),
            plan_table(plan, "homes"),
            plan_table(plan, "links"),
            plan_table(plan, "places"),
        )


def values(table: Table, row: tuple[TableCell, ...], language: str) -> Iterator[tuple[str, str, str | float | None]]:
    """Yield key, title and value of each cell; numbers as the table shows them, those that are read back as given."""
    for column, cell in zip(table.columns, row, strict=True):
        value: str | float | None
        if isinstance(cell, int | float) and column.kind in (NUMBER, MONEY):
            value = float(cell) if column.exact else round(float(cell), column.decimals)
        elif cell is None:
            value = None
        else:
            value = cell_text(cell, language)
        yield column.key, header(column, language), value
