"""The choice of the model that reads a font: the first model, or one with more labels where the first does not know the
script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from glyphcore.audit.font_predictions import CHUNK, FontReading, Predict, draw, read_font
from glyphcore.config import DUPLICATE_PENALTY
from glyphcore.data.labels import LabelMap
from glyphcore.data.sources import Glyph, Source
from glyphcore.decoding.decode import CANDIDATES

STRANGE = 0.25
"""Share of glyphs outside the labels of the first model from which the model with more labels is asked."""
FEW = 5
"""Smallest number of glyphs outside the labels for that: a text font has some signs without a label."""


class Model(Protocol):
    """Interface of a model for reading fonts: :class:`glyphcore.runtime.predictor.Predictor`."""

    @property
    def labels(self) -> LabelMap: ...

    @property
    def about(self) -> Any:
        """Facts about the model; ``training`` is its training record."""

    @property
    def predict(self) -> Predict: ...


class Models(Protocol):
    """The models to choose from: :class:`glyphcore.runtime.model_pair.Models`."""

    @property
    def first(self) -> Model: ...

    @property
    def wider(self) -> Model | None: ...


def read_font_by(
    models: Models, source: Source, glyphs: Iterable[Glyph], *, candidates: int = CANDIDATES, mapping: bool = True
) -> FontReading:
    """Read a font by the model that knows its script; the arguments are those of :func:`read_font`.

    The model with more labels is asked only where the first model finds many glyphs outside its labels. It is believed
    only where it leaves at most half as many glyphs outside its labels: in a font of icons neither model knows a glyph.
    Its labels begin with those of the first model, so a class index means the same label in both.
    """

    def read_by(model: Model, glyphs: Iterable[Glyph]) -> FontReading:
        return read_font(source, glyphs, model.predict, model.labels, candidates=candidates, mapping=mapping,
                         training=model.about.training)  # fmt: skip

    reading = read_by(models.first, glyphs)
    outside = _outside(reading)
    if outside < max(FEW, STRANGE * len(reading)) or models.wider is None:
        return reading
    wider = read_by(models.wider, _drawn_again(source, reading))
    return wider if _outside(wider) <= outside / 2 else reading


def choice(models: Models, reading: FontReading) -> str:
    """Return a sentence if the model with more labels read a font; empty where the first model did."""
    if len(reading.labels) <= len(models.first.labels):
        return ""
    return f"read by the model of {len(reading.labels):,} labels: many of its glyphs have no label in the default model"


def _drawn_again(source: Source, reading: FontReading) -> Iterator[Glyph]:
    """Draw the glyphs of a reading again; keeping the rasters of every font would take more memory."""
    assert source.face is not None
    for start in range(0, len(reading), CHUNK):
        rows = range(start, min(start + CHUNK, len(reading)))
        ids = [int(reading.glyph_id[row]) for row in rows]
        for row, glyph_id, packed in zip(rows, ids, draw(source.face, ids), strict=True):
            yield Glyph(glyph_id, reading.names[row], None, None, packed, reading.geometry[row])


def _outside(reading: FontReading) -> int:
    """Return the number of glyphs that are none of the labels, as far as that is known."""
    decoded = reading.decode(DUPLICATE_PENALTY)
    return int((decoded.outside > decoded.p).sum())
