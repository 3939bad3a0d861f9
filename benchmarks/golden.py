"""How far our numbers are from everybody else's: the largest error on every golden file, beside its bar.

Run: ``python benchmarks/golden.py``; it ends with status 1 where a bar is not kept. Files are those of
shared/data/propagation beside the project. What the batch command can predict is predicted by it, as a user would.
"""

from __future__ import annotations

import csv
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.propagation.itm import Surroundings, Variability, itm_area_loss, itm_loss
from cn_planner.propagation.knife_edge import knife_edge_loss_db
from cn_planner.propagation.p676 import gas_attenuation
from cn_planner.propagation.p837 import rain_probability_pct, rain_rate_mm_h
from cn_planner.propagation.p838 import rain_coefficients
from cn_planner.validation.batch import predict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "propagation"


class Line(NamedTuple):
    """One line of the table: the largest error of something in a file, and what it may be."""

    file: str
    cases: int
    what: str
    largest: float
    bar: float
    unit: str

    @property
    def kept(self) -> bool:
        return self.largest <= self.bar


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def column(table: Iterable[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in table])


def itu_table(path: Path) -> np.ndarray:
    """A table in the ITU's own layout: two lines of names and units, latin-1."""
    with path.open(encoding="latin-1", newline="") as file:
        return np.array([[float(value) for value in line] for line in list(csv.reader(file))[2:]])


def of_tests(name: str) -> Any:
    """A module of the tests that knows how to read a file of the ITU."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, ROOT / "tests" / "propagation" / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def predicted(model: str, cases: Path, **files: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Our rows by the batch command, and theirs."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.csv"
        predict(model, cases, out, **files)
        return rows(out), rows(cases)


def error(ours: list[dict[str, str]], theirs: list[dict[str, str]], name: str) -> np.ndarray:
    return np.abs(column(ours, name) - column(theirs, name))


def differing(ours: list[dict[str, str]], theirs: list[dict[str, str]], *names: str) -> float:
    """How many cases have another mode, code or warning than the reference."""
    return float(sum(any(a[name] != b[name] for name in names) for a, b in zip(ours, theirs, strict=True)))


def itm() -> Iterator[Line]:
    ours, theirs = predicted("itm", DATA / "itm_p2p.csv", profiles=DATA / "profiles.npz")
    off, jump = error(ours, theirs, "loss_db"), column(theirs, "instability_db")
    stable = jump < 1e-6
    name, codes = "itm_p2p.csv", ("mode", "warnings", "return_code")
    yield Line(name, int(stable.sum()), "loss, stable cases", float(off[stable].max()), 1e-6, "dB")
    for what in ("free_space_db", "a_ref_db"):
        yield Line(name, int(stable.sum()), what, float(error(ours, theirs, what)[stable].max()), 1e-6, "dB")
    share = float((off[~stable] / jump[~stable]).max())
    yield Line(name, int((~stable).sum()), "loss, unstable, by its instability", share, 1.0, "1")
    yield Line(name, len(ours), "other mode, warning or code", differing(ours, theirs, *codes), 0.0, "cases")
    ours, theirs = predicted("itm-area", DATA / "itm_area.csv")
    name = "itm_area.csv"
    yield Line(name, len(ours), "loss", float(error(ours, theirs, "loss_db").max()), 1e-6, "dB")
    yield Line(name, len(ours), "other mode, warning or code", differing(ours, theirs, *codes), 0.0, "cases")


def itm_published() -> Iterator[Line]:
    folder = DATA / "itm_ntia_published"

    def radio(row: dict[str, str]) -> dict[str, Any]:
        return {
            "vertical": row["pol"] == "1",
            "surroundings": Surroundings(int(row["climate"]), *(float(row[n]) for n in ("N_0", "epsilon", "sigma"))),
            "variability": Variability(*(float(row[n]) for n in ("time", "location", "situation")), int(row["mdvar"])),
        }

    off = []
    paths = rows(folder / "p2p.csv")
    for row, line in zip(paths, (folder / "pfls.csv").read_text().splitlines(), strict=True):
        _steps, spacing, *heights = map(float, line.split(","))
        ends = (float(row[name]) for name in ("h_tx__meter", "h_rx__meter", "f__mhz"))
        off.append(itm_loss(heights, spacing, *ends, **radio(row)).loss_db - float(row["A__db"]))
    # Published to two decimals and to one: half of the last.
    yield Line("itm_ntia_published/p2p.csv", len(off), "loss", float(np.abs(off).max()), 0.00501, "dB")
    off = []
    for row in rows(folder / "area.csv"):
        inputs = [float(row[n]) for n in ("delta_h__meter", "h_tx__meter", "h_rx__meter", "f__mhz")]
        siting = int(row["tx_siting_criteria"]), int(row["rx_siting_criteria"])
        found = itm_area_loss(1000.0 * float(row["d__km"]), *inputs, siting=siting, **radio(row))
        off.append(found.loss_db - float(row["A__db"]))
    yield Line("itm_ntia_published/area.csv", len(off), "loss", float(np.abs(off).max()), 0.0501, "dB")


def p1812() -> Iterator[Line]:
    reader, folder = of_tests("test_p1812.py"), DATA / "p1812_8_itu"
    cases = rows(folder / "cases_flat.csv")
    losses, steps = [], []
    for case in cases:
        distance, ground, surface, zone, words = reader.itu_case(folder, case)
        found = reader.loss_of(distance, ground, surface_m=surface, zone=zone, **words)
        losses.append(abs(found.loss_db - float(case["Lb (dB)"])))
        for values, columns in ((found.path, reader.PATH), (found.steps, reader.STEPS)):
            steps += [abs(getattr(values, ours) - float(case[theirs])) for ours, theirs in columns.items()]
    yield Line("p1812_8_itu", len(cases), "loss", max(losses), 1e-6, "dB")
    yield Line("p1812_8_itu", len(cases), f"{len(steps) // len(cases)} intermediates", max(steps), 1e-6, "own")
    files = {"profiles": DATA / "profiles.npz", "clutter": DATA / "p1812_clutter.npz"}
    ours, theirs = predicted("p1812", DATA / "p1812_py1812.csv", **files)
    for what in ("loss_db", "field_strength_dbuvm_1kw_erp"):
        yield Line("p1812_py1812.csv", len(ours), what, float(error(ours, theirs, what).max()), 1e-6, "dB")


def p526() -> Iterator[Line]:
    folder = DATA / "p526_delta_bullington"
    ours, theirs = predicted("delta-bullington", folder / "cases.csv", profiles=folder / "profiles.npz")
    for what in ("l_bull_actual_db", "l_bull_smooth_db", "l_sph_db", "l_d_db"):
        largest = float(error(ours, theirs, what).max())
        yield Line("p526_delta_bullington", len(ours), what, largest, 0.01, "dB")
    name = "p526_knife_edge_exact.csv"
    ours, theirs = predicted("knife-edge", DATA / name)
    largest = float(error(ours, theirs, "j_p526_approx_db").max())
    yield Line(name, len(ours), "the Recommendation's formula", largest, 1e-8, "dB")
    nu, exact = column(theirs, "nu"), column(theirs, "j_exact_db")
    off = np.abs(knife_edge_loss_db(nu) - exact)
    for what, part, bar in (
        ("exact integral, nu -0.78 to 2.4", (nu > -0.78) & (nu <= 2.4), 0.11),
        ("exact integral, nu above 2.4", nu > 2.4, 0.13),
        ("exact integral, nu below -0.78", nu <= -0.78, 1.4),
    ):
        yield Line(name, int(part.sum()), what, float(off[part].max()), bar, "dB")


def relative(ours: list[dict[str, str]], theirs: list[dict[str, str]], name: str) -> float:
    return float((error(ours, theirs, name) / np.abs(column(theirs, name))).max())


def fading() -> Iterator[Line]:
    ours, theirs = predicted("p530-multipath", DATA / "p530_18" / "multipath.csv")
    for what in ("pct_worst_month_deep", "pct_worst_month", "pct_avg_year"):
        yield Line("p530_18/multipath.csv", len(ours), what, relative(ours, theirs, what), 1e-6, "rel")
    ours, theirs = predicted("p530-rain", DATA / "p530_18" / "rain.csv")
    for what in ("k", "alpha", "specific_attenuation_db_per_km"):
        yield Line("p530_18/rain.csv", len(ours), what, relative(ours, theirs, what), 1e-6, "rel")
    # The file's program knows no limit of the distance factor; the Recommendation's is 2.5.
    factor = column(theirs, "r_factor")
    limited = np.minimum(factor, 2.5)
    off = float(np.abs(column(ours, "r_factor") / limited - 1.0).max())
    yield Line("p530_18/rain.csv", len(ours), "r_factor, at most 2.5", off, 1e-6, "rel")
    golden = column(theirs, "rain_attenuation_db") * limited / factor
    off = float(np.abs(column(ours, "rain_attenuation_db") / golden - 1.0).max())
    yield Line("p530_18/rain.csv", len(ours), "rain_attenuation_db, with that", off, 1e-6, "rel")
    ours, theirs = predicted("p838", DATA / "p530_18" / "p838_3_k_alpha.csv")
    for what in ("k", "alpha"):
        yield Line("p530_18/p838_3_k_alpha.csv", len(ours), what, relative(ours, theirs, what), 1e-6, "rel")


def itu_tables() -> Iterator[Line]:
    name = "itu_tables/838"
    off = []
    for elevation, freq, rain, tilt, k, alpha, gamma in itu_table(
        DATA / name / "ITURP838-3_rain_specific_attenuation.csv"
    ):
        found = rain_coefficients(freq * 1e3, elevation, tilt)
        off.append((found.k - k, found.alpha - alpha, found.k * rain**found.alpha - gamma))
    yield Line(name, len(off), "k, alpha, specific attenuation", float(np.abs(off).max()), 1e-6, "dB/km")
    name = "itu_tables/676"
    table = itu_table(DATA / name / "ITURP676-13_gamma.csv")
    off = []
    for ghz, dry_hpa, kelvin, vapour, oxygen, water, total in table:
        gas = gas_attenuation(ghz * 1e3, dry_hpa, kelvin - 273.15, vapour)
        off.append((gas.dry_air_db_per_km - oxygen, gas.water_vapour_db_per_km - water, gas.total_db_per_km - total))
    yield Line(name, len(off), "oxygen, water vapour, both", float(np.abs(off).max()), 1e-6, "dB/km")
    name, places = "itu_tables/837", of_tests("test_gases_and_rain_rate.py").PLACES
    off = [
        rain_rate_mm_h(*places[latitude, longitude][:2], pct) / rate - 1.0
        for latitude, longitude, pct, rate in itu_table(DATA / name / "ITURP837-7_rainfall_rate.csv")
        if (latitude, longitude) in places
    ]
    yield Line(name, len(off), "rain rate from the ITU's months", float(np.abs(off).max()), 1e-5, "rel")
    off = [
        rain_probability_pct(*places[latitude, longitude][:2]) - pct
        for latitude, longitude, pct in itu_table(DATA / name / "ITURP837-7_rainfall_rate_probability.csv")
        if (latitude, longitude) in places
    ]
    yield Line(name, len(off), "probability of rain", float(np.abs(off).max()), 1e-6, "%")


def clutter() -> Iterator[Line]:
    for model, name in (("p2108-height-gain", "height_gain.csv"), ("p2108-terrestrial", "terrestrial_statistical.csv")):
        ours, theirs = predicted(model, DATA / "p2108_1" / name)
        yield Line(f"p2108_1/{name}", len(ours), "loss", float(error(ours, theirs, "loss_db").max()), 0.01, "dB")


def main() -> int:
    """Print the table; return 1 where a bar is not kept."""
    if not DATA.exists():
        print("shared/data is not beside the project")
        return 1
    kept = True
    print(f"{'file':32} {'cases':>5}  {'what':38} {'largest':>9}  {'bar':>7}")
    for part in (itm, itm_published, p1812, p526, fading, itu_tables, clutter):
        for line in part():
            kept = kept and line.kept
            print(
                f"{line.file:32} {line.cases:5d}  {line.what:38} {line.largest:9.1e}  {line.bar:7.3g} "
                f"{line.unit:6} {'kept' if line.kept else 'NOT KEPT'}",
                flush=True,
            )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
