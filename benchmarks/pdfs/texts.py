"""Texts for the PDFs: written for this benchmark, so that they are in no word list and in no training data."""

from __future__ import annotations

import json
from pathlib import Path

TEXTS: dict[str, tuple[str, ...]] = {
    language: tuple(paragraphs)
    for language, paragraphs in json.loads((Path(__file__).parent / "texts.json").read_text(encoding="utf-8")).items()
}
"""Language → its paragraphs."""
ARABIC = ("ar", "fa", "ur", "ps", "ckb", "ug")
UNLISTED = ("fi", "cy")
"""Languages for which the project has no word list: the list of another language may not make them worse."""
