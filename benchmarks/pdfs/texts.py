"""Texts for the PDFs: written for this benchmark, so that they are in no word list and in no training data."""

from __future__ import annotations

import json
from pathlib import Path


def _texts(name: str) -> dict[str, tuple[str, ...]]:
    texts = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return {language: tuple(paragraphs) for language, paragraphs in texts.items()}


TEXTS = _texts("texts.json")
"""Language → its paragraphs, in scripts of the first 1,216 labels."""
WIDE_TEXTS = _texts("texts-wide.json")
"""Language → its paragraphs, in further scripts; two languages with a plus have a paragraph each."""
ARABIC = ("ar", "fa", "ur", "ps", "ckb", "ug")
UNLISTED = ("fi", "cy")
"""Languages for which the project has no word list: the list of another language may not make them worse."""
