"""An audit as one HTML file to send to a colleague: counts first, then glyphs by verdict, worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import PurePath

import numpy as np

from glyphcore.audit.findings import MEANING, VERDICTS, Finding, summary, worst_first
from glyphcore.data.labels import LabelMap
from glyphcore.data.sheet import head, letter, picture, row
from glyphcore.progress import counted


def sheet(findings: Sequence[Finding], raster: Callable[[Finding], np.ndarray], labels: LabelMap, rows: int) -> str:
    """Return the page. ``raster`` returns the packed raster uint8 [2048] of a finding; ``rows``: number of glyphs shown
    per verdict."""
    return "\n".join(_page(findings, raster, labels, rows)) + "\n"


def _page(
    findings: Sequence[Finding], raster: Callable[[Finding], np.ndarray], labels: LabelMap, rows: int
) -> Iterator[str]:
    counts = summary(findings)
    several = "all" in counts
    yield head("Font audit")
    yield f"<h1>Font audit: {len(findings):,} glyphs of {counted(len(counts) - several, 'font')}</h1>"
    yield row(["font", "glyphs", *VERDICTS], head=True, numbers=range(1, 2 + len(VERDICTS)), opens="<table>")
    for file, count in counts.items():
        shares = [
            f"{count[verdict]:,} <span class=dim>{count[verdict] / count['n']:.1%}</span>" for verdict in VERDICTS
        ]
        yield row([escape(file), f"{count['n']:,}", *shares], numbers=range(1, 2 + len(VERDICTS)))
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
            "font maps",
            "model predicts",
            "p model",
            "p font",
            "next",
        ]
        yield row(heads, head=True, numbers=range(4 + several, 6 + several), opens="<table>")
        for finding in verdict_findings[:rows]:
            yield _finding(finding, raster(finding), labels, several)
        yield "</table></details>" if folded else "</table>"
    yield "</html>"


def _finding(finding: Finding, packed: np.ndarray, labels: LabelMap, several: bool) -> str:
    known = dict.fromkeys((labels.base[i], labels.labels[i]) for i in finding.mapping.labels)
    mapped = known or dict.fromkeys((chr(code), "") for code in finding.mapping.characters)
    others = [i for i in finding.top if i != finding.predicted][:2]
    others_p = dict(zip(finding.top, finding.top_p, strict=True))
    cells = [
        picture(packed),
        f"{finding.glyph_id} <span class=dim>{escape(finding.name)}</span>",
        *([f'<span title="{escape(finding.file)}">{escape(PurePath(finding.file).name)}</span>'] if several else []),
        "<br>".join(letter(base, label) for base, label in mapped) or "–",
        "OUTSIDE" if finding.is_outside else letter(labels.base[finding.predicted], labels.labels[finding.predicted]),
        f"{finding.outside if finding.is_outside else finding.p:.3f}",
        f"{finding.claim_p:.3f}" if finding.mapping.labels else "–",
        "<br>".join(f"<small>{escape(labels.labels[i])} {others_p[i]:.3f}</small>" for i in others),
    ]
    return row(cells, numbers=range(4 + several, 6 + several))
