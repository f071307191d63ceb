"""The labelled glyphs of a font file, drawn: all data that a database takes from the file. A worker can send them."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.data.contours import serialise
from glyphcore.data.drawing import rasterize_each
from glyphcore.data.fonts import FontFace, open_faces
from glyphcore.data.labelled import labelled_glyphs
from glyphcore.data.labels import load_labels
from glyphcore.data.outline import Outline
from glyphcore.data.programs import HARFBUZZ
from glyphcore.errors import GlyphError


@dataclass(frozen=True)
class DrawnGlyph:
    """A glyph with the label that the font's own mapping gives it."""

    label: str
    gid: int
    name: str
    advance: int
    points: int
    box: tuple[float, ...]
    """x_min, y_min, x_max, y_max in units of the font, as the columns of a database."""
    packed: bytes
    """Raster of 2,048 bytes."""
    contours: bytes
    shape: bytes
    """Equal for equal outlines at any position and with any units per em."""
    placed_shape: bytes
    """Equal for equal outlines at the same place of the same em."""


@dataclass(frozen=True)
class DrawnFace:
    """A face of a font file with its labelled glyphs."""

    file_hash: str
    """Hash of the file, with the number of the face if it is not the first."""
    file: str
    metrics: dict[str, Any]
    """Fields of :class:`glyphcore.data.font_metrics.FontMetrics`."""
    glyphs: list[DrawnGlyph]
    dropped: dict[str, int]
    """Number of candidates that became no glyph, by reason."""
    fault: str = ""
    """Reason why the glyphs cannot be read, in one line."""
    remark: str = ""
    """Remark on a face that HarfBuzz does not draw; such a face is drawn by FreeType."""


def draw_file(path: Path, labels: Path) -> list[DrawnFace]:
    """Return all faces of a font file with the glyphs that they map to the labels in ``labels``.

    Raises GlyphError for a file that cannot be read.
    """
    return [_draw(face, labels) for face in open_faces(path)]


def to_plain(faces: list[DrawnFace]) -> list[dict[str, Any]]:
    """Return faces as data that JSON can hold."""
    plain = [asdict(face) for face in faces]
    for glyph in (glyph for face in plain for glyph in face["glyphs"]):
        glyph["packed"] = zlib.compress(glyph["packed"], 1)
        glyph |= {name: base64.b85encode(glyph[name]).decode() for name in BYTES}
    return plain


def from_plain(plain: list[dict[str, Any]]) -> list[DrawnFace]:
    """Return what :func:`to_plain` got."""
    return [DrawnFace(**{**face, "glyphs": [_glyph_from(glyph) for glyph in face["glyphs"]]}) for face in plain]


BYTES = ("packed", "contours", "shape", "placed_shape")


def _glyph_from(plain: dict[str, Any]) -> DrawnGlyph:
    read = {name: base64.b85decode(plain[name]) for name in BYTES}
    return DrawnGlyph(**{**plain, **read, "packed": zlib.decompress(read["packed"]), "box": tuple(plain["box"])})


def _draw(face: FontFace, labels: Path) -> DrawnFace:
    dropped: Counter[str] = Counter()
    file_hash = face.file_hash if face.number == 0 else f"{face.file_hash}#{face.number}"
    metrics = asdict(face.metrics)
    try:
        glyphs = list(labelled_glyphs(face, load_labels(labels), dropped))
    except GlyphError as error:
        return DrawnFace(file_hash, face.path.name, metrics, [], dict(dropped), fault=str(error))
    rasters = rasterize_each([glyph.outline for glyph in glyphs], [glyph.advance for glyph in glyphs], face.upem)
    drawn = []
    for glyph, packed, box, fault in zip(glyphs, *rasters, strict=True):
        if fault is not None:
            dropped["empty"] += 1
            continue
        outline = glyph.outline
        drawn.append(
            DrawnGlyph(
                glyph.label, glyph.gid, glyph.name, glyph.advance, len(outline.points), tuple(box.tolist()),
                packed.tobytes(), serialise(outline), _shape(outline, face.upem), _placed_shape(outline),
            )
        )  # fmt: skip
    remark = f"{face.path.name}: {face.remarks()[0]}" if face.by != HARFBUZZ else ""
    return DrawnFace(file_hash, face.path.name, metrics, drawn, dict(dropped), remark=remark)


def _shape(outline: Outline, upem: int) -> bytes:
    shape = np.round((outline.points - outline.points.min(0)) / upem, 4)
    return _digest(shape.astype(np.float32), outline.tags, outline.ends)


def _placed_shape(outline: Outline) -> bytes:
    return _digest(outline.points, outline.tags, outline.ends)[:12]


def _digest(*parts: np.ndarray) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.digest()
