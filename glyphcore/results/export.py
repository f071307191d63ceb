"""A selection as a file: CSV for spreadsheets, JSONL for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict

from glyphcore.files import harmless
from glyphcore.results.browse import COLUMNS, ResultRow


def to_csv(rows: Iterable[ResultRow]) -> str:
    """CSV with a header line and a byte order mark, without which spreadsheets misread Arabic.

    Text that a spreadsheet would run as a formula gets an apostrophe in front, the glyph ``=`` among it.
    """
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(value) for value in asdict(row).values()] for row in rows)
    return text.getvalue()


def to_jsonl(rows: Iterable[ResultRow]) -> str:
    """One JSON object a line, the columns as keys, text as it is."""
    return "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
