"""The cell index: the predicted primitive of every cell of every glyph, in two files beside the results.

A results file stores the grid of each glyph in a blob. That is fast for one glyph, and slow for the question which
glyphs have primitive 17 at row 5. So :func:`build_cell_index` makes two files from the blobs, once:

``<results>.grids.npy``
    uint16 [256, glyphs], memory-mapped: one line per cell, so that a question about a cell reads 2 bytes per glyph.
``<results>.cells.npz``
    Counts by primitive, and every misread cell: a cell whose prediction is not the nearest primitive of the codebook.
    For all other cells the target equals the prediction, so targets need no grid of their own. The file also has the
    checksum of the grids; a damaged index counts as missing.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from glyphcore.data.primitives import EMPTY, INK, nearest_primitives
from glyphcore.data.raster import cells as cells_of
from glyphcore.files import CORRUPT_FILE_ERRORS, release, replacing
from glyphcore.progress import Progress, Silent
from glyphcore.results.cell_pattern import ANY, Condition
from glyphcore.results.columns import Columns
from glyphcore.results.linked import reading_rows
from glyphcore.results.rows import CELLS, plain_cells

CHUNK = 4096
"""Number of glyphs in memory at the same time while cells are gathered."""
MAX_MAPPED_BYTES = 32_000_000
"""Largest number of bytes of mapped grids in memory."""
GRIDS, COUNTS = ".grids.npy", ".cells.npz"
Rasters = Callable[[list[int]], np.ndarray]
"""Glyph ids → packed rasters uint8 [n, 2048], blank where there is no raster."""

_gathering = threading.Lock()


@dataclass(frozen=True)
class Cells:
    """The index of k primitives, n glyphs in the order of the file's columns, and w misread cells."""

    grids: np.ndarray
    """uint16 [256, n]: predicted primitive of each cell, 0 where there is no ink."""
    use: np.ndarray
    """int64 [splits, k]: number of cells with ink that were predicted as each primitive, by split."""
    judged: np.ndarray
    """int64 [splits, k]: number of these cells whose target is known, because the picture of the glyph was
    available."""
    glyphs: np.ndarray
    """int64 [splits, k]: number of glyphs that use each primitive."""
    p: np.ndarray
    """float64 [splits, k]: sum of the probabilities of predictions of each primitive."""
    runner_up: np.ndarray
    """int64 [k, k]: how often the column was the second choice where the row was predicted."""
    target: np.ndarray
    """int64 [k]: number of cells whose target is each primitive."""
    agreeing: np.ndarray
    """int64 [k]: number of pixels in which those cells agree with the patch in black and white."""
    known: np.ndarray
    """bool [n]: whether the targets of a glyph's cells are known."""
    ink: np.ndarray
    """float32 [n]: squared length of the picture that a glyph's primitives draw, with pixels from 0 to 1."""
    wrong_row: np.ndarray
    """uint32 [w]: index of the glyph in the columns."""
    wrong_cell: np.ndarray
    """uint8 [w]: number of the cell."""
    wrong_read: np.ndarray
    """uint16 [w]: the predicted primitive."""
    wrong_target: np.ndarray
    """uint16 [w]: the nearest primitive of the codebook."""

    @classmethod
    def existing(cls, results: Path) -> Cells | None:
        """Open the index of a results file; None where there is none, or where the results are newer."""
        grids, counts = _files(results)
        try:
            if min(grids.stat().st_mtime_ns, counts.stat().st_mtime_ns) < results.stat().st_mtime_ns:
                return None
            with counts.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                cells = cls(
                    np.load(grids, mmap_mode="r"), **{field.name: arrays[field.name] for field in fields(cls)[1:]}
                )
                checksum = int(arrays["checksum"])
        except CORRUPT_FILE_ERRORS:
            return None
        return cells if cells._fits() and _checksum(cells.grids) == checksum else None

    def _fits(self) -> bool:
        """Return whether the arrays have the types and shapes above."""
        by_split, k = self.use.shape, self.target.shape
        w = self.wrong_row.shape
        n = (len(self.ink),)
        shapes = [(CELLS, *n), *[by_split] * 4, (*k, *k), k, k, n, n, *[w] * 4]
        kinds = ["<u2", *["<i8"] * 3, "<f8", *["<i8"] * 3, "|b1", "<f4", "<u4", "|u1", "<u2", "<u2"]
        arrays = [getattr(self, field.name) for field in fields(self)]
        return by_split[1:] == k and [(a.dtype.str, a.shape) for a in arrays] == list(zip(kinds, shapes, strict=True))


def build_cell_index(
    path: Path, columns: Columns, codebook: np.ndarray, rasters: Rasters | None = None, progress: Progress | None = None
) -> Cells:
    """Build the cell index of the results file ``path``, unless it exists.

    ``columns`` and ``codebook`` (uint8 [k, 8, 8]) belong to the file. It takes half a minute and 50 MB of memory for
    500,000 glyphs. Without ``rasters`` no target is known. Where no file can be written, the index is kept in memory.
    Raises StoreError for damaged results.
    """
    with _gathering:
        cells = Cells.existing(path)
        return cells if cells is not None else _gather(path, columns, codebook, rasters, progress or Silent())


def lines(grids: np.ndarray) -> Iterator[np.ndarray]:
    """Yield ``grids`` line by line; at most :data:`MAX_MAPPED_BYTES` of it stay in memory."""
    mapped_bytes = 0
    for line in grids:
        yield line
        mapped_bytes += line.nbytes
        if mapped_bytes > MAX_MAPPED_BYTES:  # rarely, because mapping a page again takes longer than reading it
            release(grids)
            mapped_bytes = 0


def counted(cells: Cells, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return :attr:`Cells.use`, ``glyphs`` and ``judged`` of some glyphs (int [m]), int64 [k] each."""
    k = len(cells.target)
    use, glyphs, judged = (np.zeros(k, np.int64) for _ in range(3))
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        read, known = cells.grids[:, chunk], cells.known[chunk]
        counts = np.bincount(read.ravel(), minlength=k)
        use += counts
        judged += counts if known.all() else np.bincount(read[:, known].ravel(), minlength=k)
        uses = np.zeros((len(chunk), k), bool)
        uses[np.arange(len(chunk)), read] = True
        glyphs += np.count_nonzero(uses, axis=0)
        release(cells.grids)
    for counts in (use, glyphs, judged):
        counts[EMPTY] = 0
    return use, glyphs, judged


def cells_matching(cells: Cells, conditions: tuple[Condition, ...]) -> np.ndarray:
    """Return bool [glyphs]: glyphs for which all conditions hold; without conditions all glyphs."""
    mask = np.ones(cells.grids.shape[1], bool)
    for condition in conditions:
        mask &= _misread(cells, condition) if condition.target is not None else _read(cells, condition)
    return mask


def _read(cells: Cells, condition: Condition) -> np.ndarray:
    mask = np.zeros(cells.grids.shape[1], bool)
    for line in lines(cells.grids) if condition.cell == ANY else [cells.grids[condition.cell]]:
        mask |= line != 0 if condition.read == ANY else line == condition.read
    return mask


def _misread(cells: Cells, condition: Condition) -> np.ndarray:
    mask = np.ones(len(cells.wrong_row), bool)
    for wanted, column in (
        (condition.cell, cells.wrong_cell), (condition.read, cells.wrong_read), (condition.target, cells.wrong_target)
    ):  # fmt: skip
        if wanted != ANY:
            mask &= column == wanted
    glyphs = np.zeros(cells.grids.shape[1], bool)
    glyphs[cells.wrong_row[mask]] = True
    return glyphs


def _gather(path: Path, columns: Columns, codebook: np.ndarray, rasters: Rasters | None, progress: Progress) -> Cells:
    n = len(columns)
    grids, counts = _files(path)
    try:
        if n == 0:
            raise OSError("nothing to map")
        with replacing(grids) as temporary:
            made = _mapped(temporary, n)
            rest = _fill(made, path, columns, codebook, rasters, progress)
            made.flush()
        with replacing(counts) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **rest, checksum=_checksum(made))
        cells = Cells.existing(path)
    except OSError:  # no space or no permission to write: keep the index in memory
        kept = np.zeros((CELLS, n), np.uint16)
        return Cells(kept, **_fill(kept, path, columns, codebook, rasters, progress))
    return cells or Cells(made, **rest)


def _fill(
    grids: np.ndarray, path: Path, columns: Columns, codebook: np.ndarray, rasters: Rasters | None, progress: Progress
) -> dict[str, Any]:
    """Fill ``grids`` uint16 [256, n]; return the other fields of :class:`Cells`."""
    n, k, splits = len(columns), len(codebook), max(1, len(columns.words["split"]))
    patches = codebook.reshape(-1, 64)
    length = ((patches.astype(np.float32) / INK) ** 2).sum(1)
    counts = {name: np.zeros(splits * k, np.int64) for name in ("use", "judged", "glyphs")}
    p, runner_up, ink = np.zeros(splits * k), np.zeros(k * k, np.int64), np.zeros(n, np.float32)
    of_known = np.zeros(n, bool)
    targets = _Targets(patches)
    wrong: list[tuple[np.ndarray, ...]] = []
    done = 0
    for ids, occupied, read, second, sure in progress.track(
        _blobs(path, columns, k), total=-(-n // CHUNK), what="cells"
    ):
        rows, cell = np.nonzero(occupied)
        split = columns.data["split"][done : done + len(ids)].astype(np.int64)
        by_split = split[rows] * k + read
        grid = np.zeros((CELLS, len(ids)), np.uint16)
        grid[cell, rows] = read
        grids[:, done : done + len(ids)] = grid
        counts["use"] += np.bincount(by_split, minlength=splits * k)
        p += np.bincount(by_split, sure, minlength=splits * k) / 255
        runner_up += np.bincount(read.astype(np.int64) * k + second, minlength=k * k)
        ink[done : done + len(ids)] = np.bincount(rows, length[read], minlength=len(ids))
        uses = np.zeros((len(ids), k), bool)
        uses[rows, read] = True
        for split_id in np.unique(split):
            counts["glyphs"][split_id * k : (split_id + 1) * k] += uses[split == split_id].sum(0)
        if rasters is not None:
            pixels = cells_of(rasters(ids)).view(np.uint64)[..., 0]
            seen = ((pixels != 0) == occupied).all(1)
            of_known[done : done + len(ids)] = seen
            known = seen[rows]
            counts["judged"] += np.bincount(by_split[known], minlength=splits * k)
            rows, cell, read = rows[known], cell[known], read[known]
            target = targets(pixels[rows, cell])
            off = target != read
            wrong.append((rows[off] + done, cell[off], read[off], target[off]))
        release(grids)
        done += len(ids)
    row, cell, read, target = (np.concatenate(split_id) for split_id in zip(*wrong, strict=True)) if wrong else (
        np.zeros(0, np.int64),) * 4  # fmt: skip
    return {
        **{name: count.reshape(splits, k) for name, count in counts.items()}, "p": p.reshape(splits, k),
        "runner_up": runner_up.reshape(k, k), "target": targets.count, "agreeing": targets.agreeing,
        "known": of_known, "ink": ink,
        "wrong_row": row.astype(np.uint32), "wrong_cell": cell.astype(np.uint8),
        "wrong_read": read.astype(np.uint16), "wrong_target": target.astype(np.uint16),
    }  # fmt: skip


class _Targets:
    """Nearest primitives of cells. Cells repeat: 46,000 glyphs have 4.6 million cells, 108,000 of them distinct."""

    def __init__(self, patches: np.ndarray) -> None:
        self.patches = patches
        self.count = np.zeros(len(patches), np.int64)
        self.agreeing = np.zeros(len(patches), np.int64)
        self._black = np.packbits(patches > INK // 2, axis=1).view(np.uint64)[:, 0]
        self._known = pd.Index(np.zeros(0, np.uint64))
        self._target = np.zeros(0, np.uint16)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Convert uint64 [cells], each with ink, to uint16 [cells], and count them."""
        codes, keys = pd.factorize(pixels)
        new = keys[self._known.get_indexer(pd.Index(keys)) < 0]
        if len(new):
            self._known = self._known.append(pd.Index(new))
            added, _ = nearest_primitives(np.ascontiguousarray(new).view(np.uint8).reshape(-1, 8), self.patches)
            self._target = np.concatenate((self._target, added))
        target = self._target[self._known.get_indexer(pd.Index(keys))]
        times = np.bincount(codes, minlength=len(keys))
        self.count += np.bincount(target, times, minlength=len(self.count)).astype(np.int64)
        alike = times * (64 - np.bitwise_count(keys ^ self._black[target]).astype(np.int64))
        self.agreeing += np.bincount(target, alike, minlength=len(self.count)).astype(np.int64)
        return target[codes]


def _blobs(
    path: Path, columns: Columns, primitives: int
) -> Iterator[tuple[list[int], np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Yield chunks of grids: ids, occupied bool [n, 256], and for the occupied cells in order the prediction, the
    second choice and 255 p."""
    with reading_rows(path, "SELECT glyph_id, cells FROM details ORDER BY glyph_id") as cursor:
        for start in range(0, len(columns), CHUNK):
            chunk = list(islice(cursor, CHUNK))
            ids = [glyph for glyph, _ in chunk]
            plain = [plain_cells(blob) for _, blob in chunk]
            bits = np.frombuffer(b"".join(blob[: CELLS // 8] for blob in plain), np.uint8).reshape(-1, CELLS // 8)
            occupied = np.unpackbits(bits, axis=1).astype(bool)
            counts = occupied.sum(1).tolist()
            if any(len(blob) != CELLS // 8 + 5 * m for blob, m in zip(plain, counts, strict=True)):
                raise ValueError("grids")
            parts = []
            for at, to, dtype in ((0, 2, "<u2"), (2, 4, "<u2"), (4, 5, "|u1")):
                cut = [slice(CELLS // 8 + at * m, CELLS // 8 + to * m) for m in counts]
                taken = b"".join(blob[part] for blob, part in zip(plain, cut, strict=True))
                parts.append(np.frombuffer(taken, dtype))
            read, second, sure = parts
            if max(read.max(initial=0), second.max(initial=0)) >= primitives:
                raise ValueError("primitives")
            if not np.array_equal(ids, columns.data["glyph_id"][start : start + CHUNK]):
                raise ValueError("ids")
            yield ids, occupied, read, second, sure
        if next(cursor, None):
            raise ValueError("grids of no glyph")


def _mapped(path: Path, n: int) -> np.memmap:
    """Return the array of grids as a new file, memory-mapped. Raises OSError when the disk does not have enough
    space."""
    grids = np.lib.format.open_memmap(path, "w+", np.uint16, (CELLS, n))
    # Allocate the whole file first: writing to a sparse memory map on a full disk raises SIGBUS.
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return grids


def _checksum(grids: np.ndarray) -> int:
    checksum = 0
    for line in lines(grids):
        checksum = zlib.crc32(np.ascontiguousarray(line).data, checksum)
    return checksum


def _files(results: Path) -> tuple[Path, Path]:
    return results.with_name(results.stem + GRIDS), results.with_name(results.stem + COUNTS)
