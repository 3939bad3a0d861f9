"""Kernels of `quick`: one octant step by step outwards, its radials and its cells side by side.

Each step is judged in three passes, so that the processor does many cells at once: the steepest place of a cell's
radial rules out most that are hidden, the rings say of the rest what is worst, and only what is left is worked out.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cn_planner.propagation.antenna import table_loss_kernel
from cn_planner.propagation.bullington import edge_and_path_kernel
from cn_planner.propagation.kernel import kernel


@kernel
def _first_look(
    z: Any,
    at: int,
    minor: int,
    first: int,
    last: int,
    a: int,
    scale: float,
    cell: float,
    up: float,
    c: float,
    best: Any,
    best_at: Any,
    void: Any,
    limits: Any,
    per_bin: float,
    work: Any,
    radial: Any,
) -> int:
    """Set down, in order, the cells of one step that the steepest place alone does not rule out; return how many."""
    c32 = np.float32(c)
    up32 = np.float32(up)
    cell32 = np.float32(cell)
    scale32 = np.float32(scale)
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
    bins = np.float32(per_bin)
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
def _worst_of_rings(slope: Any, place: Any, rings: int, first: int, count: int, work: Any, radial: Any) -> None:
    """Fill in work[2]: the least square of a share of the first Fresnel radius, with its sign, times the wavelength."""
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
    z: Any,
    at: int,
    minor: int,
    a: int,
    b_most: int,
    j_end: int,
    cell: float,
    h0: float,
    c: float,
    ring: int,
    tangent: Any,
    stretch: Any,
    slope: Any,
    place: Any,
    best: Any,
    best_at: Any,
    void: Any,
    seen: Any,
) -> None:
    """Note what stands at one step: it is in the way of all that lie behind it."""
    a32 = np.float32(a)
    h32 = np.float32(h0)
    c32 = np.float32(c)
    out = np.float32(a * cell)
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
    behind: int,
    j_end: int,
    cell: float,
    canopy: float,
    keep_out: float,
    ring: int,
    stretch: Any,
    slope: Any,
    place: Any,
    best: Any,
    best_at: Any,
    noted: Any,
) -> None:
    """Note the trees of an earlier step, which stand far enough behind by now: the slope there, raised by them."""
    out = np.float32(behind * cell)
    canopy32 = np.float32(canopy)
    keep32 = np.float32(keep_out)
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
    trees: Any,
    base: int,
    major: int,
    minor: int,
    b_most: int,
    behind: int,
    sign: float,
    keep_out: float,
    j_end: int,
    cell: float,
    ring: int,
    tangent: Any,
    stretch: Any,
    slope: Any,
    place: Any,
    best: Any,
    best_at: Any,
    noted: Any,
) -> None:
    """Note the known trees of an earlier step whose height has this sign, as `_carry_trees` does assumed ones."""
    out = np.float32(behind * cell)
    keep32 = np.float32(keep_out)
    slopes = slope[ring]
    places = place[ring]
    at = base + behind * major
    for j in range(j_end + 1):
        across = min(int(tangent[j] * behind + 0.5), b_most)
        height = trees[at + across * minor] * np.float32(sign)
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
def quick_octant(  # noqa: C901  (the verdict on a cell is one column of cases)
    z: Any,
    trees: Any,
    rows: int,
    cols: int,
    row0: int,
    col0: int,
    maj_r: int,
    maj_c: int,
    min_r: int,
    min_c: int,
    holds_axis: bool,
    turned: bool,
    cell: float,
    h0: float,
    rx: float,
    canopy: float,
    keep_out: float,
    near: float,
    radius: float,
    c: float,
    wavelength: float,
    free_1m: float,
    enough: float,
    z_likely: float,
    z_works: float,
    margin_least: float,
    sigma_hidden: float,
    sigma_clear: float,
    clear_f1: float,
    beams: Any,
    tables: Any,
    limits: Any,
    ring_of: Any,
    turn: float,
    out: Any,
) -> None:
    """Write the classes of one octant into `out`; square cells."""
    if maj_r != 0:
        a_most = rows - 1 - row0 if maj_r > 0 else row0
        b_most = cols - 1 - col0 if min_c > 0 else col0
    else:
        a_most = cols - 1 - col0 if maj_c > 0 else col0
        b_most = rows - 1 - row0 if min_r > 0 else row0
    n = min(a_most, int(radius / cell))
    if n < 1:
        return
    base = row0 * cols + col0
    major = maj_r * cols + maj_c
    minor = min_r * cols + min_c
    rings = ring_of[n] + 1
    # Nothing stands anywhere yet: a place at 1 m, far below, is in nobody's way.
    slope = np.full((rings, n + 2), -1e12, np.float32)
    place = np.ones((rings, n + 2), np.float32)
    best = np.full(n + 2, -1e12, np.float32)
    best_at = np.ones(n + 2, np.float32)
    void = np.zeros(n + 2, np.int32)
    lag = max(math.ceil(keep_out / cell), 1)
    near_lag = min(math.ceil(near / cell), lag - 1)
    past = np.full((lag if canopy > 0.0 else 1, n + 2), -1e12, np.float32)
    noted = np.empty(n + 2, np.float32)
    tangent = np.empty(n + 2, np.float32)
    stretch = np.empty(n + 2, np.float32)
    work = np.empty((4, n + 3), np.float32)
    radial = np.zeros(n + 3, np.uint32)
    for j in range(n + 2):
        tangent[j] = 1.0 * j / n
        stretch[j] = math.sqrt(1.0 + (1.0 * j / n) * (1.0 * j / n))
    round_about = beams.shape[0] == 1 and beams[0, 1] >= 180.0
    reach_2 = (radius / cell) * (radius / cell)
    per_bin = (len(limits) - 2) / (radius * radius)
    for a in range(1, n + 1):
        at = base + a * major
        first = 0 if holds_axis else 1
        last = min(a - 1 if holds_axis else a, b_most)
        last = min(last, int(math.sqrt(max(reach_2 - 1.0 * a * a, 0.0))))
        count = _first_look(
            z, at, minor, first, last, a, 1.0 * n / a, cell, rx - h0, c, best, best_at, void, limits, per_bin, work,
            radial,
        )  # fmt: skip
        _worst_of_rings(slope, place, ring_of[a] + 1, first, count, work, radial)
        for i in range(first, count):
            b = int(work[3, i])
            k = at + b * minor
            if z[k] != z[k]:
                continue
            beam = 0
            azimuth = 0.0
            if not round_about:
                # The azimuth of the cell, clockwise from true north.
                down = 1.0 * (a * maj_r + b * min_r)
                right = 1.0 * (a * maj_c + b * min_c)
                azimuth = math.atan2(down, -right) if turned else math.atan2(right, -down)
                azimuth = azimuth * 57.29577951308232 + turn
                beam = _beam_of(beams, azimuth)
                if beam < 0:
                    continue
            away_2 = (1.0 * a * a + 1.0 * b * b) * cell * cell
            free = free_1m + 10.0 * math.log10(away_2)
            if free > beams[beam, 2]:
                continue
            if void[radial[i]] != 0:
                out[k] = 255
                continue
            if not round_about:
                # What the antenna gives less in this direction counts as loss, though it is none of the path.
                upwards = math.atan(work[0, i]) * 57.29577951308232
                free += table_loss_kernel(tables[beam], azimuth - beams[beam, 0], upwards)
                if free > beams[beam, 2]:
                    continue
            worst = np.float64(work[2, i])
            f1 = min(math.sqrt(abs(worst) / wavelength), 99.0)
            if worst < 0.0:
                f1 = -f1
            # A share of the first Fresnel radius is the edge's diffraction parameter over -sqrt(2) (P.526, eq. 26).
            loss = free + edge_and_path_kernel(-1.4142135623730951 * f1, math.sqrt(away_2))
            margin = beams[beam, 2] - loss
            sigma = sigma_clear + (sigma_hidden - sigma_clear) * min(max(1.0 - f1 / clear_f1, 0.0), 1.0)
            if margin < z_works * sigma:
                continue
            if loss > beams[beam, 3]:
                out[k] = 1
            elif f1 >= enough and margin >= z_likely * sigma and margin >= margin_least:
                out[k] = 3
            else:
                out[k] = 2
        # Radials that have left the circle or the ground are in nobody's way any more.
        most = min(1.0, math.sqrt(max(reach_2 - 1.0 * a * a, 0.0)) / a, (b_most + 0.999) / a)
        j_end = min(n, int(most * n) + 1)
        if j_end * a > (b_most + 0.999) * n:
            j_end = int((b_most + 0.999) * n / a)
        _carry(
            z, at, minor, a, b_most, j_end, cell, h0, c, ring_of[a], tangent, stretch, slope, place, best, best_at,
            void, noted,
        )  # fmt: skip
        if canopy > 0.0:
            slot = a % lag
            behind = a - lag
            if behind > 0 and len(trees) > 0:
                _carry_known(
                    trees, base, major, minor, b_most, behind, -1.0, keep_out, j_end, cell, ring_of[behind], tangent,
                    stretch, slope, place, best, best_at, past[slot],
                )  # fmt: skip
            elif behind > 0:
                _carry_trees(
                    behind, j_end, cell, canopy, keep_out, ring_of[behind], stretch, slope, place, best, best_at,
                    past[slot],
                )  # fmt: skip
            past[slot, : j_end + 1] = noted[: j_end + 1]
            behind = a - near_lag
            if behind > 0 and len(trees) > 0:
                _carry_known(
                    trees, base, major, minor, b_most, behind, 1.0, near, j_end, cell, ring_of[behind], tangent,
                    stretch, slope, place, best, best_at, past[behind % lag],
                )  # fmt: skip
