"""A glyph of a font that was read, with its display in notebooks."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glyphcore.data.labels import codepoints
from glyphcore.data.raster import PACKED, png

if TYPE_CHECKING:
    from PIL.Image import Image

STYLE = """<style>
.glyphcore { display: grid; grid-template-columns: repeat(auto-fill, 5.5em); gap: .4em; font: 12px/1.3 sans-serif; }
.glyphcore figure { margin: 0; padding: .3em; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
.glyphcore img { width: 4.6em; height: 4.6em; background: #fff; image-rendering: pixelated; }
.glyphcore figcaption { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
</style>"""


class Candidate(NamedTuple):
    """One of the candidates of a glyph."""

    label: str
    """Name of a character and its form."""
    text: str
    """The characters that the label stands for."""
    probability: float
    """Probability, 0 to 1."""


@dataclass(frozen=True, eq=False, repr=False)
class Glyph:
    """A glyph of a font with its prediction and the input of the model."""

    glyph_id: int
    """Index of the glyph in the font."""
    name: str
    """Name of the glyph in the font; empty where it has none."""
    label: str
    """The predicted label: a character and its form."""
    text: str
    """The characters that the label stands for."""
    confidence: float
    """Probability of the label, 0 to 1."""
    candidates: tuple[Candidate, ...]
    """Candidates, likeliest first. The label may be another candidate than the first: font-level decoding may give the
    first one to another glyph."""
    verdict: str
    """The font's own mapping compared with ``text``: agrees, disagrees, twin, unlabelled or unmapped."""
    font_says: str
    """The characters that the font maps to the glyph; empty where it maps none."""
    advance: float | None
    """Advance width in font units."""
    raster: np.ndarray
    """Raster of the glyph: uint8 [128, 128], 1 is ink."""
    grid: np.ndarray
    """Primitives of the glyph: uint16 [16, 16], 0 is a cell without ink."""

    def picture(self, scale: int = 1) -> Image:
        """Draw the raster as a Pillow picture, black on white, with ``scale`` screen pixels per pixel."""
        from PIL import Image

        pixels = np.kron(255 * (1 - self.raster), np.ones((scale, scale), np.uint8))
        return Image.fromarray(pixels.astype(np.uint8))

    def __repr__(self) -> str:
        return f"<Glyph {self.glyph_id} {self.name}: {self.label} {self.text!r} {self.confidence:.3f}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(candidate.text)}</td><td>{escape(candidate.label)}</td><td>{candidate.probability:.3f}</td></tr>"
            for candidate in self.candidates
        )
        return f"{STYLE}<div class=glyphcore>{card(self)}</div><table>{rows}</table>"


def card(glyph: Glyph) -> str:
    """Return the raster, the text and the label as one HTML figure, for a contact sheet."""
    picture = base64.b64encode(png(np.packbits(glyph.raster).reshape(PACKED))).decode()
    title = f"glyph {glyph.glyph_id} {glyph.name}: {glyph.label} {codepoints(glyph.text)} ({glyph.confidence:.1%})"
    return (
        f'<figure title="{escape(title)}"><img alt="" src="data:image/png;base64,{picture}">'
        f"<figcaption><bdi>{escape(glyph.text)}</bdi> {glyph.confidence:.0%}<br>{escape(glyph.label)}</figcaption>"
        "</figure>"
    )
