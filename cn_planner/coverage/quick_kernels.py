"""Kernels of `quick`: one octant step by step outwards, its radials and its cells side by side.

Each step is judged in three passes, so that the processor does many cells at once: the steepest place of a cell's
radial rules out most that are hidden, the rings say of the rest what is worst, and only what is left is worked out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.links.sight import share_chance_kernel
from cn_planner.links.verdict import chance_of_margin_kernel
from cn_planner.propagation.antenna import table_loss_kernel
from cn_planner.propagation.bullington import edge_and_path_kernel
from cn_planner.propagation.end_clutter import covered_db, end_clutter_kernel
from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    from cn_planner.coverage.cells import GridTrees
    from cn_planner.coverage.radials import Octant


class QuickSight(NamedTuple):
    """How a tower looks at the cells round it.

    Attributes
    ----------
    amsl_m, rx_m : float
        Its antenna above sea level, receivers above the ground of their cells.
    cell_m, radius_m : float
        Width of a cell; how far.
    curve : float
        Half the curvature of the effective earth, 1/m.
    wavelength_m : float
    turn_deg : float
        Azimuth of grid north.
    """

    amsl_m: float
    rx_m: float
    cell_m: float
    radius_m: float
    curve: float
    wavelength_m: float
    turn_deg: float


class Judgement(NamedTuple):
    """What makes the class of a cell.

    Attributes
    ----------
    free_1m_db : float
        Loss in free space over 1 m.
    likely_f1, likely, works, margin_db : float
        As `quick.Criteria`.
    sigma_clear_db, terrain_sd_m, wavelength_m, bend : float
        How sure a loss is of a clear path, how far the ground is off, and what else `links.sight` asks for.
    freq_mhz, tower_lost_db : float
        Frequency; what the tower's antenna loses below what is known to stand round it, dB.
    limits : float32
        Of each bin of squared distance: what a cell's worst edge must not be under.
    """

    free_1m_db: float
    likely_f1: float
    likely: float
    works: float
    margin_db: float
    sigma_clear_db: float
    terrain_sd_m: float
    wavelength_m: float
    bend: float
    freq_mhz: float
    tower_lost_db: float
    limits: Any


class Beams(NamedTuple):
    """The sectors.

    Attributes
    ----------
    sectors : float64, shape (beams, 4)
        Azimuth and half width, degrees; most loss that works, and that gives the rate asked for, dB.
    tables : float32, shape (beams, 361, 361)
        What each gives less by direction, dB.
    """

    sectors: Any
    tables: Any


class _Step(NamedTuple):
    """The cells of one step outwards: `first` to `last` across, the index of the first of all, how far out."""

    at: int
    a: int
    first: int
    last: int


class _Horizons(NamedTuple):
    """What stands along each radial so far.

    Attributes
    ----------
    tangent, stretch : float32
        Across for one along, and the length for one along.
    slope, place : float32, shape (rings, radials)
        The steepest slope of each ring, and where that stands, m.
    best, best_at : float32
        The steepest of all.
    void : int32
        1 past missing terrain.
    """

    tangent: Any
    stretch: Any
    slope: Any
    place: Any
    best: Any
    best_at: Any
    void: Any


class _Marks(NamedTuple):
    """Past which radials terrain is missing, and what is known to stand in each cell (`GridTrees.known_m`)."""

    void: Any
    known_m: Any


class _Cells(NamedTuple):
    """The cells of a step that are still looked at, side by side.

    Attributes
    ----------
    work : float32, shape (4, cells)
        Their own slope, how far away they are, their worst share of a Fresnel radius, their number across.
    radial : uint32
        The radial nearest to each.
    """

    work: Any
    radial: Any


@kernel
def _first_look(
    z: Any, step: _Step, octant: Octant, sight: QuickSight, horizons: _Horizons, limits: Any, cells: _Cells
) -> int:
    """Set down, in order, the cells of one step that the steepest place alone does not rule out; return how many."""
    at, a, first, last = step
    work, radial = cells
    best, best_at, void = horizons.best, horizons.best_at, horizons.void
    minor = octant.minor
    c32 = np.float32(sight.curve)
    up32 = np.float32(sight.rx_m - sight.amsl_m)
    cell32 = np.float32(sight.cell_m)
    scale32 = np.float32(1.0 * octant.n / a)
    a2 = np.float32(a) * np.float32(a)
    half = np.float32(0.5)
    mine, away, worst, number = work[0], work[1], work[2], work[3]
    for b in range(first, last + 1):
        b32 = np.float32(b)
        j = np.uint32(b32 * scale32 + half)
        way: Any = cell32 * np.sqrt(a2 + b32 * b32)
        own: Any = (z[at + b * minor] + up32) / way - way * c32
        x = best_at[j]
        gap = own - best[j]
        share = gap * abs(gap) * x * way / (way - x)
        radial[b] = j
        mine[b] = own
        away[b] = way
        # What is past a void is not ruled out, nor what lies nearer than the steepest place.
        worst[b] = share if (x < way) & (void[j] == 0) else np.float32(1e30)
    count = first
    bins = np.float32((len(limits) - 2) / (sight.radius_m * sight.radius_m))
    for b in range(first, last + 1):
        # Packed in place: the next free number is never beyond this one.
        radial[count] = radial[b]
        mine[count] = mine[b]
        way = away[b]
        away[count] = way
        number[count] = b
        count += 1 if worst[b] >= limits[np.uint32(way * way * bins)] else 0
    return count


@kernel
def _worst_of_rings(slope: Any, place: Any, rings: int, first: int, count: int, cells: _Cells) -> None:
    """Fill in the least square of a share of the first Fresnel radius, with its sign, times the wavelength."""
    work, radial = cells
    mine, away, worst = work[0], work[1], work[2]
    for i in range(first, count):
        worst[i] = np.float32(1e30)
    for r in range(rings):
        slopes = slope[r]
        places = place[r]
        for i in range(first, count):
            j = radial[i]
            x = places[j]
            gap = mine[i] - slopes[j]
            share = gap * abs(gap) * x * away[i] / (away[i] - x)
            worst[i] = share if (x < away[i]) & (share < worst[i]) else worst[i]


@kernel
def _carry(
    z: Any, at: int, a: int, j_end: int, octant: Octant, sight: QuickSight, ring: int, horizons: _Horizons, seen: Any
) -> None:
    """Note what stands at one step: it is in the way of all that lie behind it."""
    tangent, stretch, slope, place, best, best_at, void = horizons
    minor, b_most = octant.minor, octant.b_most
    a32 = np.float32(a)
    h32 = np.float32(sight.amsl_m)
    c32 = np.float32(sight.curve)
    out = np.float32(a * sight.cell_m)
    one: Any = np.float32(1.0)
    b_last = max(b_most - 1, 0)
    beside = minor if b_most > 0 else 0
    slopes = slope[ring]
    places = place[ring]
    for j in range(j_end + 1):
        across = tangent[j] * a32
        b = min(int(across), b_last)
        k = at + b * minor
        low: Any = z[k]
        part = min(across - np.float32(b), one)
        # A neighbour that takes no part may be missing.
        ground = low + (z[k + beside] - low) * part if part > 0 else low
        x = out * stretch[j]
        steep = (ground - h32) / x - x * c32
        seen[j] = steep
        higher = steep > slopes[j]
        slopes[j] = steep if higher else slopes[j]
        places[j] = x if higher else places[j]
        higher = steep > best[j]
        best[j] = steep if higher else best[j]
        best_at[j] = x if higher else best_at[j]
        void[j] = 1 if steep != steep else void[j]


@kernel
def _carry_trees(
    trees: GridTrees, behind: int, j_end: int, cell_m: float, ring: int, horizons: _Horizons, noted: Any
) -> None:
    """Note the trees of an earlier step, which stand far enough behind by now: the slope there, raised by them."""
    _tangent, stretch, slope, place, best, best_at, _void = horizons
    out = np.float32(behind * cell_m)
    canopy32 = np.float32(trees.canopy_m)
    keep32 = np.float32(trees.keep_out_m)
    slopes = slope[ring]
    places = place[ring]
    for j in range(j_end + 1):
        x = out * stretch[j]
        steep = noted[j] + canopy32 / x
        higher = (x > keep32) & (steep > slopes[j])
        slopes[j] = steep if higher else slopes[j]
        places[j] = x if higher else places[j]
        higher = (x > keep32) & (steep > best[j])
        best[j] = steep if higher else best[j]
        best_at[j] = x if higher else best_at[j]


@kernel
def _carry_known(
    heights: Any,
    octant: Octant,
    behind: int,
    sign: float,
    keep_out: float,
    j_end: int,
    cell_m: float,
    ring: int,
    horizons: _Horizons,
    noted: Any,
) -> None:
    """Note the known trees of an earlier step whose height has this sign, as `_carry_trees` does assumed ones."""
    tangent, stretch, slope, place, best, best_at, _void = horizons
    out = np.float32(behind * cell_m)
    keep32 = np.float32(keep_out)
    slopes = slope[ring]
    places = place[ring]
    at = octant.base + behind * octant.major
    for j in range(j_end + 1):
        across = min(int(tangent[j] * behind + 0.5), octant.b_most)
        height = heights[at + across * octant.minor] * np.float32(sign)
        x = out * stretch[j]
        steep = noted[j] + height / x
        higher = (height > 0) & (x > keep32) & (steep > slopes[j])
        slopes[j] = steep if higher else slopes[j]
        places[j] = x if higher else places[j]
        higher = (height > 0) & (x > keep32) & (steep > best[j])
        best[j] = steep if higher else best[j]
        best_at[j] = x if higher else best_at[j]


@kernel
def _beam_of(beams: Any, azimuth: float) -> int:
    """Return which beam an azimuth is in, that whose middle is nearest; -1 where in none."""
    best = -1
    nearest = 1e9
    for s in range(beams.shape[0]):
        off = abs((azimuth - beams[s, 0] + 900.0) % 360.0 - 180.0)
        if off <= beams[s, 1] and off < nearest:
            best = s
            nearest = off
    return best


@kernel
def _judge(
    z: Any,
    step: _Step,
    count: int,
    octant: Octant,
    sight: QuickSight,
    judgement: Judgement,
    beams: Beams,
    marks: _Marks,
    cells: _Cells,
    out: Any,
) -> None:
    """Write the classes of the cells of one step that were set down."""
    void, known_m = marks
    at, a, first, _last = step
    work, radial = cells
    sectors, tables = beams
    cell = sight.cell_m
    round_about = sectors.shape[0] == 1 and sectors[0, 1] >= 180.0
    for i in range(first, count):
        b = int(work[3, i])
        k = at + b * octant.minor
        if z[k] != z[k]:
            continue
        beam = 0
        azimuth = 0.0
        if not round_about:
            # The azimuth of the cell, clockwise from true north.
            down = 1.0 * (a * octant.major_row + b * octant.minor_row)
            right = 1.0 * (a * octant.major_column + b * octant.minor_column)
            azimuth = math.atan2(right, -down) * 57.29577951308232 + sight.turn_deg
            beam = _beam_of(sectors, azimuth)
            if beam < 0:
                continue
        away_2 = (1.0 * a * a + 1.0 * b * b) * cell * cell
        free = judgement.free_1m_db + 10.0 * math.log10(away_2)
        if free > sectors[beam, 2]:
            continue
        if void[radial[i]] != 0:
            out[k] = 255
            continue
        if not round_about:
            # What the antenna gives less in this direction counts as loss, though it is none of the path.
            upwards = math.atan(work[0, i]) * 57.29577951308232
            free += table_loss_kernel(tables[beam], azimuth - sectors[beam, 0], upwards)
            if free > sectors[beam, 2]:
                continue
        worst = np.float64(work[2, i])
        f1 = min(math.sqrt(abs(worst) / sight.wavelength_m), 99.0)
        if worst < 0.0:
            f1 = -f1
        # A share of the first Fresnel radius is the edge's diffraction parameter over -sqrt(2) (P.526, eq. 26).
        edge = edge_and_path_kernel(-1.4142135623730951 * f1, math.sqrt(away_2))
        if len(known_m) > 0:
            # Whether trees or the ground are the edge is not known here: as if it were the trees.
            lost = end_clutter_kernel(judgement.freq_mhz, sight.rx_m, known_m[k] * 1.0)
            edge = covered_db(edge, lost + judgement.tower_lost_db)
        loss = free + edge
        out[k] = _class_of(f1, math.sqrt(away_2), loss, sectors[beam, 2], sectors[beam, 3], judgement)


@kernel
def _class_of(f1: float, away_m: float, loss: float, works: float, rate: float, judgement: Judgement) -> int:
    margin = works - loss
    clear, passes = share_chance_kernel(f1, away_m, judgement.terrain_sd_m, judgement.wavelength_m, judgement.bend)
    chance = chance_of_margin_kernel(margin, f1, clear, passes, judgement.sigma_clear_db)
    if chance < judgement.works:
        return 0
    if loss > rate:
        return 1
    enough = chance >= judgement.likely and margin >= judgement.margin_db
    return 3 if f1 >= judgement.likely_f1 and enough else 2


@kernel
def quick_octant(
    z: Any,
    trees: GridTrees,
    octant: Octant,
    sight: QuickSight,
    judgement: Judgement,
    beams: Beams,
    ring_of: Any,
    out: Any,
) -> None:
    """Write the classes of one octant into `out`, which holds none before; square cells.

    `ring_of` is the ring of each step. The ground lies so that an octant's minor axis runs along its rows.
    """
    n, b_most, cell = octant.n, octant.b_most, sight.cell_m
    canopy, keep_out = trees.canopy_m, trees.keep_out_m
    grown = len(trees.heights_m) > 0
    rings = ring_of[n] + 1
    # Nothing stands anywhere yet: a place at 1 m, far below, is in nobody's way.
    slope = np.full((rings, n + 2), -1e12, np.float32)
    place = np.ones((rings, n + 2), np.float32)
    best = np.full(n + 2, -1e12, np.float32)
    best_at = np.ones(n + 2, np.float32)
    void = np.zeros(n + 2, np.int32)
    lag = max(math.ceil(keep_out / cell), 1)
    near_lag = min(math.ceil(trees.near_m / cell), lag - 1)
    past = np.full((lag if canopy > 0.0 else 1, n + 2), -1e12, np.float32)
    noted = np.empty(n + 2, np.float32)
    tangent = np.empty(n + 2, np.float32)
    stretch = np.empty(n + 2, np.float32)
    for j in range(n + 2):
        tangent[j] = 1.0 * j / n
        stretch[j] = math.sqrt(1.0 + (1.0 * j / n) * (1.0 * j / n))
    horizons = _Horizons(tangent, stretch, slope, place, best, best_at, void)
    cells = _Cells(np.empty((4, n + 3), np.float32), np.zeros(n + 3, np.uint32))
    reach_2 = (sight.radius_m / cell) * (sight.radius_m / cell)
    for a in range(1, n + 1):
        at = octant.base + a * octant.major
        first = 0 if octant.holds_axis else 1
        last = min(a - 1 if octant.holds_axis else a, b_most)
        last = min(last, int(math.sqrt(max(reach_2 - 1.0 * a * a, 0.0))))
        step = _Step(at, a, first, last)
        count = _first_look(z, step, octant, sight, horizons, judgement.limits, cells)
        _worst_of_rings(slope, place, ring_of[a] + 1, first, count, cells)
        _judge(z, step, count, octant, sight, judgement, beams, _Marks(void, trees.known_m), cells, out)
        # Radials that have left the circle or the ground are in nobody's way any more.
        most = min(1.0, math.sqrt(max(reach_2 - 1.0 * a * a, 0.0)) / a, (b_most + 0.999) / a)
        j_end = min(n, int(most * n) + 1)
        if j_end * a > (b_most + 0.999) * n:
            j_end = int((b_most + 0.999) * n / a)
        _carry(z, at, a, j_end, octant, sight, ring_of[a], horizons, noted)
        if canopy > 0.0:
            slot = a % lag
            behind = a - lag
            if behind > 0 and grown:
                _carry_known(
                    trees.heights_m, octant, behind, -1.0, keep_out, j_end, cell, ring_of[behind], horizons, past[slot]
                )
            elif behind > 0:
                _carry_trees(trees, behind, j_end, cell, ring_of[behind], horizons, past[slot])
            past[slot, : j_end + 1] = noted[: j_end + 1]
            behind = a - near_lag
            if behind > 0 and grown:
                _carry_known(
                    trees.heights_m, octant, behind, 1.0, trees.near_m, j_end, cell, ring_of[behind], horizons,
                    past[behind % lag],
                )  # fmt: skip
