"""Fonts for measuring: families of val and test as plain files, the subsets of one weight merged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

from glyphcore.data.corpus import CorpusFile


@dataclass(frozen=True)
class Measured:
    """A family in one weight."""

    family: str
    split: str
    path: Path
    characters: frozenset[int]

    def draws(self, text: str) -> bool:
        """Return whether the font has every character of a text except joiners."""
        return all(ord(character) in self.characters for character in text if character not in "\u200c\u200d\n")


def prepare(files: list[CorpusFile], split: str, cache: Path, folder: Path) -> Measured | None:
    """Merge the files of one family and weight to one font in ``folder``; return None where they cannot be merged."""
    family = files[0].family
    family_folder = folder / family.replace(" ", "")
    target = family_folder / f"{family.replace(' ', '')}-{files[0].weight}.ttf"
    if not target.exists():
        family_folder.mkdir(parents=True, exist_ok=True)
        parts = []
        for number, file in enumerate(sorted(files, key=lambda entry: (entry.subset != "arabic", entry.subset))):
            font = TTFont(file.cached(cache))
            font.flavor = None
            part = family_folder / f".part{number}.bin"
            font.save(part)
            parts.append(part)
        try:
            if len(parts) == 1:
                parts[0].rename(target)
            else:
                options = Options(drop_tables=["DSIG", "FFTM", "kern", "vmtx", "vhea", "meta", "STAT"])
                Merger(options).merge([str(part) for part in parts]).save(target)
        except Exception:  # the tables of these subsets do not merge; use the largest subset
            best = max(parts, key=lambda part: len(TTFont(part).getBestCmap()))
            best.rename(target)
        for part in parts:
            part.unlink(missing_ok=True)
    font = TTFont(target, lazy=True)
    return Measured(family, split, target, frozenset(font.getBestCmap()))
