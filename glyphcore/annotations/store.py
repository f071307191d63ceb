"""Annotations of glyphs by people: tags, notes, corrected labels and saved views, in a separate SQLite file.

An annotation must outlive the database it was made on. So a glyph is stored by the hash of its font file with its index
and label in that font. Only where the hash is unknown, it is stored by its id in the database of one fingerprint. Ids
are looked up once for each database (:mod:`.dataset`) and stored in ``places``, the only table that a page reads for
them.

Every call opens a connection, makes one short transaction and closes the connection. The file is in WAL mode and
writers wait for each other, so any number of sessions may write to it.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from glyphcore.data.labels import CORRECTED
from glyphcore.errors import StoreError

FORMAT = 2
"""Format 2 has corrected labels; a file of format 1 is converted when it is opened."""
STANDARD = ("mislabelled", "ambiguous", "design outlier")
"""Tags that have keys in the app."""
NOTED = "note"
"""Stands among the tags for a note, so no tag may have this name."""
LONGEST_TAG, LONGEST_NOTE, LONGEST_LABEL = 40, 2000, 120
WAIT = 15.0
"""Seconds that a writer waits for other writers."""

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
    """Key of a glyph that does not depend on the database."""

    font: str
    """Hash of the font file; where it is unknown, ``dataset:`` and a fingerprint."""
    gid: int
    """Glyph index in the font; where the font is unknown, the glyph id."""
    label: str


@dataclass(frozen=True)
class Annotation:
    """The annotation of one glyph."""

    tags: tuple[str, ...] = ()
    """Tags in alphabetical order."""
    note: str = ""
    correction: str = ""
    """The correct label according to a person; empty where nobody corrected it."""

    @property
    def words(self) -> str:
        """Return the tags, then the note."""
        return "; ".join(filter(None, [", ".join(self.tags), self.note]))


@dataclass(frozen=True)
class Change:
    """A change to the annotations of some glyphs; applying it again changes nothing.

    Raises StoreError for a tag, a note or a label that cannot be stored.
    """

    ids: tuple[int, ...]
    tag: str = ""
    """Tag to add or remove; if empty, the change is about the note."""
    on: bool = True
    note: str = ""
    """The new note; an empty note removes the old one."""
    correction: str | None = None
    """The correct label; empty restores the label of the database; None leaves the correction unchanged."""

    def __post_init__(self) -> None:
        if self.correction is not None:
            object.__setattr__(self, "correction", clean_label(self.correction))
        if self.tag:
            object.__setattr__(self, "tag", clean_tag(self.tag))
        object.__setattr__(self, "note", clean_note(self.note))


def clean_tag(text: str) -> str:
    """Return a tag without unnecessary white space. Raises StoreError where it is empty, too long, or not in plain
    words."""
    tag = " ".join(text.split())
    if not tag or len(tag) > LONGEST_TAG or ";" in tag or not tag.isprintable() or tag in (NOTED, CORRECTED):
        raise StoreError(
            f"{tag[:LONGEST_TAG]!r} is not a valid tag.",
            subject=text,
            remedy=f"Use 1 to {LONGEST_TAG} characters without a semicolon, and no {NOTED!r} or {CORRECTED!r}.",
        )
    return tag


def clean_note(text: str) -> str:
    """Return a note without white space around it. Raises StoreError where it is too long or has control characters."""
    note = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(note) > LONGEST_NOTE or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", note):
        raise StoreError(
            "The note is too long or has control characters; it was not saved.",
            subject=text,
            remedy=f"Use up to {LONGEST_NOTE:,} characters.",
        )
    return note


def clean_label(text: str) -> str:
    """Return a label without white space around it. Raises StoreError where it cannot be a label."""
    label = text.strip()
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise StoreError(f"{label[:LONGEST_TAG]!r} is not a label; it was not saved.", subject=text,
                         remedy="Name a label of the label set.")  # fmt: skip
    return label


class Annotations:
    """Tags, notes, corrections and saved views of one file; the first annotation creates the file.

    Objects can be shared between threads and processes. Raises StoreError for a file that is damaged, of another
    format, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def of_dataset(self, dataset: str, ids: Sequence[int] | None = None) -> dict[int, Annotation]:
        """Return annotations by glyph id in the database with fingerprint ``dataset``, of some glyphs or of all
        annotated glyphs."""
        where, arguments = "", []
        if ids is not None:
            where, arguments = f" AND p.glyph_id IN ({','.join('?' * len(ids))})", [int(glyph) for glyph in ids]
        where += " AND typeof(p.glyph_id) = 'integer'"  # in a damaged file it may have any type
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
        """Return all annotations, from all databases."""
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
        """Return the number of glyphs with each tag, most frequent first."""
        with self._reading() as connection:
            query = "SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY 2 DESC, 1"
            return {} if connection is None else dict(connection.execute(query))

    def placed(self, dataset: str, ids: Sequence[int]) -> set[int]:
        """Return those of some glyph ids whose key is known in a database."""
        with self._reading() as connection:
            if connection is None:
                return set()
            query = f"SELECT glyph_id FROM places WHERE dataset = ? AND glyph_id IN ({','.join('?' * len(ids))})"
            return {glyph for (glyph,) in connection.execute(query, [dataset, *map(int, ids)])}

    def change(self, dataset: str, changes: Iterable[Change], keys: Mapping[int, Key]) -> None:
        """Apply changes in one transaction. ``keys``: keys of the glyphs that :meth:`placed` does not know."""
        with self._writing() as connection:
            for glyph, key in keys.items():
                self._place(connection, dataset, glyph, key)
            for change in changes:
                # One statement per glyph: a selection may be larger than one statement allows.
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
        """Return keys that a database was not searched for yet, and the number to pass to :meth:`found`."""
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
        """Store where the glyphs of keys are in a database, and that it was searched for all keys up to ``last``."""
        with self._writing() as connection:
            for glyph, key in places:
                self._place(connection, dataset, glyph, key)
            connection.execute("INSERT OR REPLACE INTO searched VALUES (?, ?)", (dataset, last))

    def views(self) -> dict[str, str]:
        """Return saved views: name → query string, by name."""
        with self._reading() as connection:
            query = "SELECT name, query FROM views ORDER BY name"
            return {} if connection is None else dict(connection.execute(query))

    def save_view(self, name: str, query: str) -> None:
        """Save a view under a name; an existing view with this name is replaced. Raises StoreError for an invalid
        name."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO views VALUES (?, ?)", (clean_tag(name), query))

    def drop_view(self, name: str) -> None:
        """Delete a view."""
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
        """Yield a connection; None where there is no file yet."""
        if not self.path.exists():
            yield None
            return
        with self._connected() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside a transaction, to a file that has the schema."""
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
        """Create the tables. If several processes do so at once, one creates them and the others find them."""
        foreign = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if foreign and not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'places'").fetchone():
            raise StoreError(
                f"{self.path} is another database, not a file of annotations.",
                subject=self.path,
                remedy="Name another file in GLYPHCORE_ANNOTATIONS.",
            )
        self._to_wal(connection)
        connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")

    @staticmethod
    def _to_wal(connection: sqlite3.Connection) -> None:
        """Change the journal mode. SQLite fails at once where another connection has the file open at this moment: for
        this statement it does not wait as it does for every other lock."""
        end = time.monotonic() + WAIT
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return
