"""``glyphcore db check``: validate a glyph database from any source."""

from __future__ import annotations

import json
from typing import Any

from glyphcore.config import CheckConfig
from glyphcore.data.cache import PngFolder
from glyphcore.data.health import Health, examine
from glyphcore.data.labels import load_labels
from glyphcore.data.store import GlyphStore
from glyphcore.progress import Progress


def run(config: CheckConfig, progress: Progress | None = None) -> Health:
    """Check every glyph of ``config.db``."""
    store = GlyphStore(config.db)
    return examine(store, load_labels(config.labels), PngFolder.of(config.db, config.rasters), progress)


def as_json(health: Health) -> str:
    """Return all findings as indented JSON; ``wrong`` tells whether there is an error."""
    content: dict[str, Any] = {
        "wrong": health.wrong,
        "glyphs": health.glyphs,
        "labels": health.labels,
        "fonts": health.fonts,
        "notes": health.notes,
        "findings": [
            {
                "kind": finding.kind,
                "wrong": finding.wrong,
                "count": finding.count,
                "what": finding.what,
                "examples": finding.examples,
            }
            for finding in health.findings
        ],
    }
    return json.dumps(content, indent=1, ensure_ascii=False)


def report(health: Health) -> str:
    """Return a line about the whole database, then the findings with their first examples, as Markdown."""
    lines = [f"{health.glyphs:,} glyphs, {health.labels:,} labels, {health.fonts:,} fonts"]
    lines += [f"Note: {note}" for note in health.notes]
    lines += ["", "| | n | | first |", "|---|---:|---|---|"]
    for finding in sorted(health.findings, key=lambda finding: (not finding.wrong, not finding.count)):
        sign = ("✗ wrong" if finding.wrong else "note") if finding.count else "✓"
        lines.append(f"| {sign} | {finding.count:,} | {finding.what} | {'; '.join(finding.examples)} |")
    return "\n".join(lines)
