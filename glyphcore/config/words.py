"""Settings of ``words build``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from glyphcore.config.base import PROJECT, require

LANGUAGES = (
    "ar", "fa", "ur", "en", "fr", "de", "es", "pt", "it", "nl", "sv", "da", "nb", "pl", "cs", "sk", "hu", "ro", "tr",
    "vi", "ca", "id", "sl", "lt", "lv", "is", "ru", "uk", "bg", "mk", "el", "he",
)  # fmt: skip
"""Languages of wordfreq in scripts that have labels."""


@dataclass(frozen=True)
class WordsConfig:
    """Tables of words for reading PDFs."""

    languages: tuple[str, ...] = ()
    """Languages of wordfreq; without any: all languages that PDFs are read in, or only the languages of --list."""
    lists: tuple[tuple[str, Path], ...] = ()
    """Languages with lists of their own, several of one language are summed: a word a line with its count behind a tab
    or without, a hunspell dictionary, a CSV with a column ``word``, or a ``.wordlist``, whose first word is the
    commonest."""
    out: Path = PROJECT / "dataset" / "languages"
    """Folder to write."""
    words: int = 20_000
    """Number of words of each language."""

    def __post_init__(self) -> None:
        require(500 <= self.words <= 200_000, "words", "500 to 200,000", self.words)
