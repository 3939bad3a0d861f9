"""A plan edited in QGIS: what was done there is in the plan, can be undone, and nothing of it is lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pyogrio
import pytest
import shapely
from plan_examples import village

from cn_planner.model import edits
from cn_planner.model.plan import TABLES, Choice, Note, SiteRole
from cn_planner.storage.plan_file import PlanFile


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "village.cnplan.gpkg"
    PlanFile.create(path, village()).close()
    return path


def by_sql(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(*statement) if isinstance(statement, tuple) else connection.execute(statement)
        connection.commit()


def aside(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT layer, row, reason, data FROM set_aside ORDER BY fid").fetchall()


def gpkg_point(longitude, latitude):
    """A point as GDAL writes it, from a library that is not ours."""
    return (
        b"GP\x00\x01" + (4326).to_bytes(4, "little") + shapely.to_wkb(shapely.Point(longitude, latitude), byte_order=1)
    )


def settled(path):
    """Open the file once more: what was found is found once."""
    with PlanFile.open(path) as file:
        assert file.external_edit is None
        assert file.notices == ()
        return file.plan


def test_a_site_moved_by_gdal_is_moved_with_its_links_and_can_be_undone(path):
    # GDAL itself writes the layer anew: every feature read, one moved, appended under the same table definition.
    meta, _, shapes, columns = pyogrio.raw.read(path, layer="sites")
    shapes[1] = shapely.to_wkb(shapely.Point(36.58, -1.46))
    by_sql(path, "DELETE FROM sites")
    pyogrio.raw.write(
        path, shapes, columns, meta["fields"], layer="sites", geometry_type="Point", crs="EPSG:4326", append=True
    )
    with PlanFile.open(path) as file:
        assert (
            file.plan == edits.put(village(), [replace(village().sites["hill"], latitude=-1.46, longitude=36.58)]).plan
        )
        assert str(file.external_edit.label) == "changed by another program (0 added, 1 changed, 0 removed)"
        assert file.history.steps == (file.external_edit,)
    lines = shapely.from_wkb(pyogrio.raw.read(path, layer="links")[2])
    assert [line.coords[1 - at] for at, line in enumerate(lines)] == [(36.58, -1.46)] * 2
    assert settled(path).sites["hill"].longitude == 36.58
    with PlanFile.open(path) as file:
        file.undo()
        assert file.plan == village()
    assert settled(path) == village()
    with PlanFile.open(path) as file:
        file.redo()
        assert file.plan.sites["hill"].longitude == 36.58


def test_homes_drawn_in_qgis_get_what_was_not_filled_in(path):
    places = np.array([shapely.to_wkb(shapely.Point(36.5, -1.4 + n / 100)) for n in range(3)], dtype=object)
    names = np.array(["Mill", None, "Shop"], dtype=object)
    pyogrio.raw.write(
        path, places, [names], ["name"], layer="households", geometry_type="Point", crs="EPSG:4326", append=True
    )
    with PlanFile.open(path) as file:
        assert str(file.external_edit.label) == "changed by another program (3 added, 0 changed, 0 removed)"
        new = [home for key, home in file.plan.households.items() if key not in ("h1", "h2")]
        assert [(home.id, home.name, home.weight, home.antenna_height_m) for home in new] == [
            ("home-3", "Mill", 1.0, None),
            ("home-4", "", 1.0, None),
            ("home-5", "Shop", 1.0, None),
        ]
        assert file.notices == ()
    settled(path)


def test_columns_edited_by_hand(path):
    sectors = json.dumps([{"id": "s1", "kit": "sector", "azimuth_deg": 45}])
    by_sql(
        path,
        "UPDATE sites SET role = 'existing', choice = 'locked', owner = 'Abebe' WHERE id = 'ridge'",
        ("UPDATE sites SET sectors = ?, uplink = NULL WHERE id IN ('gw', 'hill')", (sectors,)),
        "UPDATE zones SET no_build = 0",
        "UPDATE households SET server = NULL, weight = 4",
        "DELETE FROM notes",
    )
    with PlanFile.open(path) as file:
        sites = file.plan.sites
        assert (sites["ridge"].role, sites["ridge"].choice, sites["ridge"].owner) == (
            SiteRole.EXISTING,
            Choice.LOCKED,
            "Abebe",
        )
        assert [sector.azimuth_deg for sector in sites["hill"].sectors] == [45.0]
        assert sites["gw"].uplink is None
        assert file.plan.zones["grove"] == replace(village().zones["grove"], no_build=False)
        assert {home.weight for home in file.plan.households.values()} == {4.0}
        assert not file.plan.notes
        assert file.notices == ()
    settled(path)


def test_a_site_given_another_id_keeps_its_links_and_homes(path):
    by_sql(path, "UPDATE sites SET id = 'summit' WHERE id = 'hill'")
    with PlanFile.open(path) as file:
        assert set(file.plan.sites) == {"gw", "summit", "ridge"}
        assert file.plan.links["gw-hill"].to_site == "summit"
        assert file.plan.links["hill-ridge"].from_site == "summit"
        assert file.plan.households["h1"].server == "summit"
    settled(path)


def test_a_site_deleted_in_qgis_takes_its_links_with_it_and_undo_brings_all_back(path):
    by_sql(path, "DELETE FROM sites WHERE id = 'hill'")
    with PlanFile.open(path) as file:
        assert file.plan == edits.remove(village(), "sites", ["hill"]).plan
        assert "Link gw-hill went with its site hill." in [str(one) for one in file.notices]
        file.undo()
        assert file.plan == village()
    assert settled(path) == village()


def test_what_cannot_stand_is_said_and_kept_word_for_word_and_the_rest_is_taken(path):
    by_sql(
        path,
        "UPDATE sites SET max_height_m = 999, owner = 'Abebe' WHERE id = 'gw'",
        "UPDATE sites SET role = 'castle', sectors = 'many' WHERE id = 'hill'",
        ("UPDATE sites SET geom = ? WHERE id = 'ridge'", (gpkg_point(400.0, 95.0),)),
        "UPDATE households SET name = NULL, weight = 'heavy' WHERE id = 'h1'",
        "UPDATE households SET id = NULL WHERE id = 'h2'",
        "INSERT INTO households (id, name) VALUES ('h3', 'nowhere')",
        "INSERT INTO obstacles (id, geom) SELECT 'pole', geom FROM obstacles",
        "UPDATE links SET to_site = 'moon' WHERE id = 'gw-hill'",
        "INSERT INTO links (id, from_site, to_site) VALUES ('loop', 'gw', 'gw')",
        "UPDATE households SET server = 'moon' WHERE id = 'h1'",
    )
    with PlanFile.open(path) as file:
        before, plan = village(), file.plan
        assert plan.sites["gw"] == replace(before.sites["gw"], owner="Abebe")
        assert plan.sites["hill"] == before.sites["hill"]
        assert plan.sites["ridge"] == before.sites["ridge"]
        assert plan.households["h1"] == replace(before.households["h1"], name="")
        assert plan.households["h2"] == before.households["h2"]
        assert set(plan.households) == {"h1", "h2"}
        assert set(plan.obstacles) == {"tree"}
        assert plan.links == before.links
        said = "\n".join(str(one) for one in file.notices)
        for words in (
            "8 rows could not be taken",
            "sites, row 1: max_height_m cannot be 999.0: it must be between 0 and 150 m",
            "role cannot be 'castle': one of gateway, gateway_option, candidate, existing, relay",
            "latitude 95, longitude 400 is not on the globe",
            "weight cannot be 'heavy'",
            "height_m is not given",
            "moon, which is not a site",
            "begins and ends at gw",
        ):
            assert words in said
    rows = aside(path)
    assert {(layer, row) for layer, row, _, _ in rows} == {
        ("sites", 1),
        ("sites", 2),
        ("sites", 3),
        ("households", 1),
        ("households", 3),
        ("obstacles", 2),
        ("links", 1),
        ("links", 3),
    }
    kept = json.loads(next(data for layer, row, _, data in rows if (layer, row) == ("sites", 3)))
    assert shapely.from_wkb(bytes.fromhex(kept["geom"])[8:]) == shapely.Point(400, 95)
    settled(path)


def test_a_feature_copied_in_qgis_gets_an_id_of_its_own(path):
    by_sql(
        path,
        "INSERT INTO sites (geom, id, name, role, status, choice, max_height_m, sectors) "
        "SELECT geom, id, name, role, status, choice, max_height_m, sectors FROM sites WHERE id = 'hill'",
    )
    with PlanFile.open(path) as file:
        assert file.plan.sites["hill"] == village().sites["hill"]
        assert file.plan.sites["hill-2"].sectors == village().sites["hill"].sectors
        assert "the id hill is used already; it became hill-2" in str(file.notices[0])
    settled(path)


def test_many_features_of_one_id_each_get_one_of_their_own(path):
    many = 2000
    with closing(sqlite3.connect(path)) as connection:
        (place,) = connection.execute("SELECT geom FROM households LIMIT 1").fetchone()
        connection.executemany("INSERT INTO households (geom, id) VALUES (?, 'copy')", [(place,)] * many)
        connection.commit()
    with PlanFile.open(path) as file:
        assert {"copy", *(f"copy-{number}" for number in range(2, many + 1))} <= set(file.plan.households)
    settled(path)


def test_a_row_renamed_to_an_id_that_is_used_keeps_its_own(path):
    by_sql(path, "UPDATE sites SET id = 'gw'")
    with PlanFile.open(path) as file:
        assert set(file.plan.sites) == {"gw", "hill", "ridge"}
        assert file.external_edit is None
        assert len(file.notices) == 2
    settled(path)


def test_a_link_drawn_from_site_to_site_is_a_link(path):
    line = shapely.LineString([(36.5, -1.5), (36.55, -1.5), (36.6, -1.4)])
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(line)], dtype=object),
        [np.array(["by the road"], dtype=object)],
        ["note"],
        layer="links",
        geometry_type="LineString",
        crs="EPSG:4326",
        append=True,
    )
    with PlanFile.open(path) as file:
        link = file.plan.links["link-3"]
        assert (link.from_site, link.to_site, link.note) == ("gw", "ridge", "by the road")
    assert shapely.from_wkb(pyogrio.raw.read(path, layer="links")[2])[2] == shapely.LineString(
        [(36.5, -1.5), (36.6, -1.4)]
    )
    settled(path)


def test_a_line_dragged_off_its_sites_is_put_back(path):
    with closing(sqlite3.connect(path)) as connection:
        before = connection.execute("SELECT geom FROM links ORDER BY fid").fetchall()
    by_sql(path, "UPDATE links SET geom = (SELECT geom FROM links WHERE fid = 2) WHERE fid = 1")
    with PlanFile.open(path) as file:
        assert file.external_edit is None
        assert "follows its sites" in str(file.notices[0])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT geom FROM links ORDER BY fid").fetchall() == before


def test_a_field_and_a_layer_removed_in_qgis_are_restored(path):
    by_sql(
        path,
        "ALTER TABLE sites DROP COLUMN sectors",
        "UPDATE sites SET owner = 'Abebe'",
        "DROP TABLE obstacles",
        "DELETE FROM gpkg_geometry_columns WHERE table_name = 'obstacles'",
        "DELETE FROM gpkg_contents WHERE table_name = 'obstacles'",
    )
    with PlanFile.open(path) as file:
        assert {site.owner for site in file.plan.sites.values()} == {"Abebe"}
        assert file.plan.sites["hill"].sectors == village().sites["hill"].sectors
        assert file.plan.obstacles == village().obstacles
        said = " ".join(str(one) for one in file.notices)
        assert "Columns of sites were removed; they were restored: sectors." in said
        assert "The layer obstacles was removed; it was restored." in said
    settled(path)
    assert shapely.from_wkb(pyogrio.raw.read(path, layer="obstacles")[2])[0] == shapely.Point(36.52, -1.42)


def test_a_plan_of_a_program_that_knew_no_poles_opens_without_a_word(path):
    by_sql(path, "ALTER TABLE households DROP COLUMN on_pole")
    with PlanFile.open(path) as file:
        assert file.notices == ()
        assert file.external_edit is None
        assert file.plan == village()
        home = file.plan.households["h1"]
        file.commit(edits.put(file.plan, [replace(home, on_pole=True)]))
    by_sql(path, "ALTER TABLE households DROP COLUMN on_pole")
    with PlanFile.open(path) as file:
        assert "Columns of households were removed; they were restored: on_pole." in " ".join(map(str, file.notices))
        assert file.plan.households["h1"].on_pole


def test_a_column_that_a_person_added_stays(path):
    by_sql(
        path,
        "ALTER TABLE households ADD COLUMN roof TEXT",
        "UPDATE households SET roof = 'tin', name = 'x' WHERE id = 'h1'",
    )
    with PlanFile.open(path) as file:
        file.commit(edits.put(file.plan, [replace(file.plan.households["h1"], note="seen")]))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name, note, roof FROM households WHERE id = 'h1'").fetchone() == (
            "x",
            "seen",
            "tin",
        )


def test_a_spatial_index_made_in_qgis_does_not_stop_editing_and_is_taken_out(path):
    # What GDAL leaves behind: a virtual table, triggers that only GDAL can run, and a note of it.
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(shapely.Point(0, 0))], dtype=object),
        [],
        [],
        layer="extra",
        geometry_type="Point",
        crs="EPSG:4326",
        append=True,
        layer_options={"SPATIAL_INDEX": "YES"},
    )
    with closing(sqlite3.connect(path)) as connection:
        theirs = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name LIKE 'rtree_extra_geom%' AND rootpage = 0"
        ).fetchall()
        assert len(theirs) > 4
        for (sql,) in theirs:
            connection.execute(sql.replace("extra", "sites"))
        connection.execute(
            "INSERT INTO gpkg_extensions SELECT 'sites', column_name, extension_name, definition, scope "
            "FROM gpkg_extensions WHERE table_name = 'extra'"
        )
        connection.commit()
    with PlanFile.open(path) as file:
        assert "taken out" in str(file.notices[0])
        file.commit(edits.put(file.plan, [replace(file.plan.sites["hill"], longitude=36.7)]))
    box = pyogrio.raw.read(path, layer="sites", bbox=(36.69, -2, 36.71, 0))
    assert len(box[2]) == 1
    assert len(pyogrio.raw.read(path, layer="extra", bbox=(-1, -1, 1, 1))[2]) == 1  # their own layer keeps its index
    settled(path)


def test_an_edit_made_elsewhere_drops_what_had_been_undone_here(path):
    with PlanFile.open(path) as file:
        file.commit(edits.put(file.plan, [Note("a", "undone")]))
        file.undo()
    by_sql(path, "UPDATE notes SET text = 'from outside'")
    with PlanFile.open(path) as file:
        assert file.history.redo_label is None
        assert file.history.done == 1
        assert file.plan.notes["n1"].text == "from outside"


def test_nonsense_in_every_cell_loses_no_row(path):
    for value in (b"\x00\xff", "text", -1e300, 2**62, None, "[]", "{}"):
        for layer in TABLES:
            with closing(sqlite3.connect(path)) as connection:
                names = [row[1] for row in connection.execute(f"PRAGMA table_info({layer})")][1:]
                for name in names:
                    connection.execute(f"UPDATE {layer} SET {name} = ?", (value,))  # noqa: S608 - names of our layers
                connection.commit()
        with PlanFile.open(path) as file:
            for table in TABLES:
                assert len(getattr(file.plan, table)) == len(getattr(village(), table))
        settled(path)
    with PlanFile.open(path) as file:
        while file.history.undo_label is not None:
            file.undo()
        assert file.plan == village()
