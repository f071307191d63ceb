"""The training corpus: exactly the files that ``dataset/fonts.json`` lists, and no other files of their packages.

``dataset/outsiders.json`` lists, in the same format, fonts outside the label set: scripts, pictures and ornaments that
a model must recognise as none of its labels. Fonts for training and fonts for measuring have different scripts; for
Cyrillic, Greek, pictures and mathematics they are only different families.

The list gives package, version, path inside the package and sha256 of every file. A file belongs to the corpus only
while its content has that hash, so an unlisted file or a newer package version can never become part of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from glyphcore.errors import FontError


@dataclass(frozen=True)
class CorpusFile:
    """One font file of the corpus, and its source."""

    source: str
    """``debian`` or ``npm``."""
    package: str
    version: str
    family: str
    licence: str
    path: str
    """Path inside the package."""
    weight: int
    subset: str
    """``all``, or the character subset in the file: ``latin``, ``latin-ext``, ``arabic``."""
    sha256: str
    italic: bool = False
    further: bool = False
    """Whether this is a further style of a family whose regular and bold are in train. Further styles are additional
    training data; they do not influence the splits and do not ship."""
    role: str = ""
    """Role of fonts outside the corpus: ``train`` or ``measure``."""
    pictures: bool = False
    """Whether the glyphs are pictures, to whatever characters they are mapped."""

    @property
    def style(self) -> str:
        """Name of weight and slant for people."""
        weight = {400: "Regular", 700: "Bold"}.get(self.weight, str(self.weight))
        return weight if not self.italic else "Italic" if self.weight == 400 else f"{weight} Italic"

    def cached(self, folder: Path) -> Path:
        """Return the path of this file in the font cache ``folder``; the hash distinguishes files of the same name."""
        return folder / f"{self.sha256[:12]}-{Path(self.path).name}"


def may_redistribute(licence: str) -> bool:
    """Return whether a licence allows redistribution of outlines inside a database.

    True for OFL, MIT, Apache, UFL, Bitstream Vera and public domain, and for a choice that includes one of them.

    Every GPL, LGPL-only and AGPL licence is refused, with or without font exception: the exception covers embedding a
    font in a document, not redistributing its outlines as data.
    """
    return re.search(r"\b(ofl|open font|mit|apache|ufl|vera|public domain)\b", licence.lower()) is not None


def load_corpus(path: Path) -> list[CorpusFile]:
    """Read ``fonts.json``; one entry per file, in the order of the list.

    Raises FontError when the list is missing or an entry lacks a field.
    """
    try:
        families = json.loads(path.read_text(encoding="utf-8"))
        return [
            CorpusFile(
                source=family["source"],
                package=family["package"],
                version=family["version"],
                family=family["family"],
                licence=family["licence"],
                path=file["path"],
                weight=file["weight"],
                subset=file["subset"],
                sha256=file["sha256"],
                italic=file.get("italic", False),
                further=family.get("further", False),
                role=family.get("role", ""),
                pictures=family.get("pictures", False),
            )
            for family in families
            for file in family["files"]
        ]
    except FileNotFoundError as error:
        raise FontError(f"{path} does not exist.", subject=path, remedy="Restore it from the repository.") from error
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise FontError(f"{path} is not a corpus list: {error!r}.", subject=path) from error


def sha256(path: Path) -> str:
    """Return the hex digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
