"""Results → figures: pure functions. Small figures are plain HTML, so that Browse loads no chart library."""

from __future__ import annotations

from collections.abc import Sequence

from glyphcore.results.buckets import BUCKETS
from glyphcore.results.selection import FacetValue


def confidence_bars(values: Sequence[FacetValue], low: float, high: float) -> str:
    """Return a facet ``confidence`` as HTML: a bar per tenth, right above wrong above unknown labels; tenths outside
    the range are faint. Where there are unknown labels, a line says how many of them have that confidence."""
    counts = {round(float(value.value) * BUCKETS): value for value in values}
    tallest = max((value.n for value in values), default=1)
    bars = []
    for tenth in range(BUCKETS):
        value = counts.get(tenth, FacetValue("", 0, 0))
        faint = "" if low - 1e-6 <= tenth / BUCKETS < high else "faint"
        parts = (value.n - value.wrong, value.wrong - value.unknown, value.unknown)
        right, wrong, unknown = (max(2.0, 100 * n / tallest) if n else 0 for n in parts)
        title = f"{tenth / BUCKETS:.1f} to {(tenth + 1) / BUCKETS:.1f}: {value.n:,} glyphs, {value.wrong:,} wrong"
        if value.unknown:
            title += f", {value.unknown:,} of these with labels that the checkpoint does not know"
        bars.append(
            f'<span class="{faint}" title="{title}"><i class="right" style="height:{right:.1f}%"></i>'
            f'<i class="wrong" style="height:{wrong:.1f}%"></i>'
            f'<i class="unknown" style="height:{unknown:.1f}%"></i></span>'
        )
    name = "Confidence: glyphs by tenths, right over wrong"
    return f'<div class="confidence" role="img" aria-label="{name}">{"".join(bars)}</div>{_kept(values, low)}'


def _kept(values: Sequence[FacetValue], low: float) -> str:
    """Say how many known and unknown glyphs have at least the confidence ``low``; a half where it is zero."""
    unknown = sum(value.unknown for value in values)
    known = sum(value.n for value in values) - unknown
    if not unknown or not known:
        return ""
    least = round(low * BUCKETS) / BUCKETS or 0.5
    above = [value for value in values if float(value.value) >= least - 1e-6]
    passed = sum(value.unknown for value in above)
    kept = sum(value.n for value in above) - passed
    words = (
        f"from {least:.1f} on: {kept / known:.0%} of the known, {passed / unknown:.0%} of {unknown:,} unknown labels"
    )
    return f'<p class="confidence-kept">{words}</p>'
