"""A selection as a file: CSV for spreadsheets, JSONL for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain

from glyphcore.files import spreadsheet
from glyphcore.results.browse import COLUMNS, ResultRow


def to_csv(rows: Iterable[ResultRow]) -> str:
    """CSV as :func:`glyphcore.files.spreadsheet` writes it; the glyph ``=`` is among what gets an apostrophe."""
    return "".join(spreadsheet(chain([COLUMNS], (asdict(row).values() for row in rows))))


def to_jsonl(rows: Iterable[ResultRow]) -> str:
    """One JSON object a line, the columns as keys, text as it is."""
    return "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
