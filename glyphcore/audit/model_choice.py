"""Which model reads a font: the first, or where that does not know its script, one that knows more labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from glyphcore.audit.font_predictions import CHUNK, FontReading, Predict, draw, read_font
from glyphcore.config import DUPLICATE_PENALTY
from glyphcore.data.labels import LabelMap
from glyphcore.data.sources import Glyph, Source
from glyphcore.decoding.decode import CANDIDATES

STRANGE = 0.25
"""Share of glyphs outside the labels of the first model from which the wider one is asked."""
FEW = 5
"""So many glyphs outside the labels at least: a text font has some signs that no label stands for."""


class Model(Protocol):
    """A model as reading fonts needs it: :class:`glyphcore.runtime.predictor.Predictor`."""

    @property
    def labels(self) -> LabelMap: ...

    @property
    def about(self) -> Any:
        """With ``training``, the record of its training."""

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

    The wider model is asked only where the first says that many glyphs are none of its labels, and believed only where
    it leaves at most half as many: of a font of icons both know nothing. Its labels begin with those of the first, so a
    class index means one label in both.
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
    """Return a sentence that says where the wider model read a font; empty where the first one did."""
    if len(reading.labels) <= len(models.first.labels):
        return ""
    return f"read by the model of {len(reading.labels):,} labels: many of its glyphs are none of the default model's"


def _drawn_again(source: Source, reading: FontReading) -> Iterator[Glyph]:
    """The glyphs of a reading: keeping the rasters of every font would take more memory."""
    assert source.face is not None
    for start in range(0, len(reading), CHUNK):
        rows = range(start, min(start + CHUNK, len(reading)))
        ids = [int(reading.glyph_id[row]) for row in rows]
        for row, glyph_id, packed in zip(rows, ids, draw(source.face, ids), strict=True):
            yield Glyph(glyph_id, reading.names[row], None, None, packed, reading.geometry[row])


def _outside(reading: FontReading) -> int:
    """How many glyphs are none of the labels, as far as that is known."""
    decoded = reading.decode(DUPLICATE_PENALTY)
    return int((decoded.outside > decoded.p).sum())
