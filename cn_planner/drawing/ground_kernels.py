"""The map's picture laid over the ground's own colours, texel by texel."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cn_planner.propagation.kernel import kernel


class Drape(NamedTuple):
    """A picture that lies over one level of the ground.

    Attributes
    ----------
    pixels : uint32 array of (rows, columns)
        Premultiplied 0xAARRGGBB.
    x, y : float64 arrays of (nodes, nodes)
        Where in the picture the nodes of a lattice lie that spans the level's texels evenly, pixels.
    """

    pixels: Any
    x: Any
    y: Any


@kernel
def dress_rows(base: Any, light: Any, drape: Drape, first: int, last: int, out: Any) -> None:
    """Write rows `first` to `last` of a level: 0x00RRGGBB.

    `base` (rows, columns, 3) is the ground lit, red first; `light` how much of a picture's colours is left there, in
    255ths: slopes are felt through it.
    """
    pixels, nodes_x, nodes_y = drape.pixels, drape.x, drape.y
    rows, columns = base.shape[0], base.shape[1]
    high, wide = pixels.shape[0], pixels.shape[1]
    nodes = nodes_x.shape[0]
    down = (nodes - 1.0) / (rows - 1.0)
    across = (nodes - 1.0) / (columns - 1.0)
    for row in range(first, last):
        v = row * down
        j = min(int(v), nodes - 2)
        v -= j
        for column in range(columns):
            red: Any = int(base[row, column, 0])
            green: Any = int(base[row, column, 1])
            blue: Any = int(base[row, column, 2])
            if nodes > 2:
                u = column * across
                i = min(int(u), nodes - 2)
                u -= i
                p = (1.0 - u) * (1.0 - v)
                q = u * (1.0 - v)
                r = (1.0 - u) * v
                s = u * v
                x = p * nodes_x[j, i] + q * nodes_x[j, i + 1] + r * nodes_x[j + 1, i] + s * nodes_x[j + 1, i + 1]
                y = p * nodes_y[j, i] + q * nodes_y[j, i + 1] + r * nodes_y[j + 1, i] + s * nodes_y[j + 1, i + 1]
                if 0.0 <= x < wide and 0.0 <= y < high:
                    there = np.int64(pixels[int(y), int(x)])
                    left = 255 - (there >> 24)
                    shade = np.int64(light[row, column])
                    red = (red * left + ((there >> 16) & 255) * shade) // 255
                    green = (green * left + ((there >> 8) & 255) * shade) // 255
                    blue = (blue * left + (there & 255) * shade) // 255
            out[row, column] = (min(red, 255) << 16) | (min(green, 255) << 8) | min(blue, 255)
