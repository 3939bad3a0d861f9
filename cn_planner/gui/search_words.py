"""Other words for what the window does: Ctrl+K finds an action by them where its name has another.

Each message is a list with commas, of what people call the thing elsewhere; a language has its own list.
"""

from __future__ import annotations

from typing import Any

from cn_planner.gui.kinds import LINK, SITE
from cn_planner.message import Message, msg
from cn_planner.session.map_views import View

COMMAND_SEARCH: dict[str, Message] = {
    "add_terrain": msg("elevation, heights, DEM, SRTM, hgt, ground"),
    "add_trees": msg("forest, canopy, vegetation, clutter"),
    "add_land_cover": msg("forest, vegetation, clutter"),
    "base_map": msg("OpenStreetMap, roads, map background, mbtiles"),
    "get_area": msg("download, elevation, OpenStreetMap, roads, houses"),
    "import_homes": msg("import, houses, households, csv, excel, kml, GPS"),
    "import_sites": msg("import, towers, masts, nodes, csv, excel, kml, GPS"),
    "import_places": msg("import, schools, clinics, csv, excel, kml, GPS"),
    "import_measurements": msg("import, signal, log, csv, GPS"),
    "import_survey": msg("import, photos, pictures, survey, ODK, Kobo"),
    "data": msg("sources, licences, files, terrain"),
    "share": msg("export, report, PDF, print, KML, Google Earth, Excel, spreadsheet, GIS, router settings, save as"),
    "field_sheets": msg("PDF, paper, forms"),
    "plan_settings": msg("options, country, regulations, demand, speed, coverage"),
    "costs": msg("money, budget, currency, cost"),
    "power": msg("solar, battery, electricity"),
    "import_sun": msg("import, solar, irradiation"),
    "catalogue": msg("equipment, devices, routers, catalogue, dishes"),
    "settings": msg("options, preferences, units, feet, metres, language, dark, light, contrast, size of letters"),
    "find": msg("search, coordinates"),
    "answer": msg("questions, village"),
    "show_3d": msg("terrain view, relief"),
    "show_profile": msg("Fresnel, line of sight, cross section"),
    "show_layers": msg("legend, contours, hillshade, coverage"),
    "online_map": msg("satellite, aerial photo, OpenStreetMap"),
    "place_tower": msg("mast, site, access point, repeater"),
    "place_home": msg("house, household, customer"),
    "draw_link": msg("backhaul, point to point, line of sight, split, relay"),
    "draw_no_build": msg("forbidden, protected"),
    "place_obstacle": msg("obstruction, house"),
    "measure": msg("distance, ruler, azimuth, bearing"),
    "look_round": msg("panorama, horizon, photo"),
    "what_seen": msg("photo, picture, survey, visit, inspection"),
    "make_plan": msg("optimise, design, automatic, second way, redundancy, coverage"),
    "reach_more": msg("coverage, missing homes"),
    "tradeoff": msg("budget, optimise, compare, second way, redundancy"),
    "savings": msg("cheaper, cost, budget"),
    "suggest": msg("recommend, next tower, coverage"),
    "find_places": msg("candidates, sites, hills"),
    "choose_gateway": msg("Internet, uplink, fibre, satellite, backhaul"),
    "give_channels": msg("frequency, spectrum, interference"),
    "band": msg("spectrum, frequency, interference, noise, channels"),
    "addresses": msg("IP, network, VLAN"),
    "compare": msg("version, difference, scenarios, history"),
    "measured": msg("calibrate, calibration, signal, tune the model"),
    "bring_together": msg("merge, combine, version"),
    "new_scenario": msg("version, copy, variant, what if"),
    "manual": msg("help, documentation"),
    "shortcuts": msg("keys, hotkeys"),
    "tour": msg("tutorial, help, first steps"),
    "copy_report": msg("bug, problem, support"),
    "show_log": msg("errors, bug, problem"),
    "about": msg("version, licence"),
}
"""By the name of a command."""
THING_SEARCH: dict[str, Message] = {
    LINK: msg("split, relay, repeater, backhaul"),
    SITE: msg("second way, redundancy, failure"),
}
"""By the kind of a thing: what its panel or its menu does."""
SETTING_SEARCH: dict[str, Message] = {
    "units": msg("feet, metres, miles, kilometres, imperial, metric"),
    "look": msg("dark, light, theme, contrast, colours, night"),
    "text_percent": msg("zoom, larger, font"),
    "blur_homes_m": msg("privacy, export"),
}
"""By the key of a setting of the window."""
VIEW_SEARCH: dict[Any, Message] = {
    None: msg("coverage, map, heat map"),
    View.SEEN: msg("coverage, viewshed, line of sight"),
    View.CLEAR: msg("coverage, Fresnel, line of sight"),
    View.HEIGHT: msg("coverage, mast, pole"),
    View.LEVEL: msg("coverage, RSSI, heat map"),
    View.MARGIN: msg("coverage, fade margin"),
    View.CHANCE: msg("coverage, probability"),
    View.COUNT: msg("coverage, overlap, second way"),
}
"""By what the colours on the map show."""
