"""Texts to set: written for this benchmark, so that no word list and no model has seen them."""

from __future__ import annotations

import json
from pathlib import Path

TEXTS: dict[str, tuple[str, ...]] = {
    language: tuple(paragraphs)
    for language, paragraphs in json.loads((Path(__file__).parent / "texts.json").read_text(encoding="utf-8")).items()
}
"""Language → its paragraphs."""
ARABIC = ("ar", "fa", "ur", "ps", "ckb", "ug")
UNLISTED = ("ps", "ug", "fi", "cy")
"""Languages without a word list of ours: no list of another one may make them worse."""
