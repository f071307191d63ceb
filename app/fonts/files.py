"""Font files: files of the corpus cache, uploaded files, and the keys by which a link can name them.

A link names a font by its hash or by a path below the corpus cache. A link can open no other file on this machine. The
name of an uploaded file is shown but never used as a path.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from app.shared import sources
from app.shared.uploads import uploads
from glyphcore import config
from glyphcore.data.corpus import load_corpus
from glyphcore.data.fonts import SUFFIXES, FontFace, open_faces
from glyphcore.data.store import GlyphStore
from glyphcore.errors import FontError, GlyphError
from glyphcore.files import replacing
from glyphcore.runtime import EXPORTED_SUFFIX
from glyphcore.runtime.model_pair import WIDE

MAX_MEGABYTES = 32
"""Most megabytes of an uploaded font; the largest fonts in use have 20."""
MAX_UPLOADS = 50
"""Most uploaded fonts kept on disk; the newest stay."""
KINDS = tuple(suffix[1:] for suffix in SUFFIXES)


def folder() -> Path:
    """Return the corpus cache: font files named ``<12 digits of their hash>-<name>``."""
    return Path(os.environ.get("GLYPHCORE_FONTS", config.CACHE / "fonts"))


def models() -> list[Path]:
    """Return the models for reading fonts: ``auto`` if both of its models exist, exported models, which need no torch,
    then checkpoints without an exported model."""
    readers = sorted(config.CHECKPOINTS.glob(f"*{EXPORTED_SUFFIX}"))
    pair = {config.DEFAULT_EXPORTED, config.model_path(WIDE)} <= set(readers)
    return [
        *([config.AUTO] if pair else []),
        *readers,
        *(path for path in sources.checkpoints() if path.with_suffix(EXPORTED_SUFFIX) not in readers),
    ]


def known() -> dict[str, str]:
    """Return key → title of every font file in the corpus cache, sorted by title."""
    cache_folder = folder()
    return _known(str(cache_folder), sources.stamp(cache_folder)[1], sources.stamp(sources.database_path()))


def keep(name: str, data: bytes) -> str:
    """Store an uploaded font under its hash. Return its key. Raises FontError for an invalid or too large file.

    A font that FreeType must open is checked only by its first bytes here. The process that reads the font opens it.
    """
    name = name[:100]  # messages contain the name
    if len(data) > MAX_MEGABYTES * 10**6:
        raise FontError(f"{name} has {len(data) / 1e6:,.0f} MB; a font may have at most {MAX_MEGABYTES} MB.")
    if not data:
        raise FontError(f"{name} is empty.", remedy="Choose another file.")
    hashed = hashlib.sha256(data).hexdigest()
    path = uploads() / f"{hashed}.font"
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(data)
            open_faces(temporary, open_now=False)
    except FontError as error:
        reason = error.problem.partition(": ")[2] or error.problem.partition(" ")[2]
        why = f"{reason.removesuffix('.')}."
        raise FontError(f"{name} is not a font that can be read: {why}", remedy="Choose another file.") from error
    newest = sorted(uploads().glob("*.font"), key=lambda path: -path.stat().st_mtime_ns)
    for old in newest[MAX_UPLOADS:]:
        old.unlink(missing_ok=True)
    return hashed[:12]


def path_of(key: str) -> Path:
    """Return the file of a link: by the first 12 or more digits of its hash, or by a path in the corpus cache.

    Raises FontError for anything else.
    """
    cache_folder = folder().resolve()
    if re.fullmatch("[0-9a-f]{12,64}", key):
        matches = [*cache_folder.glob(f"{key[:12]}-*"), *uploads().glob(f"{key}*.font")]
        if matches:
            return matches[0]
        raise FontError("The font of this link is not on this server.", subject=key, remedy="Upload it again.")
    try:
        path = (cache_folder / key).resolve()
        if path.is_relative_to(cache_folder) and path.is_file() and path.suffix.lower() in SUFFIXES:
            return path
    except (OSError, ValueError):  # an impossible file name
        pass
    raise FontError("A link opens fonts of the corpus cache only.", subject=key, remedy="Upload the file instead.")


@dataclass(frozen=True)
class Font:
    """A font file, one of its faces, and the model that reads it."""

    key: str
    path: Path
    number: int
    model: Path

    @property
    def stamp(self) -> tuple[Any, ...]:
        """Cache key of results about this font."""
        return (*sources.stamp(self.path), self.number, *sources.stamp(self.model))

    @property
    def face(self) -> FontFace:
        return faces(self.path)[self.number]

    @property
    def hash(self) -> str:
        return self.face.file_hash if not self.number else f"{self.face.file_hash}#{self.number}"

    @property
    def title(self) -> str:
        """The font's name if the file is opened already; else its title in the corpus, or "the font"."""
        return self.name if self.face.opened else known().get(self.key, "the font")

    @property
    def name(self) -> str:
        metrics = self.face.metrics
        family = metrics.family if metrics.family != self.path.stem else known().get(self.key, "Unnamed font")
        return f"{family} {metrics.style}"


def faces(path: Path) -> list[FontFace]:
    """Return the faces of a file, opened or not (:attr:`FontFace.opened`)."""
    return _faces(*sources.stamp(path))


def families(path: Path) -> list[str]:
    """Return the family of each face of a file; an empty string for a face that is not opened."""
    return [face.metrics.family if face.opened else "" for face in faces(path)]


@st.cache_data(max_entries=2, show_spinner=False)
def _known(place: str, stamp: int, database: tuple[str, int]) -> dict[str, str]:
    titles: dict[str, str] = {}
    try:
        for file in load_corpus(config.CORPUS):
            titles[file.sha256[:12]] = f"{file.family} {file.style}" + (
                "" if file.subset == "all" else f" · {file.subset}"
            )
    except GlyphError:
        pass  # without the list, files are shown by their names
    try:
        fonts = GlyphStore(Path(database[0])).fonts()
        if {"file_hash", "family", "style", "split"} <= set(fonts.columns):
            for row in fonts.itertuples():
                hashed = str(row.file_hash)[:12]
                titles[hashed] = f"{titles.get(hashed) or f'{row.family} {row.style}'} · {row.split}"
    except GlyphError:
        pass
    titles = {}
    for path in Path(place).glob("*-*"):
        key, _, name = path.name.partition("-")
        if re.fullmatch("[0-9a-f]{12}", key) and path.suffix.lower() in SUFFIXES:
            titles[key] = titles.get(key, name)
    return dict(sorted(titles.items(), key=lambda item: item[1].lower()))


@st.cache_resource(max_entries=4, show_spinner=False)
def _faces(path: str, stamp: int) -> list[FontFace]:
    return open_faces(Path(path), open_now=False)
