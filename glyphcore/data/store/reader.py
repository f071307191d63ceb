"""``glyphs.db``: a reader that accepts databases from other sources.

Only ``glyph_id`` and ``label`` of a table ``glyphs`` are required. All other parts are used when present.
:attr:`GlyphStore.notes` lists the missing parts, so that a command can report them once. Databases are opened
read-only, and again for every query, so that threads and forked workers can share a store. A CSV of labels counts as a
database (:mod:`.label_list`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glyphcore.data.contours import parse, parse_each
from glyphcore.data.foreign import MOST_UPEM, in_order, number, reading, text
from glyphcore.data.outline import Outline
from glyphcore.data.store.label_list import database_of, is_list
from glyphcore.data.store.row_numbers import Places
from glyphcore.errors import OutlineError, StoreError
from glyphcore.files import fingerprint

if TYPE_CHECKING:  # reading a font needs no tables, and pandas takes half a second
    import pandas as pd

SPLITS = ("train", "val", "test")
SHAPED = "_shaped"
"""Suffix of a label in some databases: the glyph is reached by shaping, not by ``cmap``. Character and form are the
same."""

_BOX = ("x_min", "y_min", "x_max", "y_max")
_GLYPH_COLUMNS = ("f_id", "gid", "name", "char_class", "split", "advance_width", "contours", "raster", *_BOX)
_FONT_COLUMNS = ("family", "style", "upem", "licence", "package", "version")


@dataclass(frozen=True)
class GlyphRow:
    """One glyph as stored; None stands for a field that the database does not have."""

    glyph_id: int
    label: str
    f_id: int | str | None
    gid: int | None
    name: str | None
    char_class: str | None
    split: str
    advance: float | None
    """Advance width, font units."""
    upem: float | None
    box: tuple[float, float, float, float] | None
    """``x_min, y_min, x_max, y_max`` in font units."""
    family: str | None
    style: str | None
    licence: str | None
    package: str | None
    version: str | None
    contours: str | bytes | None
    raster: str | None = None
    """Name of its file in a folder of rasters; None stands for ``<glyph_id>.png``."""

    def outline(self) -> Outline:
        """Return the parsed contours; empty when the database has none. Raises OutlineError when they are malformed."""
        return parse(self.contours if self.contours is not None else "[]")


def outlines_of(rows: Sequence[GlyphRow]) -> list[Outline | OutlineError]:
    """Return the outlines of many glyphs as :meth:`GlyphRow.outline` does, with errors in their place."""
    return parse_each(["[]" if row.contours is None else row.contours for row in rows])


class GlyphStore:
    """Reader of a glyph database. Raises StoreError when the file is missing or damaged, or has no such table."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise StoreError(
                f"{path} does not exist.",
                subject=path,
                remedy="Build one with 'glyphcore db build', or check the path.",
            )
        self._file = database_of(self.path) if is_list(self.path) else self.path
        columns = self._columns("glyphs")
        if not columns:
            raise StoreError(f"{path} has no table 'glyphs'.", subject=path, remedy="Is it a glyph database?")
        self.key = "id" if "id" in columns else "glyph_id"
        for column in (self.key, "label"):
            if column not in columns:
                raise StoreError(f"{path}: table 'glyphs' has no column {column!r}.", subject=path)
        if not self._tells_rows_apart(self.key):
            self.key = "rowid"
        self.columns = columns
        self.font_columns = self._columns("fonts")
        self.font_key = self._joins_fonts()

    @property
    def has_contours(self) -> bool:
        return "contours" in self.columns

    @property
    def has_splits(self) -> bool:
        """Whether splits are stored; otherwise they are derived by font."""
        return "split" in self.columns or (self.font_key is not None and "split" in self.font_columns)

    @property
    def has_geometry(self) -> bool:
        """Whether the size and place of glyphs in their em are known."""
        return "advance_width" in self.columns and self.font_key is not None and "upem" in self.font_columns

    @cached_property
    def notes(self) -> list[str]:
        """Unusual or missing parts of this database, one sentence each."""
        notes = []
        if self.key == "id":
            notes.append("The key is 'id'; 'glyph_id' is local to a font.")
        if self.key == "rowid":
            notes.append("The ids are not unique whole numbers: glyphs are numbered by their row instead.")
        marked = f"SELECT count(*) FROM glyphs WHERE substr(label, -{len(SHAPED)}) = '{SHAPED}'"
        if not self.meta and (shaped := self._rows(marked)[0][0]):
            notes.append(f"{shaped:,} labels end in {SHAPED!r}: each counts as the label without this ending.")
        if not self.has_contours:
            notes.append("No contours: glyphs are read from a folder of rasters.")
        if self.font_key is None:
            what = "No font is found by f_id" if self.font_columns else "No fonts table"
            notes.append(f"{what}: families, licences and metrics are unknown.")
        if not self.has_splits:
            by = "font" if "f_id" in self.columns else "glyph id, since fonts are unknown"
            notes.append(f"No splits: derived by {by}.")
        if not self.has_geometry:
            notes.append("No advance widths with an em size: geometry is unknown and no glyph counts as a small mark.")
        return notes

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the file's content; results are keyed by it."""
        try:
            return fingerprint(self.path)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read: {error.strerror}.", subject=self.path) from error

    @cached_property
    def meta(self) -> dict[str, Any]:
        """Entries of the builder (counts of dropped rows, policy); empty for databases from other sources."""
        if not {"key", "value"} <= self._columns("meta"):
            return {}
        entries = dict(self._rows("SELECT key, value FROM meta"))
        return {key: json.loads(value) for key, value in entries.items()} if "format" in entries else {}

    def count(self) -> int:
        """Return the number of glyphs."""
        return self._rows("SELECT count(*) FROM glyphs")[0][0]

    def key_at(self, rank: int) -> int:
        """Return the key with exactly ``rank`` smaller keys; the database must have that many."""
        return self._rows(f"SELECT {self.key} FROM glyphs ORDER BY {self.key} LIMIT 1 OFFSET {rank}")[0][0]

    def fonts(self) -> pd.DataFrame:
        """Return the fonts table unchanged; empty when there is none."""
        import pandas as pd

        if not self.font_columns:
            return pd.DataFrame()
        with reading(self._file, self.path) as connection:
            cursor = connection.execute("SELECT * FROM fonts")
            names = [column[0] for column in cursor.description]
            return pd.DataFrame.from_records(cursor.fetchall(), columns=names, coerce_float=True)

    def font_hashes(self) -> dict[str, str]:
        """Return ``f_id`` of the glyphs, as text → hash of the font file; empty when either is unknown."""
        if self.font_key is None or "file_hash" not in self.font_columns:
            return {}
        return {str(f_id): str(hashed) for f_id, hashed in self._rows(f"SELECT {self.font_key}, file_hash FROM fonts")}

    def font_keys(self) -> set[str] | None:
        """Return the values that ``f_id`` may have, as text; None where glyphs cannot be joined with fonts."""
        return {str(key) for (key,) in self._rows(f"SELECT {self.font_key} FROM fonts")} if self.font_key else None

    def labels(self) -> pd.DataFrame:
        """Return the key, label and split of every glyph, in key order: columns ``glyph_id, label, split``."""
        import pandas as pd

        select, source = self._select(contours=False)
        rows = self._rows(f"{select} {source} ORDER BY g.{self.key}")
        return pd.DataFrame([(row.glyph_id, row.label, row.split) for row in map(self._row, rows)],
                            columns=["glyph_id", "label", "split"])  # fmt: skip

    def rows(
        self, *, after: int | None = None, upto: int | None = None, contours: bool = True, chunk: int = 2000
    ) -> Iterator[GlyphRow]:
        """Yield glyphs with a key above ``after``, up to ``upto``, in key order; they are read in chunks, so memory
        stays small."""
        if self._places is not None:
            for rowids in self._places.between(after, upto, 500):
                yield from sorted(self._numbered(rowids, contours=contours), key=lambda row: row.glyph_id)
            return
        select, source = self._select(contours=contours)
        query = f"{select} {source} WHERE g.{self.key} > ? AND g.{self.key} <= ? ORDER BY g.{self.key} LIMIT {chunk}"
        position, end = -(2**63) if after is None else after, 2**63 - 1 if upto is None else upto
        while rows := in_order(self._rows(query, (position, end)), position, self.path):
            yield from map(self._row, rows)
            position = rows[-1][0]

    def glyphs(self, ids: Sequence[int]) -> list[GlyphRow]:
        """Return the glyphs with these keys, in the given order; unknown keys are left out."""
        rows: dict[int, GlyphRow] = {}
        for start in range(0, len(ids), 500):
            numbers_chunk = list(map(int, ids[start : start + 500]))
            numbers = numbers_chunk if self._places is None else self._places.of(numbers_chunk)
            rows |= {row.glyph_id: row for row in self._numbered(numbers, contours=True)}
        return [rows[i] for i in ids if i in rows]

    @cached_property
    def _places(self) -> Places | None:
        """Row numbers by key, if the key has no index; None where it has one, or where rows have no numbers."""
        return None if self.key == "rowid" else Places.of_table(self._rows, "glyphs", self.key)

    def _numbered(self, numbers: Sequence[int], *, contours: bool) -> list[GlyphRow]:
        """Return up to 500 glyphs by key, or by row number where the key has no index; in any order."""
        select, source = self._select(contours=contours)
        column = self.key if self._places is None else "rowid"
        query = f"{select} {source} WHERE g.{column} IN ({','.join('?' * len(numbers))})"
        return list(map(self._row, self._rows(query, numbers)))

    def _select(self, *, contours: bool) -> tuple[str, str]:
        wanted = []
        for column in _GLYPH_COLUMNS:
            present = column in self.columns and (contours or column != "contours")
            if column == "split" and not present and self.font_key and "split" in self.font_columns:
                wanted.append("f.split")
            elif column == "gid" and not present and self.key != "glyph_id" and "glyph_id" in self.columns:
                wanted.append("g.glyph_id")
            else:
                wanted.append(f"g.{column}" if present else "NULL")
        for column in _FONT_COLUMNS:
            wanted.append(f"f.{column}" if self.font_key and column in self.font_columns else "NULL")
        join = f"LEFT JOIN fonts f ON f.{self.font_key} = g.f_id" if self.font_key else ""
        return f"SELECT g.{self.key}, g.label, {', '.join(wanted)}", f"FROM glyphs g {join}"

    def _row(self, row: tuple) -> GlyphRow:
        key, label, f_id, gid, name, char_class, split, advance, contours, raster, *rest = row
        box, upem = tuple(map(number, rest[:4])), number(rest.pop(6), MOST_UPEM)
        family, style, licence, package, version = map(text, rest[4:])
        return GlyphRow(
            glyph_id=key,
            label=(text(label) or "None").removesuffix(SHAPED),
            f_id=f_id,
            gid=gid if isinstance(gid, int) else None,
            name=text(name),
            char_class=text(char_class),
            split=split if split in SPLITS else derived_split(family or (key if f_id is None else f_id)),
            advance=number(advance),
            upem=upem if upem and upem > 0 else None,
            box=None if None in box else box,  # type: ignore[arg-type]
            family=family,
            style=style,
            licence=licence,
            package=package,
            version=version,
            contours=contours,
            raster=raster if is_list(self.path) else None,
        )

    def _tells_rows_apart(self, key: str) -> bool:
        """Return whether a column has a unique whole number for every row; for a primary key this is known at once."""
        for _, name, kind, _, _, primary in self._rows("PRAGMA table_info(glyphs)"):
            if name == key and primary and kind.upper() == "INTEGER":
                return True
        query = f"SELECT count(*), count(DISTINCT {key}), coalesce(sum(typeof({key}) = 'integer'), 0) FROM glyphs"
        rows, distinct, whole = self._rows(query)[0]
        return rows == distinct == whole

    def _joins_fonts(self) -> str | None:
        """Return the column of ``fonts`` that ``glyphs.f_id`` refers to: the column with most of its values."""
        if "f_id" not in self.columns or not self.font_columns:
            return None
        named = [key for key in ("f_id", "file_hash", "id") if key in self.font_columns]
        # A key that repeats would give one glyph several rows.
        alone = "SELECT count(*) = count(DISTINCT {0}) FROM fonts WHERE {0} NOT NULL"
        candidates = [key for key in named if self._rows(alone.format(key))[0][0]]
        query = "SELECT DISTINCT f_id FROM (SELECT f_id FROM glyphs LIMIT 5000)"
        matches = {
            key: self._rows(f"SELECT count(*) FROM ({query}) g JOIN fonts f ON f.{key} = g.f_id")[0][0]
            for key in [*candidates, "rowid"]
        }
        best = max(matches, key=lambda key: matches[key])
        return best if matches[best] else None

    def _columns(self, table: str) -> set[str]:
        return {row[1] for row in self._rows(f"PRAGMA table_info({table})")}

    def _rows(self, query: str, arguments: Iterable[Any] = ()) -> list[tuple]:
        with reading(self._file, self.path) as connection:
            return connection.execute(query, tuple(arguments)).fetchall()


def derived_split(font: object) -> str:
    """Return the split of a font when none is stored: 80/10/10 by hash of the family (or font, or glyph), always the
    same."""
    bucket = hashlib.sha256(str(font).encode()).digest()[0] % 10
    return {8: "val", 9: "test"}.get(bucket, "train")
