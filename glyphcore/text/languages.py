"""Tables of a language, some 90 kilobytes each: its commonest words and its letter trigrams.

The cost of a word is the smaller of two costs: by its frequency in the list, or by its letters, each given the two
letters before. Words are folded first (:func:`folded`), because word lists contain what people type: small letters,
Arabic and Hebrew without vowel signs.
"""

from __future__ import annotations

import lzma
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from glyphcore.config import SHIPPED
from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing

FOLDER = SHIPPED / "dataset" / "languages"
ARABIC, LATIN, CYRILLIC, GREEK, HEBREW = "arabic", "latin", "cyrillic", "greek", "hebrew"
SCRIPTS = (ARABIC, HEBREW, LATIN, CYRILLIC, GREEK)
"""Scripts with word lists; where a word has as many letters of two scripts, the first of them decides."""
RIGHT_TO_LEFT = (ARABIC, HEBREW)
LISTED = 0.75
"""Probability that a word is in the list, as opposed to spelled by its letters."""
UNITS = 12.0
"""Number of stored steps per nat."""
OUTSIDE = 9.0
"""Cost in nats of a letter that the language does not have."""
BOUNDARY = 0
"""Index of the boundary of a word."""
DOTTED = ("tr", "az")
"""Languages in which I is the capital of ı."""
LARGEST = 1 << 24
"""Largest number of bytes of an unpacked word list."""
_DROPPED = dict.fromkeys(map(ord, "\u0640\u200c\u200d\u200e\u200f\u00ad"))


_BLOCKS = (
    (0x0041, 0x0250, LATIN), (0x1E00, 0x1F00, LATIN), (0x0370, 0x0400, GREEK), (0x1F00, 0x2000, GREEK),
    (0x0400, 0x0530, CYRILLIC), (0x05D0, 0x05EB, HEBREW), (0x0620, 0x06D4, ARABIC), (0x06D5, 0x06D6, ARABIC),
    (0x06EE, 0x0780, ARABIC),
)  # fmt: skip
"""First code, first code after the block, script of its letters."""


@lru_cache(maxsize=8192)
def script_of(character: str) -> str:
    """Return one of :data:`SCRIPTS` for a letter of these scripts, empty for any other character."""
    if not character.isalpha():
        return ""
    code = ord(character)
    return next((script for first, end, script in _BLOCKS if first <= code < end), "")


def folded(word: str, language: str = "") -> str:
    """Return a word in the form of the lists: small letters, composed, without joiners; Arabic and Hebrew also without
    vowel signs."""
    word = unicodedata.normalize("NFC", word.translate(_DROPPED))
    if any(script_of(letter) in RIGHT_TO_LEFT for letter in word):
        return "".join(letter for letter in word if not unicodedata.combining(letter))
    if language in DOTTED:
        word = word.replace("İ", "i").replace("I", "ı")
    return unicodedata.normalize("NFC", word.lower())


@dataclass(frozen=True)
class Language:
    """The tables of one language."""

    name: str
    script: str
    alphabet: str
    """Letters of the language; the first has index 1."""
    trigrams: np.ndarray
    """uint8 [A, A, A] for letters and :data:`BOUNDARY`: cost of the third letter after two letters, in 1/:data:`UNITS`
    nat."""
    packed: bytes
    """The word list, compressed."""
    costs: np.ndarray
    """uint8 [words]: cost of each word, in quarters of a nat."""

    @cached_property
    def words(self) -> dict[str, float]:
        """Word → cost in nats."""
        words = _unpack(self.packed).decode("utf-8").split("\n")
        if len(words) != len(self.costs):
            raise StoreError(f"The words of {self.name} are damaged.", remedy="Restore dataset/languages.")
        return dict(zip(words, (self.costs / 4).tolist(), strict=True))

    @cached_property
    def _index(self) -> dict[str, int]:
        return {letter: i + 1 for i, letter in enumerate(self.alphabet)}

    @cached_property
    def _flat(self) -> bytes:
        return self.trigrams.tobytes()

    def spelled(self, word: str) -> float:
        """Return the cost of a folded word by its letters, in nats."""
        index, flat, size = self._index, self._flat, self.trigrams.shape[0]
        before, last, cost, outside = BOUNDARY, BOUNDARY, 0, 0
        for letter in word:
            now = index.get(letter, -1)
            if now < 0:
                outside += 1
                now = BOUNDARY
            else:
                cost += flat[(before * size + last) * size + now]
            before, last = last, now
        return (cost + flat[(before * size + last) * size + BOUNDARY]) / UNITS + OUTSIDE * outside

    def cost(self, word: str) -> float:
        """Return the cost of a folded word, in nats."""
        spelled = self.spelled(word) - _LETTERS
        listed = self.words.get(word)
        return spelled if listed is None else min(spelled, listed - _LIST)

    def of(self, run: str) -> float:
        """Return the cost of a word as it is written, in nats."""
        return self.cost(folded(run, self.name))

    def save(self, path: Path) -> None:
        """Write the tables as ``.npz``."""
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(
                file, about=np.array([self.name, self.script, self.alphabet]),
                trigrams=np.frombuffer(_pack(self.trigrams.tobytes()), np.uint8),
                words=np.frombuffer(self.packed, np.uint8), costs=self.costs,
            )  # fmt: skip


@dataclass(frozen=True)
class Languages:
    """Two languages of one script, for a text with words of both."""

    parts: tuple[Language, ...]

    @property
    def name(self) -> str:
        """Names of the languages, separated by commas."""
        return ",".join(part.name for part in self.parts)

    def of(self, run: str) -> float:
        """Return the cost of a word as it is written, in nats: by the cheaper language, plus the choice between the
        languages."""
        return min(part.of(run) for part in self.parts) + float(np.log(len(self.parts)))


Spelling = Language | Languages
"""Models that can give the cost of words of a script."""
_LETTERS, _LIST = float(np.log(1 - LISTED)), float(np.log(LISTED))


def packed(words: list[str]) -> bytes:
    """Return a word list as it is stored in the file."""
    return _pack("\n".join(words).encode("utf-8"))


def _pack(data: bytes) -> bytes:
    return lzma.compress(data, format=lzma.FORMAT_XZ, preset=9 | lzma.PRESET_EXTREME)


def _unpack(data: bytes) -> bytes:
    """Decompress at most :data:`LARGEST` bytes; raises ValueError for damaged data."""
    try:
        return lzma.LZMADecompressor(memlimit=1 << 28).decompress(data, LARGEST)
    except lzma.LZMAError as error:
        raise ValueError("packed") from error


@lru_cache(maxsize=64)
def load(name: str, folder: Path = FOLDER) -> Language:
    """Return the tables of a language. Raises StoreError for a missing language, or a file of another format."""
    with _arrays(name, folder) as arrays:
        label, script, alphabet = (str(value) for value in arrays["about"])
        size, costs = len(alphabet) + 1, arrays["costs"]
        trigrams = np.frombuffer(_unpack(arrays["trigrams"].tobytes()), np.uint8).reshape(size, size, size)
        if costs.dtype != np.uint8:
            raise ValueError("costs")
        return Language(label, script, alphabet, trigrams, arrays["words"].astype(np.uint8).tobytes(), costs)


@lru_cache(maxsize=64)
def script_of_language(name: str, folder: Path = FOLDER) -> str:
    """Return the script of a language without unpacking its tables. Raises StoreError as :func:`load` does."""
    with _arrays(name, folder) as arrays:
        _, script, _ = (str(value) for value in arrays["about"])
        return script


@contextmanager
def _arrays(name: str, folder: Path) -> Iterator[Mapping[str, np.ndarray]]:
    path = folder / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            yield arrays
    except CORRUPT_FILE_ERRORS as error:
        raise StoreError(
            f"{path} holds no language.", subject=path, remedy="Make it: glyphcore words build."
        ) from error


@lru_cache(maxsize=1)
def known(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of all languages with tables."""
    return tuple(sorted(path.stem for path in folder.glob("*.npz")))
