"""The label set: the classes of the model.

``chars.csv`` lists one character form per row. The class index of a label is the order of its first occurrence, so the
file alone defines the meaning of a model's outputs. A checkpoint contains the list and so describes itself.
"""

from __future__ import annotations

import csv
import hashlib
import sys
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from glyphcore.config import LABELS
from glyphcore.errors import StoreError

CHARS_CSV = LABELS
DIACRITIC_SUFFIX = "_diacritic"
CORRECTED = "corrected"
"""Stands among the tags of glyphs for a label that a person has corrected."""
FORMS = {"_isol": "isolated", "_init": "initial", "_medi": "medial", "_fina": "final"}
"""Suffixes of labels → joining forms."""


@dataclass(frozen=True)
class LabelMap:
    """Labels in class order, each with its character; all tuples have the same length."""

    labels: tuple[str, ...]
    base: tuple[str, ...]
    """Base Unicode: the character itself, several for a ligature. Forms of one letter share it."""
    char_class: tuple[str, ...]
    twin_of: tuple[str, ...]
    """Label that most fonts draw identically, or empty."""
    codepoint: tuple[str, ...]
    """``U+0644`` or ``U+0644+U+0671``."""

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def index(self) -> dict[str, int]:
        """Label → class index."""
        return {label: i for i, label in enumerate(self.labels)}

    @cached_property
    def twin_bases(self) -> dict[str, set[str]]:
        """Base → bases of the twins of its labels, with itself."""
        groups: dict[int, set[str]] = {}
        for base, twins in zip(self.base, self.twin_index.tolist(), strict=True):
            groups.setdefault(twins, set()).add(base)
        found: dict[str, set[str]] = {}
        for group in groups.values():
            for base in group:
                found.setdefault(base, set()).update(group)
        return found

    @cached_property
    def base_index(self) -> np.ndarray:
        """int32 [classes]: equal for labels of one base Unicode."""
        number: dict[str, int] = {}
        return np.array([number.setdefault(base, len(number)) for base in self.base], dtype=np.int32)

    @cached_property
    def forms_of(self) -> list[list[int]]:
        """For each class, the classes of the same base Unicode, itself among them."""
        forms: dict[str, list[int]] = {}
        for label, base in enumerate(self.base):
            forms.setdefault(base, []).append(label)
        return [forms[base] for base in self.base]

    @cached_property
    def twin_index(self) -> np.ndarray:
        """int32 [classes]: equal for labels that are twins of each other (the transitive closure of the pairs). Letters
        with the same marks on twins are twins too, such as Ё and Ë: fonts place these marks a little differently."""
        group = np.arange(len(self), dtype=np.int32)
        for i, confusable in enumerate(self.twin_of):
            if confusable in self.index:
                group[group == group[i]] = group[self.index[confusable]]
        only = {self.base[i]: i for i, forms in enumerate(self.forms_of) if len(forms) == 1}
        marked: dict[tuple[int, str], int] = {}
        for base, i in only.items():
            letter, marks = (decomposed := unicodedata.normalize("NFD", base))[:1], decomposed[1:]
            if marks and letter in only:
                first = marked.setdefault((int(group[only[letter]]), marks), i)
                if first != i:
                    group[group == group[i]] = group[first]
        return group

    @cached_property
    def is_diacritic(self) -> np.ndarray:
        """bool [classes]."""
        return np.array([label.endswith(DIACRITIC_SUFFIX) for label in self.labels])

    @cached_property
    def subsets(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Names of the kinds of label and bool [classes, kinds]: each character class, Arabic, several characters."""
        kinds = {name: np.array(self.char_class) == name for name in sorted(set(self.char_class) - {""})}
        kinds["arabic"] = np.array([any(is_arabic(character) for character in base) for base in self.base])
        kinds["several"] = np.array([len(base) > 1 for base in self.base])
        return tuple(kinds), np.stack(list(kinds.values()), 1)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of labels and base characters in class order; label maps with the same hash are interchangeable."""
        text = "\n".join(f"{label}\t{base}" for label, base in zip(self.labels, self.base, strict=True))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_plain(self) -> dict[str, list[str]]:
        """Return plain lists, for a checkpoint or a JSON file; equal words are one object, which pickle stores once."""
        columns = {
            "label": self.labels,
            "base_unicode": self.base,
            "char_class": self.char_class,
            "twin_of": self.twin_of,
            "codepoint": self.codepoint,
        }
        return {name: list(map(sys.intern, words)) for name, words in columns.items()}

    @classmethod
    def from_plain(cls, plain: dict[str, list[str]]) -> LabelMap:
        """Make a label map from the result of :meth:`to_plain`. Raises StoreError where a column is missing, or where
        columns are inconsistent."""
        names = ("label", "base_unicode", "char_class", "twin_of", "codepoint")
        columns = [plain.get(name) for name in names] if isinstance(plain, dict) else [None]
        words = all(isinstance(column, (list, tuple)) and all(type(w) is str for w in column) for column in columns)
        if not words or len({len(column or ()) for column in columns}) != 1:
            raise StoreError("The label map is malformed: its columns are not texts of the same length.")
        if not columns[0] or len(set(columns[0])) != len(columns[0]):
            raise StoreError("The label map is malformed: it is empty, or contains a label twice.")
        return cls(
            labels=tuple(plain["label"]),
            base=tuple(plain["base_unicode"]),
            char_class=tuple(plain["char_class"]),
            twin_of=tuple(plain["twin_of"]),
            codepoint=tuple(plain["codepoint"]),
        )


@lru_cache(maxsize=8)
def load_labels(path: Path = CHARS_CSV) -> LabelMap:
    """Read ``chars.csv``.

    ``label`` and ``base_unicode`` are required; the other columns are empty when they are missing. Raises StoreError
    when the file is missing, unreadable or lacks a required column.
    """
    first: dict[str, dict[str, str]] = {}
    for row in _rows(path):
        first.setdefault(row["label"], row)
    names = ("label", "base_unicode", "char_class", "twin_of", "codepoint")
    return LabelMap.from_plain({name: [row.get(name, "") for row in first.values()] for name in names})


def joining_groups(path: Path) -> dict[str, str]:
    """Return label → Arabic joining group (Unicode's ``ArabicShaping.txt``), empty where the file has none.

    Raises StoreError as :func:`load_labels` does.
    """
    return {row["label"]: row.get("joining_group", "") for row in _rows(path)}


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, restval="", strict=True)
            columns, rows = table.fieldnames or (), list(table)
    except FileNotFoundError as error:
        raise StoreError(f"{path} does not exist.", subject=path, remedy="Restore it from the repository.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise StoreError(f"{path} is not a UTF-8 CSV file: {error}", subject=path) from error
    if not columns:
        raise StoreError(f"{path} is not a UTF-8 CSV file: it is empty.", subject=path)
    for column in ("label", "base_unicode"):
        if column not in columns:
            raise StoreError(f"{path} has no column {column!r}.", subject=path, remedy="Name it in the first line.")
    return rows


def codepoints(text: str) -> str:
    """Return ``U+0644+U+0671`` for a text: the notation beside the picture of a character."""
    return "+".join(f"U+{ord(character):04X}" for character in text)


def is_arabic(character: str) -> bool:
    """Return whether the name of a character is Arabic."""
    return "ARABIC" in unicodedata.name(character, "")


def form_of(label: str) -> str:
    """Return ``isolated``, ``initial``, ``medial``, ``final``, or empty for a label without forms."""
    return FORMS.get(label[-5:], "")


JOINER = "\u200d"
TATWEEL, DOTTED_CIRCLE = "\u0640", "\u25cc"
JOINED = {"_init": ("", JOINER), "_medi": (JOINER, JOINER), "_fina": (JOINER, "")}
"""Suffixes of labels → joiners before and after the character. A form is shown with joiners and a mark on a carrier:
a mark without carrier is unreadable and an Arabic form needs its context."""


def readable_character(base: str, label: str) -> str:
    """Return a readable character: with its joining form, a single mark on a carrier, empty for an invisible
    character."""
    if not base or any(unicodedata.category(character)[0] in "ZC" for character in base):
        return "␣" if base and base.isspace() else ""
    if all(unicodedata.category(character).startswith("M") for character in base):
        arabic = any("ARABIC" in unicodedata.name(character, "") for character in base)
        return (TATWEEL if arabic else DOTTED_CIRCLE) + base
    before, after = JOINED.get(label[-5:], ("", ""))
    return before + base + after


def readable_label(label: str) -> str:
    """Convert ``beh_init`` to ``beh · initial``, and ``fatha_diacritic`` to ``fatha · mark``."""
    for suffix, form in FORMS.items():
        if label.endswith(suffix):
            return f"{label.removesuffix(suffix).replace('_', ' ')} · {form}"
    if label.endswith("_diacritic"):
        return f"{label.removesuffix('_diacritic').replace('_', ' ')} · mark"
    return label.replace("_", " ")
