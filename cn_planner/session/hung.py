"""On which sector each home of an open plan hangs, for its addresses: as all that is printed says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.model.clients import clients
from cn_planner.service.hanging import sectors_of_clients

if TYPE_CHECKING:
    from cn_planner.session.workspace import Snapshot


def clients_hang_on(snapshot: Snapshot) -> dict[str, str]:
    """Return the sector of each home and connected place; on no ground where the plan has none.

    Raises
    ------
    FileError
        Where a terrain file is gone or damaged: without it other homes than printed might share a sector.
    """
    study = snapshot.study if snapshot.plan.elevation else snapshot.bare_study
    return sectors_of_clients(study, clients(snapshot.plan).values())
