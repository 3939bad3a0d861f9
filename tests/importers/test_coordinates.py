"""Coordinates as people write them, and as telephones send them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.geo import WGS84, mgrs, transform, utm_crs
from cn_planner.importers.coordinates import place_readings


def first(text: str, near: tuple[float, float] | None = None) -> tuple[float, float]:
    likeliest = place_readings(text, near)[0]
    return likeliest.latitude, likeliest.longitude


SECONDS = (42 + 5 / 60 + 35 / 3600, -(1 + 48 / 60 + 30 / 3600))
HERE = (42.0931, 1.8082)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("42.0931, 1.8082", HERE),
        ("42.0931 N 1.8082 E", HERE),
        ("-33.5; 18.9", (-33.5, 18.9)),
        ("33.5S 18.9E", (-33.5, 18.9)),
        ("E 18.9 S 33.5", (-33.5, 18.9)),
        ("42°5'35\" N, 1°48'30\" W", SECONDS),
        ("42° 5′ 35″ N 1° 48′ 30″ W", SECONDS),
        ("42,0931, 1,8082", HERE),
        ("42,0931 1,8082", HERE),
        ("42,0931; 1,8082", HERE),
        ("42,0931;1,8082", HERE),
        ("42,0931° N 1,8082° E", HERE),
        ("42° 5,586' N 1° 48,492' E", HERE),
        ("178.4, -16.5", (-16.5, 178.4)),  # no latitude
        ("geo:42.0931,1.8082", HERE),
        ("geo:42.0931,1.8082,650;crs=wgs84;u=35", HERE),
        ("geo:42.0931,1.8082?z=17", HERE),
        ("https://www.google.com/maps/place/X/@42.1,1.9,17z/data=!3m1!4b1!4m6!3m5!1s0x0!8m2!3d42.0931!4d1.8082", HERE),
        ("https://www.google.com/maps/@42.0931,1.8082,15z", HERE),
        ("https://maps.google.com/?q=42.0931,1.8082", HERE),
        ("https://www.google.com/maps/search/?api=1&query=42.0931%2C1.8082", HERE),
        ("https://maps.apple.com/?ll=42.0931,1.8082&q=Pin", HERE),
        ("https://www.openstreetmap.org/?mlat=42.0931&mlon=1.8082#map=15/42.2/1.9", HERE),
        ("https://www.openstreetmap.org/#map=15/42.0931/1.8082", HERE),
        ("https://www.bing.com/maps?cp=42.0931~1.8082&lvl=15", HERE),
        # Of the test vectors of the Open Location Code specification.
        ("7FG49QCJ+2VX", (20.3701125, 2.782234375)),
        ("8fvc2222+22", (47.0000625, 8.0000625)),
        ("4VCPPQGP+Q9", (-41.2730625, 174.7859375)),
        ("31T DG 00000 50000", (41.99567017, 1.79262492)),
    ],
)
def test_coordinates_as_people_write_them(text: str, place: tuple[float, float]) -> None:
    assert first(text) == pytest.approx(place, abs=1e-7)
    assert first(f"  {text} ") == pytest.approx(place, abs=1e-7)


@example(-2.285557295427153e-08, 0.0)
@example(-4.4e-06, 33.0)
@given(st.floats(-79.9, 83.9), st.floats(-179.9, 179.9))
def test_a_place_by_its_grids_is_that_place(latitude: float, longitude: float) -> None:
    x, y = transform(WGS84, utm_crs(latitude, longitude), [longitude], [latitude])
    zone = (int((longitude + 180) // 6) % 60) + 1
    found = place_readings(f"{zone}{'N' if latitude >= 0 else 'S'} {x[0]:06.0f} {y[0]:.0f}")
    assert any(abs(one.latitude - latitude) < 2e-5 and abs(one.longitude - longitude) < 1e-4 for one in found)
    square = first(mgrs(latitude, longitude))
    assert abs(square[0] - latitude) < 2e-5
    assert abs((square[1] - longitude + 180) % 360 - 180) < 2e-5 / max(1e-3, 1 - abs(latitude) / 90)


def test_what_can_be_read_two_ways_is_read_where_the_plan_is() -> None:
    both = place_readings("1.8082, 42.0931")
    assert [(one.latitude, one.longitude) for one in both] == [(1.8082, 42.0931), HERE]
    assert str(both[0].how) == "latitude, longitude"
    assert first("1.8082, 42.0931", near=(42.0, 2.0)) == HERE
    assert first("42.0931, 1.8082", near=(42.0, 2.0)) == HERE
    assert len(place_readings("42.0931 N, 1.8082 E")) == 1
    # Zone 33 S: the southern hemisphere, or the band of Sicily.
    sicily = place_readings("33S 445000 4180000", near=(37.5, 14.0))
    assert len(sicily) == 2
    assert sicily[0].latitude == pytest.approx(37.77, abs=0.01)
    assert place_readings("33S 445000 4180000")[0].latitude == pytest.approx(-52.5, abs=0.1)


@pytest.mark.parametrize(
    ("code", "near"), [("PR6P+VQ", (42.1, 1.9)), ("9QCJ+2VX", (20.3, 2.9)), ("QJ+2V", (20.37, 2.78))]
)
def test_short_plus_codes_need_a_place_near_them(code: str, near: tuple[float, float]) -> None:
    if code.index("+") < 4:
        with pytest.raises(InputError):
            place_readings(code, near)
        return
    found = first(code, near)
    assert abs(found[0] - near[0]) <= 0.5
    assert abs(found[1] - near[1]) <= 0.5
    with pytest.raises(InputError, match="short one"):
        place_readings(code)


@pytest.mark.parametrize(
    "text",
    ["", "Serra", "42.1", "195, 10", "95, 100", "10 E 20 E", "1 2 3", "geo:95,10", "https://maps.app.goo.gl/AbCd12",
     "61N 500000 1", "99TDG00", "31TII0000", "7FG49QCJ+2", "42.1, nan", "geo:1,2,x"],
)  # fmt: skip
def test_what_is_no_place_is_said(text: str) -> None:
    with pytest.raises(InputError):
        first(text)
