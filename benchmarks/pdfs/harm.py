"""Harm PDFs: strip their ToUnicode, or permute its texts."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from glyphcore.audit.tounicode import to_unicode
from glyphcore.pdf import cmaps

STRIPPED, PERMUTED = "stripped", "permuted"
HARMS = (STRIPPED, PERMUTED)


def harm(source: Path, out: Path, how: str, seed: str) -> int:
    """Write a copy of ``source`` and return the number of changed fonts. Type 3 glyphs lose their names when stripped,
    and simple fonts whose encoding names the characters keep them."""
    changed = 0
    with pikepdf.open(source) as pdf:
        for value in pdf.objects:
            if not (isinstance(value, Dictionary) and value.get("/Type") == "/Font" and "/ToUnicode" in value):
                continue
            changed += 1
            if how == STRIPPED:
                del value["/ToUnicode"]
                if value["/Subtype"] == "/Type3":
                    _unname(value)
            else:
                _permute(pdf, value, seed)
        pdf.save(out)
    return changed


def _permute(pdf: pikepdf.Pdf, font: Any, seed: str) -> None:
    texts = cmaps.parse(font["/ToUnicode"].read_bytes()).texts
    codes = [code for code, text in texts.items() if text.strip()]
    values = [texts[code] for code in codes]
    random.Random(seed).shuffle(values)
    texts |= dict(zip(codes, values, strict=True))
    width = 2 if font["/Subtype"] == "/Type0" else 1
    font["/ToUnicode"] = pdf.make_stream(to_unicode(texts, width).encode())


def _unname(font: Any) -> None:
    names = {str(key): f"/g{i}" for i, key in enumerate(font["/CharProcs"].keys())}
    font["/CharProcs"] = Dictionary({names[str(key)]: value for key, value in font["/CharProcs"].items()})
    named = [Name(names.get(str(item), str(item))) if isinstance(item, Name) else item
             for item in font["/Encoding"]["/Differences"]]  # fmt: skip
    font["/Encoding"]["/Differences"] = Array(named)
