"""Confidences of two checkpoints on the same glyphs."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from app.shared.theme import NEAR, PERCENT, RIGHT, WRONG, figure, reference

LOOKS = {
    "both_right": ("✓✓ both right", NEAR, "circle-open"), "both_wrong": ("✗✗ both wrong", NEAR, "x-thin-open"),
    "broken": ("✓✗ broken by B", WRONG, "triangle-down"), "fixed": ("✗✓ fixed by B", RIGHT, "triangle-up"),
}  # fmt: skip
"""Name, colour and symbol of each kind, in drawing order."""
HEIGHT = 400


def confidence_scatter(sample: dict[str, dict[str, Any]], a: str, b: str) -> go.Figure:
    """Return a chart with one point per glyph: x is the confidence of A, y the confidence of B.

    ``sample`` comes from ``glyphcore.analysis.flips.confidences``. The legend says how many points of each kind are
    drawn. A point's ``customdata`` is its glyph id.
    """
    traces: list[Any] = [reference([0, 1], [0, 1])]
    for kind, (name, colour, symbol) in LOOKS.items():
        points = sample[kind]
        shown, n = len(points["glyph_id"]), points["n"]
        traces.append(
            go.Scatter(
                x=points["a"], y=points["b"], customdata=points["glyph_id"], mode="markers",
                name=f"{name} · {shown:,}{'' if shown == n else f' of {n:,}'}",
                marker={
                    "color": colour, "symbol": symbol, "size": 7, "opacity": 0.75, "line_width": int(colour == NEAR),
                },
                hovertemplate=f"glyph %{{customdata}}<br>A %{{x:.3f}}<br>B %{{y:.3f}}<extra>{name}</extra>",
            )
        )  # fmt: skip
    chart = figure(*traces, height=HEIGHT, x=f"confidence of A, {a}", y=f"confidence of B, {b}", legend=True)
    chart.update_xaxes(range=[-0.02, 1.02], tickformat=PERCENT)
    chart.update_yaxes(range=[-0.02, 1.02], tickformat=PERCENT)
    return chart
