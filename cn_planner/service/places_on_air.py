"""The public places that hang on sectors: each takes of a sector's air what it takes at the busy hour over its rate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.model.clients import client_of, demand_of
from cn_planner.model.items import Items
from cn_planner.progress import ALONE, Run
from cn_planner.service.hanging import sectors_of_clients
from cn_planner.service.homes import service
from cn_planner.service.now import PlaceOnAir

if TYPE_CHECKING:
    from cn_planner.study import Study


def places_on_air(study: Study, *, run: Run = ALONE) -> tuple[PlaceOnAir, ...]:
    """Return the public places that the towers of a plan connect by radio, in the order of ids.

    A place where a mast stands is joined by cable, and takes no air.

    Raises
    ------
    InputError
        Where a kit is not in the catalogue, or the kits of tower and place have no mode in common.
    CancelledError
    """
    plan, found = study.plan, list[PlaceOnAir]()
    joined = {client_of(one).id: one for one in plan.places.values() if one.server in plan.used_sites}
    if not joined:
        return ()
    clients = [client_of(one) for one in joined.values()]
    alone = replace(study, plan=replace(plan, households=Items(clients)))
    hung_on = sectors_of_clients(study, clients)
    for one in service(alone, others=False, down=(), run=run):
        home, site = alone.plan.households[one.home], plan.sites[str(joined[one.home].server)]
        if (home.latitude, home.longitude) == (site.latitude, site.longitude):
            continue
        found.append(
            PlaceOnAir(joined[one.home].id, site.id, hung_on[home.id], demand_of(plan, home), one.rate_down_mbps or 0.0)
        )
    return tuple(found)
