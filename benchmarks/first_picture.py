"""How soon a coverage map of each model is seen: its coarse picture, then the map, and how far the two agree.

    python benchmarks/first_picture.py [DATA_FOLDER] [--rounds N]

One tower, R 20 km, cells of 30 m, warm, in process, with the heights of the cells read each time: on the benchmark's
metric grid, and where DATA_FOLDER (shared/data beside the project) holds it on SRTM3 of Bergueda, which has to be laid
on a grid first. Agreement is that of the classes that the picture shows, over the cells that have one.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.grid import CoverageSite
from cn_planner.coverage.map_models import GROUND_MAPS, map_models
from cn_planner.coverage.progressive import Coarse, progressive_map
from cn_planner.coverage.received import Quantity, TowerRadio
from cn_planner.drawing.coverage_classes import scale_of
from cn_planner.jobs import close_pools, tile_pool
from cn_planner.progress import Run
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from cn_planner.coverage.coverage_map import CoverageResult

BAR_S = 0.3
RADIUS_M, CELL_M, RX_M, FREQ_MHZ = 20_000.0, 30.0, 6.0, 5800.0
RADIO = TowerRadio(60.0, -90.0)
PLACES = (
    ("utm30", ("bench/utm30.tif",), CoverageSite("P", 44.5337828802817, -71.438886047362, 30.0)),
    ("Bergueda", ("terrain/N41E001.hgt.zip", "terrain/N42E001.hgt.zip"), CoverageSite("S", 42.0975, 1.8452, 18.0)),
)


def once(
    surface: Surface, site: CoverageSite, model: str, show: Quantity
) -> tuple[float, float, Coarse, CoverageResult]:
    """Return the seconds to the coarse picture and to the map, and both."""
    pictures: list[tuple[float, Coarse]] = []
    begun = time.perf_counter()
    found = progressive_map(
        surface, [site], coarse=lambda one: pictures.append((time.perf_counter() - begun, one)), rx_height_m=RX_M,
        radius_m=RADIUS_M, model=model, freq_mhz=FREQ_MHZ, cell_m=CELL_M, show=show, radio=RADIO, run=Run(tile_pool()),
    )  # fmt: skip
    whole_s = time.perf_counter() - begun
    ((first_s, coarse),) = pictures
    return first_s, whole_s, coarse, found


def measure(name: str, surface: Surface, site: CoverageSite, rounds: int) -> None:
    """Print a line for each map of a place."""
    asked = [(model, Quantity.LOSS) for model in map_models()]
    asked += [(model, Quantity.PROBABILITY) for model in map_models() if model not in GROUND_MAPS]
    for model, show in asked:
        _, _, coarse, found = once(surface, site, model, show)  # warms up
        seconds = [once(surface, site, model, show)[:2] for _ in range(rounds)]
        first_s, whole_s = zip(*seconds, strict=True)
        scale = scale_of(model, show)
        fine, rough = (scale.of(one.bands[0], one.nodata) for one in (found, coarse.result))
        known = fine >= 0
        same = float((coarse.spread(rough) == fine)[known].mean())
        print(
            f"{name}, {model}{'' if show is Quantity.LOSS else ', ' + show.value}: "
            f"first picture {statistics.median(first_s):.3f} s (worst {max(first_s):.3f}; bar {BAR_S}), "
            f"cells of {coarse.every * CELL_M:.0f} m, {100 * same:.1f} % of {np.count_nonzero(known) / 1e6:.2f} "
            f"million cells in their class; map {statistics.median(whole_s):.2f} s"
        )


def main() -> None:
    """Measure all places that are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    data = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("data", type=Path, nargs="?", default=data)
    parser.add_argument("--rounds", type=int, default=5)
    words = parser.parse_args()
    for name, files, site in PLACES:
        if all((words.data / file).exists() for file in files):
            measure(name, Surface.open([words.data / file for file in files]), site, words.rounds)
    close_pools()


if __name__ == "__main__":
    main()
