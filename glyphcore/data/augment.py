"""Designs that no font has yet: an outline is varied before it is fitted, so the raster policy still holds.

Stroke weight, slant, width, a little rotation and hand-drawn noise are what separate one family's letter from
another's. Position is never varied: fitting would undo it.
"""

from __future__ import annotations

import ctypes
import math

import freetype.raw as ft
import numpy as np

from glyphcore.config import AugmentConfig
from glyphcore.data.contours import Outline
from glyphcore.data.geometry import KNOWN, geometry
from glyphcore.data.raster import POLICY, bounds, fill, freetype_outline, rasterize
from glyphcore.errors import OutlineError


def varied(
    outline: Outline, advance: float | None, upem: float | None, config: AugmentConfig, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A varied packed raster uint8 [2048] and its geometry float32 [6].

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
    points = outline.points @ transform.T
    points += random.normal(0, random.uniform(0, config.noise) * extent, points.shape)
    moved = Outline(points, outline.tags, outline.ends)
    try:
        box = bounds(moved)
        packed = _weighted(moved, box, side, random.uniform(-config.weight / 2, config.weight))
    except OutlineError:
        return rasterize(outline, advance, upem), _hidden(geometry(bounds(outline), advance, upem), config, random)
    described = geometry((box[0], y_min, box[2], y_max), None if advance is None else advance * stretch, upem)
    return packed, _hidden(described, config, random)


def _weighted(outline: Outline, box: tuple[float, float, float, float], side: int, weight: float) -> np.ndarray:
    """Fit to ``side`` pixels with ``weight`` pixels added on each side of every stroke, and fill."""
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
    """Geometry with a common scale, a little noise, or hidden altogether."""
    if random.random() < config.geometry_drop:
        return np.zeros_like(described)
    if described[KNOWN]:
        scale = math.exp(random.uniform(-config.geometry_scale, config.geometry_scale))
        described[:KNOWN] = described[:KNOWN] * scale + random.normal(0, 0.01, KNOWN)
    return described
