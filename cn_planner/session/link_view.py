"""Paths of an open plan for the eye; a profile that was cut is kept for the next look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.service.path_terms import view_in_words
from cn_planner.service.path_view import path_view, profile_between
from cn_planner.session.cache import digest

if TYPE_CHECKING:
    from cn_planner.model.plan import Link
    from cn_planner.service.path_view import LinkView, PathEnd
    from cn_planner.session.workspace import Snapshot
    from cn_planner.study import Study
    from cn_planner.terrain.profile import PathProfile


_LARGEST_BYTES = 1_000_000
"""Of a profile that is kept: some 300 km over cells of 30 m. Four lines right across a small map took all the room."""


def link_view(snapshot: Snapshot, a: PathEnd, b: PathEnd, *, link: Link | None = None) -> LinkView:
    """Return what can be shown of a path; parameters and errors are those of `service.path_view.path_view`."""

    def kept(study: Study, here: PathEnd, there: PathEnd) -> PathProfile:
        places = (here.latitude, here.longitude), (there.latitude, there.longitude)
        key = digest("profile", snapshot.air_key, *places)
        found: PathProfile | None = snapshot.cache.get(key)
        if found is None:
            found = profile_between(study, here, there)
            size = 48 * len(found.distance_m)
            if size <= _LARGEST_BYTES:
                snapshot.cache.put(key, found, size)
        return found

    return path_view(snapshot.study, a, b, link=link, profile_of=kept)


def told_view(snapshot: Snapshot, a: PathEnd, b: PathEnd, *, link: Link | None = None) -> LinkView:
    """Return what can be shown of a path, with its hills by name and the reasons where models differ."""
    return view_in_words(snapshot.study, link_view(snapshot, a, b, link=link))
