"""A strict parser of ToUnicode CMaps, which accepts only files that follow the specification."""

from __future__ import annotations

import re

HEAD = (
    *("/CIDInit", "/ProcSet", "findresource", "begin", "12", "dict", "begin", "begincmap", "/CIDSystemInfo", "<<"),
    *("/Registry", "(Adobe)", "/Ordering", "(UCS)", "/Supplement", "0", ">>", "def"),
    *("/CMapName", "/Adobe-Identity-UCS", "def", "/CMapType", "2", "def"),
)


TAIL = ("endcmap", "CMapName", "currentdict", "/CMap", "defineresource", "pop", "end", "end")


def parsed(cmap: str, width: int = 2) -> dict[int, str]:
    """Parse a ToUnicode CMap of codes of ``width`` bytes strictly: every token must be in its place."""
    assert cmap.isascii()
    tokens = re.findall(r"<<|>>|<[^<>]*>|\([^)]*\)|/?[^\s<>()/]+", cmap)
    assert "".join(tokens) == re.sub(r"\s+", "", cmap), "something that is no token"
    assert tuple(tokens[: len(HEAD)]) == HEAD
    assert tuple(tokens[-len(TAIL) :]) == TAIL
    rest = tokens[len(HEAD) : -len(TAIL)]
    assert rest[:5] == ["1", "begincodespacerange", f"<{'00' * width}>", f"<{'FF' * width}>", "endcodespacerange"]
    rest = rest[5:]
    found: dict[int, str] = {}
    while rest:
        count = int(rest[0])
        assert 1 <= count <= 100
        assert rest[1] == "beginbfchar"
        for code, text in zip(rest[2 : 2 + 2 * count : 2], rest[3 : 3 + 2 * count : 2], strict=True):
            assert re.fullmatch(f"<[0-9A-F]{{{2 * width}}}>", code)
            assert re.fullmatch("<([0-9A-F]{4})+>", text)
            glyph = int(code[1:-1], 16)
            assert glyph > max(found, default=-1), "codes ascend and come once"
            found[glyph] = bytes.fromhex(text[1:-1]).decode("utf-16-be")
        assert rest[2 + 2 * count] == "endbfchar"
        rest = rest[3 + 2 * count :]
    return found
