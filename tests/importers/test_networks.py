"""Node lists of community networks: what stands becomes sites, links stay between them, and people stay out of it."""

from __future__ import annotations

import gzip
import json

import pytest

from cn_planner.errors import FileError
from cn_planner.importers.choices import Choices, Repeats
from cn_planner.importers.files import import_file
from cn_planner.model.plan import Plan, SiteRole, Status

CNML = """<?xml version="1.0"?>
<cnml version="0.1" server_url="http://guifi.net"><class network_description="detail"/><network><zone id="1">
<node id="10" title="Vila &lt;b&gt;" lat="42.10" lon="1.80" antenna_elevation="12" status="Working">Pau, 555 123
 <device><radio antenna_gain="20" antenna_angle="90" antenna_azimuth="45"><interface>
  <link linked_node_id="11" link_type="wds" link_status="Working"/>
  <link linked_node_id="12" link_type="ap/client" link_status="Planned"/>
  <link linked_node_id="10" link_type="cable" link_status="Working"/>
  <link linked_node_id="99" link_type="wds" link_status="Working"/></interface></radio></device></node>
<zone id="2"><node id="11" title="Turó" lat="42.11" lon="1.81" antenna_elevation="700" status="Building">
 <device><interface><link linked_node_id="10" link_type="cable" link_status="Working"/>
  <link linked_node_id="13" link_type="cable" link_status="Working"/></interface></device></node></zone>
<node id="12" title="Mas" lat="42.12" lon="1.82" status="Planned"/>
<node id="13" title="Fora" lat="42.13" lon="1.83" status="Dropped"/>
</zone></network></cnml>"""


def said(result) -> str:
    return "\n".join([*map(str, result.warnings), *(str(one.left_out) for one in result.reasons)])


@pytest.mark.parametrize("packed", [False, True])
def test_nodes_of_guifi_become_sites_and_their_radio_links_links(tmp_path, packed):
    path = tmp_path / "zone.xml"
    path.write_bytes(gzip.compress(CNML.encode()) if packed else CNML.encode())
    found = import_file(Plan(), path, "sites")
    vila, hill, farm = found.things
    assert (vila.id, vila.name, vila.status, vila.role) == ("guifi-10", "Vila <b>", Status.BUILT, SiteRole.EXISTING)
    assert (vila.mast_height_m, vila.note) == (12.0, "antennas: 20 dBi 90° wide azimuth 45°")
    # 700 m can only be above the sea: it is no mast.
    assert (hill.status, hill.mast_height_m, hill.note) == (Status.AGREED, None, "antenna_elevation: 700")
    assert farm.status is Status.IDEA
    links = found.edit.plan.links
    assert {key: one.status for key, one in links.items()} == {
        "L-guifi-10-guifi-11": Status.BUILT, "L-guifi-10-guifi-12": Status.IDEA,
    }  # fmt: skip
    assert "1 link by cable" in said(found)
    assert "1 link was left out: one of its ends" in said(found)
    assert "1 row was left out (row 4): Its status is Dropped" in said(found)
    assert "555" not in str(found.edit.plan)
    assert found.edit.plan.info.data_sources.startswith("guifi.net")
    assert "555" in import_file(Plan(), path, "sites", choices=Choices(private=True)).things[0].note
    again = import_file(found.edit.plan, path, "sites")
    assert (again.added, again.updated, again.same, again.edit.plan.links) == (0, 0, 3, links)


def node(key: str, latitude: float | None, **more: object) -> dict[str, object]:
    place = {} if latitude is None else {"location": {"latitude": latitude, "longitude": 9.1, "altitude": 300}}
    return {"node_id": key, "hostname": f"ff-{key}", **place, **more}


LINKS = [{"source": "a1", "target": "b2", "type": "wifi"}, {"source": "b2", "target": "a1", "type": "wifi"},
         {"source": "a1", "target": "c3", "type": "vpn"}]  # fmt: skip


def meshviewer(folder):
    nodes = [
        node("a1", 48.1, is_online=True, owner="eva@example.org"),
        node("b2", 48.2, is_online=False),
        node("c3", None),
    ]
    (folder / "meshviewer.json").write_text(json.dumps({"timestamp": "x", "nodes": nodes, "links": LINKS}))
    return folder / "meshviewer.json"


def nodes_v1(folder):
    nodes = {
        "a1": {"nodeinfo": node("a1", 48.1, owner={"contact": "eva@example.org"}), "flags": {"online": True}},
        "b2": {"nodeinfo": node("b2", 48.2), "flags": {"online": False}},
        "c3": {"nodeinfo": node("c3", None), "flags": {"online": True}},
    }
    graph = {"nodes": [{"node_id": "b2"}, {"node_id": "a1"}, {"node_id": "c3"}],
             "links": [{"source": 1, "target": 0, "vpn": False}, {"source": 1, "target": 2, "vpn": True}]}  # fmt: skip
    (folder / "graph.json").write_text(json.dumps({"version": 1, "batadv": graph}))
    (folder / "nodes.json").write_text(json.dumps({"version": 1, "nodes": nodes}))
    return folder / "nodes.json"


@pytest.mark.parametrize("make", [meshviewer, nodes_v1])
def test_both_shapes_of_meshviewer_say_the_same(tmp_path, make):
    path = make(tmp_path)
    found = import_file(Plan(), path, "sites")
    first, second = found.things
    assert (first.id, first.name, first.status, first.latitude) == ("a1", "ff-a1", Status.BUILT, 48.1)
    assert (second.status, second.note) == (Status.IDEA, "status: Offline")
    assert first.mast_height_m is None  # an altitude is no mast
    assert [(one.from_site, one.to_site) for one in found.edit.plan.links.values()] == [("a1", "b2")]
    assert "1 row was left out (row 3): The node says no place." in said(found)
    assert "1 link by cable or over the Internet" in said(found)
    assert "example.org" not in str(found.edit.plan)
    asked = import_file(Plan(), path, "sites", choices=Choices(private=True))
    assert asked.things[0].owner == "eva@example.org"


def test_nyc_mesh_with_and_without_the_links_beside_it(tmp_path):
    path = tmp_path / "nodes.json"
    at = {"a": [-73.98, 40.72, 27], "b": [-73.97, 40.73, 30], "c": [-73.96, 40.74, 30]}
    rows = [
        {"id": 3, "name": "Hub", "status": "Installed", "coordinates": at["a"], "notes": "Brian, roof key"},
        {"id": 4, "status": "NN assigned", "coordinates": at["a"]},
        {"id": 5, "status": "NN assigned", "coordinates": at["b"]},
        {"id": 6, "coordinates": at["c"]},
        {"id": 7, "status": "Scheduled", "coordinates": at["c"]},
        {"id": 8, "status": "Abandoned", "coordinates": at["c"]},
        17,
    ]
    path.write_text(json.dumps(rows))
    alone = import_file(Plan(), path, "sites", choices=Choices(skip_bad=True))
    assert [one.id for one in alone.things] == ["nycmesh-3", "nycmesh-7"]
    assert "Its links stand in links.json" in said(alone)
    assert "1 row was left out (row 7): This is not a node." in said(alone)
    path.write_text(json.dumps(rows[:-1]))
    links = [{"from": 4, "to": 5, "status": "active"}, {"from": 7, "to": 5, "status": "planned"},
             {"from": 3, "to": 7, "status": "fiber"}]  # fmt: skip
    (tmp_path / "links.json").write_text(json.dumps(links))
    (tmp_path / "sectors.json").write_text(json.dumps([{"nodeId": 3, "azimuth": 290, "width": 120}]))
    found = import_file(Plan(), path, "sites")
    # A link names the number that a node was given later: 4 is 3; 5 stands nowhere else in the list.
    assert [one.id for one in found.things] == ["nycmesh-3", "nycmesh-5", "nycmesh-7"]
    assert {key: one.status for key, one in found.edit.plan.links.items()} == {
        "L-nycmesh-3-nycmesh-5": Status.BUILT, "L-nycmesh-5-nycmesh-7": Status.IDEA,
    }  # fmt: skip
    assert found.things[0].note == "antennas: 120° wide azimuth 290°"
    assert "somebody asked to be reached" in said(found)
    assert "roof key" not in str(found.edit.plan)
    (tmp_path / "links.json").write_text("[{")
    with pytest.raises(FileError, match=r"links\.json: It is not JSON"):
        import_file(Plan(), path, "sites")


def test_repeats_are_kept_and_said_or_left_out_as_one_chooses(tmp_path):
    path = tmp_path / "towers.csv"
    path.write_text("id,name,lat,lon\na,Church,42.1,1.8\nb,,42.10001,1.8\nc,church,42.1005,1.8\nd,Mill,42.2,1.8\n")
    kept = import_file(Plan(), path, "sites")
    assert len(kept.things) == 4
    assert [(str(one.why), one.rows) for one in kept.repeats] == [
        ("one of a row before lies within 10 m.", (3,)),
        ("one of the same name lies within 100 m in a row before.", (4,)),
    ]
    skipped = import_file(Plan(), path, "sites", choices=Choices(repeats=Repeats.SKIP))
    assert [one.id for one in skipped.things] == ["a", "d"]
    assert len(skipped.reasons) == 2
    # Against the plan: what has its id changes it, what lies at its place under another id repeats it.
    path.write_text("id,name,lat,lon\na,Church,42.1,1.8\nz,,42.2,1.8\n")
    against = import_file(skipped.edit.plan, path, "sites", choices=Choices(repeats=Repeats.SKIP))
    assert [one.id for one in against.things] == ["a"]
    assert [str(one.why) for one in against.reasons] == ["one of the plan lies within 10 m."]
    wide = import_file(skipped.edit.plan, path, "sites", choices=Choices(repeats_m=0.0))
    assert wide.repeats == ()
