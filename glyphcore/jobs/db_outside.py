"""``glyphcore db outside``: learn to recognise glyphs outside the label set; writes ``dataset/outside.npz``.

The model, which does not change, predicts every font of the corpus and of the list of outsiders once; the cache stores
the predictions. Then the three networks of :mod:`glyphcore.decoding.outside` are fitted one after the other. The first
network is too confident on families that it was fitted to. So the judges learn from outputs of networks that were
fitted to other families. Fonts of test, and scripts that are kept for measuring, are not used for fitting.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.audit.font_predictions import FontReading, Predict, load, read_font, save
from glyphcore.config import OutsideConfig
from glyphcore.data.corpus import CorpusFile, load_corpus
from glyphcore.data.fonts import NOTDEF
from glyphcore.data.predictions import Predictions
from glyphcore.data.sources import SkippedInputs, read_sources
from glyphcore.data.words import words
from glyphcore.decoding import documents
from glyphcore.decoding.decode import decode
from glyphcore.decoding.documents import Design, joined
from glyphcore.decoding.font_priors import FontPriors, priors_of
from glyphcore.decoding.outside import (
    KINDS,
    OUTCOMES,
    Layers,
    Outside,
    alone_features,
    font_features,
    given,
    glyph_features,
    model_of,
    without,
)  # fmt: skip
from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing
from glyphcore.progress import Progress, Silent
from glyphcore.runtime import Predictor
from glyphcore.training.layers import Fit, fit_layers

LARGEST = 1500
"""Number of glyphs of a font that are read, from the first on: a font of icons or Han has ten thousand similar
glyphs."""
EACH, WORDS = 4, 100
"""Every fourth Arabic font of train gives this many whole words."""
FOLDS = 2
KIND_FIT = Fit(hidden=192, epochs=3, at_input=0.1, at_hidden=0.2, softest=1e-3)
JUDGE_FIT = Fit(hidden=48, epochs=3)
RARE = 0.35
"""The weight of a glyph is the number of glyphs of its kind to the power −0.35."""
TRAINED, UNTRAINED, STRANGE = 5, 40, 5
"""Number of documents of a design that the model was trained on, of another design of the corpus, and of a design
without labels."""
PAIRS = 1500
NEW_WEIGHT = 3.0
"""Weight of glyphs of val: the model was trained on the fonts of all other letters that the first network sees."""
TRAINED_WEIGHT = 0.4
"""Weight of glyphs whose design the model was trained on: it is more confident on them than on new glyphs."""
LETTER_WEIGHTS = 2.0, 1.5
"""Weights of glyphs that are one of the labels, alone and with the font known: they are half of the training data, and
most glyphs of documents."""
STRANGER = OUTCOMES.index("outside")
HARDLY = 0.3
"""Share of right labels below which a design is not used for judging other designs. In val that excludes UKIJ Imaret,
white letters on tiles, from which a judge of fonts would learn that unusual fonts are predicted wrong."""
DUPLICATE_PENALTY = 2.5


@dataclass(frozen=True)
class Font:
    """A font with the predictions for its glyphs."""

    file: CorpusFile
    trained: bool
    """Whether the model was trained on its labels."""
    reading: FontReading
    features: np.ndarray
    """float32 [n, m], what the first network sees."""
    truth: np.ndarray
    """int64 [n], as in :class:`Design`."""

    @property
    def fold(self) -> int:
        """Return the fold of the font's family, 0 … FOLDS − 1."""
        return sum(map(ord, self.file.family)) % FOLDS


def run(config: OutsideConfig, progress: Progress | None = None) -> Outside:
    """Fit the networks to the fonts that ``config`` names and write ``config.out``. Raises StoreError when there is
    nothing outside the labels to learn from, or when the model has other labels than the shipped font priors."""
    progress = progress or Silent()
    predictor = Predictor(config.checkpoint)
    priors = priors_of(predictor.labels)
    if priors is None:
        raise StoreError(
            f"{config.checkpoint} has other labels than the shipped font priors.", subject=config.checkpoint
        )
    fonts = _fonts(config, predictor, progress)
    strange = sum(int((font.truth > documents.LABEL).sum()) for font in fonts)
    if not strange:
        raise StoreError("No glyph outside the labels was found.", subject=config.outsiders,
                         remedy=f"Download the fonts: glyphcore fonts fetch --corpus {config.outsiders}.")  # fmt: skip
    if {font.fold for font in fonts} != set(range(FOLDS)):
        raise StoreError("The fonts are of too few families to learn from.", subject=config.corpus)
    count = sum(len(font.truth) for font in fonts)
    progress.say(f"{count:,} glyphs of {len(fonts):,} fonts; {strange:,} are none of the labels")
    crossed = [_kinds([font for font in fonts if font.fold != fold]) for fold in range(FOLDS)]
    designs = _designs(fonts, crossed)
    alone, whole = _judges(designs, priors)
    outside_model = Outside(
        model_of(predictor.about.training), predictor.labels.fingerprint, _kinds(fonts), alone, whole
    )
    outside_model.save(config.out)
    progress.say(f"{config.out}: fitted to {len(designs):,} designs")
    return outside_model


def _fonts(config: OutsideConfig, predictor: Predictor, progress: Progress) -> list[Font]:
    """Return all fonts to learn from, without glyphs that their font does not map and without scripts that are held
    back."""
    with closing(sqlite3.connect(f"{config.db.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        split = dict(connection.execute("SELECT family, split FROM fonts"))
    corpus = [(file, split.get(file.family, "train")) for file in load_corpus(config.corpus) if not file.further]
    others = [(file, "outside") for file in load_corpus(config.outsiders) if file.role == "train"]
    wanted = [(file, role) for file, role in corpus + others if role != "test"]
    folder = config.cache / f"outside-{model_of(predictor.about.training)}"
    font_readings = []
    for file, file_role in progress.track(wanted, total=len(wanted), what="fonts"):
        reading, features = _read(file, config.fonts, folder, predictor)
        mappings = reading.mappings
        truth = np.array([documents.kind_of(mapping, reading.labels, file.pictures) for mapping in mappings], np.int64)
        truth[[documents.held_back(mapping) for mapping in mappings]] = documents.UNKNOWN
        truth[(reading.glyph_id == NOTDEF) | reading.placeholder] = documents.UNKNOWN
        font_readings.append(Font(file, file_role == "train", reading, features, truth))
    arabic = [
        file
        for file, file_role in corpus
        if file_role == "train" and file.subset in ("all", "arabic") and file.weight == 400
    ]
    for file in arabic[::EACH]:
        font_readings += _words(file, config.fonts, predictor)
    return font_readings


def _words(file: CorpusFile, fonts: Path, predictor: Predictor) -> list[Font]:
    """Return a font of whole words, drawn with the letters of a font, if it has them; for the model they are
    pictures."""
    ((source, _),) = read_sources([file.cached(fonts)], SkippedInputs(), Silent(), only_fonts=True, face=0)
    assert source.face is not None
    drawn = words(source.face, WORDS, np.random.default_rng(int(file.sha256[:8], 16)))
    if not drawn:
        return []
    seen: list[np.ndarray] = []
    reading = read_font(source, drawn, _watched(predictor, seen), predictor.labels, mapping=False)
    truth = np.full(len(drawn), KINDS.index("icon"))
    words_file = replace(file, family=f"{file.family}, words", role="train")
    return [Font(words_file, False, reading, np.concatenate(seen), truth)]


def _read(file: CorpusFile, fonts: Path, folder: Path, predictor: Predictor) -> tuple[FontReading, np.ndarray]:
    """Return a font and the input of the first network for its glyphs; from the cache if the font was read before."""
    kept, beside = folder / f"{file.sha256[:16]}.npz", folder / f"{file.sha256[:16]}.npy"
    try:
        return load(kept), np.load(beside, allow_pickle=False)
    except (*CORRUPT_FILE_ERRORS, StoreError):
        pass
    seen: list[np.ndarray] = []
    ((source, glyphs),) = read_sources([file.cached(fonts)], SkippedInputs(), Silent(), only_fonts=True, face=0)
    reading = read_font(source, islice(glyphs, LARGEST), _watched(predictor, seen), predictor.labels)
    features = np.concatenate(seen) if seen else np.zeros((0, 0), np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(beside, flush=False) as temporary, temporary.open("wb") as out:
        np.save(out, features)
    save(reading, kept)
    return reading, features


def _watched(predictor: Predictor, seen: list[np.ndarray]) -> Predict:
    """Return a wrapped predictor that appends the input of the first network for each glyph to ``seen``."""

    def predict(packed: np.ndarray, geometry: np.ndarray, **how: Any) -> Predictions:
        predictions = predictor.predict(packed, geometry, **how)
        seen.append(glyph_features(predictions, geometry))
        return predictions

    return predict


def _kinds(fonts: Sequence[Font]) -> Layers:
    """Return the first network, fitted to some fonts."""
    truth = np.concatenate([font.truth for font in fonts])
    x = np.concatenate([font.features[font.truth >= 0] for font in fonts if (font.truth >= 0).any()])
    y = truth[truth >= 0]
    new = np.concatenate([np.full(len(font.truth), not (font.trained or font.file.role)) for font in fonts])[truth >= 0]
    weights = (np.maximum(np.bincount(y, minlength=len(KINDS)), 1.0) ** -RARE)[y] * np.where(new, NEW_WEIGHT, 1)
    return Layers(**fit_layers(x, y, weights / weights.mean(), len(KINDS), KIND_FIT))


def _designs(fonts: Sequence[Font], crossed: Sequence[Layers]) -> list[Design]:
    """Return designs: the fonts of one family and weight together. Each design gets the outputs of the network that was
    not fitted to its family."""
    groups: dict[tuple[str, int, bool], list[Font]] = defaultdict(list)
    for font in fonts:
        if len(font.reading):
            groups[font.file.family, font.file.weight, font.file.italic].append(font)
    designs = []
    for group in groups.values():
        designs.append(joined([
            Design(font.file.family, font.trained, font.reading.top, font.reading.top_p, font.reading.geometry,
                   crossed[font.fold](font.features).astype(np.float32), font.truth, tuple(font.reading.mappings),
                   font.reading.labels)
            for font in group
        ]))  # fmt: skip
    return designs


def _judges(designs: Sequence[Design], priors: FontPriors) -> tuple[Layers, Layers]:
    """Return the second and third network. During fitting both have an input that tells whether the model was trained
    on a design; in the result this input is fixed to no."""
    random = np.random.default_rng(0)
    single: list[tuple[np.ndarray, np.ndarray]] = []
    whole: list[tuple[np.ndarray, np.ndarray]] = []

    def see(design: Design, rows: np.ndarray) -> None:
        top, top_p, kinds = design.top[rows], design.top_p[rows], design.kinds[rows]
        trained = np.full((len(rows), 1), design.trained, np.float32)
        known = design.outcome(rows, top[:, 0])
        alone = np.concatenate([alone_features(top, top_p, kinds, design.labels), trained], 1)
        single.append((alone[known >= 0], known[known >= 0]))
        if design.accuracy < HARDLY:
            return
        decoded = decode(top, top_p, design.geometry[rows], priors, ordered=True, duplicate_penalty=DUPLICATE_PENALTY)
        evidence = given(top, top_p, kinds, decoded.top, decoded.top_p, decoded.place)
        known = design.outcome(rows, decoded.label)
        font = np.concatenate([font_features(evidence, design.labels, priors), trained], 1)
        whole.append((font[known >= 0], known[known >= 0]))

    for design in designs:
        labelled = (design.truth == documents.LABEL).any()
        count = TRAINED if design.trained else UNTRAINED if labelled else STRANGE
        for part_rows in documents.parts(design, count, random):
            see(design, part_rows)
    for design, part_rows in documents.pairs(
        [design for design in designs if design.accuracy >= HARDLY], PAIRS, random
    ):
        see(design, part_rows)
    alone_weight, font_weight = LETTER_WEIGHTS
    return _judge(single, alone_weight), _judge(whole, font_weight)


def _judge(rows: Sequence[tuple[np.ndarray, np.ndarray]], letters: float) -> Layers:
    """Fit a judge to features and outcomes; the last feature tells whether the model was trained on the design."""
    if not rows:
        raise StoreError("The model predicts almost no labels of these fonts, so there is nothing to learn.")
    x, y = (np.concatenate(column) for column in zip(*rows, strict=True))
    weight = np.where(x[:, -1] > 0, TRAINED_WEIGHT, 1.0) * np.where(y < STRANGER, letters, 1.0)
    return without(Layers(**fit_layers(x, y, weight, len(OUTCOMES), JUDGE_FIT)))
