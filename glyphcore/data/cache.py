"""Caches of a database: packed rasters, and outlines that are varied before fitting.

Both are made from a glyph database once, keyed by its fingerprint, and memory-mapped afterwards. A cache that is
damaged (pixels have checksums) or of another format is made again. PNGs replace outlines where there are none.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glyphcore.data.ahead import chunks
from glyphcore.data.drawing import rasterize_each
from glyphcore.data.geometry import WIDTH, geometry, geometry_each
from glyphcore.data.raster import PACKED, POLICY, bounds, pack, rasterize, read_png
from glyphcore.data.store import GlyphRow, GlyphStore, outlines_of
from glyphcore.data.store.label_list import beside
from glyphcore.data.store.shards import EVERYTHING, Part
from glyphcore.errors import GlyphError, OutlineError
from glyphcore.files import CORRUPT_FILE_ERRORS, release, replacing
from glyphcore.progress import Progress, Silent

FORMAT = 1
Raster = tuple[int, np.ndarray, np.ndarray]
"""Id of a glyph, its packed raster uint8 [2048], its geometry float32 [6]."""
TOGETHER = 512
"""Number of glyphs that are drawn together."""
BLOCK = 64
"""Number of glyphs that share a checksum: 128 KB of pixels."""
INK_THRESHOLD, NAMED = 128, 20
"""Grey value from which a pixel is light; and the number of files without a usable raster that are named, while further
files are only counted."""


class PngFolder:
    """A folder of rasters from another source: ``<glyph_id>.png``, 128×128, binary or grey.

    Whether ink is dark or light is decided once for the folder: glyphs cover less than half of their square.
    """

    SAMPLE = 64

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.is_dir():
            raise GlyphError(f"{folder} is not a folder of PNG files.", subject=folder)
        brightness = []
        for path in sorted(folder.glob("*.png")):
            try:
                brightness.append(float((read_png(path) >= INK_THRESHOLD).mean()))
            except GlyphError:
                continue
            if len(brightness) == self.SAMPLE:
                break
        if not brightness:
            raise GlyphError(f"{folder} holds no readable 128×128 PNG file.", subject=folder)
        self.dark_ink = float(np.mean(brightness)) > 0.5

    @classmethod
    def of(cls, db: Path, folder: Path | None) -> PngFolder | None:
        """Return the rasters of ``folder``, or those beside ``db`` where it is a list of labels; None where outlines
        are drawn."""
        folder = folder or beside(db)
        return None if folder is None else cls(folder)

    @property
    def fingerprint(self) -> str:
        """Hash of names, sizes and times of the files: other files give other results."""
        entries = sorted((e.name, e.stat().st_size, e.stat().st_mtime_ns) for e in os.scandir(self.folder))
        return hashlib.sha256(repr(entries).encode()).hexdigest()[:8]

    def packed(self, glyph_id: int, name: str | None = None) -> np.ndarray:
        """Return the packed raster uint8 [2048] of ``<glyph_id>.png``, or of the file ``name``.

        Raises GlyphError when the file is missing, unreadable or of another size.
        """
        path = self.folder / (name or f"{glyph_id}.png")
        if not path.is_file():
            raise GlyphError(f"{path.name} is missing; skipped.", subject=path)
        light = read_png(path) >= INK_THRESHOLD
        return pack(~light if self.dark_ink else light)


def dataset_key(store: GlyphStore, pngs: PngFolder | None) -> str:
    """Return the key of results on a database: its fingerprint, and that of the rasters that replace its outlines."""
    return f"{store.fingerprint}-{pngs.fingerprint}" if pngs else store.fingerprint


def glyph_raster(row: GlyphRow, pngs: PngFolder | None = None) -> np.ndarray:
    """Return the packed raster uint8 [2048] of a stored glyph, from ``pngs`` if given, else from its outline."""
    return pngs.packed(row.glyph_id, row.raster) if pngs else rasterize(row.outline(), row.advance, row.upem)


def glyph_geometry(row: GlyphRow) -> np.ndarray:
    """Return the geometry float32 [6] of a stored glyph; the box is measured when the database has none."""
    box = row.box
    if box is None and row.contours is not None and row.upem and row.advance is not None:
        try:
            box = bounds(row.outline())
        except OutlineError:
            box = None
    return geometry(box, row.advance, row.upem)


@dataclass(frozen=True)
class PackedRasters:
    """All readable glyphs of a database, in key order."""

    glyph_id: np.ndarray
    """int64 [n]."""
    packed: np.ndarray
    """uint8 [n, 2048], memory-mapped."""
    geometry: np.ndarray
    """float32 [n, 6]."""
    checksum: np.ndarray
    """uint32 [ceil(n / BLOCK)]: CRC-32 of the pixels of each :data:`BLOCK` glyphs."""
    whole: bool = False
    """Whether the checksums of the pixels were checked when the file was opened."""

    @classmethod
    def of(
        cls,
        store: GlyphStore,
        folder: Path,
        *,
        pngs: PngFolder | None = None,
        part: Part | None = None,
        progress: Progress | None = None,
    ) -> PackedRasters:
        """Open the cache of ``store`` in ``folder``; build it when it is missing, damaged or does not match.

        With ``part``, the cache has only that part of the glyphs.
        """
        progress = progress or Silent()
        index, pixels = cls._files(store, folder, pngs, part)
        if not pngs:  # files in a folder may change at any time
            try:
                return cls._open(index, pixels, whole=True)
            except CORRUPT_FILE_ERRORS:
                if index.exists():
                    progress.say(f"{index.name} does not match and is built again")
        cls._build(store, index, pixels, pngs, part or EVERYTHING, progress)
        return cls._open(index, pixels, whole=True)

    @classmethod
    def existing(cls, store: GlyphStore, folder: Path) -> PackedRasters | None:
        """Return the cache of ``store``'s outlines if it exists and matches; nothing is built."""
        try:
            return cls._open(*cls._files(store, folder, None, None), whole=False)
        except CORRUPT_FILE_ERRORS:
            return None

    def take(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return packed rasters uint8 [n, 2048] and geometry float32 [n, 6] of rows of ``glyph_id``."""
        packed = np.asarray(self.packed[rows])
        release(self.packed)
        return packed, self.geometry[rows]

    def of_glyphs(self, glyph_id: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Return packed rasters uint8 [n, 2048] of glyphs, and bool [n]: whether the raster exists (else it is blank).

        A glyph in a block with damaged pixels counts as missing.
        """
        wanted = np.asarray(glyph_id, dtype=np.int64)
        rows = np.searchsorted(self.glyph_id, wanted).clip(0, max(len(self.glyph_id) - 1, 0))
        known = self.glyph_id[rows] == wanted if len(self.glyph_id) else np.zeros(len(wanted), bool)
        if not self.whole:
            sound = {block: self._sound(block) for block in np.unique(rows[known] // BLOCK).tolist()}
            known &= np.array([sound.get(block, False) for block in (rows // BLOCK).tolist()], dtype=bool)
        packed = np.zeros((len(wanted), PACKED), np.uint8)
        packed[known] = self.packed[rows[known]]
        release(self.packed)
        return packed, known

    def _sound(self, block: int) -> bool:
        return zlib.crc32(self.packed[block * BLOCK : (block + 1) * BLOCK].data) == self.checksum[block]

    @staticmethod
    def _files(store: GlyphStore, folder: Path, pngs: PngFolder | None, part: Part | None) -> tuple[Path, Path]:
        kind = ("-png" if pngs else "") + (part.name if part else "")
        name = f"rasters-{POLICY.version}-{FORMAT}-{store.fingerprint}{kind}"
        return folder / f"{name}.npz", folder / f"{name}.bits"

    @classmethod
    def _open(cls, index: Path, pixels: Path, *, whole: bool) -> PackedRasters:
        """Open the files; raises one of :data:`CORRUPT_FILE_ERRORS`. With ``whole``, also raises it for any damaged
        pixel."""
        with index.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            glyph_id, shape, checksum = arrays["glyph_id"], arrays["geometry"], arrays["checksum"]
        blocks = -(-len(glyph_id) // BLOCK)
        if shape.shape != (len(glyph_id), WIDTH) or checksum.shape != (blocks,):
            raise ValueError("arrays")
        if pixels.stat().st_size != len(glyph_id) * PACKED:
            raise ValueError("size")
        packed = np.memmap(pixels, dtype=np.uint8, mode="r", shape=(len(glyph_id), PACKED)) if len(glyph_id) else (
            np.zeros((0, PACKED), np.uint8))  # fmt: skip
        if whole:
            with pixels.open("rb") as file:  # mapped pages would count as memory of this process
                if any(zlib.crc32(file.read(BLOCK * PACKED)) != block_checksum for block_checksum in checksum.tolist()):
                    raise ValueError("pixels")
        return cls(glyph_id, packed, shape, checksum, whole)

    @staticmethod
    def _build(
        store: GlyphStore, index: Path, pixels: Path, pngs: PngFolder | None, part: Part, progress: Progress
    ) -> None:
        skipped: Counter[str] = Counter()

        def rasters() -> Iterator[Raster]:
            rows = store.rows(after=part.after, upto=part.upto)
            count = store.count() if part.count is None else part.count
            tracked = progress.track(rows, total=count, what="rasters")
            for raster in rasters_of(tracked) if pngs is None else _of_pngs(tracked, pngs):
                if not isinstance(raster, GlyphError):
                    yield raster
                    continue
                reason = raster.problem if pngs is None else "file missing, unreadable or of another size"
                if pngs and skipped[reason] < NAMED:
                    progress.say(raster.problem)
                skipped[reason] += 1

        _write(index, pixels, rasters())
        for problem, count in skipped.most_common():
            progress.say(f"{count:,} glyphs without a raster: {problem}")

    @classmethod
    def write(cls, store: GlyphStore, folder: Path, rasters: Iterable[Raster]) -> None:
        """Store rasters that exist already as the cache of ``store``'s outlines, in key order."""
        _write(*cls._files(store, folder, None, None), rasters)


def _of_pngs(rows: Iterable[GlyphRow], pngs: PngFolder) -> Iterator[Raster | GlyphError]:
    for row in rows:
        try:
            yield row.glyph_id, glyph_raster(row, pngs), glyph_geometry(row)
        except GlyphError as error:
            yield error


def rasters_of(rows: Iterable[GlyphRow]) -> Iterator[Raster | GlyphError]:
    """Yield what :func:`glyph_raster` and :func:`glyph_geometry` return for each glyph, or the error of the first; many
    glyphs are drawn at a time, which takes less than half of the time."""
    for chunk in chunks(rows, TOGETHER):
        advances, ems = [row.advance for row in chunk], [row.upem for row in chunk]
        packed, measured, problems = rasterize_each(outlines_of(chunk), advances, ems)
        shapes = np.zeros((len(chunk), WIDTH), np.float32)
        known = [i for i, row in enumerate(chunk) if row.advance is not None and row.upem]
        boxes = [measured[i] if (box := chunk[i].box) is None else box for i in known]
        if known:
            lengths = np.array([(advances[i], ems[i]) for i in known], np.float64)
            shapes[known] = geometry_each(np.array(boxes, np.float64), *lengths.T)
        for row, pixels, shape, problem in zip(chunk, packed, shapes, problems, strict=True):
            yield problem or (row.glyph_id, pixels, shape)


def _write(index: Path, pixels: Path, rasters: Iterable[Raster]) -> None:
    ids, shapes, checksum = array("q"), bytearray(), array("I")
    index.unlink(missing_ok=True)
    with replacing(pixels) as temporary, temporary.open("wb") as file:
        for glyph_id, packed, shape in rasters:
            pixels_of_glyph = packed.tobytes()
            file.write(pixels_of_glyph)
            if len(ids) % BLOCK == 0:
                checksum.append(0)
            checksum[-1] = zlib.crc32(pixels_of_glyph, checksum[-1])
            ids.append(glyph_id)
            shapes += shape.tobytes()
    with replacing(index) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            glyph_id=np.array(ids, dtype=np.int64),
            geometry=np.frombuffer(shapes, np.float32).reshape(-1, WIDTH),
            checksum=np.array(checksum, dtype=np.uint32),
        )
