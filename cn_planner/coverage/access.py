"""How a tower speaks to the homes round it: which of its sectors, and what that sector gives in their direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.one_band import speaks_with, usual_client
from cn_planner.links.pointing import elevations_deg, in_beam, pointing_loss_db
from cn_planner.links.radio import radio_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.links.radio import RadioEnd
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.law import CountryRules
    from cn_planner.model.plan import Plan, Sector, Site


class Access(NamedTuple):
    """An access antenna of a site: kit, antenna height, frequency, and where it points.

    Attributes
    ----------
    kit : str
    height_m, freq_mhz : float
    aimed : bool
        Whether it points anywhere. A site without sectors has the access kit pointed at whom it is asked for.
    azimuth_deg, tilt_deg : float
        Of a sector.
    width_mhz : float, optional
        Of a sector that has a channel width of its own.
    """

    kit: str
    height_m: float
    freq_mhz: float
    aimed: bool = False
    azimuth_deg: float = 0.0
    tilt_deg: float = 0.0
    width_mhz: float | None = None

    def loss_db(
        self, catalogue: Catalogue, towards_azimuth_deg: ArrayLike, elevation_deg: ArrayLike
    ) -> NDArray[np.float64]:
        """Return by how much its gain towards places is less than its greatest, dB."""
        towards, elevation = np.broadcast_arrays(
            np.asarray(towards_azimuth_deg, np.float64), np.asarray(elevation_deg, np.float64)
        )
        if not self.aimed:
            return np.zeros(towards.shape)
        antenna = catalogue.antennas[catalogue.kit(self.kit).antenna]
        return np.asarray(
            pointing_loss_db(antenna, self.freq_mhz, self.azimuth_deg, self.tilt_deg, towards, elevation), np.float64
        )

    def reaches(self, catalogue: Catalogue, towards_azimuth_deg: ArrayLike) -> NDArray[np.bool_]:
        """Return whether directions are within its beam."""
        towards = np.asarray(towards_azimuth_deg, np.float64)
        if not self.aimed:
            return np.ones(towards.shape, np.bool_)
        return in_beam(catalogue.antennas[catalogue.kit(self.kit).antenna], self.azimuth_deg, towards)


class Pointing(NamedTuple):
    """How a site speaks to many places.

    Attributes
    ----------
    accesses : tuple of Access
        Those of the site.
    which : int64 array of places
        Number of the access that gives the place most.
    loss_db : float64 array of places
        By how much that is less than its greatest gain.
    in_beam : bool array of places
        Whether the place is within its beam.
    """

    accesses: tuple[Access, ...]
    which: NDArray[np.int64]
    loss_db: NDArray[np.float64]
    in_beam: NDArray[np.bool_]


def ends_of_access(
    plan: Plan, catalogue: Catalogue, regulations: CountryRules | None, access: Access
) -> tuple[RadioEnd, RadioEnd]:
    """Return the radios of an antenna and of the homes that it speaks to, both on its channel.

    Raises
    ------
    InputError
        Where a kit is not on the shelf.
    """
    channel = {"freq_mhz": access.freq_mhz, "width_mhz": access.width_mhz}
    client = usual_client(plan, catalogue, access.kit)
    tower, home = (radio_end(catalogue, kit, regulations, **channel) for kit in (access.kit, client))
    return tower, home


def accesses_of_site(plan: Plan, catalogue: Catalogue, site: Site) -> tuple[Access, ...]:
    """Return the access antennas of a site, sectors in the order of their ids.

    Where it has none yet it is the plan's access kit on the mast's top.
    """
    mast = site.mast_height_m if site.mast_height_m is not None else site.max_height_m
    if not site.sectors:
        return (Access(plan.kits.access, mast, catalogue.kit(plan.kits.access).freq_mhz),)
    return tuple(_of(catalogue, one, mast) for one in sorted(site.sectors, key=lambda one: one.id))


def _of(catalogue: Catalogue, sector: Sector, mast_m: float) -> Access:
    return Access(
        sector.kit,
        mast_m if sector.height_m is None else sector.height_m,
        catalogue.kit(sector.kit).freq_mhz if sector.freq_mhz is None else sector.freq_mhz,
        True,
        sector.azimuth_deg,
        sector.tilt_deg,
        sector.width_mhz,
    )


def heard_by(catalogue: Catalogue, accesses: Sequence[Access], clients: Sequence[str]) -> NDArray[np.bool_] | None:
    """Return which antennas of a site homes with these kits can hear, of (accesses, homes).

    None where all hear all: antennas of one kit. Whose kit hears none is asked of all, which then do not serve it.
    """
    if len({one.kit for one in accesses}) <= 1:
        return None
    kits = sorted(set(clients))
    known = np.array([[speaks_with(catalogue, one.kit, kit) for kit in kits] for one in accesses], np.bool_)
    known |= ~known.any(axis=0)
    found: NDArray[np.bool_] = known[:, [kits.index(one) for one in clients]]
    return found


def site_pointing(
    catalogue: Catalogue,
    accesses: Sequence[Access],
    azimuth_deg: NDArray[np.float64],
    distance_m: NDArray[np.float64],
    ground_here_m: float,
    amsl_there_m: NDArray[np.float64],
    k_factor: float,
    heard: NDArray[np.bool_] | None = None,
) -> Pointing:
    """Return how a site speaks to places.

    Parameters
    ----------
    catalogue : Catalogue
        The shelf.
    accesses : sequence of Access
        The site's, as `accesses_of_site`.
    azimuth_deg, distance_m : float64 arrays of places
        Where they are, from the site.
    ground_here_m : float
        Ground of the site above sea level, m.
    amsl_there_m : float64 array of places
        Their antennas above sea level, m.
    k_factor : float
        Effective earth radius factor.
    heard : bool array of (accesses, places), optional
        Which antennas the radio there can hear, as `heard_by`; all where not given.

    Notes
    -----
    A place within a beam is spoken to by a sector whose beam it is in; among those, and else among all, by the one
    that gives it most, the first of equals: of those that it can hear.
    """
    count = len(azimuth_deg)
    if len(accesses) == 1 and not accesses[0].aimed:
        return Pointing(tuple(accesses), np.zeros(count, np.int64), np.zeros(count), np.ones(count, np.bool_))
    loss, gain = np.empty((len(accesses), count)), np.empty((len(accesses), count))
    inside = np.empty((len(accesses), count), np.bool_)
    for n, one in enumerate(accesses):
        elevation = elevations_deg(distance_m, ground_here_m + one.height_m, amsl_there_m, k_factor)
        loss[n] = one.loss_db(catalogue, azimuth_deg, elevation)
        gain[n] = catalogue.antennas[catalogue.kit(one.kit).antenna].gain_dbi - loss[n]
        inside[n] = one.reaches(catalogue, azimuth_deg)
    merit = np.where(inside, gain, gain - 1e6)
    which = np.argmax(merit if heard is None else np.where(heard, merit, merit - 1e9), axis=0).astype(np.int64)
    each = np.arange(count)
    return Pointing(tuple(accesses), which, loss[which, each], inside[which, each])


def access_of(
    plan: Plan, catalogue: Catalogue, site: Site, azimuth_deg: float, elevation_deg: float | None = None
) -> Access:
    """Return the access antenna of a site towards a direction.

    It is that which gives most there; where no elevation is given, the sector whose azimuth is nearest.
    """
    found = accesses_of_site(plan, catalogue, site)

    def rank(one: Access) -> tuple[float, float]:
        off = abs((one.azimuth_deg - azimuth_deg + 180.0) % 360.0 - 180.0)
        if elevation_deg is None:
            return (0.0, off)
        gain = catalogue.antennas[catalogue.kit(one.kit).antenna].gain_dbi
        gain -= float(one.loss_db(catalogue, azimuth_deg, elevation_deg))
        return (0.0 if bool(one.reaches(catalogue, azimuth_deg)) else 1.0, -gain)

    return min(found, key=rank)
