"""The predictor: packed rasters in, candidates and primitive grid out.

Loads one checkpoint file and needs torch, but not lightning. Small batches in channels-last layout stay in cache, and
only cells with ink are classified; on two cores both matter more than the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from glyphcore.checkpoint import load_checkpoint
from glyphcore.data.geometry import WIDTH, geometry
from glyphcore.data.labels import LabelMap
from glyphcore.data.raster import PACKED, bounds, rasterize, unpack
from glyphcore.errors import GlyphError
from glyphcore.nn.glyphnet import parameter_count

BATCH = 32
TOP = 5


@dataclass(frozen=True)
class Predictions:
    """What the model says about n glyphs; the first axis of every array is n."""

    top: np.ndarray
    """int64 [n, k]: class indices, best first."""
    top_p: np.ndarray
    """float32 [n, k]: their probabilities."""
    entropy: np.ndarray
    """float32 [n]: of the label distribution, in nats."""
    loss: np.ndarray
    """float32 [n]: −log p of the truth; NaN where no truth was given."""
    rank: np.ndarray
    """int64 [n]: rank of the truth from 1; 0 where no truth was given."""
    primitive: np.ndarray
    """uint16 [n, 256]: primitive IDs, row-major; 0 is EMPTY."""
    runner_up: np.ndarray
    """uint16 [n, 256]: second choices; 0 in empty cells."""
    primitive_p: np.ndarray
    """float32 [n, 256]: probability of the primitive; 1 in empty cells."""
    embedding: np.ndarray
    """float16 [n, width]: pooled embedding."""


class Predictor:
    """A checkpoint ready to predict. Raises CheckpointError when the file cannot be used."""

    def __init__(self, checkpoint: Path) -> None:
        self.checkpoint = load_checkpoint(checkpoint)
        self._net = self.checkpoint.net().to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def parameters(self) -> int:
        """Number of the model's weights."""
        return parameter_count(self._net)

    @property
    def labels(self) -> LabelMap:
        return self.checkpoint.labels

    def predict(
        self, packed: np.ndarray, geometry: np.ndarray | None = None, truth: np.ndarray | None = None, *, top: int = TOP
    ) -> Predictions:
        """Predict packed rasters uint8 [n, 2048].

        ``geometry``: float32 [n, 6], None when unknown. ``truth``: class indices int [n], −1 where unknown; gives loss
        and rank. Raises ValueError for arrays of another shape.
        """
        n = len(packed)
        if packed.shape != (n, PACKED) or (geometry is not None and geometry.shape != (n, WIDTH)):
            raise ValueError(f"packed must be [n, {PACKED}] and geometry [n, {WIDTH}]")
        if truth is None:
            truth = np.full(n, -1)
        top = min(top, len(self.labels))
        parts = []
        for start in range(0, max(n, 1), BATCH):
            some = slice(start, start + BATCH)
            parts.append(self._batch(packed[some], None if geometry is None else geometry[some], truth[some], top))
        return Predictions(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))

    @torch.inference_mode()
    def _batch(self, packed: np.ndarray, geometry: np.ndarray | None, truth: np.ndarray, top: int) -> tuple:
        raster = torch.from_numpy(unpack(packed)).float()[:, None].contiguous(memory_format=torch.channels_last)
        known = None if geometry is None else torch.from_numpy(np.ascontiguousarray(geometry))
        output = self._net(raster, known)
        assert output.labels is not None
        assert output.embedding is not None
        log_p = output.labels.log_softmax(1)
        p = log_p.exp()
        best = p.topk(top, 1)
        target = torch.from_numpy(np.asarray(truth, dtype=np.int64))
        given = target >= 0
        of_truth = log_p.gather(1, target.clamp(min=0)[:, None])
        rank = (log_p > of_truth).sum(1) + 1
        cell_p = output.primitives.softmax(1).topk(2, 1)
        occupied = output.occupied
        primitive = torch.zeros(occupied.shape, dtype=torch.int64)
        runner_up = torch.zeros_like(primitive)
        primitive_p = torch.ones(occupied.shape)
        primitive[occupied] = (cell_p.indices[:, 0] + 1)[output.which]
        runner_up[occupied] = (cell_p.indices[:, 1] + 1)[output.which]
        primitive_p[occupied] = cell_p.values[:, 0][output.which]
        return (
            best.indices.numpy(),
            best.values.numpy(),
            -(p * log_p).sum(1).numpy(),
            torch.where(given, -of_truth[:, 0], torch.nan).numpy(),
            torch.where(given, rank, 0).numpy(),
            primitive.numpy().astype(np.uint16),
            runner_up.numpy().astype(np.uint16),
            primitive_p.numpy(),
            output.embedding.numpy().astype(np.float16),
        )


@dataclass(frozen=True)
class FontGlyph:
    """A glyph of a font file, drawn and ready for :meth:`Predictor.predict`."""

    gid: int
    name: str
    advance: int
    """Font units."""
    box: tuple[float, float, float, float]
    """``x_min, y_min, x_max, y_max`` in font units."""
    packed: np.ndarray
    """uint8 [2048]."""
    geometry: np.ndarray
    """float32 [6]."""


def font_glyphs(face, problems: dict[str, int]) -> Iterator[FontGlyph]:
    """Every glyph of a :class:`glyphcore.data.fonts.FontFace` that has an outline.

    Glyphs without one are counted in ``problems`` by reason.
    """
    for gid in range(face.glyph_count):
        try:
            outline = face.outline(gid)
            box = bounds(outline)
            advance = face.advance(gid)
            yield FontGlyph(
                gid,
                face.names[gid],
                advance,
                box,
                rasterize(outline, advance, face.upem),
                geometry(box, advance, face.upem),
            )
        except GlyphError as error:
            problems[error.problem] = problems.get(error.problem, 0) + 1
