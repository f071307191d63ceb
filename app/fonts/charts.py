"""The effect of a threshold on a font: the share of covered glyphs, and how many of them the font agrees with."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.shared.theme import NEAR, PERCENT, RIGHT, figure, line
from glyphcore.audit.decisions import Curve


def threshold_curve(curve: Curve, threshold: float) -> Any:
    """Return a figure of coverage and agreement over the threshold, with a line at the current threshold."""
    with np.errstate(invalid="ignore", divide="ignore"):
        covered = curve.covered / max(curve.n, 1)
        agrees = np.where(curve.judged > 0, curve.agrees_or_twin / curve.judged, np.nan)
    chart = figure(
        line(curve.threshold, covered, "covered", i=1, color=NEAR, customdata=curve.covered,
             hover="p ≥ %{x:.2f}: %{customdata:,} glyphs, %{y:.1%}"),
        line(curve.threshold, agrees, "font agrees", i=0, color=RIGHT, customdata=curve.judged,
             hover="p ≥ %{x:.2f}: the font agrees on %{y:.1%} of %{customdata:,}"),
        height=190, x="threshold", legend=True,
    )  # fmt: skip
    chart.add_vline(x=threshold, line={"width": 1, "color": NEAR})
    low = float(np.nanmin(np.append(agrees, covered.min()), initial=1.0))
    chart.update_xaxes(range=[0, 1], dtick=0.25)
    chart.update_yaxes(range=[max(0.0, low - 0.04), 1.03], tickformat=PERCENT)
    return chart
