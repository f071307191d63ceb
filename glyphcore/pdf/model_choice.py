"""The choice of the model that reads a PDF: the first model, or one with more labels where the first does not know the
script."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from pathlib import Path

from glyphcore.audit.model_choice import FEW, STRANGE
from glyphcore.data.labels import LabelMap
from glyphcore.decoding.outside import outside_of
from glyphcore.pdf.glyphs import plain
from glyphcore.pdf.reading import Reading, read_pdf
from glyphcore.pdf.texts import languages_of
from glyphcore.pdf.verdicts import characters_of
from glyphcore.runtime.model_pair import Models
from glyphcore.runtime.predictor import Predictor


def read_pdf_by(models: Models, path: Path, password: str = "") -> tuple[Reading, Predictor]:
    """Read a PDF by the model that knows its script. The rule is that of
    :func:`glyphcore.audit.model_choice.read_font_by`, over all glyphs that the file shows. The model with more labels
    is also asked where the file itself names letters that have no label in the first: only a model that knows them can
    tell whether the names are right.

    In a file of two alphabets some letters look the same in both (Latin o, Cyrillic о), and only words can choose
    between them. Where there is no language for one of the alphabets, the file is left to the first model: its words in
    the alphabet of that model stay whole.

    Returns the reading and the model that made it. Raises PdfError when the file cannot be read.
    """
    reading = _read_by(models.first, path, password)
    outside = _outside(reading)
    strange = outside >= max(FEW, STRANGE * len(reading.glyphs.all))
    if not (strange or _unlabelled(reading, models.first.labels) >= FEW) or models.wider is None:
        return reading, models.first
    wider = _read_by(models.wider, path, password)
    if _outside(wider) <= (outside / 2 if strange else outside) and _can_be_told(wider):
        reading.pdf.close()
        return wider, models.wider
    wider.pdf.close()
    return reading, models.first


def _read_by(model: Predictor, path: Path, password: str) -> Reading:
    return read_pdf(path, model.predict, model.labels, password, outside_of(model.about.training))


def _outside(reading: Reading) -> int:
    """Return the number of glyphs that are none of the labels."""
    return sum(glyph.none > glyph.p_alike for glyph in reading.glyphs.all)


def _unlabelled(reading: Reading, labels: LabelMap) -> int:
    """Return the number of different letters that the file names and that have no label."""
    named = {
        plain(font.shown_by_readers(code)).casefold() for font in reading.content.fonts for code in font.used
    }  # fmt: skip
    return sum(text.isalpha() for text in named - characters_of(labels))


def _can_be_told(reading: Reading) -> bool:
    """Whether glyphs were read as several letters of one script only, or of several scripts with a language each.

    A script without words of its own does not count: Russian has many letters that look Latin.
    """
    letters: dict[str, set[str]] = defaultdict(set)
    for glyph in reading.glyphs.all:
        for letter in filter(str.isalpha, glyph.shape):
            letters[unicodedata.name(letter, "").partition(" ")[0]].add(letter)
    scripts = [script.lower() for script, found in letters.items() if len(found) >= FEW]
    if len(scripts) < 2:
        return True
    languages = languages_of(reading)
    return all(languages[script] for script in scripts if script in languages)
