"""A band by place: one level recomputed by hand, the losses against the channel plan, and the law cell by cell."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from small_network import flat_ground

from cn_planner.drawing.band_chart import band_chart, band_scale, channel_at
from cn_planner.drawing.display import Anchor, Polygon, Text, texts
from cn_planner.drawing.labels import text_width
from cn_planner.drawing.svg import svg
from cn_planner.errors import CancelledError, InputError
from cn_planner.i18n import use_catalogues
from cn_planner.links.radio import direction
from cn_planner.model import edits
from cn_planner.model.equipment import Source
from cn_planner.model.law import CountryRules, PowerLimit
from cn_planner.model.plan import Info, Link, Plan, Sector, Site, SiteRole, Uplink
from cn_planner.paths import resources
from cn_planner.progress import CancelToken, Run
from cn_planner.service.path_view import PathEnd, path_view, radios
from cn_planner.spectrum.band import ChannelState, band_at, bare_ears, ear_of, ears_of_site
from cn_planner.spectrum.band_words import band_summary, channel_words, radio_words
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.interference import radio_network
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

SHELF = load_catalogue()
HIGH_M = 40.0
STEP_DEG = 0.02
LAT, LON = -1.48, 36.55


@pytest.fixture(scope="module")
def study() -> Study:
    """Three masts in a line from south to north on flat ground, each linked to the next, and a fourth place beyond."""
    ground = flat_ground()
    lat, lon = LAT, LON
    sector = (Sector("S1", Plan().kits.access, 90.0),)
    sites = [
        Site("A", "Ash", lat, lon, role=SiteRole.GATEWAY, uplink=Uplink(), mast_height_m=HIGH_M),
        Site("B", "Birch", lat + STEP_DEG, lon, mast_height_m=HIGH_M, sectors=sector),
        Site("C", "Cedar", lat + 2 * STEP_DEG, lon, mast_height_m=HIGH_M),
        Site("D", "Dogwood", lat + 3 * STEP_DEG, lon),
    ]
    links = [Link("A-B", "A", "B", freq_mhz=5510.0), Link("B-C", "B", "C", freq_mhz=5590.0)]
    plan = edits.put(replace(Plan(), info=Info(country="ES")), [*sites, *links]).plan
    return Study(plan, ground, SHELF, load_country_rules("ES"))


@pytest.mark.parametrize("freq_mhz", [5510.0, 5670.0])
def test_one_level_recomputed_by_hand(study, freq_mhz):
    """Beyond the far end of a link, on its axis: what it radiates, less free space, into an antenna of 0 dBi."""
    plan = edits.put(study.plan, [replace(study.plan.links["A-B"], freq_mhz=freq_mhz)]).plan
    study, site = replace(study, plan=plan), plan.sites["D"]
    kit = replace(SHELF.kit(plan.kits.backhaul), freq_mhz=freq_mhz)
    found = band_at(study, bare_ears(study.plan, SHELF, site.latitude, site.longitude, HIGH_M)[0])
    heard = next(one for one in found.radios if one.key[2] == "A-B")

    radio, antenna = SHELF.radios[kit.radio], SHELF.antennas[kit.antenna]
    powers = [mode.tx_power_dbm for mode in radio.modes if mode.width_mhz == kit.width_mhz]
    eirp = max(powers) - kit.cable_loss_db + antenna.gain_dbi
    most = radio_most(study, kit, antenna)
    if eirp > most:  # a radio is set to whole dBm
        eirp = math.floor(most - antenna.gain_dbi + kit.cable_loss_db) + antenna.gain_dbi - kit.cable_loss_db
    # One degree of a meridian at this latitude, by the series of the ellipsoid; A stands three steps off.
    phi = math.radians(site.latitude - 1.5 * STEP_DEG)
    degree_m = 111_132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    length_m = 3 * STEP_DEG * degree_m
    free_db = 20.0 * math.log10(4.0 * math.pi * length_m * kit.freq_mhz * 1e6 / 299_792_458.0)
    assert heard.level_dbm == pytest.approx(eirp - free_db, abs=0.05)

    # View, table and description say that one level.
    drawn = band_chart(found, width=760.0, height=300.0)
    scale = band_scale(found, 760.0, 300.0)
    left, right = scale.x(heard.channel.low_mhz), scale.x(heard.channel.high_mhz)
    tops = [
        scale.low_dbm + (scale.bottom - min(y for _, y in one.rings[0])) / (scale.bottom - scale.top)
        * (scale.high_dbm - scale.low_dbm)
        for one in drawn.items
        if isinstance(one, Polygon) and {round(x, 6) for x, _ in one.rings[0]} == {round(left, 6), round(right, 6)}
        and max(y for _, y in one.rings[0]) == scale.bottom
    ]  # fmt: skip
    assert tops == [pytest.approx(heard.level_dbm)]
    assert (right - left) / (scale.right - scale.left) == pytest.approx(
        kit.width_mhz / (found.high_mhz - found.low_mhz)
    )
    assert str(radio_words(heard)[2]) == f"{heard.level_dbm:.0f} dBm"
    said = next(one for one in found.as_dict()["radios"] if one["id"] == "A-B")
    assert said["level_dbm"] == round(heard.level_dbm, 2)
    svg(drawn)


def radio_most(study: Study, kit, antenna) -> float:
    """The most that the text of the law lets a kit radiate, read off the limits one by one."""
    low, high = kit.freq_mhz - kit.width_mhz / 2, kit.freq_mhz + kit.width_mhz / 2
    found = []
    for one in study.regulations.limits:
        if one.low_mhz <= low and high <= one.high_mhz and kit.width_mhz <= one.max_width_mhz and not one.indoor_only:
            if one.licence or one.use.value == "access-point":
                continue
            limit = one.limit_dbm - one.less_without_tpc_db
            if one.density_dbm_mhz is not None:
                limit = min(limit, one.density_dbm_mhz + 10 * math.log10(kit.width_mhz) - one.less_without_tpc_db)
            found.append(limit if one.eirp else limit + antenna.gain_dbi)
    return max(found)


def test_an_antenna_of_the_plan_hears_what_the_channel_plan_goes_by(study):
    """On the channel of the kits, to which the channel plan holds levels whatever channels it tries."""
    plan = edits.put(study.plan, [replace(one, freq_mhz=None) for one in study.plan.links.values()]).plan
    study = replace(study, plan=plan)
    network = radio_network(study)
    found = band_at(study, ear_of(study.plan, SHELF, "A-B:A"))
    keys = [user.key for user in network.users]
    column = next(
        n for n, one in enumerate(network.receivers)
        if network.stations[one.station].place == "A" and keys[network.stations[one.station].user][2] == "A-B"
    )  # fmt: skip
    assert found.own.key[2] == "A-B"
    assert found.own.level_dbm == pytest.approx(network.wanted_dbm[column])
    for one in found.radios:
        if not one.own:
            level = network.heard_dbm[keys.index(one.key), column]
            assert one.level_dbm == (pytest.approx(level) if np.isfinite(level) else None)
    assert found.noise_dbm == pytest.approx(network.noise_dbm[column])


@pytest.mark.parametrize("freq_mhz", [None, 5230.0, 5690.0])
def test_a_level_is_that_of_the_channel_it_works_on(study, freq_mhz):
    """A link on 5,230 MHz had the level that it has on its kit's 5,510: half a decibel under profile and papers.

    Held against the judge of single links, and by hand: antennas and power of the shelf less free space.
    """
    row = replace(study.plan.links["A-B"], freq_mhz=freq_mhz)
    study = replace(study, plan=edits.put(study.plan, [row]).plan)
    view = path_view(study, *(PathEnd(0.0, 0.0, None, "site", key) for key in ("A", "B")), link=row)
    way = direction(*radios(study, view))
    said = band_at(study, ear_of(study.plan, SHELF, "A-B:B")).own.level_dbm
    assert said == pytest.approx(way.level_dbm[way.robust] - view.budget.losses.total_db, abs=0.05)

    kit = SHELF.kit(study.plan.kits.backhaul)
    freq = kit.freq_mhz if freq_mhz is None else freq_mhz
    gain = SHELF.antennas[kit.antenna].gain_dbi - kit.cable_loss_db
    free_db = 20.0 * math.log10(4.0 * math.pi * view.profile.length_m * freq * 1e6 / 299_792_458.0)
    assert said == pytest.approx(way.power_dbm[way.robust] + 2.0 * gain - free_db, abs=0.1)


def test_what_is_lost_is_what_the_channel_plan_says_once_it_is_set(study):
    found = band_at(study, ear_of(study.plan, SHELF, "B-C"))
    tried = [one for one in found.channels if one.lost is not None]
    assert len(tried) > 3
    assert found.now.lost == pytest.approx(plan_channels(study, keep=True).lost)
    for one in tried[:3]:
        link = replace(study.plan.links["B-C"], freq_mhz=one.channel.freq_mhz)
        plan = edits.put(study.plan, [link]).plan
        assert one.lost == pytest.approx(plan_channels(replace(study, plan=plan), keep=True).lost, abs=1e-9)
    best = found.at(found.best.freq_mhz)
    assert best.lost <= min(one.lost for one in tried if one.state is ChannelState.OPEN) + 1e-9
    # The channel planner, with all else held, takes one that loses no less.
    free = edits.put(study.plan, [replace(study.plan.links["B-C"], freq_mhz=None)]).plan
    held = edits.put(free, [replace(free.sites["B"], sectors=(replace(free.sites["B"].sectors[0], freq_mhz=5745.0),))])
    by_planner = plan_channels(replace(study, plan=held.plan))
    there = band_at(replace(study, plan=by_planner.edit.plan), ear_of(study.plan, SHELF, "B-C"))
    assert there.at(there.best.freq_mhz).lost <= by_planner.lost + 1e-9


def test_the_law_is_told_channel_by_channel(study):
    """Against the limits of the country as they stand in its text."""
    found = band_at(study, ear_of(study.plan, SHELF, "A-B"))
    limits = study.regulations.limits
    for one in found.channels:
        inside = [
            limit for limit in limits
            if limit.low_mhz <= one.channel.low_mhz and one.channel.high_mhz <= limit.high_mhz
            and one.channel.width_mhz <= limit.max_width_mhz
        ]  # fmt: skip
        if not inside:
            assert one.state is ChannelState.CLOSED, one
        elif all(limit.indoor_only for limit in inside):
            assert one.state is ChannelState.INDOOR, one
        if one.state in (ChannelState.CLOSED, ChannelState.INDOOR):
            assert (one.limit_dbm, one.sent_dbm) == (None, None)
        else:
            assert one.sent_dbm <= one.limit_dbm + 1e-9
    assert {one.state for one in found.channels} >= {ChannelState.INDOOR, ChannelState.OPEN}
    # The parts lie side by side from edge to edge of the band.
    assert found.spans[0].low_mhz == found.low_mhz
    assert found.spans[-1].high_mhz == found.high_mhz
    assert all(a.high_mhz == b.low_mhz for a, b in zip(found.spans, found.spans[1:], strict=False))


def test_where_the_law_is_not_known_every_channel_counts_and_it_is_said(study):
    found = band_at(replace(study, regulations=None), ear_of(study.plan, SHELF, "A-B"))
    assert found.spans == ()
    assert {one.state for one in found.channels} <= {ChannelState.OPEN, ChannelState.PATHS}
    assert any("rules of the country are not known" in str(one) for one in band_summary(found))


def test_a_law_that_opens_nothing(study):
    closed = CountryRules("XX", (), Source("none", "by hand"))
    found = band_at(replace(study, regulations=closed), ear_of(study.plan, SHELF, "B"))
    assert found.best is None
    assert str(band_summary(found)[1]) == "No channel of this radio is open outdoors here."
    assert {one.state for one in found.channels} == {ChannelState.CLOSED}
    assert any("closed" in one.text for one in texts(band_chart(found).items))


def test_a_licence_that_is_not_held_closes_a_channel(study):
    limit = PowerLimit(5150.0, 5900.0, 30.0, True, 80.0, False, False, licence=True)
    law = CountryRules("XX", (limit,), Source("none", "by hand"))
    found = band_at(replace(study, regulations=law), ear_of(study.plan, SHELF, "B"))
    assert {one.state for one in found.channels} == {ChannelState.LICENCE}
    held = band_at(replace(study, regulations=replace(law, licence_held=True)), ear_of(study.plan, SHELF, "B"))
    assert held.best is not None


def test_what_can_be_listened_with_at_a_site(study):
    ears = ears_of_site(study.plan, SHELF, study.plan.sites["B"])
    assert [one.user and one.user[2] for one in ears[:3]] == ["S1", "A-B", "B-C"]
    assert all(one.user is None for one in ears[3:])
    assert len(ears) > 3
    for one in ears:
        assert band_at(study, one).name == "Birch"


@pytest.mark.parametrize("where", ["", "nowhere", "B:S9", "A-B:D", "A-B:nowhere", "A:"])
def test_a_place_that_is_none_is_said(study, where):
    if where == "A:":  # a site with nothing behind the colon is the site
        assert ear_of(study.plan, SHELF, where).site == "A"
        return
    with pytest.raises(InputError, match="nothing to listen with"):
        ear_of(study.plan, SHELF, where)


def test_a_sector_of_a_place_without_a_mast_does_not_send(study):
    plan = edits.put(study.plan, [replace(study.plan.sites["B"], mast_height_m=None)]).plan
    with pytest.raises(InputError, match="does not send now"):
        band_at(replace(study, plan=plan), ear_of(study.plan, SHELF, "B:S1"))


def test_an_empty_plan_hears_nobody(study):
    found = band_at(replace(study, plan=Plan()), bare_ears(Plan(), SHELF, LAT, LON, 5.0)[0])
    assert found.radios == ()
    assert all(one.heard_dbm is None and one.rise_db == 0.0 for one in found.channels)
    band_chart(found)


def test_a_cancel_ends_it(study):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        band_at(study, ear_of(study.plan, SHELF, "B:S1"), run=Run(cancel=cancel))


def test_a_click_finds_its_channel_and_beyond_the_last_none(study):
    found = band_at(study, ear_of(study.plan, SHELF, "A-B"))
    for one in found.channels:
        assert channel_at(found, one.channel.freq_mhz + 1.0) == one
    assert channel_at(found, found.channels[0].channel.low_mhz - 5.0) is None
    assert [len(channel_words(found, one)) for one in found.channels] == [5] * len(found.channels)


@pytest.mark.parametrize("language", ["en", "es", "ar", "hi"])
@pytest.mark.parametrize("size", [(560.0, 190.0), (760.0, 300.0)])
@pytest.mark.parametrize("where", ["B:S1", "A-B", "B"])
def test_no_text_of_the_picture_leaves_it_or_covers_another(study, where, size, language):
    use_catalogues(resources() / "translations")
    found = band_at(study, ear_of(study.plan, SHELF, where))
    drawn = band_chart(found, width=size[0], height=size[1], language=language)
    boxes = [(one.text, _box_of(one)) for one in texts(drawn.items)]
    assert len(boxes) > 10
    for text, (left, top, right, bottom) in boxes:
        assert 0.0 <= left < right <= size[0], text
        assert 0.0 <= top < bottom <= size[1], text
    for (one, a), (other, b) in combinations(boxes, 2):
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3], (one, other)


def _box_of(one: Text) -> tuple[float, float, float, float]:
    wide = text_width(one.text, one.size, bold=one.bold)
    left = one.x - {Anchor.START: 0.0, Anchor.MIDDLE: wide / 2.0, Anchor.END: wide}[one.anchor]
    return left, one.y - 0.45 * one.size, left + wide, one.y + 0.45 * one.size


def test_an_id_with_a_colon_is_the_whole_word_first(study):
    site = replace(study.plan.sites["B"], id="north:1", sectors=(replace(study.plan.sites["B"].sectors[0], id="S1"),))
    plan = edits.put(study.plan, [site, Link("a:b", "A", "north:1")]).plan
    assert ear_of(plan, SHELF, "north:1").site == "north:1"
    assert ear_of(plan, SHELF, "north:1:S1").user == ("sector", "north:1", "S1")
    assert ear_of(plan, SHELF, "a:b").user == ("link", "A", "a:b")
    assert ear_of(plan, SHELF, "a:b:A").site == "A"
    with pytest.raises(InputError, match="own radio listens"):
        ear_of(plan, SHELF, "a:b", "nope")
