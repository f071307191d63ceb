"""Predictions for a whole font, made once; verdicts, thresholds, labels and exports then need no model.

They take only a few hundred bytes per glyph: rasters are not stored, because drawing a page of glyphs again takes
milliseconds.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.audit.findings import Finding, claimed_p, finding
from glyphcore.audit.small_capitals import with_small_capitals
from glyphcore.data.ahead import ahead, chunks
from glyphcore.data.drawing import rasterize_each
from glyphcore.data.fonts import NOTDEF, FontFace
from glyphcore.data.geometry import KNOWN, WIDTH
from glyphcore.data.glyph_mappings import GlyphMapping, glyph_mappings
from glyphcore.data.labels import LabelMap
from glyphcore.data.predictions import Predictions
from glyphcore.data.raster import PACKED
from glyphcore.data.sources import Glyph, Source
from glyphcore.decoding.decode import CANDIDATES, Decoded, decode, decode_each
from glyphcore.decoding.font_priors import priors_of
from glyphcore.decoding.outside import KINDS, Strangers, outside_for, outside_of
from glyphcore.decoding.parts import parts
from glyphcore.errors import GlyphError, StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing

CHUNK = 512
"""Number of glyphs predicted at a time."""
REPEATED = 10
"""Number of glyphs with the same picture from which that picture counts as the placeholder of missing glyphs: no letter
is drawn that often. In the corpus and in 90 more fonts such pictures are boxes, except a dotless tooth that one font
draws eight times."""
Predict = Callable[..., Predictions]
""":meth:`glyphcore.runtime.predictor.Predictor.predict`."""


@dataclass(frozen=True)
class FontReading:
    """A font's mapping and a model's predictions for its n glyphs; glyphs without an area are left out."""

    file: str
    labels: LabelMap
    glyph_id: np.ndarray
    """int64 [n], ascending."""
    names: list[str]
    geometry: np.ndarray
    """float32 [n, 6]."""
    mappings: list[GlyphMapping]
    claim_p: np.ndarray
    """float64 [n]: probability of the mapped character in its likeliest form; 0 where the font maps none."""
    top: np.ndarray
    """int64 [n, k]: class indices of the candidates, best first."""
    top_p: np.ndarray
    """float32 [n, k]."""
    kinds: np.ndarray
    """float32 [n, kinds]: log-probabilities of the kinds of each glyph alone; [n, 0] where they are unknown."""
    placeholder: np.ndarray
    """bool [n]: whether :data:`REPEATED` glyphs, or glyph 0, have exactly the same picture."""

    def __len__(self) -> int:
        return len(self.glyph_id)

    def decode(self, duplicate_penalty: float | None = None) -> Decoded:
        """Decode the glyphs together with this penalty for a label that another glyph has; None decodes each glyph by
        itself.

        The result is cached: it is used to choose a model, and then again for the findings.
        """
        if duplicate_penalty not in self._decoded:
            self._decoded[duplicate_penalty] = self._decode(duplicate_penalty)
        return self._decoded[duplicate_penalty]

    @cached_property
    def _decoded(self) -> dict[float | None, Decoded]:
        return {}

    def _decode(self, duplicate_penalty: float | None) -> Decoded:
        known = outside_for(self.labels.fingerprint) if self.kinds.shape[1] else None
        strangers = Strangers(known, self.kinds, self.labels) if known else None
        if duplicate_penalty is None:
            return decode_each(self.top, self.top_p, strangers).never(self.placeholder)
        priors = priors_of(self.labels)
        decoded = decode(
            self.top,
            self.top_p,
            self.geometry,
            priors,
            ordered=True,
            duplicate_penalty=duplicate_penalty,
            strangers=strangers,
        )
        return decoded.never(self.placeholder | self.parts)

    @cached_property
    def parts(self) -> np.ndarray:
        """bool [n]: bowls and dots that the font composes letters from."""
        return parts(self.top, self.top_p, self.labels)

    def findings(self, duplicate_penalty: float | None = None) -> list[Finding]:
        """Judge each glyph, in glyph order, by the label that :meth:`decode` gives it."""
        decoded = self.decode(duplicate_penalty)
        claim_p = (
            self._mapped_in(decoded.top, decoded.top_p)
            if duplicate_penalty is not None or self.kinds.size
            else self.claim_p
        )
        findings = [
            finding(self.file, int(self.glyph_id[i]), self.names[i], self.mappings[i], claim_p[i], decoded.top[i],
                    decoded.top_p[i], self.labels, int(decoded.place[i]), float(decoded.outside[i]))
            for i in range(len(self))
        ]  # fmt: skip
        return with_small_capitals(findings, self.labels)

    def _mapped_in(self, top: np.ndarray, top_p: np.ndarray) -> np.ndarray:
        """Return ``claim_p`` for other probabilities of the same candidates; labels that are not candidates keep their
        values."""
        base, p = self.labels.base_index, self.claim_p.copy()
        for i, mapping in enumerate(self.mappings):
            if mapping.labels:
                mapped_bases = base[list(mapping.labels)]
                before, now = np.isin(base[self.top[i]], mapped_bases), np.isin(base[top[i]], mapped_bases)
                if now.any():
                    outside = self.claim_p[i] if self.claim_p[i] > self.top_p[i][before].max() else 0.0
                    p[i] = max(float(top_p[i][now].max()), outside)
        return p


def read_font(
    source: Source, glyphs: Iterable[Glyph], predict: Predict, labels: LabelMap, *, candidates: int = CANDIDATES,
    mapping: bool = True, training: dict[str, Any] | None = None,
) -> FontReading:  # fmt: skip
    """Predict every glyph of a face and keep ``candidates`` of each. ``training``: the training record of the model. It
    tells whether the shipped networks for glyphs outside the labels belong to this model; without it they are not used.

    Without ``mapping`` the font's mapping is not read, which is faster; then no glyph has a mapping. With it, raises
    FontError when the font's character map is broken.
    """
    assert source.face is not None
    font_mappings = glyph_mappings(source.face, labels) if mapping else [GlyphMapping()] * source.face.glyph_count
    outside = outside_of(training) if training else None
    kept: list[tuple[int, str, np.ndarray]] = []
    tops, ps, claim_p, kinds = [], [], [], []
    pictures: list[int] = []
    for chunk in ahead(chunks(glyphs, CHUNK)):  # the next glyphs are drawn while these are predicted
        packed, geometry = np.stack([glyph.packed for glyph in chunk]), np.stack([glyph.geometry for glyph in chunk])
        predictions = predict(packed, geometry, top=candidates, every=mapping)
        claim_p.append(_of_mappings(predictions, [font_mappings[glyph.glyph_id] for glyph in chunk], labels))
        tops.append(predictions.top)
        ps.append(predictions.top_p)
        kinds.append(outside.kinds_of(predictions, geometry) if outside else np.zeros((len(chunk), 0), np.float32))
        pictures += [hash(glyph.packed.tobytes() + glyph.geometry[:KNOWN].tobytes()) for glyph in chunk]
        kept += [(glyph.glyph_id, glyph.name or "", glyph.geometry) for glyph in chunk]
    ids = [glyph_id for glyph_id, *_ in kept]
    width = min(candidates, len(labels))
    return FontReading(
        file=source.file,
        labels=labels,
        glyph_id=np.array(ids, np.int64),
        names=[name for _, name, _ in kept],
        geometry=np.stack([geometry for *_, geometry in kept]) if kept else np.zeros((0, WIDTH), np.float32),
        mappings=[font_mappings[glyph_id] for glyph_id in ids],
        claim_p=np.concatenate(claim_p) if kept else np.zeros(0),
        top=np.concatenate(tops) if kept else np.zeros((0, width), np.int64),
        top_p=np.concatenate(ps) if kept else np.zeros((0, width), np.float32),
        kinds=np.concatenate(kinds) if kept else np.zeros((0, 0), np.float32),
        placeholder=_placeholders(ids, pictures),
    )


def _placeholders(ids: list[int], pictures: list[int]) -> np.ndarray:
    """Return ``placeholder`` of :class:`FontReading`; ``pictures``: equal where glyphs look alike and have the same
    place."""
    count = Counter(pictures)
    if ids and ids[0] == NOTDEF:
        count[pictures[0]] += REPEATED if count[pictures[0]] > 1 else 0
    return np.array([count[picture] >= REPEATED for picture in pictures], bool)


def _of_mappings(predictions: Predictions, font_mappings: list[GlyphMapping], labels: LabelMap) -> np.ndarray:
    """Return ``claim_p`` of :class:`FontReading`, float64 [n]; where there are mappings, ``predictions`` has the
    probabilities of all classes."""
    if predictions.p is None or not any(mapping.labels for mapping in font_mappings):
        return np.zeros(len(font_mappings))
    return claimed_p(predictions.p, font_mappings, labels)


ARRAYS = ("glyph_id", "geometry", "claim_p", "top", "top_p", "kinds", "placeholder")


def save(reading: FontReading, path: Path) -> None:
    """Write a reading as ``.npz``: its arrays by name, and its texts as JSON under ``about``."""
    about = {
        "file": reading.file,
        "names": reading.names,
        "claims": [(mapping.characters, mapping.labels) for mapping in reading.mappings],
        "labels": reading.labels.to_plain(),
    }
    with replacing(path) as temporary, temporary.open("wb") as file:
        arrays = {name: getattr(reading, name) for name in ARRAYS}
        np.savez(file, about=np.array(json.dumps(about)), **arrays)


def load(path: Path) -> FontReading:
    """Read a file that :func:`save` wrote. Raises StoreError for any other file."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            arrays = {name: stored[name] for name in ARRAYS}
        reading = FontReading(
            file=about["file"],
            names=about["names"],
            mappings=[GlyphMapping(tuple(characters), tuple(labels)) for characters, labels in about["claims"]],
            labels=LabelMap.from_plain(about["labels"]),
            **arrays,
        )
        _check(reading)
        return reading
    except (*CORRUPT_FILE_ERRORS, GlyphError) as error:
        raise StoreError(
            f"{path.name} is not a result of 'glyphcore read'.", subject=path, remedy="Read the font again."
        ) from error


def _check(reading: FontReading) -> None:
    """Raise ValueError where lengths, types or classes are inconsistent."""
    n, classes = len(reading.glyph_id), len(reading.labels)
    width, kinds = reading.top.shape[-1], reading.kinds.shape[-1]
    for name, (kind, shape) in {
        "glyph_id": ("i", (n,)), "geometry": ("f", (n, WIDTH)), "claim_p": ("f", (n,)), "top": ("i", (n, width)),
        "top_p": ("f", (n, width)), "kinds": ("f", (n, kinds)), "placeholder": ("b", (n,)),
    }.items():  # fmt: skip
        array = getattr(reading, name)
        if array.dtype.kind != kind or array.shape != shape or not np.isfinite(array).all():
            raise ValueError(name)
    mapped = [label for mapping in reading.mappings for label in mapping.labels]
    codes = [code for mapping in reading.mappings for code in mapping.characters]
    words = isinstance(reading.file, str) and all(isinstance(name, str) for name in reading.names)
    if not words or len(reading.names) != n or len(reading.mappings) != n or (np.diff(reading.glyph_id) <= 0).any():
        raise ValueError("names, claims or glyphs")
    if not all(0 <= label < classes for label in [*reading.top.ravel().tolist(), *mapped]):
        raise ValueError("a class that there is not")
    if kinds not in (0, len(KINDS)) or (kinds and outside_for(reading.labels.fingerprint) is None):
        raise ValueError("kinds")
    if not all(0 <= code < 0x110000 for code in codes) or not 1 < width <= classes:
        raise ValueError("characters or candidates")


def draw(face: FontFace, glyph_ids: list[int]) -> np.ndarray:
    """Return packed rasters uint8 [n, 2048] of some glyphs of a face; blank where there is nothing to draw."""
    if not glyph_ids:
        return np.zeros((0, PACKED), np.uint8)
    advances = [face.advance(glyph_id) for glyph_id in glyph_ids]
    return rasterize_each(face.outlines(glyph_ids), advances, face.upem)[0]
