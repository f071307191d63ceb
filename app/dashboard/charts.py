"""Charts of the Dashboard: reliability, coverage, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from app.shared.theme import DASHES, NEAR, PERCENT, RIGHT, SERIES, SYMBOLS, figure, line, reference
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.metrics import logged_title

HISTORY = (
    "val/label_top1", "val/label_top5", "val_raster/label_top1", "val_raster/label_top5", "val/primitive_accuracy",
)  # fmt: skip
TALL = 340


def reliability(calibration: Mapping[str, Any]) -> go.Figure:
    """Draw the share right against mean confidence: a point per tenth with a family interval, sized by its glyphs."""
    bins = calibration["bins"]
    share = [bin_["share"] for bin_ in bins]
    intervals = [bin_["interval"] or (bin_["share"], bin_["share"]) for bin_ in bins]
    spread = {
        "type": "data", "symmetric": False, "color": NEAR, "thickness": 1,
        "array": [high - value for (_, high), value in zip(intervals, share, strict=True)],
        "arrayminus": [value - low for (low, _), value in zip(intervals, share, strict=True)],
    }  # fmt: skip
    most = max((bin_["n"] for bin_ in bins), default=1)
    points = go.Scatter(
        x=[bin_["p"] for bin_ in bins],
        y=share,
        error_y=spread,
        mode="lines+markers",
        line={"color": RIGHT, "width": 1.5},
        marker={"color": RIGHT, "size": [6 + 14 * (bin_["n"] / most) ** 0.5 for bin_ in bins]},
        customdata=[[bin_["n"], bin_["low"], bin_["high"]] for bin_ in bins],
        hovertemplate="confidence %{customdata[1]:.1f} – %{customdata[2]:.1f}<br>mean %{x:.1%}<br>right %{y:.1%}"
        "<br>%{customdata[0]:,} glyphs<extra></extra>",
        name="share right",
    )
    chart = figure(reference([0, 1], [0, 1]), points, height=TALL, x="mean confidence", y="right")
    chart.update_xaxes(range=[0, 1.02], tickformat=PERCENT)
    chart.update_yaxes(range=[0, 1.03], tickformat=PERCENT)
    return chart


def coverage(curves: Mapping[str, Sequence[float]], effect: Mapping[str, Any]) -> go.Figure:
    """Draw accuracy of answered glyphs against coverage, by each criterion, with a line at the chosen threshold."""
    template = "answered %{x:.1%}<br>right %{y:.2%}<br>from confidence %{customdata:.3f}"
    lines = [
        line(curves["coverage"], curves[key], criterion.title, i=i, hover=template, customdata=curves["threshold"])
        for i, (key, criterion) in enumerate(CRITERIA.items())
    ]
    chart = figure(*lines, height=TALL, x="answered", y="right among the answered", legend=True)
    shares = [share for key in CRITERIA for share in curves[key]]
    low = min(shares, default=0.0)
    chart.update_xaxes(range=[0, 1.02], tickformat=PERCENT)
    chart.update_yaxes(range=[low - 0.04 * (1.001 - low), 1 + 0.04 * (1.001 - low)], tickformat=".3~p")
    chart.add_vline(x=effect["coverage"], line={"color": NEAR, "width": 1.5, "dash": "dash"})
    return chart


def rejection(curves: Mapping[str, Any]) -> go.Figure:
    """Draw the share of unknown glyphs that pass against the share of known glyphs that are kept, with and without the
    answer that a glyph is none of the labels."""
    template = "known kept %{x:.1%}<br>unknown passed %{y:.1%}<br>from confidence %{customdata:.3f}"
    named = [("p", "confidence of the first candidate"), ("final_p", "with the answer OUTSIDE")]
    lines = [
        line(curves[key]["kept"], curves[key]["passed"], name, i=i, hover=template, customdata=curves[key]["threshold"])
        for i, (key, name) in enumerate(named)
        if curves[key]
    ]
    chart = figure(*lines, height=TALL, x="known glyphs kept", y="unknown glyphs passed", legend=True)
    chart.update_xaxes(range=[0, 1.02], tickformat=PERCENT)
    chart.update_yaxes(range=[0, 1.03], tickformat=PERCENT)
    return chart


def learning(history: Sequence[Mapping[str, float]]) -> go.Figure:
    """Draw the validation figures after each epoch of the run; figures that the run did not log are left out."""
    traces = []
    for i, name in enumerate(HISTORY):
        title = logged_title(name)
        known = [
            (row["epoch"] + 1, row[name]) for row in history if row.get(name) is not None and row[name] == row[name]
        ]
        if known:
            epochs, values = zip(*known, strict=True)
            look = {"color": SERIES[i], "symbol": SYMBOLS[i], "size": 7}
            traces.append(
                go.Scatter(
                    x=epochs, y=values, name=title, mode="lines+markers", marker=look,
                    line={"color": SERIES[i], "dash": DASHES[i], "width": 1.5},
                    hovertemplate=f"epoch %{{x}}<br>{title} %{{y:.2%}}<extra></extra>",
                )
            )  # fmt: skip
    chart = figure(*traces, height=TALL, x="epoch", y="val", legend=True)
    chart.update_xaxes(dtick=max(1, len(history) // 12))
    chart.update_yaxes(tickformat=".3~p")
    return chart
