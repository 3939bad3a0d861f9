"""What a file is before anything is known of its columns: its kind, its encoding, its clean texts."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from cn_planner.errors import FileError
from cn_planner.importers import table as tables
from cn_planner.importers.result import RowError
from cn_planner.importers.table import Block, SourceTable, clean, encoding_of, first_bytes, read_bytes, wrong_columns
from cn_planner.message import msg

HERE = Path("list.csv")


def written(tmp_path: Path, data: bytes, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Ana  ", "Ana"),
        ("Ana  Maria", "Ana  Maria"),
        ("Ana\tMaria\r\nLopez", "Ana Maria Lopez"),
        ("a\x00b\u2028c\u2029d\ud800e", "a b c d e"),
        ("\u202eevil\u202c \u2066x\u2069\ufeff", "evil x"),
        ("\u200fA\u200e", "A"),
        ("क्\u200dष", "क्\u200dष"),  # a joiner belongs to the script
        ("=1+1 <b>", "=1+1 <b>"),
        ("x" * 1001, "x" * 1000),
        ("\t" + "x" * 999 + "\ty" * 9, "x" * 999 + " "),
        ("", ""),
    ],
)
def test_texts_lose_what_hides_and_nothing_else(text, kept):
    assert clean(text) == kept


@pytest.mark.parametrize(
    ("data", "encoding", "row"),
    [
        ("lat,lon\nñ,2".encode(), "utf-8-sig", None),
        (b"", "utf-8-sig", None),
        ("ñ".encode("utf-16"), "utf-16", None),
        (b"\xfe\xff\x00a", "utf-16", None),
        (b"\xf1", "cp1252", 1),
        (b"lat,lon\n1,2\n\xf1,3\n4,5", "cp1252", 3),
        (b"a\n\xf1\x81", "latin-1", 2),  # 0x81 is nothing in Windows-1252
        (b"a\nb\nc\xc3", "cp1252", 3),  # cut short within a sign
    ],
)
def test_the_encoding_is_found_or_guessed_with_the_row_that_tells(data, encoding, row):
    found, warnings = encoding_of(data, HERE)
    assert found == encoding
    assert [str(one) for one in warnings] == (
        [] if row is None
        else [f"Row {row} is not UTF-8: the file was read as Latin-1 (Windows-1252). Check the accents."]
    )  # fmt: skip


def test_damage_beyond_the_first_megabyte_is_found_in_its_row():
    rows = b"1234567,\xc3\xb1\n" * 200_000  # 2.2 MB, its accents across the edges of what is decoded at once
    assert encoding_of(rows, HERE) == ("utf-8-sig", [])
    damaged = rows[:1_650_000] + b"\xf1" + rows[1_650_001:]
    _, (warning,) = encoding_of(damaged, HERE)
    assert f"Row {1_650_000 // 11 + 1} is not UTF-8" in str(warning)


@pytest.mark.parametrize("length", [15, 16, 17, 31, 32, 33, 48])
def test_a_sign_that_is_cut_short_is_found_wherever_the_text_ends(length, monkeypatch):
    monkeypatch.setattr(tables, "_AT_ONCE", 16)
    text = (b"a\n" * 30)[: length - 1]
    assert encoding_of(text + b"b", HERE) == ("utf-8-sig", [])
    _, (warning,) = encoding_of(text + b"\xc3", HERE)
    assert f"Row {(length - 1) // 2 + 1} is not UTF-8" in str(warning)
    for at in range(1, length - 1):  # and a sign of two bytes is none the worse for where it stands
        assert encoding_of(text[:at] + b"\xc3\xb1" + text[at:], HERE) == ("utf-8-sig", [])


def test_a_character_that_no_text_has_is_told_with_its_row():
    with pytest.raises(FileError, match="Row 3 of the file holds a character that no text has"):
        encoding_of(b"a\nb\nc\x00\nd", HERE)
    with pytest.raises(FileError, match="Row 1 of the file"):
        encoding_of(b"\x00", HERE)
    with pytest.raises(FileError, match="begins as UTF-16 and is damaged at byte 4"):
        encoding_of(b"\xff\xfea\x00b", HERE)


def test_a_file_begins_with_its_first_sign(tmp_path):
    assert first_bytes(written(tmp_path, b"\xef\xbb\xbf \r\n\t{x")) == b"{x"
    assert first_bytes(written(tmp_path, gzip.compress(b"  <gpx>"))) == b"<gpx>"
    assert first_bytes(written(tmp_path, b"")) == b""
    assert first_bytes(written(tmp_path, b"a" * 9000)) == b"a" * 4096
    assert first_bytes(written(tmp_path, gzip.compress(b"b" * 9000))) == b"b" * 4096
    with pytest.raises(FileError, match="damaged or cut short") as cut:
        first_bytes(written(tmp_path, gzip.compress(b"c" * 9000)[:20]))
    assert "Download it again" in str(cut.value.fix)
    with pytest.raises(FileError, match="no such file"):
        first_bytes(tmp_path / "nothing")


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr(zipfile.ZipInfo("a"), "b")
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf \r\n\t", "The file is empty"),
        (zipped(), "a spreadsheet"),
        (zipped()[:-10], "damaged or cut short"),
        (b"\xd0\xcf\x11\xe0....", "an old Excel file"),
        (b"SQLite format 3\x00", "a GeoPackage"),
        (b"%PDF-1.7", "a PDF"),
        (b"II*\x00....", "a TIFF"),
        (b"MM\x00*....", "a TIFF"),
        (b"\x89PNG....", "a picture"),
        (b"\xff\xd8\xff....", "a picture"),
        (b"  <html>", "a web page, KML or other XML"),
        (gzip.compress(b"<gpx>", mtime=0), "a web page, KML or other XML"),
        (gzip.compress(b"%PDF", mtime=0), "a PDF"),
    ],
)
def test_what_is_no_table_is_told_by_what_it_is(tmp_path, data, says):
    with pytest.raises(FileError, match=says):
        read_bytes(written(tmp_path, data))


def test_a_table_is_read_whole_also_out_of_an_archive(tmp_path):
    assert read_bytes(written(tmp_path, b"a,<b>\n1,2")) == b"a,<b>\n1,2"
    assert read_bytes(written(tmp_path, gzip.compress(b"a,b\n1,2"))) == b"a,b\n1,2"
    assert read_bytes(written(tmp_path, b"\xef\xbb\xbfa")) == b"\xef\xbb\xbfa"
    with pytest.raises(FileError, match="no such file"):
        read_bytes(tmp_path / "nothing")


def test_the_largest_file_is_read_and_a_larger_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST_LIST_BYTES", 3 << 20)
    assert len(read_bytes(written(tmp_path, b"a" * (3 << 20)))) == 3 << 20
    with pytest.raises(FileError, match="has 3 MB; at most 3 MB are read") as large:
        read_bytes(written(tmp_path, b"a" * ((3 << 20) + 1)))
    assert "Cut the area" in str(large.value.fix)


def test_half_a_gigabyte_and_two_million_rows_are_the_most():
    assert (tables.MOST_LIST_BYTES, tables.MOST_ROWS) == (512 * 1024**2, 2_000_000)


def test_rows_are_walked_some_at_a_time_with_their_numbers():
    wrong = RowError(msg("No number."), file="list.csv", row=3)
    table = SourceTable("list.csv", ("a",), iter([(2, ("x",)), (3, wrong), (5, ("y",))]))
    assert list(table.walk(2)) == [Block([2, 3], [("x",), wrong]), Block([5], [("y",)])]
    assert list(SourceTable("list.csv", ("a",), iter(())).walk(2)) == []
    assert not Block([2], [("x",)]).even, "nobody has looked whether all cells are text"
    ready = [Block(range(1), [("z",)], even=True)]
    assert list(SourceTable("list.csv", ("a",), iter(()), blocks=iter(ready)).walk(2)) == ready


def test_wrong_columns_are_told_with_those_that_are_there():
    error = wrong_columns(msg("No place."), "list.csv", [f"c{n} " + "x" * 70 for n in range(50)])
    assert "No place" in str(error)
    fix = str(error.fix)
    assert "Name the column with --map FIELD=COLUMN." in fix
    assert "c39 " + "x" * 56 + "." in fix, "forty columns, of each sixty letters"
    assert "c40" not in fix
