"""One HTML file with the glyphs of a PDF: the drawing of each glyph, its reading and other candidates, least certain
first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from html import escape
from math import exp

from glyphcore.data.labels import codepoints
from glyphcore.data.sheet import head, picture
from glyphcore.pdf.glyphs import Glyph
from glyphcore.pdf.reading import Reading


def sheet(reading: Reading) -> str:
    """Return the HTML page. Texts of the PDF are set as text, never as HTML."""
    return "\n".join(_page(reading)) + "\n"


def _page(reading: Reading) -> Iterator[str]:
    title = f"Glyphs of {reading.path.name}"
    yield head(title)
    yield f"<h1>{escape(title)}</h1>\n<table><tr><th>font<th>kind<th>verdict<th>shown"
    for verdict in reading.verdicts:
        yield (
            f"<tr><td>{escape(verdict.font.name)}<td>{escape(verdict.font.described)}<td>{verdict.verdict}"
            f"<td>{verdict.shown:,}"
        )
    yield "</table>\n<table><tr><th><th>text<th>by<th>p<th>shown<th>also<th>font and code"
    for glyph in sorted(reading.glyphs.all, key=lambda glyph: (glyph.sure, -glyph.count)):
        if not glyph.blank:
            yield _row(glyph)
    yield "</table>\n</html>"


def _row(glyph: Glyph) -> str:
    drawn = "" if glyph.packed is None else picture(glyph.packed)
    carried = "\u25cc" if glyph.text and unicodedata.combining(glyph.text[0]) else ""
    others = " ".join(
        f'<bdi title="{codepoints(candidate.text)}">{escape(candidate.text)}</bdi> {min(exp(candidate.log_p), 1):.2f}'
        for candidate in glyph.candidates[:5]
        if candidate.text != glyph.text
    )
    uses = ", ".join(f"{escape(font.name)} {code:0{2 * font.width}X}" for font, code in glyph.uses[:3])
    return (
        f'<tr><td>{drawn}<td><bdi class="letter">{carried}{escape(glyph.text)}</bdi>'
        f'<span class="dim">{codepoints(glyph.text)}</span><td>{glyph.source or escape(glyph.fault)}'
        f"<td>{glyph.sure:.2f}<td>{glyph.count:,}<td>{others}<td>{uses}"
    )
