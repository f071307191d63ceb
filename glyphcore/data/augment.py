"""Makes new designs for training: an outline is varied before it is fitted, so the raster policy still holds.

The variations are stroke weight, slant, width, proportions, size and place of dots, a little rotation and hand-drawn
noise: the differences between the letters of two families. Position is never varied, because fitting would undo it.
Two more are for display faces: hollow letters, and letters cut out of a tile.
"""

from __future__ import annotations

import ctypes
import math

import freetype.raw as ft
import numpy as np

from glyphcore.config import AugmentConfig
from glyphcore.data.geometry import KNOWN, geometry
from glyphcore.data.outline import ON, Outline
from glyphcore.data.raster import POLICY, bounds, fill, freetype_outline, pack, rasterize, unpack
from glyphcore.errors import OutlineError

MAX_PARTS = 16
"""Largest number of contours; a glyph with more is an ornament, whose pieces should stay together."""
RIM = 2, 5
"""Least and most pixels of the line that a hollow letter leaves of its strokes."""
TILE = 0.05, 0.3
"""Least and most room between a letter and the edge of its tile, relative to the letter's extent."""


def varied(
    outline: Outline, advance: float | None, upem: float | None, config: AugmentConfig, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return a varied packed raster uint8 [2048] and its geometry float32 [6].

    A variation that leaves nothing to draw gives the original instead.
    """
    if random.random() >= config.probability:
        return rasterize(outline, advance, upem), _hidden(geometry(bounds(outline), advance, upem), config, random)
    x_min, y_min, x_max, y_max = bounds(outline)
    extent = max(x_max - x_min, y_max - y_min)
    side = POLICY.side(extent, advance, upem)
    stretch = math.exp(random.uniform(-config.aspect, config.aspect))
    slant = random.uniform(-config.slant, config.slant)
    angle = math.radians(random.uniform(-config.rotation, config.rotation))
    transform = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) @ np.array(
        [[stretch, slant], [0.0, 1.0]]
    )
    points = _moved_parts(outline, config.parts, extent, random) if config.parts else outline.points
    points = _warped(points, config.warp, extent, random) @ transform.T
    points += random.normal(0, random.uniform(0, config.noise) * extent, points.shape)
    moved = Outline(points, outline.tags, outline.ends)
    try:
        box = bounds(moved)
        if config.inverse and random.random() < config.inverse:
            moved = _on_tile(moved, box, random)
            box = _, y_min, _, y_max = bounds(moved)
            side = POLICY.side(max(box[2] - box[0], y_max - y_min), advance, upem)
        packed = _weighted(moved, box, side, random.uniform(-config.weight / 2, config.weight))
        if config.hollow and random.random() < config.hollow:
            packed = _hollowed(packed, int(random.integers(*RIM, endpoint=True)))
        if config.blur and random.random() < config.blur:
            packed = _blurred(packed, int(random.integers(4, 7)))
    except OutlineError:
        return rasterize(outline, advance, upem), _hidden(geometry(bounds(outline), advance, upem), config, random)
    described = geometry((box[0], y_min, box[2], y_max), None if advance is None else advance * stretch, upem)
    return packed, _hidden(described, config, random)


def _warped(points: np.ndarray, amount: float, extent: float, random: np.random.Generator) -> np.ndarray:
    """Stretch parts of each axis and compress the others: two waves along the axis, at most ``amount`` of the
    extent."""
    position = (points - points.min(0)) / extent
    waves = 2 * math.pi * (position[..., None] * np.array([0.5, 1.0]) + random.random((2, 2)))
    return points + extent * (np.sin(waves) * random.uniform(-amount, amount, (2, 2)) / [1, 2]).sum(-1)


def _moved_parts(outline: Outline, amount: float, extent: float, random: np.random.Generator) -> np.ndarray:
    """Return points with every separate part except the largest scaled and moved a little, together with its holes."""
    ends = outline.ends
    if not 2 <= len(ends) <= MAX_PARTS:
        return outline.points
    contours = np.split(outline.points, ends[:-1] + 1)
    area = _areas(contours)
    low, high = np.array([c.min(0) for c in contours]), np.array([c.max(0) for c in contours])
    main = int(np.abs(area).argmax())
    filled = area * area[main] > 0
    moved = list(contours)
    for part in np.flatnonzero(filled):
        if part == main:
            continue
        centre = (low[part] + high[part]) / 2
        scale = math.exp(random.uniform(-amount, amount))
        shift = extent * random.uniform(-amount / 5, amount / 5, 2)
        inside = ~filled & (low >= low[part]).all(1) & (high <= high[part]).all(1)
        for index in (part, *np.flatnonzero(inside)):
            moved[index] = centre + scale * (contours[index] - centre) + shift
    return np.concatenate(moved)


def _on_tile(outline: Outline, box: tuple[float, float, float, float], random: np.random.Generator) -> Outline:
    """Return a black tile with the letter cut out of it."""
    (x_min, y_min, x_max, y_max), extent = box, max(box[2] - box[0], box[3] - box[1])
    left, down, right, up = extent * random.uniform(*TILE, 4)
    x_min, y_min, x_max, y_max = x_min - left, y_min - down, x_max + right, y_max + up
    tile = np.array([[x_min, y_min], [x_min, y_max], [x_max, y_max], [x_max, y_min]])
    if _areas(np.split(outline.points, outline.ends[:-1] + 1)).sum() < 0:
        tile = tile[::-1]  # a contour that turns the other way than the tile is a hole
    ends = np.append(outline.ends, len(outline.points) + 3).astype(outline.ends.dtype)
    return Outline(np.concatenate([outline.points, tile]), np.append(outline.tags, [ON] * 4).astype(np.uint8), ends)


def _areas(contours: list[np.ndarray]) -> np.ndarray:
    """Return twice the area of each contour, positive where it turns to the left."""
    return np.array([np.sum(c[:, 0] * np.roll(c[:, 1], -1) - c[:, 1] * np.roll(c[:, 0], -1)) for c in contours])


def _hollowed(packed: np.ndarray, rim: int) -> np.ndarray:
    """Leave only the ink within ``rim`` pixels of an edge."""
    inside = ink = np.pad(unpack(packed), 1)
    for _ in range(rim):
        core = inside.copy()
        for axis in (0, 1):
            core &= np.roll(inside, 1, axis) & np.roll(inside, -1, axis)
        inside = core
    return pack((ink & ~inside)[1:-1, 1:-1])


def _blurred(packed: np.ndarray, enough: int) -> np.ndarray:
    """Make each pixel ink if ``enough`` pixels of its 3×3 neighbourhood are ink."""
    padded = np.pad(unpack(packed), 1)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    blurred = pack(rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] >= enough)
    return blurred if blurred.any() else packed


def _weighted(outline: Outline, box: tuple[float, float, float, float], side: int, weight: float) -> np.ndarray:
    """Fit the outline to ``side`` pixels with ``weight`` pixels added on each side of every stroke, and fill it."""
    x_min, y_min, x_max, y_max = box
    scale = 64 * side / max(x_max - x_min, y_max - y_min)
    points = np.rint((outline.points - (x_min, y_min)) * scale).astype(np.int64)
    shape, (points, _, _) = freetype_outline(points, outline)
    ft.FT_Outline_Embolden(ctypes.byref(shape), round(2 * 64 * weight))
    x_min, y_min, x_max, y_max = bounds(Outline(points / 64, outline.tags, outline.ends))
    scale = side / max(x_max - x_min, y_max - y_min)
    fitted = np.rint((points - (64 * x_min, 64 * y_max)) * scale).astype(np.int64)
    fitted[:, 1] += 64 * POLICY.size
    return fill(fitted, outline)


def _hidden(described: np.ndarray, config: AugmentConfig, random: np.random.Generator) -> np.ndarray:
    """Return geometry with a common scale and a little noise, or hidden completely."""
    if random.random() < config.geometry_drop:
        return np.zeros_like(described)
    if described[KNOWN]:
        scale = math.exp(random.uniform(-config.geometry_scale, config.geometry_scale))
        described[:KNOWN] = described[:KNOWN] * scale + random.normal(0, 0.01, KNOWN)
    return described
