"""CMaps of PDFs: from bytes to codes, and from codes to characters (``ToUnicode``) or character identifiers.

The parser is tolerant, like PDF readers: it skips what it cannot parse, and no content of a file makes it run long.
References: PDF 32000-1, 9.7.5 and 9.10.3; Adobe technical notes 5014 and 5411.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST = 200_000
"""Largest number of entries of a CMap."""
RANGE = 65_536
"""Largest number of codes of one range."""
_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|([\[\]])|(-?\d+)|/?([A-Za-z][\w.+-]*)|%[^\r\n]*")
Token = bytes | int | str
"""A token: a hexadecimal string as bytes, a number, or an operator or bracket."""


@dataclass
class CMap:
    """The content of a CMap; codes of any length are numbers."""

    spaces: list[tuple[int, int, int]] = field(default_factory=list)
    """Ranges of codes: the number of bytes of a code, the first code and the last code."""
    texts: dict[int, str] = field(default_factory=dict)
    cids: dict[int, int] = field(default_factory=dict)
    uses: str = ""
    """Name of the CMap that this CMap extends."""

    def codes(self, data: bytes) -> list[int]:
        """Split the bytes of a shown string into codes. Bytes that fit no range are read in the shortest length that
        exists."""
        spaces = self.spaces or [(2, 0, 0xFFFF)]
        lengths = sorted({length for length, _, _ in spaces})
        if len(lengths) == 1:
            n = lengths[0]
            return [int.from_bytes(data[i : i + n]) for i in range(0, len(data) - n + 1, n)]
        found, at = [], 0
        while at < len(data):
            for n in lengths:
                code = int.from_bytes(data[at : at + n])
                if any(length == n and _within(code, low, high, n) for length, low, high in spaces):
                    break
            else:
                n, code = lengths[0], int.from_bytes(data[at : at + lengths[0]])
            found.append(code)
            at += n
        return found

    @property
    def uniform(self) -> bool:
        """Whether all codes are of one length."""
        return len({length for length, _, _ in self.spaces}) <= 1

    @property
    def width(self) -> int:
        """Number of bytes of a code; the longest where there are several lengths."""
        return max((length for length, _, _ in self.spaces), default=2)


def _within(code: int, low: int, high: int, length: int) -> bool:
    """Whether each byte lies in its range, which is how code spaces are defined."""
    return all(
        low >> 8 * i & 0xFF <= code >> 8 * i & 0xFF <= high >> 8 * i & 0xFF for i in range(length)
    )  # fmt: skip


def parse(data: bytes) -> CMap:
    """Read a CMap; parts that cannot be read are left out."""
    cmap = CMap()
    tokens = _tokens(data)
    section, start = "", 0
    for i, token in enumerate(tokens):
        if not isinstance(token, str):
            continue
        if token == "usecmap" and i and isinstance(tokens[i - 1], str):
            cmap.uses = str(tokens[i - 1])
        elif token.startswith("begin"):
            section, start = token[5:], i + 1
        elif token.startswith("end") and token[3:] == section:
            _SECTIONS.get(section, _nothing)(tokens[start:i], cmap)
            section = ""
    return cmap


def _tokens(data: bytes) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(data):
        text, bracket, number, word = match.groups()
        if text is not None:
            digits = re.sub(rb"\s", b"", text)
            tokens.append(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()))
        elif bracket:
            tokens.append(bracket.decode())
        elif number:
            tokens.append(int(number[:12]))
        elif word:
            tokens.append(word.decode())
        if len(tokens) > 8 * MOST:
            break
    return tokens


def text_of(data: bytes) -> str:
    """Decode UTF-16BE; returns an empty text for half a character, for NUL and for codes that stand for no
    character."""
    text = (data if len(data) % 2 == 0 else b"\0" + data).decode("utf-16-be", "replace")
    return "".join(character for character in text if character not in "\0\ufffd\ufffe\uffff")


def _nothing(tokens: list[Token], cmap: CMap) -> None:
    pass


def _spaces(tokens: list[Token], cmap: CMap) -> None:
    for low, high in zip(tokens[::2], tokens[1::2], strict=False):
        if isinstance(low, bytes) and isinstance(high, bytes) and 1 <= len(low) <= 4 and len(cmap.spaces) < 100:
            cmap.spaces.append((len(low), int.from_bytes(low), int.from_bytes(high)))


def _bfchar(tokens: list[Token], cmap: CMap) -> None:
    for code, text in zip(tokens[::2], tokens[1::2], strict=False):
        if isinstance(code, bytes) and isinstance(text, bytes) and len(cmap.texts) < MOST:
            cmap.texts[int.from_bytes(code)] = text_of(text)


def _bfrange(tokens: list[Token], cmap: CMap) -> None:
    at = 0
    while at + 2 < len(tokens):
        low, high, to = tokens[at : at + 3]
        at += 3
        if not isinstance(low, bytes) or not isinstance(high, bytes):
            continue
        first, last = int.from_bytes(low), min(int.from_bytes(high), int.from_bytes(low) + RANGE - 1)
        if to == "[":
            texts = []
            while at < len(tokens) and tokens[at] != "]":
                texts.append(tokens[at])
                at += 1
            at += 1
            for code, text in zip(range(first, last + 1), texts, strict=False):
                if isinstance(text, bytes) and len(cmap.texts) < MOST:
                    cmap.texts[code] = text_of(text)
        elif isinstance(to, bytes):
            for k in range(min(last - first + 1, MOST - len(cmap.texts))):
                cmap.texts[first + k] = text_of(_plus(to, k))


def _plus(text: bytes, k: int) -> bytes:
    """Return a text whose last character is raised by ``k`` (note 5411: the last byte counts up; readers carry)."""
    last = text[-2:]
    return text[:-2] + ((int.from_bytes(last) + k) & 0xFFFF).to_bytes(2)


def _cidchar(tokens: list[Token], cmap: CMap) -> None:
    for code, cid in zip(tokens[::2], tokens[1::2], strict=False):
        if isinstance(code, bytes) and isinstance(cid, int) and len(cmap.cids) < MOST:
            cmap.cids[int.from_bytes(code)] = cid


def _cidrange(tokens: list[Token], cmap: CMap) -> None:
    for low, high, cid in zip(tokens[::3], tokens[1::3], tokens[2::3], strict=False):
        if isinstance(low, bytes) and isinstance(high, bytes) and isinstance(cid, int):
            first = int.from_bytes(low)
            count = min(int.from_bytes(high) - first + 1, RANGE, MOST - len(cmap.cids))
            cmap.cids |= {first + k: cid + k for k in range(count)}


_SECTIONS = {
    "codespacerange": _spaces, "bfchar": _bfchar, "bfrange": _bfrange, "cidchar": _cidchar, "cidrange": _cidrange,
}  # fmt: skip
