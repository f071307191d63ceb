"""An audit as one HTML file to send to a colleague: no script, no other file, light and dark.

Counts first, then the glyphs a verdict, worst first. A letter stands beside its code points, because a lone mark or an
unknown script is unreadable; a mark stands on a dotted circle.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from pathlib import PurePath

import numpy as np

from glyphcore.audit.findings import MEANING, VERDICTS, Finding, summary, worst_first
from glyphcore.data.labels import LabelMap, codepoints
from glyphcore.data.raster import png
from glyphcore.progress import counted

STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } h2 small, .dim { opacity: .7; font-weight: 400; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: middle; }
td { overflow-wrap: anywhere; }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.letter { font-size: 1.5rem; margin-right: .4rem; }
img { display: block; width: 56px; height: 56px; image-rendering: pixelated; }
@media (prefers-color-scheme: dark) { img { filter: invert(1); } }
summary { cursor: pointer; }
"""


def sheet(findings: Sequence[Finding], raster: Callable[[Finding], np.ndarray], labels: LabelMap, rows: int) -> str:
    """Return the page. ``raster``: a finding's packed raster uint8 [2048]; ``rows``: glyphs shown of each verdict."""
    return "\n".join(_page(findings, raster, labels, rows)) + "\n"


def _page(
    findings: Sequence[Finding], raster: Callable[[Finding], np.ndarray], labels: LabelMap, rows: int
) -> Iterator[str]:
    counts = summary(findings)
    several = "all" in counts
    yield '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Font audit</title>'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}</style>'
    yield f"<h1>Font audit: {len(findings):,} glyphs of {counted(len(counts) - several, 'font')}</h1>"
    yield _row(["font", "glyphs", *VERDICTS], head=True, numbers=range(1, 2 + len(VERDICTS)), opens="<table>")
    for file, count in counts.items():
        shares = [
            f"{count[verdict]:,} <span class=dim>{count[verdict] / count['n']:.1%}</span>" for verdict in VERDICTS
        ]
        yield _row([escape(file), f"{count['n']:,}", *shares], numbers=range(1, 2 + len(VERDICTS)))
    yield "</table>"
    by_verdict: dict[str, list[Finding]] = {}
    for finding in worst_first(findings):
        by_verdict.setdefault(finding.verdict, []).append(finding)
    for verdict, verdict_findings in by_verdict.items():
        shown = "" if len(verdict_findings) <= rows else f", the first {rows:,} shown"
        title = f"{verdict} <small>{len(verdict_findings):,}{shown}: {MEANING[verdict]}</small>"
        folded = verdict == "agrees"
        yield f"<details><summary>{title}</summary>" if folded else f"<h2>{title}</h2>"
        heads = [
            "",
            "glyph",
            *(["font file"] if several else []),
            "font says",
            "model says",
            "p model",
            "p font",
            "next",
        ]
        yield _row(heads, head=True, numbers=range(4 + several, 6 + several), opens="<table>")
        for finding in verdict_findings[:rows]:
            yield _finding(finding, raster(finding), labels, several)
        yield "</table></details>" if folded else "</table>"
    yield "</html>"


def _finding(finding: Finding, packed: np.ndarray, labels: LabelMap, several: bool) -> str:
    picture = base64.b64encode(png(packed)).decode()
    known = dict.fromkeys((labels.base[i], labels.labels[i]) for i in finding.mapping.labels)
    mapped = known or dict.fromkeys((chr(code), "") for code in finding.mapping.characters)
    others = [i for i in finding.top if i != finding.predicted][:2]
    others_p = dict(zip(finding.top, finding.top_p, strict=True))
    cells = [
        f'<img loading="lazy" alt="" src="data:image/png;base64,{picture}">',
        f"{finding.glyph_id} <span class=dim>{escape(finding.name)}</span>",
        *([f'<span title="{escape(finding.file)}">{escape(PurePath(finding.file).name)}</span>'] if several else []),
        "<br>".join(_letter(base, label) for base, label in mapped) or "–",
        "OUTSIDE" if finding.is_outside else _letter(labels.base[finding.predicted], labels.labels[finding.predicted]),
        f"{finding.outside if finding.is_outside else finding.p:.3f}",
        f"{finding.claim_p:.3f}" if finding.mapping.labels else "–",
        "<br>".join(f"<small>{escape(labels.labels[i])} {others_p[i]:.3f}</small>" for i in others),
    ]
    return _row(cells, numbers=range(4 + several, 6 + several))


def _letter(text: str, label: str) -> str:
    """Return a character to look at, its code points and its label."""
    visible = not any(unicodedata.category(character).startswith("C") for character in text)
    shown = f"◌{text}" if unicodedata.combining(text[0]) else text
    letter = f'<bdi class="letter">{escape(shown)}</bdi>' if visible else ""
    return f"{letter}{codepoints(text)} <span class=dim>{escape(label)}</span>"


def _row(cells: Iterable[str], *, head: bool = False, numbers: Iterable[int] = (), opens: str = "") -> str:
    tag, right = ("th" if head else "td"), set(numbers)
    inside = "".join(f"<{tag}{' class=n' if i in right else ''}>{cell}</{tag}>" for i, cell in enumerate(cells))
    return f"{opens}<tr>{inside}</tr>"
