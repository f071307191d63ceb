"""A PDF as the app shows it: pages as pictures, the place of every glyph, and corrections of people.

A reading stays in the process that made it, so that a correction does not cost a second reading.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, exp, radians, sin
from pathlib import Path
from typing import Any
from zlib import compress

import pypdfium2  # type: ignore[import-untyped]

from glyphcore.data.labels import codepoints
from glyphcore.errors import PdfError
from glyphcore.pdf import answers, write
from glyphcore.pdf.glyphs import Glyph
from glyphcore.pdf.lines import page_texts
from glyphcore.pdf.model_choice import read_pdf_by
from glyphcore.pdf.objects import FAULTS
from glyphcore.pdf.operators import Shown
from glyphcore.pdf.reading import Reading
from glyphcore.runtime.model_pair import Models
from glyphcore.runtime.predictor import Predictor
from glyphcore.text.grammar import Candidate

ASCENT, DESCENT = 0.85, 0.25
"""Em; distance from the baseline to the top and to the bottom of the box of a glyph."""
CANDIDATES = 5
MOST_PIXELS = 4_000_000
"""Largest number of pixels of a picture of a page."""
Box = tuple[float, float, float, float]


@dataclass
class View:
    """A PDF that has been read."""

    reading: Reading
    model: Predictor
    """The model that read the PDF."""
    password: str
    before: list[tuple[Any, ...]]
    """State of each glyph by its outline alone."""
    legible: list[bool]
    """Whether each font can be read, by its outlines alone."""

    @classmethod
    def of(cls, path: Path, models: Models, password: str) -> View:
        """Read a PDF. Raises PdfError when it cannot be read."""
        reading, model = read_pdf_by(models, path, password)
        before = [_state(glyph) for glyph in reading.glyphs.all]
        return cls(reading, model, password, before, [verdict.legible for verdict in reading.verdicts])

    def overview(self, confirmed: str | None = None, language: str = "auto") -> answers.Record:
        """Return fonts with verdicts, glyphs with candidates, their rasters, and the text of each page.

        ``rasters``: uint8 [drawn, 2048], deflated, in base64. ``raster`` of a glyph is its row, −1 for none.

        ``confirmed``: CSV of people's corrections, in the format of ``glyphcore pdf repair``; corrections also serve as
        evidence for the words.
        """
        glyphs = self.reading.glyphs
        for glyph, (candidates, *state) in zip(glyphs.all, self.before, strict=True):
            glyph.candidates = list(candidates)
            glyph.text, glyph.joins, glyph.source, glyph.sure, glyph.none = state
        for verdict, legible in zip(self.reading.verdicts, self.legible, strict=True):
            verdict.legible = legible
        glyphs.kept.clear()
        languages, _ = answers.decide(self.reading, self.model.labels, language, False, confirmed)
        drawn = {id(glyph): glyph.packed for glyph in glyphs.all if glyph.packed is not None}
        rows = {glyph: row for row, glyph in enumerate(drawn)}
        fonts = {id(verdict.font): i for i, verdict in enumerate(self.reading.verdicts)}
        return answers.inspected(self.reading, self.model.labels) | {
            "glyphs": [
                self._glyph(glyph, state[0], fonts, rows) for glyph, state in zip(glyphs.all, self.before, strict=True)
            ],
            "rasters": base64.b64encode(compress(b"".join(packed.tobytes() for packed in drawn.values()))).decode(),
            "languages": languages,
            "texts": page_texts(self.reading.content, glyphs),
        }

    def page(self, number: int, width: int) -> answers.Record:
        """Return page ``number`` (from 0) as a PNG ``width`` pixels wide, with the places of its glyphs in the picture.

        ``shown``: one row per shown glyph: glyph number, left, top, width, height, as shares of the picture's size.
        """
        document = self._document()
        try:
            page = document[number]
            across, down = page.get_size()
            scale = min(width / across, (MOST_PIXELS / max(across * down, 1.0)) ** 0.5)
            picture = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
            box, turned = page.get_cropbox(fallback_ok=True), page.get_rotation()
        except pypdfium2.PdfiumError as error:
            raise PdfError(f"Page {number + 1} of {self.reading.path} cannot be drawn.") from error
        finally:
            document.close()
        data = io.BytesIO()
        picture.save(data, "PNG", compress_level=3)
        index = {id(glyph): i for i, glyph in enumerate(self.reading.glyphs.all)}
        found = []
        for shown in self.reading.content.shown:
            glyph = self.reading.glyphs.find(shown.font, shown.code) if shown.page == number else None
            if glyph is not None and not glyph.blank:
                left, top, right, bottom = placed(shown, box, turned)
                found.append(
                    [index[id(glyph)], *(round(value, 5) for value in (left, top, right - left, bottom - top))]
                )
        return {
            "page": number,
            "width": picture.width,
            "height": picture.height,
            "picture": f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}",
            "shown": found,
        }

    def _document(self) -> Any:
        """Open the file with PDFium. A file that qpdf could mend and PDFium cannot open is written anew in memory;
        raises PdfError where PDFium cannot open that copy either."""
        try:
            return pypdfium2.PdfDocument(str(self.reading.path), password=self.password or None)
        except pypdfium2.PdfiumError:
            pass
        data = io.BytesIO()
        try:
            self.reading.pdf.save(data, encryption=False)
            return pypdfium2.PdfDocument(data.getvalue())
        except (*FAULTS, pypdfium2.PdfiumError) as error:
            raise PdfError(f"{self.reading.path} is damaged: its pages cannot be drawn.") from error

    def _glyph(
        self, glyph: Glyph, candidates: Sequence[Candidate], fonts: Mapping[int, int], rows: Mapping[int, int]
    ) -> answers.Record:  # fmt: skip
        return {
            "text": glyph.text,
            "codes": codepoints(glyph.text),
            "p": round(glyph.sure, 4),
            "by": glyph.source,
            "trust": _trust(glyph, self.reading.glyphs.kept),
            "fault": glyph.fault,
            "count": glyph.count,
            "blank": glyph.blank,
            "uses": [[fonts[id(font)], f"{code:0{2 * font.width}X}"] for font, code in glyph.uses if id(font) in fonts],
            "candidates": [
                {
                    "text": candidate.text,
                    "codes": codepoints(candidate.text),
                    "p": round(min(exp(candidate.log_p), 1.0), 4),
                }
                for candidate in _different(candidates)
            ],
            "raster": rows.get(id(glyph), -1),
        }


def answer(request: Mapping[str, Any], models: Models) -> answers.Record:
    """Answer a request ``overview`` or ``page`` about a file; the reading of the last file is kept. Raises
    GlyphError."""
    path = Path(request["path"])
    view = _kept(path, path.stat().st_mtime_ns, request.get("password", ""), models)
    if request["do"] == "page":
        return view.page(int(request["number"]), int(request["width"]))
    return view.overview(request.get("confirmed"), request.get("language", "auto"))


@lru_cache(maxsize=1)
def _kept(path: Path, stamp: int, password: str, models: Models) -> View:
    return View.of(path, models, password)


def placed(shown: Shown, box: Box, turned: int) -> Box:
    """Return left, top, right and bottom of a glyph's box in its page, as shares of the page's size as it is seen.

    ``box``: left, bottom, right, top of the page in points; ``turned``: degrees clockwise by which the page is shown.
    """
    x0, y0, x1, y1 = box
    c, s = cos(radians(shown.angle)), sin(radians(shown.angle))
    across, down = [], []
    for along in (shown.x, shown.x + max(shown.advance, 0.2 * shown.size)):
        for over in (shown.y - DESCENT * shown.size, shown.y + ASCENT * shown.size):
            u = (along * c - over * s - x0) / max(x1 - x0, 1e-6)
            v = (along * s + over * c - y0) / max(y1 - y0, 1e-6)
            seen = {0: (u, 1 - v), 90: (v, u), 180: (1 - u, v), 270: (1 - v, 1 - u)}[turned % 360]
            across.append(seen[0])
            down.append(seen[1])
    return min(across), min(down), max(across), max(down)


def _state(glyph: Glyph) -> tuple[Any, ...]:
    return tuple(glyph.candidates), glyph.text, glyph.joins, glyph.source, glyph.sure, glyph.none


def _different(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the likeliest candidates, one per text."""
    return list({candidate.text: candidate for candidate in reversed(candidates)}.values())[::-1][:CANDIDATES]


def _trust(glyph: Glyph, kept: Mapping[tuple[int, int], str]) -> str:
    """Return how far the text of a glyph can be trusted: ``confirmed`` by a person, ``font`` where a text of the PDF is
    kept, ``read``, ``unsure``, ``unread``. ``kept``: the kept texts of the PDF."""
    if glyph.source == "confirmed":
        return "confirmed"
    if any(kept.get((id(font), code)) for font, code in glyph.uses):
        return "font"
    if glyph.fault or not glyph.text or glyph.source == "outside":
        return "unread"
    return "read" if glyph.sure >= write.UNSURE else "unsure"
