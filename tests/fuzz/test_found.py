"""What the fuzzer found, each as a file as small as it can be: refused in words, or of no harm."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import rasterio

from cn_planner import faults, i18n
from cn_planner.errors import FileError, InputError, PlanFileError, PlannerError
from cn_planner.export.files import _finish
from cn_planner.gis.pack import read_pack
from cn_planner.gis.picture import PictureFile
from cn_planner.gis.raster import read_elevation
from cn_planner.gui.intake import kind_of_things
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.equipment import RadioMode
from cn_planner.model.plan import Household, Plan
from cn_planner.paths import resources
from cn_planner.storage.catalogue import read_catalogue
from cn_planner.storage.catalogue_radios import shannon_dbm
from cn_planner.storage.codec import decode_message, encode_message
from cn_planner.storage.plan_file import PlanFile
from cn_planner.storage.regulations import read_rules
from cn_planner.terrain import known
from cn_planner.validation.profiles import read_clutter, read_profiles

from . import engine, ground_seeds
from .readers import READERS

DEEP = "[" * 100_000


@pytest.fixture(autouse=True)
def log(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path_factory.mktemp("log") / "faults.log"
    monkeypatch.setattr(faults, "log_path", lambda: path)
    return path


@pytest.mark.parametrize(
    "text",
    [
        '{"features": 5}', '{"features": {"a": 1}}',
        '{"features": [5, null, {"properties": [1]}, {"properties": "x"}]}',
        '{"features": ' + DEEP, "[" + DEEP, "a\0b,c\n", '"' + "x" * 200_000 + '"\n',
    ],
)  # fmt: skip
def test_what_a_dropped_file_speaks_of_is_guessed_of_any_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    assert kind_of_things(path) == "households"


def test_one_feature_that_is_none_does_not_hide_what_the_others_speak_of(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"features": [7, {"properties": {"rssi": -70}}]}')
    assert kind_of_things(path) == "measurements"


@pytest.mark.parametrize("data", [b'{"source": "\xff"}', b'{"more": ' + DEEP.encode(), "{}".encode("utf-16")])
def test_rules_in_other_letters_or_too_deep_are_named(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_bytes(data)
    with pytest.raises(InputError, match=r"rules\.json"):
        read_rules(tmp_path)


@pytest.mark.parametrize("line", ["day = 2026-13-45", "number = " + "9" * 5000, "a = " + "[" * 5000])
def test_a_day_or_number_that_is_none_in_the_shelf_is_named(line: str, tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    shutil.copytree(resources() / "equipment", folder)
    path = folder / "items.toml"
    path.write_text(line + "\n" + path.read_text("utf-8"), "utf-8")
    with pytest.raises(InputError, match=r"items\.toml"):
        read_catalogue(folder)


@pytest.mark.parametrize("coding", ["1/²", "1/0", "half", "9" * 500 + "/1", "1 / 2"])
def test_a_coding_that_is_no_share_in_the_shelf_is_named(coding: str, tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    shutil.copytree(resources() / "equipment", folder)
    path = folder / "rates.toml"
    path.write_text(path.read_text("utf-8").replace('"1/2"', f'"{coding}"', 1), "utf-8")
    with pytest.raises(InputError, match=r"rates\.toml"):
        read_catalogue(folder)


def test_a_step_of_another_plan_is_not_taken_back_in_silence(tmp_path: Path) -> None:
    """Somebody wrote another history into the file: the home that its step put is not there."""
    path, other = tmp_path / "a.cnplan.gpkg", tmp_path / "b.cnplan.gpkg"
    for one, key in ((path, "h1"), (other, "h2")):
        with PlanFile.create(one, Plan()) as file:
            file.commit(edits.put(file.plan, [Household(key, "", -1.0, 36.0)]))
    with closing(sqlite3.connect(other)) as database:
        (step,) = database.execute("SELECT changes FROM cnplan_history").fetchone()
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE cnplan_history SET changes = ?", (step,))
        database.commit()
    with PlanFile.open(path) as file:
        before = file.plan
        with pytest.raises(PlanFileError, match="history"):
            file.undo()
        assert (file.plan, file.history.done) == (before, 1)


@pytest.mark.parametrize("text", [
    "{gone} moved", "{name.__class__}", "{name[0]}", "{}", "{name:999999999}", "{name:>99}", "{count:zz}", "{name:.2f}",
    "{name", "{name!a}", "{name:{count}}",
])  # fmt: skip
@pytest.mark.parametrize("place", ["one", "many", "within"])
def test_a_stored_sentence_that_cannot_be_said_is_no_sentence(text: str, place: str) -> None:
    values = (("count", 2), ("name", "x"))
    message = {
        "one": Message(text, values), "many": Message("{count}", values, text),
        "within": msg("a {other}", other=Message(text, values)),
    }[place]  # fmt: skip
    with pytest.raises(PlanFileError, match="history"):
        decode_message(encode_message(message))


@pytest.mark.parametrize(
    "message",
    [
        msg("{a:.0f} m, {b:,.2f}, {c!r}, {d:g}, {e:02d}, {f:.12g}, {g:.0%}", a=1.0, b=2.0, c="x", d=3.0, e=4, f=5.0,
            g=0.5),
        counted("{count} home", "{count:,.0f} homes", 3), msg("in {place}", place=msg("{name}", name="{x:99999}")),
    ],
)  # fmt: skip
def test_a_stored_sentence_of_the_program_comes_back(message: Message) -> None:
    assert decode_message(encode_message(message)) == message


@pytest.mark.parametrize("west", [1e300, -1e12, float("nan")])
def test_a_picture_that_lies_nowhere_is_refused_at_once(west: float, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(
        ground_seeds.geotiff(np.zeros((3, 8, 8), np.uint8), "EPSG:3857", (30.0, 0.0, west, 0.0, -30.0, 5e6))
    )
    with pytest.raises(FileError, match="where it lies"):
        PictureFile(path)


def arrays(path: Path, **more: np.ndarray) -> Path:
    np.savez(path, elevation_m=np.arange(9.0), profile_id=np.array(["a", "b"]), **more)
    return path


@pytest.mark.parametrize("offset", [[0, 5, 10**12], [0, 5, 8], [5, 0, 9], [0], [[0, 9]]])
def test_profiles_that_say_more_points_than_they_have_are_refused_before_room_is_made(
    offset: list[int], tmp_path: Path
) -> None:
    path = arrays(tmp_path / "a.npz", offset=np.array(offset), spacing_m=np.array([100.0, 50.0]))
    with pytest.raises(FileError, match="do not fit"):
        read_profiles(path)


@pytest.mark.parametrize("read", [read_profiles, read_clutter])
def test_arrays_with_a_head_that_is_none_are_refused_in_words(read: object, tmp_path: Path, log: Path) -> None:
    array = io.BytesIO()
    np.save(array, np.arange(3.0))
    data = array.getvalue().replace(b"{'descr'", b"{('descr'")
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("elevation_m", "offset", "profile_id", "clutter_height_m"):
            archive.writestr(f"{name}.npy", data)
    with pytest.raises(FileError, match=r"a\.npz"):
        read(path)  # type: ignore[operator]
    assert not log.exists()


@pytest.fixture
def translated(tmp_path: Path) -> Iterator[Path]:
    before = list(i18n._folders)
    yield tmp_path / "es.po"
    i18n._folders[:] = before
    i18n._catalogue.cache_clear()


HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe",
        b"msgid\nmsgstr[x]",
        HEAD.replace("utf-8", "utf-99").encode() + b'msgid "a"',
        HEAD.replace("utf-8", "utf-8\\nPlural-Forms: nplurals=2147483648; plural=(n != 1);").encode()
        + b'msgid "{count} row"\nmsgid_plural "r"\n',
    ],
)
def test_a_translation_that_cannot_be_read_leaves_the_sentence_in_english(
    text: bytes, translated: Path, log: Path
) -> None:
    translated.write_bytes(text)
    i18n.use_catalogues(translated.parent)
    assert i18n.say(msg("There is no such file."), "es") == "There is no such file."


@pytest.mark.parametrize("words", ["{what} filas", "{count:zz} filas", "{count.x} filas", "{} filas", "{count filas"])
def test_a_translation_that_fills_in_what_is_not_there_gives_way_to_english(words: str, translated: Path) -> None:
    translated.write_text(
        f'{HEAD}msgid "{{count}} row"\nmsgid_plural "{{count}} rows"\nmsgstr[0] "{words}"\nmsgstr[1] "{words}"\n'
    )
    i18n.use_catalogues(translated.parent)
    assert i18n.say(counted("{count} row", "{count} rows", 2), "es") == "2 rows"
    with pytest.raises(KeyError):  # a sentence of our own with a slip is seen at once
        i18n.say(msg("{nothing}"), "en")


def test_the_list_of_files_that_were_added_here_is_read_whatever_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(known, "_folders", lambda: (folder,))
    monkeypatch.setattr(known, "_here", set())
    for text in (DEEP, "{}", '[5, null, "/a.tif"]', "\0"):
        (folder / "terrain-files.json").write_text(text)
        known.remember(tmp_path / "b.tif")
        assert str(tmp_path / "b.tif") in json.loads((folder / "terrain-files.json").read_text())


@pytest.mark.parametrize(
    "order",
    [
        "",
        "5",
        "{}",
        DEEP,
        '{"full": 5, "gone": []}',
        '{"full": [5], "gone": []}',
        '{"full": true, "gone": []}',
        "\0\xff",
    ],
)
def test_an_order_of_an_export_that_is_none_is_cleared_away(order: str, tmp_path: Path) -> None:
    aside = tmp_path / ".cn-planner-x-y"
    aside.mkdir()
    (aside / ".order.json").write_text(order, "latin-1")
    (aside / "a.csv").write_text("new")
    _finish(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_order_of_an_export_moves_nothing_beyond_its_folder(tmp_path: Path) -> None:
    """Whoever may write into a shared folder may leave an order there for the next export."""
    folder, mine = tmp_path / "shared", tmp_path / "mine.txt"
    aside = folder / ".cn-planner-x-y"
    aside.mkdir(parents=True)
    mine.write_text("mine")
    (folder / "a.csv").write_text("old")
    (aside / "a.csv").write_text("new")
    (tmp_path / "evil").write_text("evil")
    names = ["../../mine.txt", "../mine.txt", str(mine), "..", ".", "", "a.csv"]
    (aside / ".order.json").write_text(json.dumps({"full": names, "gone": ["../mine.txt", str(mine)]}))
    _finish(folder)
    assert mine.read_text() == "mine"
    assert (folder / "a.csv").read_text() == "new"
    assert {one.name for one in tmp_path.iterdir()} == {"shared", "mine.txt", "evil"}


def _bzip2_damaged(_data: bytes) -> bytes:
    with io.BytesIO() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_BZIP2) as archive:
            archive.writestr("doc.kml", b"<kml/>" * 50)
        return packed.getvalue().replace(b"BZh9", b"BZx9")


def _workbook_damaged(data: bytes) -> bytes:
    with io.BytesIO() as packed:
        with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(packed, "w") as archive:
            for name in whole.namelist():
                part = whole.read(name)
                archive.writestr(name, part.replace(b"</workbook>", b"</book>") if "workbook.xml" in name else part)
        return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "file", "damage"),
    [
        ("kmz", "a.kmz", _bzip2_damaged),
        ("price list", "prices.xlsx", _workbook_damaged),
        ("sun", "power.json", lambda data: data.replace(b"2.0", b"9" * 400, 1)),
        ("sun", "pvgis.json", lambda data: data.replace(b"90.0", b"9" * 400, 1)),
        ("mbtiles", "a.mbtiles", lambda data: data[:1024] + bytes(2048)),
        ("pmtiles", "a.pmtiles", lambda data: data[:7] + b"\x02" + data[8:]),
        ("plan file", "a.cnplan.gpkg", lambda data: data[:60] + b"\xff" * 40 + data[100:]),
    ],
)
def test_damage_is_foreseen_where_it_is_met(
    name: str, file: str, damage: Callable[[bytes], bytes], tmp_path: Path, log: Path
) -> None:
    """Refused in words of its own reader: nothing gets as far as the wall behind all of them, which keeps a log."""
    reader = READERS[name]
    seeds = engine.seeds_of(reader)
    data = damage(seeds.get(file, next(iter(seeds.values()))))
    assert data not in seeds.values()
    (tmp_path / file).write_bytes(data)
    with pytest.raises(PlannerError) as refused:
        reader.read(tmp_path / file)
    assert str(refused.value)
    assert not log.exists()


def test_the_data_base_of_the_sun_may_stay_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "pvgis.csv"
    data = engine.seeds_of(READERS["sun"])["pvgis.csv"]
    path.write_bytes(data.replace(b"Radiation database:\tPVGIS", b"Radiation database"))
    READERS["sun"].read(path)


@pytest.mark.parametrize(
    ("rate", "low", "high"), [(20.0, -100.97, -100.96), (1e9, 1.4e8, 1.6e8), (1e-300, -3300.0, -2900.0),
                              (5e-324, -3300.0, -2900.0)],
)  # fmt: skip
def test_the_least_level_of_a_mode_is_told_of_any_rate(rate: float, low: float, high: float) -> None:
    """20 Mbit/s in 20 MHz is a bit a hertz: as much signal as noise. What is absurd is a number that can be refused."""
    assert low < shannon_dbm(RadioMode("made", 20.0, 20.0, -90.0, rate), 1) < high


def test_a_pack_that_says_it_is_far_larger_than_its_tiles_is_refused_before_room_is_made_for_it(tmp_path: Path) -> None:
    (name, data), *_ = ground_seeds.packs(tmp_path).items()
    path = tmp_path / f"large-{name}"
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as database:  # 12,160 x 12,160 samples: 590 MB
        database.execute("UPDATE gpkg_tile_matrix_set SET max_x = min_x + 12.16, min_y = max_y - 12.16")
        database.execute("UPDATE gpkg_contents SET max_x = min_x + 12.16, min_y = max_y - 12.16 WHERE min_x > 0")
        database.execute("UPDATE gpkg_tile_matrix SET matrix_width = 48, matrix_height = 48")
        database.commit()
    with pytest.raises(FileError, match="not an area pack, or it is damaged"):
        read_pack(path)
    with pytest.raises(FileError, match="not an area pack, or it is damaged"):
        read_elevation(path)


def test_a_picture_of_more_pixels_than_its_bytes_can_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    how = {"driver": "GTiff", "dtype": "uint8", "count": 1, "sparse_ok": True, "blockysize": 4096, "compress": "jpeg"}
    place = rasterio.Affine(30.0, 0.0, 400_000.0, 0.0, -30.0, 4_600_000.0)
    with rasterio.open(path, "w", width=60_000, height=60_000, crs="EPSG:32631", transform=place, **how):
        pass  # a kilobyte; its first tile took more than a minute
    with pytest.raises(FileError, match="damaged or cut short"):
        PictureFile(path)
