"""The shelf and the law once more, from the data files that the program ships, sharing nothing with it."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

RESOURCES = Path(__file__).parent.parent / "resources"


@dataclass
class Shelf:
    """Radios with their modes by width, antennas, kits, masts, prices: from the shipped files alone."""

    radios: dict[str, dict[str, Any]] = field(default_factory=dict)
    antennas: dict[str, dict[str, Any]] = field(default_factory=dict)
    prices: dict[str, tuple[float, str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        folder = RESOURCES / "equipment"
        kinds = tomllib.loads((folder / "rates.toml").read_text("utf-8"))["technology"]
        for path in sorted(folder.glob("radios*.toml")):
            for radio in tomllib.loads(path.read_text("utf-8"))["radio"]:
                self.radios[radio["id"]] = {**radio, "kind": kinds[radio["technology"]]}
                if "antenna" in radio:
                    self.antennas[f"{radio['id']}-antenna"] = radio["antenna"]
                self.prices[radio["id"]] = (radio.get("price_usd", 0.0), "piece", "radio")
        for antenna in tomllib.loads((folder / "antennas.toml").read_text("utf-8"))["antenna"]:
            self.antennas[antenna["id"]] = antenna
            self.prices[antenna["id"]] = (antenna.get("price_usd", 0.0), "piece", "antenna")
        self.items: dict[str, dict[str, Any]] = tomllib.loads((folder / "items.toml").read_text("utf-8"))["items"]
        for key, item in self.items.items():
            self.prices[key] = (item.get("price", 0.0), item["unit"], item["class"])
        catalogue = tomllib.loads((folder / "shelf.toml").read_text("utf-8"))
        self.kits = {kit["id"]: kit for kit in catalogue["kit"]}
        self.masts = sorted(catalogue["mast"], key=lambda mast: mast["height_m"])
        self.tower = catalogue["every_tower"]
        systems = tomllib.loads((folder / "systems.toml").read_text("utf-8"))
        self.drafted = {*systems["openwrt"]["images"], *systems["routeros"]["wifi"], *systems["routeros"]["wireless"]}

    def modes(self, kit: dict[str, Any]) -> list[tuple[int, float, float, float]]:
        """Return (number, power dBm, sensitivity dBm, rate on the air) of a kit's radio at its width: 802.11ac."""
        radio, width = self.radios[kit["radio"]], int(kit["width_mhz"])
        kind = radio["kind"]
        powers, levels = radio["tx_power_dbm"], radio["sensitivity_dbm"]
        return [
            (
                mcs, powers[mcs], levels[mcs] + 10.0 * math.log10(width / 20.0),
                float(kind["carriers"][str(width)] * kind["bits"][mcs] * Fraction(kind["coding"][mcs])
                      * radio["streams"]) / kind["symbol_us"],
            )
            for mcs in range(len(powers))
            if [mcs, width] not in kind["not_at"]
        ]  # fmt: skip

    def listens(self, kit: dict[str, Any]) -> bool:
        """Return whether a kit's radio will be loaded with plain Wi-Fi: there are draft settings for it."""
        return kit["radio"] in self.drafted and self.radios[kit["radio"]]["technology"].startswith("802.11")

    def mast(self, height_m: float) -> dict[str, Any] | None:
        return next((mast for mast in self.masts if mast["height_m"] >= height_m - 1e-9), None)


def regulations(country: str) -> list[dict[str, Any]] | None:
    """Return the limits outdoors of a country, None where it is in no file: of two files the first goes before."""
    files = [json.loads(path.read_text("utf-8"))["countries"] for path in sorted((RESOURCES / "rules").glob("*.json"))]
    found = [file[country] for file in files if country in file]
    if not found:
        return None
    taken: list[dict[str, Any]] = []
    for rows in found:
        parts = [dict(row) for row in rows]
        for one in taken:
            cut = []
            for part in parts:
                if part["high_mhz"] <= one["low_mhz"] or one["high_mhz"] <= part["low_mhz"]:
                    cut.append(part)
                    continue
                below = {**part, "high_mhz": one["low_mhz"]}
                above = {**part, "low_mhz": one["high_mhz"]}
                cut += [row for row in (below, above) if row["low_mhz"] < row["high_mhz"]]
            parts = cut
        taken += parts
    wide = [limit for limit in taken if limit["low_mhz"] >= 4900.0 and not limit.get("indoor_only")]
    wide = [limit for limit in wide if not limit.get("licence")]
    assert all(limit["eirp"] and "use" not in limit for limit in wide), "a law that this checker cannot read"
    for limit in wide:
        limit["limit_dbm"] -= limit.get("less_without_tpc_db", 0.0)
    return wide
