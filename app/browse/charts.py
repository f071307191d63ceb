"""Results → figures: pure functions. Small figures are plain HTML, so that Browse loads no chart library."""

from __future__ import annotations

from collections.abc import Sequence

from glyphcore.results.buckets import BUCKETS
from glyphcore.results.selection import FacetValue


def confidence_bars(values: Sequence[FacetValue], low: float, high: float) -> str:
    """Return a facet ``confidence`` as HTML: a bar per tenth, right above wrong; tenths outside the range are faint."""
    counts = {round(float(value.value) * BUCKETS): value for value in values}
    tallest = max((value.n for value in values), default=1)
    bars = []
    for tenth in range(BUCKETS):
        value = counts.get(tenth, FacetValue("", 0, 0))
        faint = "" if low - 1e-6 <= tenth / BUCKETS < high else "faint"
        right, wrong = (max(2.0, 100 * n / tallest) if n else 0 for n in (value.n - value.wrong, value.wrong))
        title = f"{tenth / BUCKETS:.1f} to {(tenth + 1) / BUCKETS:.1f}: {value.n:,} glyphs, {value.wrong:,} wrong"
        bars.append(
            f'<span class="{faint}" title="{title}"><i class="right" style="height:{right:.1f}%"></i>'
            f'<i class="wrong" style="height:{wrong:.1f}%"></i></span>'
        )
    name = "Confidence: glyphs by tenths, right over wrong"
    return f'<div class="confidence" role="img" aria-label="{name}">{"".join(bars)}</div>'
