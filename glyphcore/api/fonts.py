"""Fonts in Python: read a font, and use its glyphs as objects, arrays, pictures and a table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from glyphcore.api.glyph import STYLE, Candidate, Glyph, card
from glyphcore.api.model import AnyPath, Model, load, shipped_models
from glyphcore.audit.codes import cmap_of
from glyphcore.audit.decisions import decide, texts
from glyphcore.audit.findings import Finding, summary
from glyphcore.audit.font_predictions import FontReading
from glyphcore.audit.model_choice import choice, read_font_by
from glyphcore.config import DUPLICATE_PENALTY, THRESHOLD
from glyphcore.data import sources
from glyphcore.data.fonts import FontFace
from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.data.predictions import Predictions
from glyphcore.data.raster import GRID, unpack
from glyphcore.errors import GlyphError, extras
from glyphcore.progress import Progress, Silent, Terminal
from glyphcore.runtime.base import About
from glyphcore.runtime.predictor import Predictor

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 240
"""Number of glyphs in the contact sheet of a font."""


class Font:
    """A font that was read: a sequence of :class:`Glyph`, in glyph order; glyphs without an area are left out.

    Make one with :func:`read`. A notebook shows it as a contact sheet.

    ```python
    font = glyphcore.read("broken.ttf")
    for glyph in font[:3]:
        print(glyph.glyph_id, glyph.name, glyph.label, glyph.text, f"{glyph.confidence:.2f}")
    unsure = [glyph for glyph in font if glyph.confidence < 0.5]
    ```
    """

    def __init__(
        self, face: FontFace, reading: FontReading, findings: list[Finding], seen: _Seen, remarks: list[str]
    ) -> None:
        self.file = reading.file
        """The path of the file as given."""
        self.remarks = remarks
        """Sentences about the file: its unreadable glyphs, and other remarks."""
        self._face, self._findings, self._seen = face, findings, seen
        self._labels = reading.labels

    @cached_property
    def rasters(self) -> np.ndarray:
        """Rasters of all glyphs: uint8 [n, 128, 128], 1 is ink."""
        return unpack(np.stack([glyph.packed for glyph in self._seen.glyphs]))

    @cached_property
    def grids(self) -> np.ndarray:
        """Primitives of all glyphs: uint16 [n, 16, 16]."""
        return np.concatenate(self._seen.grids).reshape(-1, GRID, GRID)

    @cached_property
    def embeddings(self) -> np.ndarray:
        """Embeddings of all glyphs, from which the labels are computed: float16 [n, width]."""
        return np.concatenate(self._seen.embeddings)

    @cached_property
    def geometry(self) -> np.ndarray:
        """Size, place and advance of all glyphs in the em: float32 [n, 6]."""
        return np.stack([glyph.geometry for glyph in self._seen.glyphs])

    def glyph(self, glyph_id: int) -> Glyph:
        """Return the glyph with that index in the font. Raises KeyError where it was not read."""
        if glyph_id not in self._rows:
            raise KeyError(f"glyph {glyph_id} was not read: it draws nothing, or the font has no such glyph")
        return self[self._rows[glyph_id]]

    def find(self, text: str) -> list[Glyph]:
        """Return the glyphs that are predicted as ``text``, or as the label of that name."""
        return [
            self[i]
            for i, finding in enumerate(self._findings)
            if text in (self._labels.base[finding.predicted], self._labels.labels[finding.predicted])
        ]

    def to_pandas(self) -> pd.DataFrame:
        """Return a table with one row per glyph: its id, name, label, text, code points, confidence, verdict, the
        font's mapping, the likeliest other label, and the advance. Raises MissingExtraError without pandas.

        ```python
        table = glyphcore.read("broken.ttf").to_pandas()
        print(table.sort_values("confidence").head())
        print(table["verdict"].value_counts())
        ```
        """
        with extras():
            import pandas as pd
        return pd.DataFrame([self._record(glyph) for glyph in self])

    def texts(self, threshold: float = THRESHOLD) -> dict[int, str]:
        """Return glyph index → text, for glyphs on which the model or the font is certain, as ``glyphcore audit``
        decides."""
        return texts(decide(self._findings, {}, threshold, self._labels))

    def tounicode(self, threshold: float = THRESHOLD) -> str:
        """Return a ``ToUnicode`` CMap of :meth:`texts`. Its codes are the glyph indices in two bytes.

        ```python
        from pathlib import Path

        Path("broken.cmap").write_text(glyphcore.read("broken.ttf").tounicode())
        ```
        """
        return cmap_of(self._face, self.texts(threshold), {}, "")

    @cached_property
    def _rows(self) -> dict[int, int]:
        return {finding.glyph_id: row for row, finding in enumerate(self._findings)}

    def _record(self, glyph: Glyph) -> dict[str, Any]:
        other = next((candidate for candidate in glyph.candidates if candidate.label != glyph.label), None)
        return {
            "glyph_id": glyph.glyph_id,
            "name": glyph.name,
            "label": glyph.label,
            "text": glyph.text,
            "codepoints": codepoints(glyph.text),
            "confidence": glyph.confidence,
            "verdict": glyph.verdict,
            "font_says": glyph.font_says,
            "other": other.label if other else "",
            "other_p": other.probability if other else 0.0,
            "advance": glyph.advance,
        }

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Glyph]:
        return (self[i] for i in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Glyph: ...
    @overload
    def __getitem__(self, index: slice) -> list[Glyph]: ...
    def __getitem__(self, index: int | slice) -> Glyph | list[Glyph]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        finding, drawn = self._findings[index], self._seen.glyphs[index]
        return Glyph(
            finding.glyph_id,
            finding.name,
            self._labels.labels[finding.predicted],
            self._labels.base[finding.predicted],
            finding.p,
            _candidates(finding, self._labels),
            finding.verdict,
            _mapped_text(finding, self._labels),
            drawn.advance,
            self.rasters[index],
            self.grids[index],
        )

    def __repr__(self) -> str:
        return f"<Font {Path(self.file).name}: {len(self):,} glyphs>"

    def _repr_html_(self) -> str:
        counts = ", ".join(f"{n:,} {verdict}" for verdict, n in summary(self._findings)[self.file].items() if n)
        more = f"<p>… and {len(self) - SHOWN:,} more</p>" if len(self) > SHOWN else ""
        cards = "".join(card(glyph) for glyph in self[:SHOWN])
        heading = f"<p>{escape(Path(self.file).name)}: {counts.replace(' n', ' glyphs', 1)}</p>"
        return f"{STYLE}{heading}<div class=glyphcore>{cards}</div>{more}"


class _Seen:
    """Passes glyphs to a model, and keeps the raster of every glyph and the predictions other than the label."""

    def __init__(self, predictor: Predictor, glyphs: list[sources.Glyph]) -> None:
        self.glyphs = glyphs
        self.grids: list[np.ndarray] = []
        self.embeddings: list[np.ndarray] = []
        self._predictor = predictor

    @property
    def labels(self) -> LabelMap:
        return self._predictor.labels

    @property
    def about(self) -> About:
        return self._predictor.about

    def collect(self, glyphs: Iterator[sources.Glyph]) -> Iterator[sources.Glyph]:
        for glyph in glyphs:
            self.glyphs.append(glyph)
            yield glyph

    def predict(self, packed: np.ndarray, geometry: np.ndarray, *, top: int, every: bool) -> Predictions:
        predictions = self._predictor.predict(packed, geometry, top=top, every=every)
        self.grids.append(predictions.primitive)
        self.embeddings.append(predictions.embedding)
        return predictions


class _Asked:
    """The models that are asked about one font, with the predictions of each."""

    def __init__(self, model: Model | AnyPath | None) -> None:
        self._models = None if model is not None else shipped_models()
        if self._models is not None:
            first = self._models.first
        else:
            assert model is not None
            first = (model if isinstance(model, Model) else load(model)).predictor
        self._glyphs: list[sources.Glyph] = []
        self.first = _Seen(first, self._glyphs)

    @cached_property
    def wider(self) -> _Seen | None:
        """The model with more labels; None where one model was named, or where no such model ships."""
        if self._models is None or self._models.wider is None:
            return None
        return _Seen(self._models.wider, self._glyphs)

    def seen_by(self, reading: FontReading) -> _Seen:
        """Return the predictions of the model that made a reading."""
        if len(reading.labels) == len(self.first.labels):
            return self.first
        assert self.wider is not None
        return self.wider


def read(
    font: AnyPath,
    model: Model | AnyPath | None = None,
    *,
    face: int = 0,
    per_glyph: bool = False,
    duplicate_penalty: float = DUPLICATE_PENALTY,
    progress: bool = False,
) -> Font:
    """Read every glyph of a font file.

    ``model``: a result of :func:`load`, or a model file; with None the shipped model is asked, and for a font of other
    scripts the one with more labels, as the commands do. ``face``: number of the face in a collection, from 0.
    ``per_glyph``: decode each glyph by itself. Otherwise the glyphs of the font are decoded together: their labels,
    sizes and order inform each other, and two glyphs with the same best label compete for it. ``duplicate_penalty``:
    the cost in nats of a label that another glyph of the font has. ``progress``: show a progress bar on standard error.
    Raises FontError for a file that is not a font or has no such face, and GlyphError when no glyph can be read.

    ```python
    import glyphcore

    font = glyphcore.read("broken.ttf")
    print(font, font[0].label, font[0].candidates[:2])
    font[0].picture(scale=4).save("glyph.png")
    ```
    """
    path, remarks = Path(font), list[str]()
    if path.is_dir():
        raise GlyphError(f"{path} is a folder.", subject=path, remedy="Read its fonts one by one.")
    models = _Asked(model)
    skipped = sources.SkippedInputs(remarks.append)
    shown: Progress = Terminal() if progress else Silent()
    ((source, glyphs),) = sources.read_sources([path], skipped, shown, only_fonts=True, face=face)
    reading = read_font_by(models, source, models.first.collect(glyphs))
    remarks += [*skipped.summary(), *filter(None, [choice(models, reading)])]
    if not len(reading) or source.face is None:
        raise GlyphError(f"No glyph of {path.name} can be read.", subject=path, remedy="Check the font.")
    findings = reading.findings(None if per_glyph else duplicate_penalty)
    return Font(source.face, reading, findings, models.seen_by(reading), remarks)


def _candidates(finding: Finding, labels: LabelMap) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(labels.labels[i], labels.base[i], p) for i, p in zip(finding.top, finding.top_p, strict=True)
    )


def _mapped_text(finding: Finding, labels: LabelMap) -> str:
    characters = [chr(code) for code in finding.mapping.characters] or [labels.base[i] for i in finding.mapping.labels]
    return characters[0] if characters else ""
