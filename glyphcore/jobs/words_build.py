"""``glyphcore words build``: convert word lists to tables of words and letters of a language, for reading PDFs."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

from glyphcore.config.words import LANGUAGES, WordsConfig
from glyphcore.errors import StoreError
from glyphcore.progress import Progress, Silent
from glyphcore.text.counting import ended, language_of
from glyphcore.text.languages import Language

MOST = 60_000
"""Number of words of a list that are used; lists are sorted by frequency."""


def run(config: WordsConfig, progress: Progress | None = None) -> list[Language]:
    """Write one file per language; return the languages. Raises StoreError."""
    progress = progress or Silent()
    named = config.languages or (() if config.lists else LANGUAGES)
    files: dict[str, tuple[Path, ...]] = {}
    for name, path in config.lists:
        files[name] = (*files.get(name, ()), path)
    lists = _wordfreq(named) | {name: _sum(name, paths) for name, paths in files.items()}
    languages: list[Language] = []
    config.out.mkdir(parents=True, exist_ok=True)
    for name, frequencies in progress.track(lists.items(), total=len(lists), what="languages"):
        language = language_of(name, frequencies, config.words)
        language.save(config.out / f"{name}.npz")
        languages.append(language)
    for language in languages:
        size = (config.out / f"{language.name}.npz").stat().st_size
        progress.say(
            f"{language.name}: {len(language.costs):,} words, {len(language.alphabet)} letters, {size:,} bytes"
        )
    return languages


def _wordfreq(languages: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Return frequencies by language. wordfreq returns the list of a related language for a language that it does not
    have."""
    if not languages:
        return {}
    import wordfreq

    has = set(wordfreq.available_languages())
    if missing := [language for language in languages if language not in has]:
        raise StoreError(
            f"wordfreq has no list of {', '.join(missing)}.",
            subject=missing,
            remedy="Name lists by --list LANGUAGE=FILE.",
        )
    return {language: wordfreq.get_frequency_dict(language) for language in languages}


def _sum(name: str, paths: tuple[Path, ...]) -> dict[str, float]:
    """Return words of several lists; those of hunspell are stems."""
    counts: dict[str, float] = defaultdict(float)
    for path in paths:
        weights = _read(path)
        for word, count in (ended(name, weights) if path.suffix == ".dic" else weights).items():
            counts[word] += count
    return counts


def _read(path: Path) -> dict[str, float]:
    """Return words of a file: the column ``word`` of a CSV, a hunspell dictionary, words by frequency, or one word per
    line with its count after it."""
    counts: dict[str, float] = defaultdict(float)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix == ".csv":
                for row in csv.DictReader(file):
                    counts[row["word"].strip()] += 1.0
                return counts
            if path.suffix == ".wordlist":
                for rank, line in enumerate(file, 1):
                    counts[line.strip()] += 1.0 / rank
                return counts
            for line in file:
                word, _, count = line.rstrip("\n").partition("\t")
                counts[re.split("[/ ]", word.strip(), maxsplit=1)[0]] += float(count) if count.strip() else 1.0
    except (OSError, UnicodeDecodeError, ValueError, KeyError, csv.Error) as error:
        raise StoreError(f"{path} is not a list of words: {error}.", subject=path) from error
    return counts
