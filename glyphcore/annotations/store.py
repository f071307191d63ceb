"""What people say about glyphs: tags, notes, corrected labels and saved views, in an SQLite file of their own.

A judgement outlives the database it was made on. So a glyph is remembered by what it is, the hash of its font file with
its index and label there, and only where that is unknown by its id in a database of one fingerprint. Ids are looked up
once for each database (:mod:`.dataset`) and noted in ``places``, which is all that a page reads.

Every call opens a connection, makes one short transaction and closes it again. The file is in WAL mode and writers wait
for each other, so any number of sessions may write to it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from glyphcore.data.labels import CORRECTED
from glyphcore.errors import StoreError

FORMAT = 2
"""2 has corrected labels; a file of format 1 becomes one of format 2 when it is opened."""
STANDARD = ("mislabelled", "ambiguous", "design outlier")
"""Tags that the app has keys for."""
NOTED = "note"
"""Stands among tags for having a note, so no tag is called that."""
LONGEST_TAG, LONGEST_NOTE, LONGEST_LABEL = 40, 2000, 120
WAIT = 15.0
"""Seconds that a writer waits for the others."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS glyphs (
    key_id INTEGER PRIMARY KEY AUTOINCREMENT, font TEXT NOT NULL, gid INTEGER NOT NULL, label TEXT NOT NULL,
    UNIQUE (font, gid, label)
);
CREATE TABLE IF NOT EXISTS places (
    dataset TEXT NOT NULL, glyph_id INTEGER NOT NULL, key_id INTEGER NOT NULL, PRIMARY KEY (dataset, glyph_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS searched (dataset TEXT PRIMARY KEY, key_id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tags (
    key_id INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (key_id, tag)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (key_id INTEGER PRIMARY KEY, note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS corrections (key_id INTEGER PRIMARY KEY, label TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS views (name TEXT PRIMARY KEY, query TEXT NOT NULL) WITHOUT ROWID;
"""


class Key(NamedTuple):
    """What a glyph is, whatever database it is in."""

    font: str
    """Hash of the font file; ``dataset:`` and a fingerprint where it is unknown."""
    gid: int
    """Glyph index in the font; the glyph id where the font is unknown."""
    label: str


@dataclass(frozen=True)
class Annotation:
    """What was said about one glyph."""

    tags: tuple[str, ...] = ()
    """In alphabetical order."""
    note: str = ""
    correction: str = ""
    """The label that it really has, by a person's word; empty where nobody corrected it."""

    @property
    def words(self) -> str:
        """Tags, then the note."""
        return "; ".join(filter(None, [", ".join(self.tags), self.note]))


@dataclass(frozen=True)
class Change:
    """Something to be said about some glyphs; saying it again changes nothing.

    Raises StoreError for a tag, a note or a label that cannot be kept.
    """

    ids: tuple[int, ...]
    tag: str = ""
    """Tag to put on or take off; empty changes the note instead."""
    on: bool = True
    note: str = ""
    """The new note; empty takes it away."""
    correction: str | None = None
    """The label that it really has, empty for the one that it was given; None changes something else."""

    def __post_init__(self) -> None:
        if self.correction is not None:
            object.__setattr__(self, "correction", clean_label(self.correction))
        if self.tag:
            object.__setattr__(self, "tag", clean_tag(self.tag))
        object.__setattr__(self, "note", clean_note(self.note))


def clean_tag(text: str) -> str:
    """A tag without needless white space. Raises StoreError where it is empty, too long, or not in plain words."""
    tag = " ".join(text.split())
    if not tag or len(tag) > LONGEST_TAG or ";" in tag or not tag.isprintable() or tag in (NOTED, CORRECTED):
        raise StoreError(
            f"{tag[:LONGEST_TAG]!r} is no tag.",
            subject=text,
            remedy=f"Use 1 to {LONGEST_TAG} characters without a semicolon, and no {NOTED!r} or {CORRECTED!r}.",
        )
    return tag


def clean_note(text: str) -> str:
    """A note without white space around it. Raises StoreError where it is too long or has control characters."""
    note = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(note) > LONGEST_NOTE or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", note):
        raise StoreError(
            "The note is too long or has control characters; it was not kept.",
            subject=text,
            remedy=f"Use up to {LONGEST_NOTE:,} characters.",
        )
    return note


def clean_label(text: str) -> str:
    """A label without white space around it. Raises StoreError where it cannot be one."""
    label = text.strip()
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise StoreError(f"{label[:LONGEST_TAG]!r} is no label; it was not kept.", subject=text,
                         remedy="Name a label of the label set.")  # fmt: skip
    return label


class Annotations:
    """Tags, notes, corrections and saved views of one file, which is made when something is said for the first time.

    Safe to share between threads and processes. Raises StoreError for a file that is damaged, of another format, or
    cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def of_dataset(self, dataset: str, ids: Sequence[int] | None = None) -> dict[int, Annotation]:
        """Marks by glyph id in the database with fingerprint ``dataset``, of some glyphs or all that have any."""
        where, arguments = "", []
        if ids is not None:
            where, arguments = f" AND p.glyph_id IN ({','.join('?' * len(ids))})", [int(glyph) for glyph in ids]
        where += " AND typeof(p.glyph_id) = 'integer'"  # in a damaged file it may be anything
        rows = "SELECT p.glyph_id, {} FROM {} x JOIN places p USING (key_id) WHERE p.dataset = ?" + where
        with self._reading() as connection:
            if connection is None:
                return {}
            tags: dict[int, list[str]] = {}
            for glyph, tag in connection.execute(rows.format("x.tag", "tags") + " ORDER BY 2", [dataset, *arguments]):
                tags.setdefault(glyph, []).append(tag)
            notes = dict(connection.execute(rows.format("x.note", "notes"), [dataset, *arguments]))
            labels = dict(connection.execute(rows.format("x.label", "corrections"), [dataset, *arguments]))
        return {
            glyph: Annotation(tuple(tags.get(glyph, ())), notes.get(glyph, ""), labels.get(glyph, ""))
            for glyph in sorted({*tags, *notes, *labels})
        }

    def all(self) -> dict[Key, Annotation]:
        """Every mark there is, whatever database its glyph is in."""
        with self._reading() as connection:
            if connection is None:
                return {}
            tags: dict[int, list[str]] = {}
            for key_id, tag in connection.execute("SELECT key_id, tag FROM tags ORDER BY tag"):
                tags.setdefault(key_id, []).append(tag)
            notes = dict(connection.execute("SELECT key_id, note FROM notes"))
            labels = dict(connection.execute("SELECT key_id, label FROM corrections"))
            keys = connection.execute("SELECT key_id, font, gid, label FROM glyphs ORDER BY font, gid, label")
            said = {*tags, *notes, *labels}
            found = {key_id: Key(*key) for key_id, *key in keys if key_id in said}
        return {
            key: Annotation(tuple(tags.get(key_id, ())), notes.get(key_id, ""), labels.get(key_id, ""))
            for key_id, key in found.items()
        }

    def counts(self) -> dict[str, int]:
        """How many glyphs have each tag, the most frequent first."""
        with self._reading() as connection:
            query = "SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY 2 DESC, 1"
            return {} if connection is None else dict(connection.execute(query))

    def placed(self, dataset: str, ids: Sequence[int]) -> set[int]:
        """Those of some glyph ids whose key is known in a database."""
        with self._reading() as connection:
            if connection is None:
                return set()
            query = f"SELECT glyph_id FROM places WHERE dataset = ? AND glyph_id IN ({','.join('?' * len(ids))})"
            return {glyph for (glyph,) in connection.execute(query, [dataset, *map(int, ids)])}

    def change(self, dataset: str, changes: Iterable[Change], keys: Mapping[int, Key]) -> None:
        """Make changes in one transaction. ``keys`` are those of the glyphs that :meth:`placed` does not know."""
        with self._writing() as connection:
            for glyph, key in keys.items():
                self._place(connection, dataset, glyph, key)
            for change in changes:
                # One statement a glyph: a selection may be larger than what one statement takes.
                for glyph in change.ids:
                    where = "SELECT key_id{} FROM places WHERE dataset = ? AND glyph_id = ?"
                    one = (dataset, int(glyph))
                    if change.correction:
                        connection.execute(
                            f"INSERT OR REPLACE INTO corrections {where.format(', ?')}", (change.correction, *one)
                        )
                    elif change.correction is not None:
                        query = f"DELETE FROM corrections WHERE key_id = ({where.format('')})"
                        connection.execute(query, one)
                    elif change.tag and change.on:
                        connection.execute(f"INSERT OR IGNORE INTO tags {where.format(', ?')}", (change.tag, *one))
                    elif change.tag:
                        query = f"DELETE FROM tags WHERE tag = ? AND key_id = ({where.format('')})"
                        connection.execute(query, (change.tag, *one))
                    elif change.note:
                        connection.execute(f"INSERT OR REPLACE INTO notes {where.format(', ?')}", (change.note, *one))
                    else:
                        connection.execute(f"DELETE FROM notes WHERE key_id = ({where.format('')})", one)

    def unsearched(self, dataset: str) -> tuple[set[Key], int]:
        """Keys that a database was not yet searched for, and the number to give to :meth:`found`."""
        with self._reading() as connection:
            if connection is None:
                return set(), 0
            query = (
                "SELECT font, gid, label FROM glyphs g WHERE key_id > coalesce((SELECT key_id FROM searched "
                "WHERE dataset = ?), 0) AND key_id NOT IN (SELECT key_id FROM places WHERE dataset = ?)"
            )
            keys = {Key(*row) for row in connection.execute(query, (dataset, dataset))}
            last = connection.execute("SELECT coalesce(max(key_id), 0) FROM glyphs").fetchone()[0]
        return keys, last

    def found(self, dataset: str, places: Iterable[tuple[int, Key]], last: int) -> None:
        """Note where the glyphs of keys are in a database, and that it has been searched for all up to ``last``."""
        with self._writing() as connection:
            for glyph, key in places:
                self._place(connection, dataset, glyph, key)
            connection.execute("INSERT OR REPLACE INTO searched VALUES (?, ?)", (dataset, last))

    def views(self) -> dict[str, str]:
        """Saved views: name → query string, by name."""
        with self._reading() as connection:
            query = "SELECT name, query FROM views ORDER BY name"
            return {} if connection is None else dict(connection.execute(query))

    def save_view(self, name: str, query: str) -> None:
        """Keep a view under a name; one that has it already is replaced. Raises StoreError for a name that is none."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO views VALUES (?, ?)", (clean_tag(name), query))

    def drop_view(self, name: str) -> None:
        """Forget a view."""
        with self._writing() as connection:
            connection.execute("DELETE FROM views WHERE name = ?", (name,))

    @staticmethod
    def _place(connection: sqlite3.Connection, dataset: str, glyph: int, key: Key) -> None:
        connection.execute("INSERT OR IGNORE INTO glyphs (font, gid, label) VALUES (?, ?, ?)", key)
        connection.execute(
            "INSERT OR REPLACE INTO places SELECT ?, ?, key_id FROM glyphs WHERE (font, gid, label) = (?, ?, ?)",
            (dataset, int(glyph), *key),
        )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection; None where there is no file yet."""
        if not self.path.exists():
            yield None
            return
        with self._connected() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction, in a file that has the schema."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)) as connection:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version in (0, 1):
                    self._create(connection)
                elif version != FORMAT:
                    raise StoreError(
                        f"{self.path} has annotations of format {version}; this version reads format {FORMAT}.",
                        subject=self.path,
                        remedy="Name another file in GLYPHCORE_ANNOTATIONS.",
                    )
                yield connection
        except sqlite3.Error as error:
            raise StoreError(
                f"{self.path} cannot be used for annotations: {error}.",
                subject=self.path,
                remedy="Check the file and its folder, or name another one in GLYPHCORE_ANNOTATIONS.",
            ) from error

    def _create(self, connection: sqlite3.Connection) -> None:
        """Make the tables; of several at once, one does it and the others find it done."""
        foreign = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if foreign and not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'places'").fetchone():
            raise StoreError(
                f"{self.path} is another database, not a file of annotations.",
                subject=self.path,
                remedy="Name another file in GLYPHCORE_ANNOTATIONS.",
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")
