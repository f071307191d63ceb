"""``glyphcore pdf inspect``: print one line per font of PDFs, or one line of JSON per file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from glyphcore.config.pdf import PdfInspectConfig
from glyphcore.pdf.files import Outcome, Request, each_file
from glyphcore.progress import Progress, Silent, counted

COLUMNS = ("readers", "tounicode", "actual", "encoding", "names", "cmap")


def run(config: PdfInspectConfig, progress: Progress | None = None) -> tuple[Iterator[str], Outcome]:
    """Return an iterator of lines, and the outcome of the files, which is complete when the lines have ended.

    Raises GlyphError when the only file cannot be read.
    """
    outcome = Outcome()

    def lines() -> Iterator[str]:
        for answer in each_file(config, progress or Silent(), partial(_request, config.password), outcome):
            if config.json:
                yield json.dumps(answer, ensure_ascii=False)
            else:
                yield from _lines(answer)

    return lines(), outcome


def _request(password: str, path: Path) -> Request:
    return {"do": "inspect", "password": password}


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    if not answer["fonts"]:
        yield f"{answer['file']}: shows no text"
    for font in answer["fonts"]:
        sources = ", ".join(filter(None, (_told(font, source) for source in COLUMNS)))
        snag = f"; {font['snag']}" if font["snag"] and font["snag"] != font["verdict"] else ""
        snag += "; its glyphs look like no known characters" if font["lies"] and not font["legible"] else ""
        yield (
            f"{answer['file']}: {font['verdict']:<12} {font['font']} ({font['kind']}), "
            f"{counted(font['glyphs'], 'glyph')} shown {counted(font['shown'], 'time')}, "
            f"{font['covered']:.0%} with text{'; ' if sources else ''}{sources}{snag}"
        )
    lying = [page for page in answer["pages"] if page["untrusted"]]
    if lying:
        worst = max(lying, key=lambda page: page["share"])
        yield (
            f"{answer['file']}: {len(lying)} of {counted(len(answer['pages']), 'page')} "
            f"{'has' if len(lying) == 1 else 'have'} unreliable text, "
            f"most on page {worst['page']}: {worst['share']:.0%}"
        )


def _told(font: dict[str, Any], source: str) -> str:
    found = font["sources"].get(source)
    return f"{source} {found['agreed']}/{found['judged']} agree" if found and found["judged"] else ""
