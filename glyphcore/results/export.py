"""A selection as a file: CSV for spreadsheets, JSONL for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain

from glyphcore.files import spreadsheet
from glyphcore.results.browse import COLUMNS, ResultRow


def to_csv(rows: Iterable[ResultRow]) -> str:
    """Return CSV as :func:`glyphcore.files.spreadsheet` writes it; values such as the glyph ``=`` get an apostrophe."""
    return "".join(spreadsheet(chain([COLUMNS], (asdict(row).values() for row in rows))))


def to_jsonl(rows: Iterable[ResultRow]) -> str:
    """Return one JSON object per line, with the columns as keys and unescaped text."""
    return "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
