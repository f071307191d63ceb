"""Inputs of predictions in one form: fonts, folders of rasters, glyph databases.

The content of a file or folder decides its kind, not its name. A single bad input never raises an error: unreadable
inputs are reported once and counted in :class:`SkippedInputs`, and the other inputs are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from glyphcore.data.containers import SUFFIXES, fonts_in
from glyphcore.data.drawing import rasterize_each
from glyphcore.data.fonts import FontFace, open_faces
from glyphcore.data.geometry import geometry, geometry_each
from glyphcore.data.ornaments import SAMPLE, Bare, likely, without_ornament
from glyphcore.data.raster import bounds
from glyphcore.errors import EmptyOutlineError, GlyphError, StoreError
from glyphcore.progress import Progress, counted

if TYPE_CHECKING:
    from glyphcore.data.store import GlyphRow

Box = tuple[float, float, float, float]
T = TypeVar("T")
SQLITE = b"SQLite format 3\0"
BATCH = 256
"""Number of glyphs of a font that are drawn together."""
MOST_ORNAMENTAL = 4_000
"""Largest number of glyphs of a font that may share an ornament."""


@dataclass(frozen=True)
class Glyph:
    """A glyph ready for prediction; None stands for facts that its source does not know."""

    glyph_id: int
    """Glyph index in a font, key in a database, or file name in a folder."""
    name: str | None
    advance: float | None
    """Advance width in font units, like ``box``."""
    box: Box | None
    """``x_min, y_min, x_max, y_max``."""
    packed: np.ndarray
    """uint8 [2048]."""
    geometry: np.ndarray
    """float32 [6]; zeros when unknown."""


@dataclass
class SkippedInputs:
    """Inputs that were skipped; ``say`` gets a message about each at once."""

    say: Callable[[str], None] = field(default=lambda _: None, repr=False)
    empty: int = 0
    """Glyphs without an area: mostly spaces; not a fault."""
    broken: int = 0
    """Glyphs that cannot be drawn."""
    unreadable: int = 0
    """Inputs that cannot be opened, or not read to their end."""

    @property
    def any(self) -> bool:
        """Whether something is missing that should exist."""
        return bool(self.broken or self.unreadable)

    def unread(self, error: GlyphError) -> None:
        """Count an unreadable input."""
        self.unreadable += 1
        self.say(str(error))

    def summary(self) -> Iterator[str]:
        """Return a sentence for each kind of loss."""
        return (sentence for sentence, _ in self._sentences())

    def add(self, empty: int, broken: int, unreadable: int) -> None:
        """Add counts that were reported elsewhere."""
        self.empty += empty
        self.broken += broken
        self.unreadable += unreadable

    def tell(self, progress: Progress) -> None:
        """Report the same, with the numbers under the names that they have here."""
        for sentence, numbers in self._sentences():
            progress.say(sentence, **numbers)

    def _sentences(self) -> Iterator[tuple[str, dict[str, int]]]:
        if self.empty:
            yield f"{counted(self.empty, 'glyph')} without an area skipped", {"empty": self.empty}
        if self.broken:
            yield f"{counted(self.broken, 'broken glyph')} not read", {"broken": self.broken}
        if self.unreadable:
            yield f"{counted(self.unreadable, 'input')} not read", {"unreadable": self.unreadable}


@dataclass(frozen=True)
class Source:
    """Glyphs that belong together: a face, a folder, a database."""

    file: str
    """Path as given; a further face of a collection has ``#1`` … after it."""
    count: int
    entries: Iterator[tuple[str, Glyph | GlyphError]]
    """Name of every glyph, and the glyph or its error; can be iterated once."""
    face: FontFace | None = None
    remark: str = ""


def read_sources(
    paths: Sequence[Path],
    skipped: SkippedInputs,
    progress: Progress,
    *,
    only_fonts: bool = False,
    face: int | None = None,
) -> Iterator[tuple[Source, Iterator[Glyph]]]:
    """Open every input in turn and yield sources, each with its glyphs. One input has a progress bar over glyphs,
    several have a bar over inputs.

    ``face``: read only the face of that number in fonts. Raises GlyphError when the only input cannot be opened.
    """
    inputs = list(inputs_of(paths, skipped, only_fonts=only_fonts))
    alone = len(inputs) == 1
    for path in inputs if alone else progress.track(inputs, total=len(inputs), what="inputs"):
        try:
            sources = _fonts(path, face) if only_fonts else _open(path, face)
        except GlyphError as error:
            if alone:
                raise
            skipped.unread(error)
            continue
        for source in sources:
            for remark in [*(source.face.remarks() if source.face else ()), source.remark]:
                if remark:
                    progress.say(f"{source.file}: {remark}")
            entries = progress.track(source.entries, total=source.count, what="glyphs") if alone else source.entries
            yield source, _drawn(source.file, entries, skipped)


def _drawn(file: str, entries: Iterator[tuple[str, Glyph | GlyphError]], skipped: SkippedInputs) -> Iterator[Glyph]:
    try:
        for name, glyph in entries:
            if isinstance(glyph, Glyph):
                yield glyph
            elif isinstance(glyph, EmptyOutlineError):
                skipped.empty += 1
            else:
                skipped.broken += 1
                skipped.say(f"{file}, glyph {name}: {glyph}")
    except GlyphError as error:  # a database that is damaged in a later part
        skipped.unread(error)


def inputs_of(paths: Sequence[Path], skipped: SkippedInputs, *, only_fonts: bool = False) -> Iterator[Path]:
    """Replace folders of fonts by their files; other inputs stay. Raises GlyphError when the only path is missing or is
    a folder without anything to read."""

    def unread(error: GlyphError) -> None:
        if len(paths) == 1:
            raise error
        skipped.unread(error)

    for path in dict.fromkeys(paths):
        if not path.exists():
            unread(GlyphError(f"{path} does not exist.", subject=path, remedy="Check the path."))
        elif not path.is_dir():
            yield path
        elif fonts := fonts_in(path):
            yield from fonts
        elif not only_fonts and any(path.glob("*.png")):
            yield path
        else:
            rasters = "" if only_fonts else " and no <glyph_id>.png"
            unread(GlyphError(f"{path} holds no {', '.join(SUFFIXES)} file{rasters}.", subject=path))


def _open(path: Path, face: int | None) -> list[Source]:
    if path.is_dir():
        return [_rasters(path)]
    try:
        database = _is_database(path)
    except OSError as error:
        raise GlyphError(f"{path} cannot be read: {error.strerror}.", subject=path) from error
    return [_database(path)] if database else _fonts(path, face)


def are_fonts(paths: Iterable[Path]) -> bool:
    """Return whether all inputs are files of fonts: the size of a font has a limit, that of a database has none."""
    try:
        return not any(path.is_dir() or _is_database(path) for path in paths)
    except OSError:
        return False


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def _fonts(path: Path, number: int | None) -> list[Source]:
    return [_font(face) for face in open_faces(path, number)]


def _font(face: FontFace) -> Source:
    file = f"{face.path}#{face.number}" if face.number else str(face.path)
    letters = _letters_in_ornaments(face)
    remark = "an ornament that its glyphs share is left out before they are read" if letters else ""
    return Source(file, face.glyph_count, _glyphs_of(face, letters), face, remark)


def _letters_in_ornaments(face: FontFace) -> Bare | None:
    """Return the glyphs of a face without the ornament that they share; None where they share none. All outlines are
    only drawn where some suggest it."""
    gids = range(face.glyph_count)
    if len(gids) > MOST_ORNAMENTAL:
        return None
    try:
        if not likely(face.outlines(gids[:: max(1, len(gids) // SAMPLE)][:SAMPLE])):
            return None
        bare = without_ornament(face.outlines(gids), [face.advance(gid) for gid in gids], face.upem)
    except GlyphError:  # it is reported where the glyphs are read
        return None
    return bare if any(bare.bare) else None


def _glyphs_of(face: FontFace, letters: Bare | None) -> Iterator[tuple[str, Glyph | GlyphError]]:
    """Yield the glyphs of a face. Those in an ornament have the box and advance of the font, and the raster and
    geometry of their letter; a glyph that is only ornament is read as it is."""
    for start in range(0, face.glyph_count, BATCH):
        gids = range(start, min(start + BATCH, face.glyph_count))
        advances = [face.advance(gid) for gid in gids]
        packed, boxes, faults = rasterize_each(face.outlines(gids), advances, face.upem)
        described = geometry_each(boxes, np.array(advances), face.upem)
        if letters is not None:
            bare_advances = letters.advances[start : gids.stop]
            bare, bare_boxes, none = rasterize_each(letters.outlines[start : gids.stop], bare_advances, face.upem)
            left = np.array([error is None for error in none])
            packed[left] = bare[left]
            described[left] = geometry_each(bare_boxes, np.array(bare_advances), face.upem)[left]
        for i, (gid, (x_min, y_min, x_max, y_max)) in enumerate(zip(gids, boxes.tolist(), strict=True)):
            name, box = face.names[gid], (x_min, y_min, x_max, y_max)
            yield f"{gid} ({name})", faults[i] or Glyph(gid, name, advances[i], box, packed[i], described[i])


def _rasters(folder: Path) -> Source:
    from glyphcore.data.cache import PngFolder  # imported here, because reading a font needs no database

    pngs = PngFolder(folder)
    ids = sorted(int(path.stem) for path in folder.glob("*.png") if re.fullmatch("[0-9]+", path.stem))
    if not ids:
        raise GlyphError(f"{folder} holds no <glyph_id>.png.", subject=folder, remedy="Name the files by number.")

    def draw(glyph_id: int) -> Glyph:
        packed = pngs.packed(glyph_id)
        if not packed.any():
            raise EmptyOutlineError("Raster is blank.")
        return Glyph(glyph_id, None, None, None, packed, geometry(None, None, None))

    return Source(str(folder), len(ids), ((str(i), _attempt(draw, i)) for i in ids))


def _database(path: Path) -> Source:
    from glyphcore.data.cache import glyph_geometry, glyph_raster
    from glyphcore.data.store import GlyphStore

    store = GlyphStore(path)
    if not store.has_contours:
        raise StoreError(f"{path} has no contours.", subject=path, remedy="Name its folder of <glyph_id>.png instead.")

    def draw(row: GlyphRow) -> Glyph:
        packed = glyph_raster(row)
        box = row.box or bounds(row.outline())
        return Glyph(row.glyph_id, row.name, row.advance, box, packed, glyph_geometry(row))

    return Source(str(path), store.count(), ((str(row.glyph_id), _attempt(draw, row)) for row in store.rows()))


def _attempt(draw: Callable[[T], Glyph], what: T) -> Glyph | GlyphError:
    try:
        return draw(what)
    except GlyphError as error:
        return error
