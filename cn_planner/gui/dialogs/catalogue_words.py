"""What the fields of the shelf's forms are called, by their names."""

from __future__ import annotations

from cn_planner.message import Message, msg

FIELD_WORDS: dict[str, Message] = {
    "name": msg("Name"),
    "task": msg("What it is for"),
    "radio": msg("Radio"),
    "antenna": msg("Antenna"),
    "maker": msg("Maker"),
    "item_class": msg("Class"),
    "unit": msg("Bought by the"),
    "price": msg("Price, currency, day, shop"),
    "parts": msg("What belongs to it"),
    "freq_mhz": msg("Frequency"),
    "width_mhz": msg("Channel width"),
    "cable_loss_db": msg("Loss of the cable"),
    "power_w": msg("Power draw"),
    "max_power_w": msg("Greatest power draw"),
    "technology": msg("Technology"),
    "band_mhz": msg("Band, from – to"),
    "modes": msg("Modes, one a line"),
    "efficiency": msg("IP rate / rate on the air"),
    "source": msg("Where it was read"),
    "streams": msg("Streams"),
    "noise_figure_db": msg("Noise figure"),
    "gain_dbi": msg("Gain"),
    "beamwidth_az_deg": msg("Beamwidth across"),
    "beamwidth_el_deg": msg("Beamwidth upright"),
    "weight_kg": msg("Weight"),
    "connector": msg("Connector"),
    "note": msg("Note"),
    "most_tx_power_dbm": msg("Greatest power of all chains together"),
    "idle_power_w": msg("Power draw while nobody asks for anything"),
    "most_chain_dbm": msg("Greatest power of one chain"),
    "least_tx_power_dbm": msg("Least power that it can be set to"),
    "max_input_dbm": msg("Strongest signal that it receives right"),
    "poe": msg("Power over its cable: passive, 802.3af, 802.3at, 802.3bt"),
    "poe_v": msg("Voltage over its cable, from – to"),
    "wind_area_m2": msg("Area against the wind"),
    "timing_km": msg("Longest link that its timing bears"),
    "also": msg("Its other names, with semicolons between"),
    "stated_az_deg": msg("Beamwidth across as the maker says it, where that is not at half power"),
    "stated_at_db": msg("Under the greatest gain at that width"),
    "sidelobe_db": msg("Sidelobes under the greatest gain"),
    "front_to_back_db": msg("Front to back"),
    "panel_wp": msg("Power of a solar panel"),
    "mount": msg("Item that carries the panel"),
    "holds_panels": msg("Panels that it carries"),
    "nominal_v": msg("Voltage of battery, controller or injector"),
    "battery_ah": msg("Capacity of a battery"),
    "chemistry": msg("What the battery is made of"),
    "charge_a": msg("Current of a charge controller"),
    "ports": msg("Sockets for cables"),
    "poe_ports": msg("Sockets that feed what hangs on them"),
    "supply_w": msg("Greatest power draw with all that it feeds"),
    "idle_w": msg("Power draw while nobody asks for anything"),
}
KIND_TITLES: dict[str, Message] = {
    "kit": msg("Kits"),
    "radio": msg("Radios"),
    "antenna": msg("Antennas"),
    "item": msg("Items"),
}
EXAMPLES: dict[str, str] = {
    "price": "85 USD 2026-11-20 Kampala Electronics",
    "parts": "mast-bracket=1, outdoor-cable=25",
    "modes": "MCS0: 20 25 -96 6.5",
    "band_mhz": "5150-5875",
}
"""How a field is written: the same in every language."""
TASK_WORDS: dict[str, Message] = {
    "access": msg("a tower that serves homes"),
    "client": msg("the roof of a home"),
    "backhaul": msg("a link between towers"),
}
